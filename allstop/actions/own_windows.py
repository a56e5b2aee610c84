"""Another window or pace than the account's: proposed for a rehearsal, or chosen for one list when it is sent.

| chosen | sessions | every |
|---|---|---|
| as the account | no choice at all | |
| straight away | () | zero |
| other sessions | given | None: the account's |
| another frequency | None: the account's | given |
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allstop.actions.actor import Invalid
from allstop.rules.facts import Channel
from allstop.rules.own_window import OwnWindow
from allstop.rules.pacing import Pace
from allstop.rules.sending_data import parse_session
from allstop.rules.session_words import session_words
from allstop.rules.windows import Session
from allstop.store import facts, lists
from allstop.store.models import Account, ChannelSetup

MOST_MINUTES = 7 * 24 * 60  # between two messages
MOST_SESSIONS = 200
MOST_PER_MINUTE = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """For one channel. None leaves as it is."""

    sessions: tuple[Session, ...] | None = None  # (): always open
    every: timedelta | None = None  # from one message to the next; zero: no pace

    @property
    def is_straight_away(self) -> bool:
        return self.sessions == () and self.every == timedelta(0)


STRAIGHT_AWAY = Proposal(sessions=(), every=timedelta(0))


def change_of(account_id: int, channel: Channel, proposal: Proposal) -> lists.Change:
    """With what the proposal leaves as it is."""
    account = Account.objects.get(pk=account_id)
    every = proposal.every
    windows = (
        facts.lane_setup(account_id, channel).facts.windows
        if proposal.sessions is None
        else lists.schedule_of(account.zone, proposal.sessions)
    )
    if every is None:
        setup = ChannelSetup.objects.get(account_id=account_id, channel=channel)
        every = timedelta(milliseconds=setup.pace_ms)
    return lists.Change(windows, Pace.every(every) if every else None)


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


def own_windows(account_id: int, channels: Iterable[Channel], chosen: Proposal) -> dict[Channel, OwnWindow]:
    """What a choice comes to on each of these channels: what it leaves open is the account's of this moment."""
    found: dict[Channel, OwnWindow] = {}
    for channel in channels:
        change = change_of(account_id, channel, chosen)
        found[channel] = OwnWindow(change.windows, change.pace)
    return found


def as_json(chosen: Proposal | None) -> dict[str, Any] | None:
    if chosen is None:
        return None
    return {
        "sessions": None if chosen.sessions is None else [session_words(one) for one in chosen.sessions],
        "every_ms": None if chosen.every is None else chosen.every // timedelta(milliseconds=1),
    }


def from_json(said: Mapping[str, Any] | None) -> Proposal | None:
    """Raises KeyError, ValueError or TypeError where it is not understood."""
    if said is None:
        return None
    sessions, every = said["sessions"], said["every_ms"]
    return Proposal(
        sessions=None if sessions is None else tuple(sorted(map(parse_session, sessions))),
        every=None if every is None else timedelta(milliseconds=int(every)),
    )
