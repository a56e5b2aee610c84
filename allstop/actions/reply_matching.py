"""A person says which appointment a reply is about, and what it says of it, where that is left open.

The rule that it guards: only an appointment ahead of whoever has the number or address that wrote, and that one alone.
"""

from datetime import datetime

from django.db import transaction

from allstop.actions.actor import Actor, NotThere, require
from allstop.actions.visits import Said, record_answer, settle_held
from allstop.rules.facts import Channel
from allstop.rules.roles import Act
from allstop.store import ledger, lists, queue
from allstop.store.lists import ReplyAppointment
from allstop.store.models import AnswerKind, AppointmentAnswer, Inbound, Message


def appointments_for(actor: Actor, inbound_id: int, now: datetime) -> list[ReplyAppointment]:
    """Those that may be meant, the soonest first."""
    require(actor, Act.VIEW)
    return lists.appointments_of_reply(_reply(actor, inbound_id), now)


def match_reply(actor: Actor, inbound_id: int, message_id: int, kind: AnswerKind, now: datetime) -> AppointmentAnswer:
    """What need not leave any more is withdrawn, as by any answer. `message_id`: as appointments_for names it."""
    require(actor, Act.HANDLE_INBOX)
    with transaction.atomic(), queue.impatient():
        inbound = _reply(actor, inbound_id)
        if message_id not in {one.message_id for one in lists.appointments_of_reply(inbound, now)}:
            raise NotThere("They have no such appointment ahead. Load the page again and choose once more.")
        message = Message.objects.get(account_id=actor.account_id, id=message_id)
        said = Said(kind, actor.name, actor.via, now, Channel(inbound.channel), inbound.pk, is_for_all=False)
        done = record_answer(message, said)
        # What the wire said of it stays; what nobody knew stands with the message from now on.
        Inbound.objects.filter(pk=inbound.pk, in_reply_to=None).update(in_reply_to=message_id)
        ledger.append(
            account_id=actor.account_id,
            at=now,
            by=actor.name,
            act="match_reply",
            subject=f"message:{message_id}",
            after={"inbound": inbound.pk, "answer": kind.value, "via": actor.via},
            contact=message.contact_id,
        )
    settle_held(actor.account_id, done, now)
    return done.answer


def _reply(actor: Actor, inbound_id: int) -> Inbound:
    found = lists.inbound_of(actor.account_id, inbound_id)
    if found is None:
        raise NotThere("There is no such reply.")
    return found
