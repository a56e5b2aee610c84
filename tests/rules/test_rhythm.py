"""The rhythm of a feed: Sunday sends Monday ... Thursday sends Friday, nothing on Friday and Saturday (SYSTEMS 1)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.rules.rhythm import (
    EVENING_BEFORE,
    WEEKDAYS,
    Rhythm,
    as_words,
    in_words,
    next_expected,
    read_rhythm,
)
from allstop.rules.words import Problem

MONDAY = date(2026, 11, 23)
ZONE = "America/New_York"

rhythms = st.lists(st.frozensets(st.integers(0, 6)), min_size=7, max_size=7).map(lambda days: Rhythm(tuple(days)))


@pytest.mark.parametrize(
    ("appointment", "sent"),
    [
        (MONDAY, MONDAY - timedelta(days=1)),
        (MONDAY + timedelta(days=1), MONDAY),
        (MONDAY + timedelta(days=4), MONDAY + timedelta(days=3)),
        (MONDAY + timedelta(days=5), None),  # Saturday: nobody sends it
        (MONDAY + timedelta(days=6), None),
    ],
)
def test_each_weekday_is_sent_the_evening_before(appointment: date, sent: date | None) -> None:
    assert EVENING_BEFORE.sending_day(appointment) == sent


def test_friday_may_send_the_whole_of_the_days_that_nobody_works_before() -> None:
    rhythm = read_rhythm({"fri": ["sat", "sun", "mon"], "mon": ["mon"]})
    assert isinstance(rhythm, Rhythm)
    assert rhythm.sending_day(MONDAY) == MONDAY - timedelta(days=3)  # the latest day before it that sends Mondays
    assert rhythm.sending_day(MONDAY + timedelta(days=1)) is None
    assert in_words(rhythm) == "Mon sends Mon, Fri sends Mon and Sat and Sun"


def test_a_word_that_is_no_weekday_is_named() -> None:
    wrong = read_rhythm({"mon": ["tuesday"]})
    assert isinstance(wrong, Problem)
    assert "'tuesday'" in wrong.text


@given(rhythms, st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_a_sending_day_is_before_its_appointment_and_sends_its_weekday(rhythm: Rhythm, day: date) -> None:
    sent = rhythm.sending_day(day)
    if sent is None:
        assert not any(day.weekday() in days for days in rhythm.days)
    else:
        assert day - timedelta(days=7) <= sent < day
        assert day.weekday() in rhythm.days[sent.weekday()]
    assert read_rhythm(as_words(rhythm)) == rhythm


@given(rhythms, st.timedeltas(timedelta(0), timedelta(days=700)))
def test_the_next_file_is_expected_within_eight_days_on_a_day_that_sends(rhythm: Rhythm, later: timedelta) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + later
    expected = next_expected(rhythm, time(14, 40), ZONE, now)
    if expected is None:
        assert not rhythm.sends
    else:
        assert now < expected <= now + timedelta(days=8)
        assert rhythm.days[expected.astimezone(UTC).weekday()]  # 14:40 in New York is the same day in UTC


def test_the_file_of_thursday_is_followed_by_that_of_sunday() -> None:
    after = datetime(2026, 11, 26, 19, 40, tzinfo=UTC)  # Thursday 14:40 in New York
    assert next_expected(EVENING_BEFORE, time(14, 40), ZONE, after) == datetime(2026, 11, 29, 19, 40, tzinfo=UTC)
    assert len(WEEKDAYS) == 7
