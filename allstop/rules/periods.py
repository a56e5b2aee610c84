"""Billing periods: from bill day to bill day, in months.

A bill day past the end of a month is that month's last day, and the next month has its own again: 31 January,
28 February, 31 March. What begins between two bill days begins with a part of a period.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from allstop.rules.days import FOREVER, Span

_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY = 2


class Frequency(StrEnum):
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"
    ONCE = "once"


MONTHS = {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 3, Frequency.YEARLY: 12}


class Mode(StrEnum):
    ADVANCE = "advance"  # billed on its first day
    ARREARS = "arrears"  # billed on the day after its last


@dataclass(frozen=True, slots=True)
class Part:
    """What is charged of one period: all of it, or where something begins or ends, less."""

    days: Span
    period: Span  # the whole one

    def bill_date(self, mode: Mode) -> date:
        return self.days.start if mode is Mode.ADVANCE else self.days.end


@dataclass(frozen=True, slots=True)
class Grid:
    """All periods of a package, before and after its first bill day."""

    first: date  # bill day, on or after the start
    months: int
    bill_day: int

    def edge(self, steps: int) -> date:
        return on_bill_day(self.first.year, self.first.month + steps * self.months, self.bill_day)

    def index(self, day: date) -> int:
        """Of the period that the day is in; 0 begins with the first bill day."""
        away = (day.year - self.first.year) * 12 + day.month - self.first.month
        steps = away // self.months
        if self.edge(steps) > day:
            return steps - 1
        return steps + 1 if self.edge(steps + 1) <= day else steps

    def period(self, day: date) -> Span:
        return _period(self, day)


@lru_cache(maxsize=4096)  # a bill run asks for the same few again and again
def _period(of: Grid, day: date) -> Span:
    at = of.index(day)
    return Span(of.edge(at), of.edge(at + 1))


def on_bill_day(year: int, month: int, bill_day: int) -> date:
    """`month` may run past the year: 13 is January of the next."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, min(bill_day, days_in(year, month)))


def days_in(year: int, month: int) -> int:
    leap = month == _FEBRUARY and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _LENGTHS[month - 1] + leap


@lru_cache(maxsize=4096)
def grid(start: date, months: int, bill_day: int) -> Grid:
    """The first bill day is in the month of the start; if that is over, one whole period later."""
    first = on_bill_day(start.year, start.month, bill_day)
    if first < start:
        first = on_bill_day(start.year, start.month + months, bill_day)
    return Grid(first, months, bill_day)


def due_parts(
    of: Grid, mode: Mode, start: date, end: date | None, target: date, settled: date = date.min
) -> tuple[Part, ...]:
    """What is to be billed of [start, end) as seen on `target`, oldest first; without what lies before `settled`."""
    if target < start or (end is not None and end < start):
        raise ValueError(f"These dates are not in order: start {start}, end {end}, billed on {target}.")
    last = end if end is not None else FOREVER
    parts: list[Part] = []
    at = of.index(max(start, settled))
    while True:
        period = _period(of, of.edge(at))
        part = Part(Span(max(period.start, start), min(period.end, last)), period)
        if part.days.length == 0 or part.bill_date(mode) > target:
            return tuple(parts)
        parts.append(part)
        at += 1


def next_bill_day(after: date, bill_day: int) -> date:
    """The account's own, strictly later: where its present billing month ends."""
    this = on_bill_day(after.year, after.month, bill_day)
    return this if this > after else on_bill_day(after.year, after.month + 1, bill_day)
