"""A list's own window: every message has its slot, in its sessions, at its pace, in its contact's waking hours."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest

from allstop.rules.own_window import GRACE, OwnWindow, has_lost_its_slot, lay_out, next_slots
from allstop.rules.pacing import Pace
from allstop.rules.windows import QuietHours, Schedule, Session

NEW_YORK, KOLKATA = "America/New_York", "Asia/Kolkata"
NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)  # a Monday, 09:00 in New York
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MORNINGS = Schedule(tuple(Session(day, time(9), time(12)) for day in range(5)), NEW_YORK)


def anybody(number: int, at: datetime) -> datetime:
    return at


def test_straight_away_is_when_it_was_asked_for() -> None:
    laid = lay_out([NOW, NOW + HOUR, NOW], OwnWindow(None, None), NOW, anybody)
    assert (laid.due, laid.slot_at) == ((NOW, NOW + HOUR, NOW), NOW)


def test_a_pace_and_a_session_give_each_its_slot() -> None:
    """TX8, 004-23: 70 at three minutes, nine to twelve: 60 today, the last at 11:57, and ten tomorrow."""
    laid = lay_out([NOW] * 70, OwnWindow(MORNINGS, Pace.every(3 * MINUTE)), NOW, anybody)
    assert laid.due[:60] == tuple(NOW + number * 3 * MINUTE for number in range(60))
    assert laid.due[60:] == tuple(NOW + DAY + number * 3 * MINUTE for number in range(10))
    assert laid.slot_at == NOW + DAY + 30 * MINUTE


def test_who_may_not_be_disturbed_gives_the_slot_to_the_next() -> None:
    """Every other one is in India, where the evening has begun."""
    quiet, zones = QuietHours(time(20), time(9)), (NEW_YORK, KOLKATA)
    laid = lay_out(
        [NOW + HOUR] * 6,
        OwnWindow(None, Pace.every(MINUTE)),
        NOW,
        lambda number, at: quiet.next_allowed(at, (zones[number % 2],)),
    )
    assert sorted(laid.due[::2]) == [NOW + HOUR, NOW + HOUR + MINUTE, NOW + HOUR + 2 * MINUTE]
    assert {one.astimezone(UTC).hour for one in laid.due[1::2]} == {3}
    assert all(b - a >= MINUTE for a, b in pairwise(sorted(laid.due)))


def test_what_no_time_lets_go_is_due_when_asked_and_takes_no_slot() -> None:
    laid = lay_out([NOW] * 2, OwnWindow(None, Pace.every(MINUTE)), NOW, lambda number, at: at if number else None)
    assert (laid.due, laid.slot_at) == ((NOW, NOW), NOW + MINUTE)
    never = lay_out([NOW], OwnWindow(Schedule((), NEW_YORK), None), NOW, anybody)
    assert never.due == (NOW,)


@pytest.mark.parametrize(("late", "lost"), [(timedelta(0), False), (GRACE, False), (GRACE + MINUTE, True)])
def test_a_slot_is_lost_when_its_minute_is_over(late: timedelta, lost: bool) -> None:
    assert has_lost_its_slot(NOW, NOW + late) is lost


def test_who_has_lost_a_slot_goes_behind_the_last_of_the_list() -> None:
    own = OwnWindow(MORNINGS, Pace.every(HOUR))
    found = next_slots(2, own, NOW + 2 * HOUR, NOW)
    assert found.due == (NOW + 2 * HOUR, NOW + DAY)
    assert found.slot_at == NOW + DAY + HOUR
    assert next_slots(1, own, NOW - DAY, NOW).due == (NOW,)
