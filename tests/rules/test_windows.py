"""Sending windows and quiet hours on real clocks: sessions, changes of the clock, capacity, days back."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.rules.pacing import Pace
from allstop.rules.wallclock import Span, is_zone, real_spans
from allstop.rules.windows import QuietHours, Schedule, Session, capacity, finish_time, sending_days_back

LONDON, NEW_YORK = "Europe/London", "America/New_York"
MONDAY = date(2026, 11, 23)
THREE_MINUTES = Pace.every(timedelta(minutes=3))
WORKDAYS = Schedule(tuple(Session(day, time(9), time(12)) for day in range(5)), LONDON)
ALWAYS = Schedule(tuple(Session(day, time(0), time(0)) for day in range(7)), LONDON)
NIGHT = QuietHours(time(20), time(9))
# In 2026 New York's clocks go forward on 8 March (02:00 to 03:00) and back on 1 November (02:00 to 01:00).
FORWARD, BACK = 8, 1


def utc(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def sundays(start: time, end: time, zone: str = NEW_YORK) -> Schedule:
    return Schedule((Session(6, start, end),), zone)


def test_a_window_is_open_from_its_start_until_just_before_its_end() -> None:
    """004-06."""
    assert not WORKDAYS.open_at(utc(11, 23, 8, 59))
    assert WORKDAYS.open_at(utc(11, 23, 9))
    assert WORKDAYS.open_at(utc(11, 23, 11, 59))
    assert not WORKDAYS.open_at(utc(11, 23, 12))
    assert WORKDAYS.closes_at(utc(11, 23, 9)) == utc(11, 23, 12)
    assert WORKDAYS.closes_at(utc(11, 23, 12)) is None
    assert WORKDAYS.next_open(utc(11, 27, 12)) == utc(11, 30, 9)
    assert WORKDAYS.next_open(utc(11, 23, 10, 30)) == utc(11, 23, 10, 30)


def test_windows_are_wall_clock_time_of_the_account() -> None:
    """Decision 6: 09:00 in London is 09:00 UTC in winter and 08:00 UTC in summer."""
    assert WORKDAYS.next_open(utc(3, 27, 12)) == utc(3, 30, 8)
    assert WORKDAYS.next_open(utc(10, 23, 12)) == utc(10, 26, 9)


def test_overlapping_and_touching_sessions_are_one_window() -> None:
    schedule = Schedule(
        (Session(0, time(9), time(11)), Session(0, time(10), time(12)), Session(0, time(12), time(13))),
        LONDON,
    )
    assert schedule.sessions_between(utc(11, 23), utc(11, 24)) == (Span(utc(11, 23, 9), utc(11, 23, 13)),)


def test_a_session_may_last_to_midnight_and_go_on() -> None:
    late = Schedule((Session(0, time(22), time(0)), Session(1, time(0), time(2))), LONDON)
    assert late.closes_at(utc(11, 23, 23)) == utc(11, 24, 2)


def test_a_schedule_without_sessions_never_opens_and_a_full_one_never_closes() -> None:
    assert Schedule((), LONDON).next_open(utc(11, 23)) is None
    assert not Schedule((), LONDON).open_at(utc(11, 23))
    assert ALWAYS.closes_at(utc(11, 23, 12)) is None
    assert ALWAYS.open_at(utc(3, 29, 1, 30))
    assert ALWAYS.next_open(utc(11, 23, 12), timedelta(days=300)) == utc(11, 23, 12)


@pytest.mark.parametrize(
    "session",
    [
        lambda: Session(7, time(9), time(12)),
        lambda: Session(0, time(12), time(9)),
        lambda: Session(0, time(9), time(9)),
        lambda: Session(0, time(9, 0, 30), time(12)),
        lambda: Schedule((), "Europe/Londn"),
        lambda: QuietHours(time(9), time(9)),
        lambda: QuietHours(time(9), time(9, 0, 1)),
    ],
)
def test_what_cannot_be_meant_is_refused(session: object) -> None:
    assert callable(session)
    with pytest.raises(ValueError, match=r"\.$"):
        session()


def test_a_skipped_hour_gives_nothing() -> None:
    """Decision 6."""
    assert sundays(time(2), time(3)).sessions_between(utc(3, FORWARD), utc(3, FORWARD + 1)) == ()
    across = sundays(time(1), time(4)).sessions_between(utc(3, FORWARD), utc(3, FORWARD + 1))
    assert across == (Span(utc(3, FORWARD, 6), utc(3, FORWARD, 8)),)


def test_a_session_that_is_skipped_opens_a_week_later() -> None:
    assert sundays(time(2), time(3)).next_open(utc(3, FORWARD)) == utc(3, FORWARD + 7, 6)


def test_a_repeated_hour_counts_twice() -> None:
    """Decision 6."""
    twice = sundays(time(1), time(2)).sessions_between(utc(11, BACK), utc(11, BACK + 1))
    assert twice == (Span(utc(11, BACK, 5), utc(11, BACK, 7)),)
    half = sundays(time(1), time(1, 30)).sessions_between(utc(11, BACK), utc(11, BACK + 1))
    assert half == (
        Span(utc(11, BACK, 5), utc(11, BACK, 5, 30)),
        Span(utc(11, BACK, 6), utc(11, BACK, 6, 30)),
    )


@pytest.mark.parametrize(("day", "messages"), [(FORWARD, 40), (15, 60)])
def test_capacity_counts_real_minutes(day: int, messages: int) -> None:
    """Three hours hold 60 at one every 3 minutes; with an hour skipped, 40."""
    assert capacity(sundays(time(1), time(4)), THREE_MINUTES, utc(3, day), utc(3, day + 1)) == messages


def test_a_hundred_at_three_minutes_take_300_minutes_of_session_time() -> None:
    """TX5, 004-23: 60 on the first day and 40, that is 120 minutes, on the second."""
    assert finish_time(100, WORKDAYS, THREE_MINUTES, utc(11, 23, 8)) == utc(11, 24, 11)
    assert finish_time(100, None, THREE_MINUTES, utc(11, 23, 8)) == utc(11, 23, 13)
    assert finish_time(60, WORKDAYS, THREE_MINUTES, utc(11, 23, 8)) == utc(11, 23, 12)
    assert finish_time(61, WORKDAYS, THREE_MINUTES, utc(11, 23, 8)) == utc(11, 24, 9, 3)
    assert finish_time(0, WORKDAYS, THREE_MINUTES, utc(11, 23, 8)) == utc(11, 23, 8)


def test_no_finish_time_without_a_window_that_fits() -> None:
    assert finish_time(1, Schedule((), LONDON), THREE_MINUTES, utc(11, 23)) is None
    assert finish_time(1, WORKDAYS, Pace(timedelta(hours=4)), utc(11, 23)) is None
    assert finish_time(10**7, WORKDAYS, THREE_MINUTES, utc(11, 23)) is None


def test_capacity_of_a_week() -> None:
    """004-25."""
    week = (utc(11, 23), utc(11, 30))
    assert capacity(WORKDAYS, THREE_MINUTES, *week) == 300
    assert capacity(None, THREE_MINUTES, *week) == 3360
    assert capacity(ALWAYS, THREE_MINUTES, *week) == 3360
    assert capacity(Schedule((), LONDON), THREE_MINUTES, *week) == 0
    assert capacity(WORKDAYS, THREE_MINUTES, utc(11, 23, 11), utc(11, 23, 11, 31)) == 10


@pytest.mark.parametrize(
    ("appointment", "days", "sent"),
    [
        (MONDAY, 2, date(2026, 11, 19)),  # Thursday
        (MONDAY, 1, date(2026, 11, 20)),  # Friday
        (MONDAY, 0, MONDAY),
        (date(2026, 11, 26), 2, date(2026, 11, 24)),
        (date(2026, 11, 22), 1, date(2026, 11, 20)),  # for a Sunday
        (date(2026, 11, 22), 0, date(2026, 11, 20)),
        (MONDAY, 7, date(2026, 11, 12)),
    ],
)
def test_days_ahead_are_counted_back_over_sending_days(appointment: date, days: int, sent: date) -> None:
    """TX11, decision 12."""
    assert sending_days_back(WORKDAYS, appointment, days) == sent


def test_without_a_schedule_every_day_is_a_sending_day_and_without_sessions_none_is() -> None:
    assert sending_days_back(None, MONDAY, 2) == date(2026, 11, 21)
    assert sending_days_back(Schedule((), LONDON), MONDAY, 2) is None


@pytest.mark.parametrize(
    ("now", "zones", "allowed_at"),
    [
        (utc(11, 23, 8, 59), (LONDON,), utc(11, 23, 9)),
        (utc(11, 23, 9), (LONDON,), utc(11, 23, 9)),
        (utc(11, 23, 19, 59), (LONDON,), utc(11, 23, 19, 59)),
        (utc(11, 23, 20), (LONDON,), utc(11, 24, 9)),
        (utc(11, 23, 9), (LONDON, NEW_YORK), utc(11, 23, 14)),
        (utc(11, 23, 20), (LONDON, NEW_YORK), utc(11, 24, 14)),
        (utc(11, 23, 12), ("Asia/Tokyo", "America/Sao_Paulo"), None),
        (utc(11, 23, 12), ("Asia/Kolkata", LONDON), utc(11, 23, 12)),  # 17:30 there
        (utc(11, 23, 15), ("Asia/Kolkata", LONDON), utc(11, 24, 9)),  # 20:30 there
        (utc(11, 23, 12), (), None),
        (utc(11, 23, 3), ("Australia/Sydney", "Europe/Berlin"), utc(11, 23, 8)),  # one hour in common
    ],
)
def test_quiet_hours_hold_until_every_zone_allows(
    now: datetime, zones: tuple[str, ...], allowed_at: datetime | None
) -> None:
    assert NIGHT.next_allowed(now, zones) == allowed_at
    assert NIGHT.allowed(now, zones) == (allowed_at == now)


def test_quiet_hours_that_end_in_a_skipped_hour_end_with_the_change() -> None:
    quiet = QuietHours(time(22), time(2, 30))
    assert quiet.next_allowed(utc(3, FORWARD, 6), (NEW_YORK,)) == utc(3, FORWARD, 7)


def test_quiet_hours_in_a_repeated_hour_come_twice() -> None:
    """01:00 to 01:30 is quiet: allowed at the first 01:30, quiet again when the clock goes back to 01:00."""
    quiet = QuietHours(time(1), time(1, 30))
    assert quiet.next_allowed(utc(11, BACK, 5), (NEW_YORK,)) == utc(11, BACK, 5, 30)
    assert quiet.next_allowed(utc(11, BACK, 6), (NEW_YORK,)) == utc(11, BACK, 6, 30)


def test_quiet_hours_within_a_day() -> None:
    noon = QuietHours(time(12), time(14))
    assert noon.next_allowed(utc(11, 23, 12, 1), (LONDON,)) == utc(11, 23, 14)
    assert noon.next_allowed(utc(11, 23, 23, 59), (LONDON,)) == utc(11, 23, 23, 59)
    midnight = QuietHours(time(22), time(0))
    assert midnight.next_allowed(utc(11, 23, 23), (LONDON,)) == utc(11, 24)
    assert midnight.next_allowed(utc(11, 24), (LONDON,)) == utc(11, 24)


def test_zone_names_are_checked() -> None:
    assert is_zone(LONDON)
    assert not is_zone("Europe/Londn")
    assert not is_zone("../../etc/passwd")
    assert not is_zone("")


_zones = st.sampled_from(
    [LONDON, NEW_YORK, "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Africa/Casablanca"]
)
_minutes = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: utc(1, 1) + timedelta(minutes=minutes))
_of_a_day = st.integers(0, 1439)


def _reads(at: datetime, zone: str) -> tuple[int, int]:
    wall = at.astimezone(ZoneInfo(zone))
    return wall.weekday(), wall.hour * 60 + wall.minute


@settings(max_examples=60)
@given(_zones, _minutes, st.integers(1, 40 * 60))
def test_real_spans_are_exactly_the_minutes_at_which_the_clock_reads_so(zone: str, at: datetime, length: int) -> None:
    """Asked minute by minute, around the stretch, of the zone's own clock."""
    begin = at.replace(tzinfo=None)
    end = begin + timedelta(minutes=length)
    spans = real_spans(zone, begin, end)
    for step in range(-20 * 60, length + 20 * 60, 7):
        minute = at + timedelta(minutes=step)
        reads = begin <= minute.astimezone(ZoneInfo(zone)).replace(tzinfo=None) < end
        assert reads == any(span.start <= minute < span.end for span in spans)


@settings(max_examples=60)
@given(_zones, _minutes, _of_a_day, _of_a_day)
def test_a_window_is_open_when_the_wall_clock_is_in_a_session(zone: str, now: datetime, a: int, b: int) -> None:
    start, end = min(a, b), max(a, b) + 1
    sessions = tuple(Session(day, time(start // 60, start % 60), time(end // 60 % 24, end % 60)) for day in (1, 3, 6))
    weekday, minute = _reads(now, zone)
    assert Schedule(sessions, zone).open_at(now) == (weekday in (1, 3, 6) and start <= minute < end)


@settings(max_examples=40)
@given(_minutes, _of_a_day, _of_a_day, st.lists(_zones, min_size=1, max_size=3).map(tuple))
def test_quiet_hours_allow_when_no_wall_clock_is_in_them(now: datetime, a: int, b: int, zones: tuple[str, ...]) -> None:
    if a == b:
        return
    quiet = QuietHours(time(a // 60, a % 60), time(b // 60, b % 60))

    def is_quiet(at: datetime) -> bool:
        walls = [_reads(at, zone)[1] for zone in zones]
        return any(a <= wall < b if a < b else wall >= a or wall < b for wall in walls)

    assert quiet.allowed(now, zones) != is_quiet(now)
    following = quiet.next_allowed(now, zones)
    if following is not None and following > now:
        assert not is_quiet(following)
        assert is_quiet(following - timedelta(minutes=1))


@settings(max_examples=40)
@given(st.integers(1, 400), st.integers(1, 60), _minutes)
def test_finish_time_and_capacity_agree(messages: int, minutes: int, start: datetime) -> None:
    pace = Pace.every(timedelta(minutes=minutes))
    ends = finish_time(messages, WORKDAYS, pace, start)
    assert ends is not None
    assert capacity(WORKDAYS, pace, start, ends) == messages
    assert capacity(WORKDAYS, pace, start, ends - timedelta(seconds=1)) == messages - 1
