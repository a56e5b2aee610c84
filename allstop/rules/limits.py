"""What a provider of mailboxes takes in a minute, an hour and a day. Whoever sends more is blocked for hours, so
Allstop waits instead. The figures of the presets are the providers' own, as of 2026; they change now and then.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

MOST = 100_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """None: no limit."""

    minute: int | None = None
    hour: int | None = None
    day: int | None = None

    def faults(self) -> dict[str, str]:
        said = {"minute": self.minute, "hour": self.hour, "day": self.day}
        return {
            name: f"Give a number of messages from 1 to {MOST:,}, or leave it empty."
            for name, number in said.items()
            if number is not None and not 1 <= number <= MOST
        }


@dataclass(frozen=True, slots=True)
class Full:
    """A limit that was reached: the next message fits at that time."""

    which: str  # limit_minute, limit_hour or limit_day
    until: datetime


@dataclass(frozen=True, slots=True)
class Used:
    """So many messages left in one stretch of time: a second, or a minute."""

    seconds: int  # 1 or 60
    at: datetime  # when it begins
    messages: int


@dataclass(frozen=True, slots=True)
class Limited:
    """A provider's limits and what has left already. Lanes with the same one share it."""

    limits: Limits
    used: tuple[Used, ...] = ()


class Room:
    """What the provider still takes, as limits.sql counts it: by the second for the minute and by the minute for the
    hour and the day; the oldest stretch counts whole until it has left the window.

    `free` and `take` with rising times."""

    def __init__(self, of: Limited) -> None:
        said = ((of.limits.minute, 1, 60), (of.limits.hour, 60, 3600), (of.limits.day, 60, 86_400))
        self._bounds = [_Bound(most, width, span) for most, width, span in said if most is not None]
        for bound in self._bounds:
            for one in sorted(of.used, key=lambda one: one.at):
                if one.seconds == bound.width and one.messages:
                    bound.add(one.at, one.messages)

    def free(self, at: datetime) -> int:
        return min((bound.free(at) for bound in self._bounds), default=MOST)

    def take(self, at: datetime, messages: int) -> None:
        for bound in self._bounds:
            bound.add(at.replace(microsecond=0, second=at.second if bound.width == 1 else 0), messages)

    def next_at(self, at: datetime) -> datetime:
        """When the next message fits, if none does now."""
        return max((bound.next_at(at) for bound in self._bounds), default=at)


class _Bound:
    """One of the limits, with the stretches that count for it, the oldest first."""

    def __init__(self, most: int, width: int, span: int) -> None:
        self.most = most
        self.width = width  # seconds of a stretch
        self._lasts = timedelta(seconds=width + span)  # from the beginning of a stretch, it counts
        self._stretches: deque[tuple[datetime, int]] = deque()
        self._total = 0

    def add(self, at: datetime, messages: int) -> None:
        if self._stretches and self._stretches[-1][0] == at:
            self._stretches[-1] = at, self._stretches[-1][1] + messages
        else:
            self._stretches.append((at, messages))
        self._total += messages

    def free(self, at: datetime) -> int:
        while self._stretches and self._stretches[0][0] <= at - self._lasts:
            self._total -= self._stretches.popleft()[1]
        return self.most - self._total

    def next_at(self, at: datetime) -> datetime:
        """Forgets nothing: somebody else may ask for an earlier time."""
        since, found = self._total, at
        for begins, messages in self._stretches:
            if since < self.most:
                break
            since -= messages
            found = max(at, begins + self._lasts)
        return found


PRESETS: Mapping[str, tuple[str, Limits]] = {
    "microsoft365": ("Microsoft 365: 30 a minute, 10,000 a day", Limits(minute=30, day=10_000)),
    "workspace": ("Google Workspace: 2,000 a day", Limits(day=2_000)),
    "gmail": ("Gmail without a contract: 500 a day", Limits(day=500)),
    "none": ("No limits", Limits()),
}
