"""Adding a hold: what STOP, removing a job and, later, a suspension have in common."""

from datetime import datetime

from allstop.actions.actor import Actor
from allstop.rules.holds import HOLD_EFFECTS, Scope
from allstop.store.models import Hold, Job


def add_hold(actor: Actor, name: str, scope: Scope, now: datetime, *, reason: str = "", job: Job | None = None) -> Hold:
    """Blocks what the rules say of its name. The caller then stops what it closes, in the same transaction."""
    return Hold.objects.create(
        name=name,
        scope=scope,
        account_id=actor.account_id,
        job=job,
        blocks=sorted(HOLD_EFFECTS[name]),
        by=actor.name,
        reason=reason,
        at=now,
        lifted_by="",
    )
