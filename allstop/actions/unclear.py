"""Replies that may be a no: a person reads them and says what they mean.

The rule that it guards: a person may find a no in a reply, never take one away. What they find is the contact's own
opt-out, and only the contact lifts it.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from allstop.actions.actor import Actor, Invalid, NotThere, require
from allstop.actions.confirming import complete_lifts, wait_until_confirmed
from allstop.actions.contacts import record_opt_out
from allstop.actions.obey import lock_everyone_at, settle_rows
from allstop.rules.facts import Channel
from allstop.rules.roles import Act
from allstop.store import ledger, queue
from allstop.store.models import Settlement, UnclearReply

CHOICES = (Settlement.THIS_CHANNEL, Settlement.EVERY_CHANNEL, Settlement.MEANT_NOTHING)


@dataclass(frozen=True, slots=True)
class Settled:
    settlement: Settlement  # what counts: the first answer
    is_new: bool  # False: somebody, or the contact's own word, had settled it before


def settle_reply(actor: Actor, reply_id: int, choice: Settlement, now: datetime) -> Settled:
    """A no is in force, for claimed messages too, when it returns. The first answer counts."""
    require(actor, Act.MARK_CONTACTS)
    if choice not in CHOICES:
        raise Invalid(choice=f"Choose one of {', '.join(CHOICES)}.")
    number = None
    with transaction.atomic(), queue.impatient():
        row = (
            UnclearReply.objects.select_related("inbound", "contact")
            .filter(account_id=actor.account_id, pk=reply_id)
            .first()
        )
        if row is None:
            raise NotThere("There is no such reply.")
        lock_everyone_at(row.contact, row.inbound.sender)
        if not settle_rows(actor.account_id, [row], choice, actor.name, now):
            row.refresh_from_db()
            return Settled(Settlement(str(row.settlement)), is_new=False)
        if choice is not Settlement.MEANT_NOTHING:
            channel = Channel(row.inbound.channel) if choice is Settlement.THIS_CHANNEL else None
            number = record_opt_out(row.contact, channel, row.inbound.text, now, row.inbound.sender)
        ledger.append(
            account_id=actor.account_id,
            at=now,
            by=actor.name,
            act="settle_reply",
            subject=f"contact:{row.contact_id}",
            after={"inbound": row.inbound_id, "choice": choice.value, "via": actor.via},
            personal={"reason": row.inbound.text[:300]},
            contact=row.contact_id,
        )
    complete_lifts(actor.account_id, now)
    if number is not None:
        wait_until_confirmed(number)
    return Settled(choice, is_new=True)
