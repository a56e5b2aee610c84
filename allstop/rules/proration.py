"""Shares of a fee by the day: times ignored, the start day charged, the cancel day not, at least one full day.

The share of a period is that of its days, of all the days it really has. What is billed in several parts adds up:
each part costs what all days so far cost, less what was billed before. So no cent is lost or billed twice, however
often an account is suspended and enabled.
"""

from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from allstop.rules.days import Span
from allstop.rules.money import Money, rounded
from allstop.rules.periods import on_bill_day


class Charge(StrEnum):
    """How a change of status settles the period that it falls into."""

    FULL = "full"
    PRORATED = "prorated"
    NONE = "none"


class When(StrEnum):
    NOW = "now"
    PERIOD_END = "period_end"
    DATE = "date"


CHARGE_WORDS = {
    Charge.FULL: "The whole period is billed, and nothing is credited",
    Charge.PRORATED: "The days in use are billed, and the others credited",
    Charge.NONE: "Nothing is billed or credited",
}


def at_least_a_day(start: date, end: date | None) -> date | None:
    """When it ends for the bill."""
    return None if end is None else max(end, start + timedelta(days=1))


@lru_cache(maxsize=4096)  # a bill run asks for the same few again and again
def fee(price: Money, days: int, of: int) -> Money:
    """Of so many days of a period: nothing for none, the price for all of them."""
    return rounded(Fraction(price.amount) * days / of, price.currency)


def part_of_fee(price: Money, before: int, days: int, of: int) -> Money:
    """What `days` more cost when `before` are billed already; negative days are a credit."""
    return fee(price, before + days, of) - fee(price, before, of)


def days_between(start: date, end: date, month_days: int | None = None) -> int:
    """On the calendar; with `month_days`, as if each month had so many, as some contracts count."""
    if month_days is None or (start.year, start.month) == (end.year, end.month):
        return Span(start, end).length
    months_between = (end.year - start.year) * 12 + end.month - start.month
    return months_between * month_days - min(start.day, month_days) + min(end.day, month_days)


def share_of_month(start: date, end: date, month_days: int | None = None) -> Fraction:
    """Of the month that begins with `start`."""
    whole = month_days or Span(start, on_bill_day(start.year, start.month + 1, start.day)).length
    return Fraction(days_between(start, end, month_days), whole)


def whole_periods(start: date, end: date, *, months: int = 0, days: int = 0) -> int:
    """How many have ended by `end`, in steps of months or of days."""
    if days:
        return Span(start, end).length // days
    steps = ((end.year - start.year) * 12 + end.month - start.month) // months
    return steps - (on_bill_day(start.year, start.month + steps * months, start.day) > end)
