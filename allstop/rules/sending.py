"""How an account sends: the whole setup of its email, texts and calls, as the wizard, the one page, the API and a file
share it. No secret is ever part of it.

| rhythm | whose | means |
|---|---|---|
| windows | all | within the sessions, at the pace. No session: at any time |
| at_once | texts | as soon as they are made. Sessions, pace and threshold are kept and ignored |
| by_hand | emails | within the sessions, but no session means never: then a person presses Send now |
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import StrEnum

from allstop.rules.files_out import USUAL_MB
from allstop.rules.pacing import Pace
from allstop.rules.retry import MOST_RINGS, RING_MINUTES
from allstop.rules.rounds import Rounds, rounds
from allstop.rules.windows import MIDNIGHT, Schedule, Session
from allstop.rules.words import Channel

NO_PACE = timedelta(0)
MINUTE = timedelta(minutes=1)
WARN_AFTER_DAYS = 5
Value = str | int | float | bool


class Rhythm(StrEnum):
    WINDOWS = "windows"
    AT_ONCE = "at_once"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """By what a channel's messages leave, and as whom."""

    provider: str = ""  # an adapter of channels/registry.py; "" = None: messages wait
    config: Mapping[str, Value] = field(default_factory=dict)  # the adapter's own, without its password
    sender: str = ""
    sender_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    enabled: bool = True
    way: Way = Way()
    immediate: bool = False  # emails: they leave by themselves. Texts: at once. Calls: never set
    sessions: tuple[Session, ...] = ()
    every: timedelta = NO_PACE  # from one message to the next


@dataclass(frozen=True, slots=True)
class Checks:
    """When the queue is looked at: see rules/rounds.py. For emails, and for texts that do not leave at once."""

    every_minutes: int = 0  # 0: all the time
    at: tuple[time, ...] = ()  # instead: at these times of the day only


@dataclass(frozen=True, slots=True)
class Backup:
    """When the account's network is backed up; past midnight where it ends before it starts."""

    days: tuple[int, ...]  # on which it begins; 0 = Monday
    starts: time
    ends: time

    def sessions(self) -> tuple[Session, ...]:
        """The same as stretches of single days."""
        if self.starts < self.ends or self.ends == MIDNIGHT:
            return tuple(Session(day, self.starts, self.ends) for day in self.days)
        evenings = [Session(day, self.starts, MIDNIGHT) for day in self.days]
        return (*evenings, *(Session((day + 1) % 7, MIDNIGHT, self.ends) for day in self.days))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    email: ChannelSettings = ChannelSettings(immediate=True)
    text: ChannelSettings = ChannelSettings()
    call: ChannelSettings = ChannelSettings()
    checks: Checks = Checks()
    backup: Backup | None = None
    opens_attachments: bool = False
    attachment_mb: int = USUAL_MB  # that one email may take along, in all
    warn_after_days: int = WARN_AFTER_DAYS  # when staggered texts take longer
    rings: int = MOST_RINGS
    ring_minutes: int = RING_MINUTES

    def of(self, channel: Channel) -> ChannelSettings:
        match channel:
            case Channel.EMAIL:
                return self.email
            case Channel.TEXT:
                return self.text
            case Channel.CALL:
                return self.call


def rhythm_of(channel: Channel, settings: ChannelSettings) -> Rhythm:
    match channel:
        case Channel.EMAIL:
            return Rhythm.WINDOWS if settings.immediate else Rhythm.BY_HAND
        case Channel.TEXT:
            return Rhythm.AT_ONCE if settings.immediate else Rhythm.WINDOWS
        case Channel.CALL:
            return Rhythm.WINDOWS


def windows_of(rhythm: Rhythm, sessions: tuple[Session, ...], zone: str) -> Schedule | None:
    """None: at any time. A schedule without sessions: never by itself."""
    if rhythm is Rhythm.AT_ONCE or (not sessions and rhythm is Rhythm.WINDOWS):
        return None
    return Schedule(sessions, zone)


def rounds_of(channel: Channel, rhythm: Rhythm, checks: Checks, zone: str) -> Rounds | None:
    if channel is Channel.CALL or rhythm is Rhythm.AT_ONCE:
        return None
    return rounds(zone, checks.every_minutes, checks.at)


def pace_of(rhythm: Rhythm, every: timedelta) -> Pace | None:
    return None if rhythm is Rhythm.AT_ONCE or not every else Pace.every(every)


def every_of(per_minute: float) -> timedelta:
    """From messages a minute to the time between two, in whole milliseconds, as lanes keep it. 0: no pace."""
    return timedelta(milliseconds=round(60_000 / per_minute)) if per_minute else NO_PACE


def per_minute_of(every: timedelta) -> float:
    """The other way round: a whole number where one means the same time."""
    if not every:
        return 0
    whole = round(MINUTE / every)
    return whole if whole and every_of(whole) == every else MINUTE / every


def hourly(per_minute: int) -> int:
    """2 a minute = 120 an hour."""
    return per_minute * 60


def with_session(sessions: tuple[Session, ...], added: Session) -> tuple[Session, ...]:
    """In the order of the week; the same one twice is one."""
    return tuple(sorted({*sessions, added}))
