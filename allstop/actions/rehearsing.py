"""A changed window or pace, tried on what waits before anybody saves it. Nothing here changes anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from allstop.actions.actor import Actor, require
from allstop.actions.own_windows import Proposal, change_of
from allstop.rules.facts import Channel
from allstop.rules.rehearsal import Rehearsal
from allstop.rules.roles import Act
from allstop.rules.windows import Schedule, capacity
from allstop.store import lists

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    found: Rehearsal
    stuck_before: int  # cannot leave until somebody changes something, on the channels that would change
    stuck_after: int
    a_week: dict[Channel, int | None]  # how many could leave in the coming seven days; None: no limit


def rehearse(actor: Actor, proposals: Mapping[Channel, Proposal], now: datetime) -> Rehearsed:
    require(actor, Act.VIEW)
    waiting = lists.account_queue(actor.account_id, now)
    changes = {channel: change_of(actor.account_id, channel, proposal) for channel, proposal in proposals.items()}
    found = waiting.rehearse(changes)
    held = sum(waiting.of(channel).held for channel in changes)
    return Rehearsed(
        found,
        found.before.stuck + held,
        found.after.stuck + held,
        {channel: _a_week(change, now) for channel, change in changes.items()},
    )


def _a_week(change: lists.Change, now: datetime) -> int | None:
    schedule: Schedule | None = change.windows
    return None if change.pace is None else capacity(schedule, change.pace, now, now + WEEK)
