"""Months back and ahead: never past the end of a month, and back again no later than before."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from allstop.rules.months import months_ahead, months_back


def test_the_end_of_a_month_stays_in_it() -> None:
    assert months_back(date(2026, 8, 31), 6) == date(2026, 2, 28)
    assert months_ahead(datetime(2027, 8, 31, 9, tzinfo=UTC), 6) == datetime(2028, 2, 29, 9, tzinfo=UTC)
    assert months_back(date(2026, 1, 15), 1) == date(2025, 12, 15)


@given(st.dates(date(1950, 1, 1), date(2150, 1, 1)), st.integers(0, 120))
def test_going_back_is_that_many_months(day: date, months: int) -> None:
    before = months_back(day, months)
    assert before <= day and before.day <= day.day
    assert (day.year - before.year) * 12 + day.month - before.month == months
