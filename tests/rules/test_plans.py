"""Planned stops: which can be planned, what becomes of them, and times as people type them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.rules.plans import FURTHEST, LONGEST, Planned, Turn, faults_of, read_time, turn_of
from allstop.rules.words import Problem

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def plan(start: float, end: float) -> Planned:
    return Planned(NOW + start * HOUR, NOW + end * HOUR)


OTHER = plan(10, 12)


@pytest.mark.parametrize(
    ("planned", "faults"),
    [
        (plan(1, 2), {}),
        (plan(0, 1), {}),
        (plan(-0.01, 1), {"starts_at": "past"}),
        (plan(2, 2), {"ends_at": "order"}),
        (plan(2, 1), {"ends_at": "order"}),
        (plan(-2, -3), {"starts_at": "past", "ends_at": "order"}),
        (Planned(NOW + FURTHEST + HOUR, NOW + FURTHEST + 2 * HOUR), {"starts_at": "far"}),
        (Planned(NOW, NOW + LONGEST + HOUR), {"ends_at": "long"}),
        (plan(9, 10), {}),  # they touch
        (plan(12, 13), {}),
        (plan(9, 10.1), {"starts_at": "overlap"}),
        (plan(11, 11.5), {"starts_at": "overlap"}),
        (plan(9, 13), {"starts_at": "overlap"}),
    ],
)
def test_what_can_be_planned(planned: Planned, faults: dict[str, str]) -> None:
    found = faults_of(planned, [OTHER], NOW)
    assert {field: problem.code for field, problem in found.items()} == faults


@given(st.integers(-50, 50), st.integers(1, 50), st.integers(-200, 200))
def test_a_plan_waits_then_begins_and_is_skipped_from_its_end_on(start: int, length: int, asked: int) -> None:
    planned = plan(start, start + length)
    turn = turn_of(planned, NOW + asked * HOUR)
    if asked < start:
        assert turn is Turn.WAIT
    elif asked < start + length:
        assert turn is Turn.BEGIN
    else:
        assert turn is Turn.SKIP


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("2026-11-24 22:00", datetime(2026, 11, 25, 3, tzinfo=UTC)),
        ("2026-11-24T22:00", datetime(2026, 11, 25, 3, tzinfo=UTC)),
        (" 2026-11-24T22:00:00+01:00 ", datetime(2026, 11, 24, 21, tzinfo=UTC)),
        ("2026-11-01 01:30-04:00", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        ("2026-11-01 01:30", "twice"),
        ("2026-03-08 02:30", "skipped"),
        ("tomorrow", "format"),
        ("", "format"),
    ],
)
def test_a_time_is_read_on_the_clock_of_the_zone_and_never_guessed(said: str, read: datetime | str) -> None:
    found = read_time(said, "America/New_York")
    assert (found.code if isinstance(found, Problem) else found) == read
