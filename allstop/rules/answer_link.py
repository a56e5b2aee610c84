"""`{answer_link}`: the link in an email by which whoever got it says whether they come.

The address holds the number of the message, which nobody knows yet when its words are filled in: so the words keep the
braces, and the worker puts the address there when it hands the email over.
"""

from allstop.rules.wording import Template
from allstop.rules.words import Channel, Purpose

NAME = "answer_link"
TOKEN = f"{{{NAME}}}"
IN_WORDS = "(link to answer)"  # on screens


def fault_of(template: Template, channel: Channel, purpose: str, *, in_subject: bool) -> str:
    """ "" = it may stand there, or does not."""
    if NAME not in template.placeholders():
        return ""
    if channel is not Channel.EMAIL:
        return f"Only emails have {TOKEN}: a text is answered by a reply, a call by a key. Take it out."
    if in_subject:
        return f"Put {TOKEN} into the email itself: nobody can press a link in a subject."
    if purpose != Purpose.REMINDER:
        return f"Only reminders of appointments have {TOKEN}. Take it out."
    return ""


def in_words(body: str) -> str:
    return body.replace(TOKEN, IN_WORDS)
