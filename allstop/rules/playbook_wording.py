"""The words of a playbook's messages: `Hi {first_name|there}, this is {account}.`

As wording.py has templates, and a name may say after | what stands there when nothing is known: of a lead only a phone
number is required, so a name that may be missing must have it. Nobody ever receives a text with a hole in it.
"""

import re
from collections.abc import Mapping

from allstop.rules.wording import fill, parse_template
from allstop.rules.words import Channel, Problem

NAMES = ("first_name", "last_name", "kind", "member", "account")
ALWAYS = ("account",)
LONGEST_TEXT = 1600
LONGEST_EMAIL = 10_000
LONGEST_SUBJECT = 300
_WITH_FALLBACK = re.compile(r"\{\s*([a-z][a-z0-9_]*)\s*\|([^{}|]*)\}")


def message_fault(channel: Channel, body: str, subject: str) -> str:
    """ "" = it can be sent; else what to do."""
    if not body.strip():
        return "The message is empty. Write what it says after the colon."
    longest = LONGEST_EMAIL if channel is Channel.EMAIL else LONGEST_TEXT
    if len(body) > longest:
        return f"The message has {len(body):,} characters. Keep it under {longest:,}."
    if channel is Channel.EMAIL and not subject.strip():
        return "An email needs a subject. Write “subject: ...” on the line below it."
    if len(subject) > LONGEST_SUBJECT:
        return f"Write the subject in at most {LONGEST_SUBJECT} characters."
    return _names_fault(body) or _names_fault(subject)


def _names_fault(text: str) -> str:
    template = parse_template(_WITH_FALLBACK.sub(lambda found: f"{{{found.group(1)}}}", text), NAMES)
    if isinstance(template, Problem):
        return template.text
    for found in _WITH_FALLBACK.finditer(text):
        if not found.group(2).strip():
            return f"{found.group()} would leave a hole. Write a word after the |."
    bare = parse_template(_WITH_FALLBACK.sub("", text), NAMES)
    assert not isinstance(bare, Problem)  # it is the same text with fewer placeholders
    unsure = next((name for name in bare.placeholders() if name not in ALWAYS), None)
    return f"{{{unsure}}} may be unknown. Write what to say then, such as {{{unsure}|there}}." if unsure else ""


def worded(text: str, values: Mapping[str, str]) -> str:
    """The text was checked when the playbook was read, so a problem here is a bug."""
    known = _WITH_FALLBACK.sub(lambda found: _literal(values.get(found.group(1), "").strip() or found.group(2)), text)
    template = parse_template(known, NAMES)
    assert not isinstance(template, Problem), template
    said = fill(template, values)
    assert not isinstance(said, Problem), said
    return said


def _literal(value: str) -> str:
    return value.replace("{", "{{").replace("}", "}}")
