"""The link in an email by which whoever got a reminder says whether they come, without logging in.

The rule that it guards: looking changes nothing, since mail programs and virus scanners open links by themselves; a
forged link is the same as none; and an answer counts only for the appointment as the email told it, while it is ahead.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from allstop.actions.feed_answers import has_moved
from allstop.actions.mail_tags import read_answer_tag
from allstop.actions.visit_answers import BY
from allstop.actions.visits import CONFIRMED, THEY_CANCELLED, Recorded, Said, lock_answers, record_answer, settle_held
from allstop.formats.dates import MONTH_FIRST_COUNTRIES
from allstop.rules.day_words import clock_words, day_words
from allstop.rules.facts import Channel, Purpose
from allstop.rules.wallclock import zone_clock
from allstop.store import queue
from allstop.store.models import Account, AnswerKind, AppointmentAnswer, Message, Status

KINDS = {"yes": AnswerKind.CONFIRMED, "no": AnswerKind.CANCELLED}
PAST = "past"
CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page says; no name of the contact, since mails are forwarded."""

    account: str
    when: str
    location: str  # "" = the message names none
    said: AnswerKind | None  # the newest word on this appointment
    closed: str  # "" = it can be answered


def look_up(tag: str, now: datetime) -> Asked | None:
    """None: no link of ours has this tag, or whoever got the message was erased."""
    message = _message_of(tag)
    return None if message is None else _asked(message, now)


def answer_by_link(tag: str, kind: AnswerKind, now: datetime) -> Asked | None:
    """Pressed twice is once. After another word in between, from wherever, the same one counts again."""
    message = _message_of(tag)
    if message is None:
        return None
    done: Recorded | None = None
    with transaction.atomic(), queue.impatient():
        lock_answers(message)
        before = _newest(message)
        said_so = before is not None and (before.message_id, before.kind) == (message.id, kind)
        if not said_so and not _closed(message, now):
            done = record_answer(message, Said(kind, BY, "link", now, Channel.EMAIL))
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


def _asked(message: Message, now: datetime) -> Asked:
    newest = _newest(message)
    return Asked(
        message.account.name,
        _when(message, message.account),
        message.location.name if message.location else "",
        AnswerKind(newest.kind) if newest else None,
        _closed(message, now),
    )


def _closed(message: Message, now: datetime) -> str:
    assert message.appointment_at is not None
    if message.appointment_at <= now:
        return PAST
    withdrawn = message.status == Status.CANCELED and message.reason not in (CONFIRMED, THEY_CANCELLED)
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
