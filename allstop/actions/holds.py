"""Adding a hold: what STOP, removing a job and, later, a suspension have in common."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from allstop.actions.actor import Actor, Machine, Operator, TheContact
from allstop.rules.holds import HOLD_EFFECTS, Reach
from allstop.store.models import Hold


def columns_of(reach: Reach) -> dict[str, Any]:
    """Column -> value, as holds and stops have them; None is NULL."""
    return asdict(reach)


def add_hold(hold: Hold) -> Hold:
    """The caller then stops what it closes, in the same transaction."""
    hold.save(force_insert=True)
    return hold


def new_hold(
    by: Actor | Operator | Machine | TheContact,
    name: str,
    reach: Reach,
    now: datetime,
    *,
    reason: str = "",
    until: datetime | None = None,
) -> Hold:
    """Blocks what the rules say of its name. Not added yet."""
    return Hold(
        **columns_of(reach),
        name=name,
        blocks=sorted(HOLD_EFFECTS[name]),
        by=by.name,
        reason=reason,
        at=now,
        until=until,
        lifted_by="",
    )
