"""A reply or a key that answers a reminder: the appointment that it is about, and what it says of it.

The rule that it guards: only a clear word about one appointment changes anything. Where the reply does not say which
message it answers, it counts for the one appointment ahead that this address was reminded of; of several, or of words
that are not clear, a person decides, and nothing is withdrawn.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from allstop.actions.families import WITH_FAMILY, carriers_of
from allstop.actions.thanking import thank
from allstop.actions.visits import Said, record_answer
from allstop.rules.calling import CANCEL, CONFIRM
from allstop.rules.facts import Channel, Purpose
from allstop.rules.visit_reply import read_visit_reply
from allstop.store.models import AnswerKind, AppointmentAnswer, Contact, Inbound, Message, Status

BY = "the contact"
LOOKED_BACK = timedelta(days=31)  # for the reminder that a reply answers
_KEYS = {CONFIRM: AnswerKind.CONFIRMED, CANCEL: AnswerKind.CANCELLED}


@dataclass(frozen=True, slots=True)
class Understood:
    message: Message
    kind: AnswerKind

    @property
    def needs_nobody(self) -> bool:
        """A plain yes: whoever looks at the Inbox has nothing to do."""
        return self.kind is AnswerKind.CONFIRMED


def reply_answers(inbound: Inbound, contact: Contact) -> Understood | None:
    """None: it is about no appointment. Nothing is changed yet."""
    message = _reminder(inbound, contact)
    return None if message is None else Understood(message, AnswerKind(read_visit_reply(inbound.text).value))


def key_answers(message: Message, key: str) -> Understood | None:
    if key not in _KEYS or message.appointment_at is None or message.contact_id is None:
        return None
    return Understood(message, _KEYS[key])


def keep_answer(inbound: Inbound, said: Understood | None) -> int | None:
    """In the transaction that stores it, its conversation locked. The number of a stop that workers have to confirm."""
    if said is None:
        return None
    message = said.message
    mine = AppointmentAnswer.objects.filter(account_id=message.account_id, message_id=message.id)
    if said.kind is AnswerKind.OTHER and mine.exists():
        return None  # a thank you after a yes takes nothing back
    channel = Channel(inbound.channel)
    number = record_answer(message, Said(said.kind, BY, "reply", inbound.at, channel, inbound.pk)).number
    thank(message, inbound, said.kind)
    return number


def _reminder(inbound: Inbound, contact: Contact) -> Message | None:
    """The reminder that it answers; of an appointment ahead."""
    ahead = Message.objects.filter(
        account_id=inbound.account_id, purpose=Purpose.REMINDER.value, appointment_at__gt=inbound.at
    )
    own = ahead.filter(contact_id=contact.pk)  # message_by_contact
    elsewhere = own.filter(status=Status.CANCELED.value, reason=WITH_FAMILY).values_list("id", flat=True)
    told_by = set(carriers_of(inbound.account_id, elsewhere).values())
    mine = ahead.filter(Q(contact_id=contact.pk) | Q(id__in=told_by)) if told_by else own
    if inbound.in_reply_to is not None:
        return mine.filter(id=inbound.in_reply_to).first()
    sent = mine.filter(
        status=Status.SENT.value,
        channel=inbound.channel,
        address=inbound.sender,
        finished_at__gt=inbound.at - LOOKED_BACK,
    )
    found = list(sent.order_by("-id")[:50])
    return found[0] if len({one.appointment_at for one in found}) == 1 else None
