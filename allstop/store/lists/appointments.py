"""The appointments ahead that a reply may be about: of whoever wrote, and of others with the same number or address."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from allstop.rules.facts import Purpose
from allstop.store.models import Address, AnswerKind, AppointmentAnswer, Inbound, Message, Status

MOST = 200  # messages that are looked at, the soonest first
# why a message of an appointment that stands never leaves; other reasons say that it does not stand as it was told
_STANDS = ("appointment_confirmed", "contact_cancelled", "with_family", "stands_by", "not_needed", "wrong_address")


@dataclass(frozen=True, slots=True)
class ReplyAppointment:
    message_id: int  # stands for it: the newest that has left, else the first
    contact_id: int
    name: str  # "" = the contact has none
    at: datetime
    location: str  # "" = none was named
    said: AnswerKind | None  # the newest word on it


def inbound_of(account_id: int, inbound_id: int) -> Inbound | None:
    return Inbound.objects.filter(account_id=account_id, pk=inbound_id).first()


def appointments_of_reply(inbound: Inbound, now: datetime) -> list[ReplyAppointment]:
    """The soonest first. address_by_value, message_by_contact."""
    there = Address.objects.filter(account_id=inbound.account_id, value=inbound.sender)
    people = set(there.values_list("contact_id", flat=True))
    if inbound.contact_id is not None:
        people.add(inbound.contact_id)
    told = Message.objects.select_related("contact", "location").filter(
        account_id=inbound.account_id,
        contact_id__in=people,
        purpose=Purpose.REMINDER.value,
        appointment_at__gt=now,
    )
    stands = ~Q(status__in=(Status.REMOVED.value, Status.CANCELED.value)) | Q(reason__in=_STANDS)
    groups: dict[tuple[object, ...], list[Message]] = {}
    for one in told.filter(stands).order_by("appointment_at", "contact_id", "id")[:MOST]:
        groups.setdefault((one.appointment_at, one.contact_id, one.location_id), []).append(one)
    ids = [one.id for group in groups.values() for one in group]
    answers = AppointmentAnswer.objects.filter(account_id=inbound.account_id, message_id__in=ids)
    said = {one.message_id: one for one in answers}
    return [_row(group, [said[one.id] for one in group if one.id in said]) for group in groups.values()]


def _row(group: list[Message], answers: list[AppointmentAnswer]) -> ReplyAppointment:
    left = [one for one in group if one.status == Status.SENT]
    message = left[-1] if left else group[0]
    assert message.contact is not None and message.appointment_at is not None
    newest = max(answers, key=lambda one: (one.at, one.pk), default=None)
    return ReplyAppointment(
        message.id,
        message.contact.pk,
        message.contact.name,
        message.appointment_at,
        message.location.name if message.location else "",
        AnswerKind(newest.kind) if newest else None,
    )
