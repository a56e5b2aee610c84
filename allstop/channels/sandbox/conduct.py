"""How the sandbox's recipients behave: a table, so that anybody can choose an outcome by choosing an address.

A phone number is known by its last four digits (from the range 555-01xx, which belongs to nobody), an email
address by the part before the @, with or without a +tag. Everybody else takes the message at once: a text or
an email is delivered, a call is answered and heard to its end. The same recipient always does the same, in
the same time.
"""

from dataclasses import dataclass
from enum import Enum, auto
from zlib import crc32

from allstop.channels.adapter import CallEventKind, ReceiptState
from allstop.rules.words import Channel


class Answer(Enum):
    ACCEPT = auto()
    REFUSE_FOR_GOOD = auto()
    REFUSE_FOR_NOW = auto()
    THROTTLE = auto()
    LOSE_BEFORE = auto()  # the line breaks before the hand-over
    LOSE_AFTER = auto()  # it is in the outbox, but the answer never comes back


PASSING = frozenset({Answer.REFUSE_FOR_NOW, Answer.THROTTLE, Answer.LOSE_BEFORE, Answer.LOSE_AFTER})
"""Troubles of the first attempt only: the second is accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    words: str  # for people
    answer: Answer = Answer.ACCEPT
    phone: ReceiptState | None = None  # how a text to it ends; None: as usual
    call: ReceiptState | None = None  # how a call to it ends
    mail: tuple[ReceiptState, ...] = ()
    reply: str = ""  # what it writes back
    key: str = ""  # what it presses when called
    repeats: bool = False  # each receipt comes late, and twice


BY_PHONE_ENDING = {
    "0199": Conduct(
        words="does not pick up; a text to it expires",
        phone=ReceiptState.EXPIRED,
        call=ReceiptState.NO_ANSWER,
    ),
    "0198": Conduct(
        words="is busy; a text cannot be delivered", phone=ReceiptState.UNDELIVERABLE, call=ReceiptState.BUSY
    ),
    "0197": Conduct(words="is refused for good: no such number", answer=Answer.REFUSE_FOR_GOOD),
    "0196": Conduct(words="is refused for now on the first attempt", answer=Answer.REFUSE_FOR_NOW),
    "0195": Conduct(words="takes the first attempt, but the answer is lost: unknown", answer=Answer.LOSE_AFTER),
    "0194": Conduct(words='writes back "STOP", or presses 9', reply="STOP", key="9"),
    "0193": Conduct(words='writes back "YES", or presses 1', reply="YES", key="1"),
    "0192": Conduct(words="makes the provider ask for a slower pace on the first attempt", answer=Answer.THROTTLE),
    "0191": Conduct(words="breaks the line before the hand-over on the first attempt", answer=Answer.LOSE_BEFORE),
    "0190": Conduct(words="has late receipts, each of them twice", repeats=True),
}

BY_LOCAL_PART = {
    "bounce": Conduct(words="is refused for good: no such mailbox", answer=Answer.REFUSE_FOR_GOOD),
    "later": Conduct(words="is refused for now on the first attempt", answer=Answer.REFUSE_FOR_NOW),
    "unknown": Conduct(words="takes the first attempt, but the answer is lost: unknown", answer=Answer.LOSE_AFTER),
    "stop": Conduct(words='writes back "STOP"', reply="STOP"),
    "yes": Conduct(words='writes back "YES"', reply="YES"),
    "slow": Conduct(words="makes the provider ask for a slower pace on the first attempt", answer=Answer.THROTTLE),
    "lost": Conduct(words="breaks the line before the hand-over on the first attempt", answer=Answer.LOSE_BEFORE),
    "twice": Conduct(words="has late receipts, each of them twice", repeats=True),
    "read": Conduct(words="reads the email", mail=(ReceiptState.DELIVERED, ReceiptState.READ)),
    "gone": Conduct(words="is accepted and bounces afterwards", mail=(ReceiptState.UNDELIVERABLE,)),
}

USUAL = Conduct(words="takes everything")


def conduct_of(channel: Channel, to: str) -> Conduct:
    if channel is Channel.EMAIL:
        return BY_LOCAL_PART.get(to.partition("@")[0].partition("+")[0].lower(), USUAL)
    return BY_PHONE_ENDING.get(to[-4:], USUAL)


def answer_to(conduct: Conduct, attempt: int) -> Answer:
    return Answer.ACCEPT if conduct.answer in PASSING and attempt > 1 else conduct.answer


def share_of_delay(to: str, step: int) -> float:
    """0 to 1, spread over recipients and steps, always the same for one recipient and step."""
    return crc32(f"{step} {to}".encode()) / 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class Reply:
    text: str


@dataclass(frozen=True, slots=True)
class KeyPress:
    key: str


Sequel = ReceiptState | CallEventKind | KeyPress | Reply


def sequels(channel: Channel, conduct: Conduct) -> tuple[Sequel, ...]:
    """What follows a message that was accepted, in order."""
    reply = (Reply(conduct.reply),) if conduct.reply else ()
    match channel:
        case Channel.TEXT:
            told: tuple[Sequel, ...] = (conduct.phone or ReceiptState.DELIVERED, *reply)
        case Channel.EMAIL:
            told = (*(conduct.mail or (ReceiptState.DELIVERED,)), *reply)
        case Channel.CALL:
            told = _course_of_call(conduct)
    if conduct.repeats:
        return tuple(again for sequel in told for again in (sequel, sequel))
    return told


def _course_of_call(conduct: Conduct) -> tuple[Sequel, ...]:
    if conduct.call is ReceiptState.BUSY:
        return (ReceiptState.BUSY,)
    if conduct.call is not None:
        return (CallEventKind.RINGING, conduct.call)
    pressed = (KeyPress(conduct.key),) if conduct.key else ()
    heard = (*pressed, CallEventKind.SPEECH_DONE, CallEventKind.HANGUP)
    return (CallEventKind.RINGING, ReceiptState.ANSWERED, *heard)
