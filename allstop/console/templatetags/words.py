"""Words for values that only pages show: reason codes, addresses, ages."""

from datetime import timedelta

from django import template

from allstop.rules.addresses import grouped
from allstop.rules.calling import MEANINGS, CallEventKind
from allstop.rules.reasons import in_words as reason_in_words
from allstop.rules.reminders import age_words

register = template.Library()


@register.filter
def in_words(code: str) -> str:
    return reason_in_words(code)


@register.filter
def phone(address: str) -> str:
    """A phone number in its groups; an email with its domain in its letters."""
    return grouped(address)


ONE_OF = {"stops and starts": "stop or start", "deliveries": "delivery", "replies": "reply"}


@register.filter
def of_number(things: str, number: int) -> str:
    """1 account, 2 accounts; words that are not counted things, such as "left behind", stay."""
    return ONE_OF.get(things, things.removesuffix("s")) if number == 1 else things


CHANNEL_WORDS = {"text": "texts", "call": "calls", "email": "emails", None: "everything"}


@register.filter
def channel_words(channel: str | None) -> str:
    return CHANNEL_WORDS[channel]


ORIGINS = {  # JobSource: how a job came in, and by whom
    "upload": "Uploaded by {}",
    "send": "Sent by {}",
    "api": "Handed in by a program, {}",
    "command": "Imported by command, {}",
    "feed": "Came by itself, {}",
}


@register.simple_tag
def origin(source: str, by: str) -> str:
    return ORIGINS[source].format(by)


@register.simple_tag
def age(span: timedelta) -> str:
    return age_words(span)


FIELD_WORDS = {
    "text": "Text: ",
    "call": "Call: ",
    "email": "Email: ",
    "columns": "Columns: ",
    "timing": "When: ",
}


@register.filter
def field_words(field: str) -> str:
    """What stands before the words of an import's problem: which part of the form they are about."""
    return FIELD_WORDS.get(field.split("_", 1)[0], "")


CALL_STEPS = {
    CallEventKind.DIALLED: "Dialled",
    CallEventKind.RINGING: "It rings",
    CallEventKind.ANSWERED: "Answered",
    CallEventKind.SPEECH_DONE: "The message was spoken to its end",
}


@register.filter
def call_step(kind: str, data: str) -> str:
    match CallEventKind(kind):
        case CallEventKind.DIGIT:
            return f"Key {data}: {MEANINGS.get(data, 'means nothing')}"
        case CallEventKind.HANGUP:
            return f"Over: {data}"
        case step:
            return CALL_STEPS[step]
