"""The ramp after START: at first so many a minute on each channel, then all, and a stop by itself if it goes wrong.

Its time begins with the first message that leaves, so that a START in the evening is still slow in the morning. Failed
and unknown messages count as failures. Both limits need a rate and a number: one failure of two tries proves nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_PER_MINUTE = 60_000
LONGEST = 24 * 60  # minutes
MOST_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Limit:
    percent: int  # of those that were tried: more than this trips the ramp ...
    least: int  # ... from so many on


FAILURES = Limit(percent=20, least=5)
OPT_OUTS = Limit(percent=5, least=3)


@dataclass(frozen=True, slots=True)
class RampChoice:
    per_minute: int
    minutes: int
    failures: int = FAILURES.percent  # more per cent than this, and it stops
    opt_outs: int = OPT_OUTS.percent

    def __post_init__(self) -> None:
        if not 1 <= self.per_minute <= MOST_PER_MINUTE:
            raise ValueError(f"A ramp sends 1 to {MOST_PER_MINUTE:,} messages a minute on each channel.")
        if not 1 <= self.minutes <= LONGEST:
            raise ValueError(f"A ramp lasts 1 to {LONGEST:,} minutes.")
        if not (1 <= self.failures <= MOST_PERCENT and 1 <= self.opt_outs <= MOST_PERCENT):
            raise ValueError(f"A ramp's limits are 1 to {MOST_PERCENT} per cent.")

    @property
    def pace_ms(self) -> int:
        """The time between two messages, never less than was asked for."""
        return -(-60_000 // self.per_minute)


@dataclass(frozen=True, slots=True)
class RampFigures:
    """Since the START."""

    sent: int = 0
    failed: int = 0
    unknown: int = 0
    opted_out: int = 0  # contacts who said no

    @property
    def tried(self) -> int:
        return self.sent + self.failed + self.unknown


def breach(figures: RampFigures, failures: int = FAILURES.percent, opt_outs: int = OPT_OUTS.percent) -> str:
    """Why the ramp must stop the account, in words; "" while it need not."""
    bad = figures.failed + figures.unknown
    if _is_over(Limit(failures, FAILURES.least), bad, figures.tried):
        return f"{bad} of {figures.tried} messages failed or have an unknown outcome (limit: {failures} %)"
    if _is_over(Limit(opt_outs, OPT_OUTS.least), figures.opted_out, figures.tried):
        return f"{figures.opted_out} contacts said no after {figures.tried} messages (limit: {opt_outs} %)"
    return ""


def _is_over(limit: Limit, bad: int, tried: int) -> bool:
    return bad >= limit.least and bad * 100 > tried * limit.percent


def ends_at(first_at: datetime | None, minutes: int) -> datetime | None:
    """None: nothing has left yet."""
    return None if first_at is None else first_at + timedelta(minutes=minutes)
