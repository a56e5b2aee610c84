"""The ways to a START of less than an account, or of all of them: a switch, one standing stop, the end of a schedule.

Each goes through plan.start_as_planned without choices, so nothing stale leaves: what is past its use-by is dropped,
and all but the newest of what says the same to the same contact.
"""

from datetime import datetime, timedelta

from django.db.models import Q

from allstop.actions.actor import Actor, Conflict, Machine, NotThere, Operator, require
from allstop.actions.carrying_on import PATIENCE, Started
from allstop.actions.confirming import reach_of
from allstop.actions.plan import Target, start_as_planned
from allstop.actions.switch import SWITCHES, lift_bare, standing_hold
from allstop.rules.holds import Effect, Reach, Scope
from allstop.rules.roles import Act
from allstop.store.models import Hold, Stop


def start_reach(
    by: Actor | Operator, reach: Reach, reason: str, now: datetime, patience: timedelta = PATIENCE
) -> Started:
    """START of a channel, a location, an account or everything: whoever stopped it, and no other reach."""
    return start_as_planned(by, now=now, target=Target(reach), reason=reason, patience=patience)


def start_one(
    by: Actor, hold_id: int, reason: str, now: datetime, patience: timedelta = PATIENCE
) -> tuple[Hold, Started | None]:
    """Lift one standing stop or other hold, and no other of the same reach. None: nothing can wait behind it."""
    hold = standing_hold(by, hold_id)
    if Effect.SENDING not in hold.blocks:
        lift_bare(by, hold, reason, now)
        return hold, None
    target = Target(reach_of(hold), hold.pk)
    return hold, start_as_planned(by, now=now, target=target, reason=reason, patience=patience)


def start_stopped(actor: Actor, number: int, reason: str, now: datetime) -> Started:
    """START what the stop with this number holds, and nothing that was stopped since."""
    require(actor, Act.VIEW)
    found = Stop.objects.filter(Q(account_id=actor.account_id) | Q(account_id=None), pk=number, is_lift=False).first()
    if found is None:
        raise NotThere("There is no such stop.")
    if Scope(found.scope) not in SWITCHES:
        raise Conflict("No switch: a removed job stays removed, and a contact's stop ends with its marker or opt-out.")
    return start_as_planned(actor, now=now, target=Target(reach_of(found), found.hold_id), reason=reason)


def end_stop(by: Machine, hold: Hold, reason: str, now: datetime) -> Started:
    """A restart that nobody watches: of this stop, whose time is over, and of no other."""
    return start_as_planned(by, now=now, target=Target(reach_of(hold), hold.pk), reason=reason)
