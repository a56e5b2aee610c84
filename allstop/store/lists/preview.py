"""What a plan of START would do, and when everything would leave under the present windows, pace and quiet hours."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from allstop.rules import forecast as rules
from allstop.rules.facts import Channel, LaneFacts
from allstop.rules.limits import Limited
from allstop.rules.pacing import Pace
from allstop.rules.plan import Plan
from allstop.rules.ramp import RampChoice
from allstop.store.facts import lane_setups
from allstop.store.lists.backlog import Load, plan_view
from allstop.store.lists.classified import PlanCounts
from allstop.store.lists.forecast import limits_in_force, shut
from allstop.store.models import Lane


@dataclass(frozen=True, slots=True)
class Preview:
    counts: PlanCounts
    forecast: rules.Forecast
    now: datetime


def preview(account_id: int, plan: Plan, ramp: RampChoice | None, now: datetime) -> Preview:
    """As if START were pressed now. Markers, opt-outs and other holds on single contacts or jobs are not foreseen."""
    setups = lane_setups([(account_id, channel) for channel in Channel])
    view = plan_view(account_id, plan, now, [of for _, of in setups if setups[account_id, of].facts.quiet is not None])
    slots = {(Channel(lane.channel), lane.by_hand): lane.slot_at for lane in Lane.objects.filter(account_id=account_id)}
    limits = limits_in_force(account_id, now)
    shared = {
        channel: _shared(setups[account_id, channel].facts, channel, limits.get(channel), now) for channel in Channel
    }
    lanes = [
        _lane(
            [load for load in view.loads if (load.channel, load.by_hand) == (channel, by_hand)],
            setups[account_id, channel].facts,
            replace(shared[channel], slot_at=None if by_hand else slots.get((channel, by_hand))),
        )
        for channel in Channel
        for by_hand in (False, True)
    ]
    slow = rules.SlowStart(Pace.per_minute(ramp.per_minute), timedelta(minutes=ramp.minutes)) if ramp else None
    return Preview(view.counts, rules.forecast(lanes, now, slow), now)


def _shared(facts: LaneFacts, channel: Channel, limited: Limited | None, now: datetime) -> rules.Lane:
    """What both lanes of a channel have."""
    closed, opens_at = shut(facts, channel, now)
    return rules.Lane(loads=(), quiet=facts.quiet, is_closed=bool(closed), opens_at=opens_at, limited=limited)


def _lane(loads: list[Load], facts: LaneFacts, shared: rules.Lane) -> rules.Lane:
    """No ramp and no pace for what a person sends by hand."""
    is_by_hand = any(load.by_hand for load in loads)
    return replace(
        shared,
        loads=[rules.Load(load.messages, load.due_at, load.zones) for load in loads],
        windows=None if is_by_hand else facts.windows,
        rounds=None if is_by_hand else facts.rounds,
        pace=None if is_by_hand else facts.pace,
        is_by_hand=is_by_hand,
    )
