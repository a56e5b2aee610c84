"""What a provider of mailboxes takes in a minute, an hour and a day. Whoever sends more is blocked for hours, so
Allstop waits instead. The figures of the presets are the providers' own, as of 2026; they change now and then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

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


PRESETS: Mapping[str, tuple[str, Limits]] = {
    "microsoft365": ("Microsoft 365: 30 a minute, 10,000 a day", Limits(minute=30, day=10_000)),
    "workspace": ("Google Workspace: 2,000 a day", Limits(day=2_000)),
    "gmail": ("Gmail without a contract: 500 a day", Limits(day=500)),
    "none": ("No limits", Limits()),
}
