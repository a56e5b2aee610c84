"""A day of an account begins once, whatever its clocks do at midnight."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from allstop.rules.days import start_of_day

ZONES = (
    "UTC",
    "America/New_York",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Beirut",
    "America/Havana",
    "Asia/Kathmandu",
)


@pytest.mark.parametrize("name", ZONES)
def test_each_day_of_a_year_begins_with_its_first_moment(name: str) -> None:
    """Santiago, Cairo and Beirut skip midnight in spring, Havana has it twice in autumn."""
    zone = ZoneInfo(name)
    starts = []
    for number in range(366):
        day = date(2026, 1, 1) + timedelta(number)
        start = start_of_day(day, zone)
        assert start.astimezone(zone).date() == day
        assert (start - timedelta(microseconds=1)).astimezone(zone).date() < day
        starts.append(start)
    assert starts == sorted(set(starts))
