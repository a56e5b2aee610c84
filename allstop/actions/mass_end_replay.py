"""Integrators are told after all of the leads that a mass end has ended: once, and only when somebody asks for it.

The rule that it guards: a mass end itself calls no webhook (001-13). Who had it told later stands in the ledger.
"""

from datetime import datetime

from django.db import transaction

from allstop.actions.actor import Actor, Conflict, NotThere, require
from allstop.actions.events import record_events
from allstop.rules.leads import Reason
from allstop.rules.roles import Act
from allstop.rules.webhooks import EventKind
from allstop.store import ledger
from allstop.store.models import EndState, Lead, MassEnd


@transaction.atomic
def replay_mass_end(actor: Actor, end_id: int, now: datetime) -> MassEnd:
    """As if each had been ended by itself: lead_unqualify and lead_activity. Conflict: not done, or told before."""
    require(actor, Act.END_CONVERSATIONS)
    rows = MassEnd.objects.select_for_update(of=("self",))
    end = rows.filter(account_id=actor.account_id, pk=end_id).first()
    if end is None:
        raise NotThere("Conversations were not ended under this number.")
    if end.state != EndState.DONE:
        raise Conflict("It is not done yet. Wait until all conversations are ended.")
    if end.replayed_at is not None:
        raise Conflict(f"{end.replayed_by} had integrators told already. They are told once.")
    leads = list(_ended_by(end))
    said = {"title": "Unqualified Lead", "reason": leads[0][2] if leads else "", "replayed": True}
    told = record_events(
        end.account_id, EventKind.LEAD_UNQUALIFY, [(contact, lead, said) for lead, contact, _ in leads], now
    )
    record_events(end.account_id, EventKind.LEAD_ACTIVITY, [(contact, lead, said) for lead, contact, _ in leads], now)
    end.replayed_at, end.replayed_by, end.replayed = now, actor.name, told
    end.save(update_fields=["replayed_at", "replayed_by", "replayed"])
    ledger.append(
        account_id=end.account_id,
        at=now,
        by=actor.name,
        act="replay_ended",
        subject=f"mass_end:{end.pk}",
        after={"leads": len(leads), "told": told, "via": actor.via},
    )
    return end


def _ended_by(end: MassEnd) -> list[tuple[int, int, str]]:
    """Lead, contact and reason. Those that somebody has decided otherwise since are told by that."""
    reason = Reason.MASS_END if end.member_id is None else Reason.MEMBER_END
    ended = Lead.objects.filter(
        account_id=end.account_id, status="unqualified", reason=reason.value, ended_at=end.created_at
    )
    return list(ended.order_by("pk").values_list("pk", "contact_id", "reason"))
