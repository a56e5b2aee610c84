"""The link in an email by which whoever got a reminder says whether they come, without logging in.

The rule that it guards: looking changes nothing, since mail programs and virus scanners open links by themselves; a
forged link is the same as none; and an answer counts only for the appointment as the email told it, while it is ahead.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from allstop.actions.families import WITH_FAMILY
from allstop.actions.feed_answers import has_moved
from allstop.actions.mail_tags import read_answer_tag
from allstop.actions.visit_answers import BY
from allstop.actions.visits import CONFIRMED, THEY_CANCELLED, Recorded, Said, lock_answers, record_answer, settle_held
from allstop.formats.dates import MONTH_FIRST_COUNTRIES
from allstop.rules.day_words import clock_words, day_words
from allstop.rules.facts import Channel, Purpose
from allstop.rules.family import called, read_said
from allstop.rules.wallclock import zone_clock
from allstop.store import queue
from allstop.store.models import Account, AnswerKind, AppointmentAnswer, FamilyVisit, Message, Status

KINDS = {"yes": AnswerKind.CONFIRMED, "no": AnswerKind.CANCELLED}
PAST = "past"
CHANGED = "changed"
_STANDS = (CONFIRMED, THEY_CANCELLED, WITH_FAMILY)  # why a message of an appointment that is as it was never leaves


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment of which the email tells."""

    number: int  # of its own message
    name: str  # as the email names whoever comes, where it tells of several; else "", since mails are forwarded
    when: str
    location: str  # "" = the message names none
    said: AnswerKind | None  # the newest word on this appointment
    closed: str  # "" = it can be answered


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page says."""

    account: str
    visits: tuple[Visit, ...]  # of a family in the order of their appointments; never none

    @property
    def closed(self) -> str:
        """ "" = something can be answered."""
        return "" if any(not one.closed for one in self.visits) else self.visits[0].closed


def look_up(tag: str, now: datetime) -> Asked | None:
    """None: no link of ours has this tag, or whoever got the message was erased."""
    message = _message_of(tag)
    return None if message is None else _asked(message, now)


def visit_of(asked: Asked, said: str) -> int | None:
    """Which of them is meant: where the email tells of one alone, that one."""
    numbers = {str(one.number): one.number for one in asked.visits}
    return asked.visits[0].number if len(numbers) == 1 and not said else numbers.get(said)


def answer_by_link(tag: str, kind: AnswerKind, now: datetime, visit: int | None = None) -> Asked | None:
    """Pressed twice is once. After another word in between, from wherever, the same one counts again. Of a family only
    the appointment that was pressed is answered; `visit`: the number of its message."""
    message = _message_of(tag)
    if message is None:
        return None
    done: Recorded | None = None
    with transaction.atomic(), queue.impatient():
        lock_answers(message)
        about = next((one for one, _ in _told_of(message) if visit in (None, one.id)), None)
        before = _newest(about) if about else None
        said_so = about is not None and before is not None and (before.message_id, before.kind) == (about.id, kind)
        if about is not None and not said_so and not _closed(about, now):
            said = Said(kind, BY, "link", now, Channel.EMAIL, is_for_all=False)
            done = record_answer(about, said)
    if done is not None:
        settle_held(message.account_id, done, now)
    return _asked(message, now)


def _message_of(tag: str) -> Message | None:
    ids = read_answer_tag(tag)
    if ids is None:
        return None
    found = Message.objects.select_related("account", "location").filter(account_id=ids[0], id=ids[1])
    asks = found.filter(channel=Channel.EMAIL, purpose=Purpose.REMINDER, appointment_at__isnull=False)
    return asks.filter(contact__isnull=False).first()


def _told_of(message: Message) -> list[tuple[Message, str]]:
    """The messages whose appointments it tells of, its own among them, and how it names whoever comes."""
    rows = FamilyVisit.objects.filter(account_id=message.account_id, carrier_id=message.id, has_left=False)
    family = {one.message_id: one for one in rows.order_by("at", "message_id") if one.says}
    if len(family) < 2:
        return [(message, "")]
    found = Message.objects.select_related("account", "location").filter(account_id=message.account_id)
    found = found.filter(id__in=list(family), contact__isnull=False, appointment_at__isnull=False)
    theirs = {one.id: one for one in found}
    there = [(theirs[number], one) for number, one in family.items() if number in theirs]
    if len(there) < 2:  # of others nothing is left but that they were there: they were erased
        return [(message, "")]
    names = called([read_said(one.says) for _, one in there])
    return [(one, name) for (one, _), name in zip(there, names, strict=True)]


def _asked(message: Message, now: datetime) -> Asked:
    return Asked(message.account.name, tuple(_visit(one, name, now) for one, name in _told_of(message)))


def _visit(message: Message, name: str, now: datetime) -> Visit:
    newest = _newest(message)
    return Visit(
        message.id,
        name,
        _when(message, message.account),
        message.location.name if message.location else "",
        AnswerKind(newest.kind) if newest else None,
        _closed(message, now),
    )


def _closed(message: Message, now: datetime) -> str:
    assert message.appointment_at is not None
    if message.appointment_at <= now:
        return PAST
    withdrawn = message.status == Status.CANCELED and message.reason not in _STANDS
    return CHANGED if withdrawn or has_moved(message) else ""


def _newest(message: Message) -> AppointmentAnswer | None:
    """By whichever of the messages about this appointment."""
    same = Message.objects.filter(
        account_id=message.account_id,
        contact_id=message.contact_id or 0,  # message_by_contact
        purpose=message.purpose,
        appointment_at=message.appointment_at,
    )
    mine = AppointmentAnswer.objects.filter(account_id=message.account_id, message_id__in=same.values("id"))
    return mine.order_by("-at", "-pk").first()


def _when(message: Message, account: Account) -> str:
    """On the account's clock. Where only the day is known, the message has its end: midnight."""
    assert message.appointment_at is not None
    at = message.appointment_at.astimezone(zone_clock(account.zone))
    month_first = account.country in MONTH_FIRST_COUNTRIES
    if (at.hour, at.minute) == (0, 0):
        return day_words((at - timedelta(days=1)).date(), month_first)
    return f"{day_words(at.date(), month_first)} at {clock_words(at, month_first)} ({at:%Z})"
