"""What a contact says of an appointment that a message reminds of, and what follows for the other messages about it.

The rule that it guards: once they have confirmed, nothing leaves any more that was only for those who have not; once
they have said that they do not come, nothing about it leaves at all. Both hold from the transaction that records the
answer. Answers are recorded as they are; whether the appointment itself changes is the business of whoever keeps it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from allstop.actions.actor import Actor, Conflict, NotThere, require
from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.families import CHANGED, leave, told_with
from allstop.actions.feed_answers import note_answer
from allstop.actions.standing_by import stand_down
from allstop.rules.facts import Channel
from allstop.rules.message_plan import Condition
from allstop.rules.roles import Act
from allstop.rules.webhooks import EventKind
from allstop.store import events, ledger, queue, withdrawing
from allstop.store.models import AnswerKind, AppointmentAnswer, Contact, Message, PlanStep, Status

CONFIRMED = "appointment_confirmed"
THEY_CANCELLED = "contact_cancelled"
_REASONS = {
    AnswerKind.CONFIRMED: CONFIRMED,
    AnswerKind.CANCELLED: THEY_CANCELLED,
    AnswerKind.WRONG: "wrong_address",
}


@dataclass(frozen=True, slots=True)
class Said:
    kind: AnswerKind
    by: str
    via: str
    at: datetime
    channel: Channel | None = None  # of the answer; None: a member wrote it down
    inbound_id: int | None = None
    is_for_all: bool = True  # whom the message tells of; False: for its own appointment alone


@dataclass(frozen=True, slots=True)
class Recorded:
    answer: AppointmentAnswer
    withdrawn: int
    number: int | None  # of a stop that workers have to confirm
    held: Sequence[int]  # what they may hold


def answer_appointment(actor: Actor, message_id: int, kind: AnswerKind, now: datetime) -> AppointmentAnswer:
    """A member writes down what the contact said: on the phone, at the desk."""
    require(actor, Act.HANDLE_INBOX)
    with transaction.atomic(), queue.impatient():
        message = Message.objects.filter(account_id=actor.account_id, id=message_id).first()
        if message is None:
            raise NotThere("There is no such message.")
        if message.appointment_at is None or message.contact_id is None:
            raise Conflict("This message reminds of no appointment.")
        done = record_answer(message, Said(kind, actor.name, actor.via, now))
    settle_held(message.account_id, done, now)
    return done.answer


def record_answer(message: Message, said: Said) -> Recorded:
    """In the caller's transaction; settle_held() comes after its commit."""
    assert message.contact_id is not None
    told = lock_answers(message)
    family = told if said.is_for_all else []
    answer = _write(message, said)
    for one in family:
        _write(one, said)
    ids = sorted({number for one in (message, *family) for number in needless(one, said.kind)})
    withdrawn, held, number = 0, [], None
    if ids:
        stand_down(message.account_id, ids)
        others = sorted(set(leave(message.account_id, ids, _REASONS[said.kind], said.at)).difference(ids))
        withdrawn = withdrawing.withdraw_free(message.account_id, ids, _REASONS[said.kind], said.at)
        withdrawing.withdraw_free(message.account_id, others, CHANGED, said.at)
        held = withdrawing.last_moment_is(message.account_id, [*ids, *others], said.at)
        number = queue.announce_contact(message.account_id, message.contact_id, said.at) if held else None
    ledger.append(
        account_id=message.account_id,
        at=said.at,
        by=said.by,
        act="answer_appointment",
        subject=f"message:{message.id}",
        after={
            "answer": said.kind.value,
            "withdrawn": withdrawn,
            "via": said.via,
            **({"family": [one.id for one in family]} if family else {}),
        },
        contact=message.contact_id,
    )
    return Recorded(answer, withdrawn, number, held)


def lock_answers(message: Message) -> list[Message]:
    """Two answers come one after the other. Returns the other messages that an answer is for."""
    family = _told_too(message)
    people = sorted({one.contact_id for one in (message, *family) if one.contact_id is not None})
    list(Contact.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk"))
    return family


def _told_too(message: Message) -> list[Message]:
    """The other appointments of which it tells: what is said of it is said of all of them."""
    others = told_with(message.account_id, message.id)
    found = Message.objects.filter(account_id=message.account_id, id__in=others, contact__isnull=False)
    return list(found.order_by("id"))


def _write(message: Message, said: Said) -> AppointmentAnswer:
    assert message.contact_id is not None
    answer, _ = AppointmentAnswer.objects.update_or_create(
        account_id=message.account_id,
        message_id=message.id,
        defaults={
            "contact_id": message.contact_id,
            "kind": said.kind.value,
            "channel": said.channel.value if said.channel else "",
            "inbound_id": said.inbound_id,
            "by": said.by,
            "at": said.at,
        },
    )
    named = note_answer(message, said.kind, said.channel or "", said.at)
    at = message.appointment_at.isoformat() if message.appointment_at else None
    payload = {"answer": said.kind.value, "appointment_at": at, "appointment_id": named}
    about = [(message.contact_id, None, payload)]
    kind = EventKind.APPOINTMENT_ANSWERED
    events.record(message.account_id, kind, said.at, about, message_id=message.id, inbound_id=said.inbound_id)
    return answer


def settle_held(account_id: int, done: Recorded, now: datetime) -> None:
    """After the commit: what workers had claimed and not started has come back meanwhile, and goes the same way."""
    if done.number is not None:
        wait_until_confirmed(done.number)
        withdrawing.withdraw_free(account_id, done.held, _REASONS[AnswerKind(done.answer.kind)], now)


def needless(message: Message, kind: AnswerKind) -> list[int]:
    """What need not leave any more, among the messages about the same appointment."""
    if kind is AnswerKind.OTHER:
        return []
    mine = PlanStep.objects.filter(account_id=message.account_id)
    visits = mine.filter(message_id=message.id).values("visit")
    steps = mine.filter(visit__in=visits).exclude(message_id=message.id)
    if kind is AnswerKind.CONFIRMED:
        return sorted(set(steps.filter(condition=Condition.UNCONFIRMED).values_list("message_id", flat=True)))
    same = Message.objects.filter(
        account_id=message.account_id,
        contact_id=message.contact_id or 0,  # message_by_contact
        appointment_at=message.appointment_at,
        purpose=message.purpose,
        status=Status.WAITING,
    )
    ids = {*same.values_list("id", flat=True), *steps.values_list("message_id", flat=True)}
    if kind is AnswerKind.WRONG:
        there = Message.objects.filter(account_id=message.account_id, id__in=ids, address=message.address)
        ids = set(there.values_list("id", flat=True))
    return sorted(ids)
