"""Whole months back and ahead on the calendar: a month after January 31 is the last day of February."""

from calendar import monthrange
from datetime import date, datetime


def months_back(day: date, months: int) -> date:
    return _moved(day, -months)


def months_ahead(at: datetime, months: int) -> datetime:
    return datetime.combine(_moved(at.date(), months), at.timetz())


def _moved(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
