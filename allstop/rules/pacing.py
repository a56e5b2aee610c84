"""Pace: one message every X minutes, or N a minute.

The clock of a lane is one instant, `tat` (the theoretical arrival time of GCRA): when the next slot begins.

    tat in the future               wait until tat
    tat reached, at most 1 s ago    send; next slot at tat + interval, so a late worker causes no drift
    tat longer ago, or never set    send; next slot at now + interval, so idle time saves nothing up

Hence N messages of a backlog take N x interval, the last slot included. The claim in the store does the
same sums in SQL; tests hold the two together.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

LATENESS = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """`messages` in each `per`: (3 minutes, 1) is one every 3 minutes, (1 minute, 3) is 3 a minute."""

    per: timedelta
    messages: int = 1

    def __post_init__(self) -> None:
        if self.per <= timedelta(0) or self.messages < 1:
            raise ValueError("A pace needs a time above zero and at least one message in it.")
        if self.interval <= timedelta(0):
            raise ValueError("A pace can be at most a million messages a second.")

    @classmethod
    def every(cls, interval: timedelta) -> "Pace":
        return cls(interval)

    @classmethod
    def per_minute(cls, messages: int) -> "Pace":
        return cls(timedelta(minutes=1), messages)

    @property
    def interval(self) -> timedelta:
        """The length of one slot, to the microsecond."""
        return self.per / self.messages

    @property
    def per_hour(self) -> int:
        return self.slots_in(timedelta(hours=1))

    def slots_in(self, length: timedelta) -> int:
        """Whole slots that fit."""
        return max(0, length * self.messages // self.per)

    def time_for(self, messages: int) -> timedelta:
        """Exactly: 100 messages at one every 3 minutes are 300 minutes."""
        return self.per * messages / self.messages


@dataclass(frozen=True, slots=True)
class Slot:
    may_send: bool
    tat: datetime  # the clock to keep; when not sending, the instant to wait for


def next_slot(pace: Pace, tat: datetime | None, now: datetime) -> Slot:
    if tat is None or now - tat > LATENESS:
        return Slot(True, now + pace.interval)
    if tat > now:
        return Slot(False, tat)
    return Slot(True, tat + pace.interval)
