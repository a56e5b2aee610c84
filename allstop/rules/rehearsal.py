"""What a changed window or pace would do to what waits: the same lanes walked twice, and compared day by day.

Nothing is saved for it. A day is one of the account's calendar, and a message has moved when it leaves on another day
than it would without the change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from allstop.rules.forecast import Forecast, Lane, SlowStart, by_day, forecast

MOST_DAYS = 60  # that are listed; what leaves later is counted together


@dataclass(frozen=True, slots=True)
class ChangedDay:
    day: date
    before: int  # messages, as things are
    after: int  # with the change


@dataclass(frozen=True, slots=True)
class Rehearsal:
    before: Forecast
    after: Forecast
    days: tuple[ChangedDay, ...]
    moved: int  # messages that leave on another day, or no longer at all, or now at all

    @property
    def later_before(self) -> int:
        """That leave after the last day of the list."""
        return self.before.messages - sum(one.before for one in self.days)

    @property
    def later_after(self) -> int:
        return self.after.messages - sum(one.after for one in self.days)


def rehearse(
    before: Sequence[Lane], after: Sequence[Lane], now: datetime, zone: str, slow_start: SlowStart | None = None
) -> Rehearsal:
    return compared(forecast(before, now, slow_start), forecast(after, now, slow_start), now, zone)


def compared(before: Forecast, after: Forecast, now: datetime, zone: str) -> Rehearsal:
    was, becomes = dict(by_day(before, now, zone, MOST_DAYS)), dict(by_day(after, now, zone, MOST_DAYS))
    days = tuple(ChangedDay(day, was.get(day, 0), becomes.get(day, 0)) for day in sorted(was | becomes))
    gone = max(0, before.messages - after.messages)  # stuck or late with the change
    come = sum(max(0, one.after - one.before) for one in days)
    found = Rehearsal(before, after, days, 0)
    come += max(0, found.later_after - found.later_before)
    return Rehearsal(before, after, days, come + gone)
