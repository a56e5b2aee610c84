"""A changed window or pace, tried on what waits before anybody saves it. Nothing here changes anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from allstop.actions.actor import Actor, Invalid, require
from allstop.rules.facts import Channel
from allstop.rules.pacing import Pace
from allstop.rules.rehearsal import Rehearsal
from allstop.rules.roles import Act
from allstop.rules.session_words import parse_session
from allstop.rules.windows import Schedule, Session, capacity
from allstop.store import facts, lists
from allstop.store.models import Account, ChannelSetup, DeliverySession

MOST_MINUTES = 7 * 24 * 60  # between two messages
MOST_SESSIONS = 200
MOST_PER_MINUTE = 60_000
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """For one channel. None leaves as it is."""

    sessions: tuple[Session, ...] | None = None  # (): always open
    every: timedelta | None = None  # from one message to the next; zero: no pace


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


def change_of(account_id: int, channel: Channel, proposal: Proposal) -> lists.Change:
    """With what the proposal leaves as it is."""
    account = Account.objects.get(pk=account_id)
    sessions, every = proposal.sessions, proposal.every
    if sessions is None:
        sessions = tuple(
            facts.session_of(row) for row in DeliverySession.objects.filter(account_id=account_id, channel=channel)
        )
    if every is None:
        setup = ChannelSetup.objects.get(account_id=account_id, channel=channel)
        every = timedelta(milliseconds=setup.pace_ms)
    return lists.Change(lists.schedule_of(account.zone, sessions), Pace.every(every) if every else None)


def read_sessions(words: Sequence[str]) -> tuple[Session, ...]:
    if len(words) > MOST_SESSIONS:
        raise Invalid(sessions=f"Give at most {MOST_SESSIONS} sessions.")
    try:
        return tuple(sorted({parse_session(one) for one in words}))
    except ValueError as wrong:
        raise Invalid(sessions=str(wrong)) from wrong


def read_every(every_minutes: float | None, per_minute: float | None) -> timedelta | None:
    """One of the two. None: neither was given; zero: no pace."""
    if every_minutes is not None and per_minute is not None:
        raise Invalid(every_minutes="Give the minutes between two messages, or how many a minute, not both.")
    if per_minute is not None:
        if not 0 <= per_minute <= MOST_PER_MINUTE:
            raise Invalid(per_minute=f"Give a number up to {MOST_PER_MINUTE:,} a minute; 0 is as fast as possible.")
        return timedelta(milliseconds=round(60_000 / per_minute)) if per_minute else timedelta(0)
    if every_minutes is None:
        return None
    if not 0 <= every_minutes <= MOST_MINUTES:
        raise Invalid(every_minutes=f"Give minutes from 0 (as fast as possible) to {MOST_MINUTES:,}, which is a week.")
    return timedelta(milliseconds=round(every_minutes * 60_000))


def _a_week(change: lists.Change, now: datetime) -> int | None:
    schedule: Schedule | None = change.windows
    return None if change.pace is None else capacity(schedule, change.pace, now, now + WEEK)
