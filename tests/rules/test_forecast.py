"""The forecast says what the rules would do, minute by minute, also when the clocks change."""

from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from heapq import heapify, heappop, heappush
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.rules.facts import Channel, ContactFacts, Facts, LaneFacts, MessageFacts, Provider, Purpose
from allstop.rules.forecast import Forecast, Lane, Load, Run, SlowStart, by_day, forecast, in_stretches
from allstop.rules.gate import decide, window
from allstop.rules.limits import Limited, Limits, Used
from allstop.rules.pacing import Pace, next_slot
from allstop.rules.rehearsal import ChangedDay, rehearse
from allstop.rules.rounds import rounds
from allstop.rules.verdict import Hold, Refuse, Send
from allstop.rules.windows import QuietHours, Schedule, Session

NEW_YORK, LONDON, KOLKATA = "America/New_York", "Europe/London", "Asia/Kolkata"
NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)  # a Monday, 09:00 in New York
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
QUIET = QuietHours(time(20), time(9))
ALWAYS = (NEW_YORK,)


def office(zone: str = NEW_YORK, start: time = time(9), end: time = time(17)) -> Schedule:
    return Schedule(tuple(Session(day, start, end) for day in range(5)), zone)


def due_now(messages: int, zones: tuple[str, ...] = ALWAYS) -> tuple[Load]:
    return (Load(messages, NOW, zones),)


def test_nothing_waits() -> None:
    empty = forecast([Lane(loads=())], NOW)
    assert empty == Forecast((), 0)
    assert (empty.finish, empty.first_at, empty.messages) == (None, None, 0)


def test_without_a_pace_all_that_is_due_leaves_at_once() -> None:
    found = forecast([Lane(loads=(Load(70, NOW), Load(30, NOW + HOUR)))], NOW)
    assert found.buckets(NOW, MINUTE, 61) == [70, *[0] * 59, 30]
    assert found.finish == NOW + HOUR


@pytest.mark.parametrize("messages", [1, 60, 100, 1_000_000])
def test_n_messages_at_x_minutes_take_n_times_x(messages: int) -> None:
    """Decision 5, 004-23."""
    found = forecast([Lane(loads=due_now(messages), pace=Pace.every(MINUTE))], NOW)
    assert found.finish == NOW + messages * MINUTE


def test_a_window_takes_as_many_as_fit_and_the_rest_goes_on_the_next_day() -> None:
    """09:00 to 12:00 at one every three minutes gives 60, the last one at 11:57."""
    lane = Lane(loads=due_now(70), pace=Pace.every(3 * MINUTE), windows=office(end=time(12)))
    found = forecast([lane], NOW)
    assert [(run.start, run.messages, run.last) for run in found.runs] == [
        (NOW, 60, NOW + timedelta(minutes=177)),
        (NOW + DAY, 10, NOW + DAY + timedelta(minutes=27)),
    ]


def test_quiet_hours_hold_those_whom_they_protect_and_no_others() -> None:
    """At 14:00 UTC it is 09:00 in New York and 19:30 in India; half an hour later the evening begins there."""
    lane = Lane(loads=due_now(90, (KOLKATA,)) + due_now(10), pace=Pace.every(MINUTE), quiet=QUIET)
    found = forecast([lane], NOW)
    tomorrow = datetime(2026, 11, 24, 3, 30, tzinfo=UTC)  # 09:00 in India
    assert [(run.start, run.messages) for run in found.runs] == [
        (NOW, 10),
        (NOW + 10 * MINUTE, 20),
        (tomorrow, 70),
    ]


def test_a_contact_in_two_zones_is_written_to_when_it_is_day_in_both() -> None:
    found = forecast([Lane(loads=due_now(1, (NEW_YORK, KOLKATA)), quiet=QuietHours(time(22), time(7)))], NOW)
    assert found.first_at == NOW
    later = forecast([Lane(loads=due_now(1, (NEW_YORK, KOLKATA)), quiet=QuietHours(time(19), time(7)))], NOW)
    assert later.first_at == datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "lane",
    [
        Lane(loads=due_now(5, ()), quiet=QUIET),
        Lane(loads=due_now(5, ("Mars/Base",)), quiet=QUIET),
        Lane(loads=due_now(5), windows=Schedule((), NEW_YORK)),
        Lane(loads=due_now(5), windows=office(end=time(10)), pace=Pace.every(2 * HOUR)),
        Lane(loads=due_now(5), is_closed=True),
    ],
    ids=["no zone", "no such zone", "no window", "too short a window", "closed"],
)
def test_what_no_time_lets_go_is_stuck(lane: Lane) -> None:
    assert forecast([lane], NOW) == Forecast((), 5)


def test_the_hour_that_the_clock_repeats_counts_twice_and_the_one_it_skips_not_at_all() -> None:
    """Sunday 1 November 2026: 01:00 to 02:00 comes twice in New York. 8 March: 02:00 to 03:00 never comes."""
    night = Schedule((Session(6, time(0), time(4)),), NEW_YORK)
    for midnight, fits in ((datetime(2026, 11, 1, 4, tzinfo=UTC), 300), (datetime(2026, 3, 8, 5, tzinfo=UTC), 180)):
        found = forecast([Lane(loads=(Load(500, midnight),), pace=Pace.every(MINUTE), windows=night)], midnight)
        assert found.runs[0].messages == fits


def test_the_lanes_clock_is_kept() -> None:
    lane = Lane(loads=due_now(2), pace=Pace.every(MINUTE), slot_at=NOW + timedelta(seconds=40))
    assert forecast([lane], NOW).runs == (Run(NOW + timedelta(seconds=40), 2, MINUTE),)


def test_a_slow_start_lasts_from_the_first_message_and_then_all_leave() -> None:
    ramp = SlowStart(Pace.per_minute(10), 15 * MINUTE)
    found = forecast([Lane(loads=due_now(1000))], NOW, ramp)
    assert found.buckets(NOW, MINUTE, 16) == [10] * 15 + [850]
    night = NOW.replace(hour=2)  # 21:00 in New York
    evening = forecast([Lane(loads=(Load(1000, night, ALWAYS),), quiet=QUIET)], night, ramp)
    assert evening.first_at == NOW
    assert evening.before(NOW + 15 * MINUTE) == 150
    slow = forecast([Lane(loads=due_now(20), pace=Pace.every(5 * MINUTE))], NOW, ramp)
    assert slow.finish == NOW + 100 * MINUTE
    assert slow.messages == 20


def test_a_slow_start_holds_each_lane_for_itself() -> None:
    ramp = SlowStart(Pace.per_minute(10), 15 * MINUTE)
    found = forecast([Lane(loads=due_now(1000)), Lane(loads=due_now(5), pace=Pace.every(MINUTE))], NOW, ramp)
    assert found.buckets(NOW, MINUTE, 6) == [11, 11, 11, 11, 11, 10]


@pytest.mark.parametrize(
    ("messages", "width", "count", "after"),
    [
        (1, MINUTE, 1, 0),
        (119, MINUTE, 119, 0),
        (500, 5 * MINUTE, 100, 0),
        (6000, HOUR, 100, 0),
        (200_000, DAY, 120, 27_200),
    ],
)
def test_a_plot_is_as_fine_as_its_width_allows(messages: int, width: timedelta, count: int, after: int) -> None:
    found = in_stretches(forecast([Lane(loads=due_now(messages), pace=Pace.every(MINUTE))], NOW), NOW)
    assert (found.width, len(found.messages), found.after) == (width, count, after)
    assert sum(found.messages) + found.after == messages
    assert found.starts[0] == NOW


def test_a_plot_is_not_stretched_by_the_few_that_leave_much_later() -> None:
    found = in_stretches(forecast([Lane(loads=(Load(95, NOW), Load(5, NOW + 90 * DAY)))], NOW), NOW)
    assert (found.width, found.messages, found.after) == (MINUTE, (95,), 5)


def test_a_plot_of_nothing_is_empty() -> None:
    found = in_stretches(forecast([], NOW), NOW)
    assert (found.messages, found.after) == ((0,), 0)


def test_what_reaches_its_use_by_before_its_turn_never_leaves_and_takes_no_slot() -> None:
    """At one every ten minutes, half an hour gives four: at 0, 10, 20 and 30 minutes."""
    loads = (Load(9, NOW, ALWAYS, NOW + 30 * MINUTE), Load(2, NOW + 25 * MINUTE, ALWAYS))
    found = forecast([Lane(loads=loads, pace=Pace.every(10 * MINUTE))], NOW)
    assert found.late == 5
    assert times(found) == [NOW + number * 10 * MINUTE for number in range(6)]
    at_once = forecast([Lane(loads=(Load(9, NOW, ALWAYS, NOW), Load(3, NOW, ALWAYS, NOW - MINUTE)))], NOW)
    assert (at_once.messages, at_once.late) == (9, 3)


def test_a_list_goes_behind_what_waits_for_the_same_time() -> None:
    loads = (Load(10, NOW, ALWAYS, None, True), Load(5, NOW, (LONDON,)), Load(5, NOW + 4 * MINUTE, ALWAYS))
    found = forecast([Lane(loads=loads, pace=Pace.every(MINUTE))], NOW)
    assert times(found.of_new) == [NOW + number * MINUTE for number in range(5, 15)]
    assert found.of_new.finish == NOW + 15 * MINUTE
    assert found.finish == NOW + 20 * MINUTE


def test_a_lane_that_a_hold_keeps_shut_until_a_known_time_opens_then() -> None:
    found = forecast([Lane(loads=due_now(2), pace=Pace.every(MINUTE), opens_at=NOW + HOUR)], NOW)
    assert times(found) == [NOW + HOUR, NOW + HOUR + MINUTE]


def test_the_days_are_those_of_the_accounts_calendar_also_when_clocks_change() -> None:
    """Sunday 1 November 2026 has 25 hours in New York, Sunday 8 March 23."""
    for noon, day, first, second in (
        (datetime(2026, 10, 31, 16, tzinfo=UTC), date(2026, 10, 31), 12, 25),
        (datetime(2026, 3, 7, 17, tzinfo=UTC), date(2026, 3, 7), 12, 23),
    ):
        found = forecast([Lane(loads=(Load(40, noon),), pace=Pace.every(HOUR))], noon)
        assert by_day(found, noon, NEW_YORK, 9) == [
            (day, first),
            (day + DAY, second),
            (day + 2 * DAY, 40 - first - second),
        ]
        assert by_day(found, noon, NEW_YORK, 1) == [(day, first)]
    assert by_day(forecast([], NOW), NOW, NEW_YORK, 9) == [(date(2026, 11, 23), 0)]


def test_a_rehearsal_says_what_moves_from_which_day_to_which() -> None:
    """100 at one every three minutes: 60 on the first morning, 40 on the next; thrice as fast, all fit."""
    lane = Lane(loads=due_now(100), windows=office(end=time(12)), pace=Pace.every(3 * MINUTE))
    faster = Lane(loads=lane.loads, windows=lane.windows, pace=Pace.every(MINUTE))
    found = rehearse([lane], [faster], NOW, NEW_YORK)
    monday = date(2026, 11, 23)
    assert found.days == (ChangedDay(monday, 60, 100), ChangedDay(monday + DAY, 40, 0))
    assert (found.moved, found.later_before, found.later_after) == (40, 0, 0)
    assert (found.before.finish, found.after.finish) == (NOW + DAY + 2 * HOUR, NOW + 100 * MINUTE)
    never = Lane(loads=lane.loads, windows=Schedule((), NEW_YORK), pace=lane.pace)
    assert (rehearse([lane], [never], NOW, NEW_YORK).moved, rehearse([never], [lane], NOW, NEW_YORK).moved) == (
        100,
        100,
    )
    same = rehearse([lane], [lane], NOW, NEW_YORK)
    assert (same.moved, same.before) == (0, same.after)


def test_a_rehearsal_counts_what_leaves_after_its_last_day_together() -> None:
    slow = Lane(loads=due_now(70), pace=Pace.every(DAY))
    found = rehearse([slow], [Lane(loads=slow.loads, pace=Pace.every(2 * DAY))], NOW, NEW_YORK)
    assert (len(found.days), found.later_before, found.later_after) == (60, 10, 40)
    assert found.moved == 30


# --- against a run of the rules, minute by minute

STEP = MINUTE
FAR = datetime(2100, 1, 1, tzinfo=UTC)
ANYONE = MessageFacts(Channel.TEXT, Purpose.REMINDER)
HALF = datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 31, tzinfo=UTC)


def by_the_rules(lane: Lane, now: datetime, until: datetime) -> list[datetime]:
    [left] = by_the_rules_together([lane], now, until)
    return left


def by_the_rules_together(
    lanes: list[Lane], now: datetime, until: datetime, step: timedelta = STEP
) -> list[list[datetime]]:
    """One message at a time, as a worker does it: the lane's window, its slot, and then the gate, check by check, and
    whether the provider takes one more."""
    left: list[datetime] = []  # of all
    runs = [_by_the_rules(lane, now, left) for lane in lanes]
    found: list[list[datetime]] = [next(run) for run in runs]
    at = now
    while at < until:
        for run in runs:
            run.send(at)
        at += step
    return found


def has_room(limited: Limited | None, left: list[datetime], at: datetime) -> bool:
    """As limits.sql says it: what is counted in a second, or a minute, counts until all of it has left the window."""
    if limited is None:
        return True
    bounds = ((limited.limits.minute, 1, 60), (limited.limits.hour, 60, 3600), (limited.limits.day, 60, 86_400))
    for most, width, span in bounds:
        since = at - timedelta(seconds=width + span)
        counted = sum(one.replace(microsecond=0, second=one.second if width == 1 else 0) > since for one in left)
        counted += sum(one.messages for one in limited.used if one.seconds == width and one.at > since)
        if most is not None and counted >= most:
            return False
    return True


def _by_the_rules(lane: Lane, now: datetime, left: list[datetime]) -> Generator[list[datetime], datetime, None]:
    waiting = [
        (load.due_at, load.is_new, load.zones, load.use_by or FAR, n)
        for load in lane.loads
        for n in range(load.messages)
    ]
    heapify(waiting)
    # the claim has taken the slot, as a worker tells the gate
    facts = LaneFacts(
        provider=Provider("any"),
        quiet=lane.quiet,
        windows=lane.windows,
        pace=lane.pace,
        next_slot_at=None,
        rounds=lane.rounds,
    )
    mine: list[datetime] = []
    tat = lane.slot_at
    while True:
        at = yield mine
        while waiting and waiting[0][0] <= at and window(Facts(ANYONE, ContactFacts(), facts), at) is None:
            if not has_room(lane.limited, left, at):
                break
            slot = next_slot(lane.pace, tat, at) if lane.pace else None
            if slot is not None and not slot.may_send:
                break
            due_at, is_new, zones, use_by, n = heappop(waiting)
            message = MessageFacts(Channel.TEXT, Purpose.REMINDER, use_by=use_by, due_at=due_at)
            match decide(Facts(message, ContactFacts(zones=zones), facts), at):
                case Hold(until=allowed_at):
                    if allowed_at is not None:
                        heappush(waiting, (allowed_at, is_new, zones, use_by, n))
                case Refuse():
                    pass
                case Send():
                    left.append(at)
                    mine.append(at)
                    tat = slot.tat if slot is not None else tat


def times(found: Forecast) -> list[datetime]:
    return sorted(run.start + n * run.interval for run in found.runs for n in range(run.messages))


hours = st.times().map(lambda one: one.replace(minute=one.minute // 30 * 30, second=0, microsecond=0))
sessions = st.tuples(st.integers(0, 6), hours, hours).filter(lambda one: one[1] < one[2]).map(lambda one: Session(*one))
zone_sets = st.sampled_from([(NEW_YORK,), (LONDON,), (KOLKATA,), (LONDON, NEW_YORK)])
lanes = st.builds(
    lambda loads, windows, quiet, steps, zone, now, checks: (
        now,
        Lane(
            loads=tuple(
                Load(messages, now + due * STEP, zones, None if last is None else now + (due + last) * STEP, is_new)
                for messages, due, zones, last, is_new in loads
            ),
            windows=Schedule(tuple(windows), zone) if windows else None,
            quiet=quiet,
            pace=Pace.every(steps * STEP) if steps else None,
            rounds=rounds(zone, *checks),
        ),
    ),
    st.lists(
        st.tuples(
            st.integers(1, 60), st.integers(-100, 1500), zone_sets, st.none() | st.integers(0, 1200), st.booleans()
        ),
        min_size=1,
        max_size=5,
    ),
    st.lists(sessions, max_size=4),
    st.none()
    | st.tuples(hours, hours).filter(lambda one: one[0] != one[1]).map(lambda one: QuietHours(one[0], one[1])),
    st.integers(0, 40),
    st.sampled_from([NEW_YORK, LONDON, KOLKATA]),
    st.sampled_from(HALF),
    st.just((0, ()))
    | st.tuples(st.integers(1, 90), st.just(()))
    | st.tuples(st.just(0), st.lists(hours, max_size=3).map(tuple)),
)


@settings(max_examples=40)
@given(lanes)
def test_it_says_what_a_run_of_the_rules_does(case: tuple[datetime, Lane]) -> None:
    now, lane = case
    until = now + 36 * HOUR
    found = forecast([lane], now)
    assert [at for at in times(found) if at < until] == by_the_rules(lane, now, until)
    assert found.messages + found.stuck + found.late == sum(load.messages for load in lane.loads)
    edges = [found.before(now + number * HOUR) for number in range(37)]
    assert found.buckets(now, HOUR, 36) == [b - a for a, b in pairwise(edges)]


few = st.none() | st.integers(1, 12)
used = st.lists(st.tuples(st.integers(-1500, -1), st.integers(1, 8)), max_size=6).map(dict)


@settings(max_examples=40)
@given(lanes, st.lists(st.tuples(st.integers(1, 30), st.integers(-50, 900)), max_size=3), few, few, used)
def test_it_says_what_a_run_does_that_keeps_to_the_providers_limits(
    case: tuple[datetime, Lane],
    by_hand: list[tuple[int, int]],
    hour: int | None,
    day: int | None,
    before: dict[int, int],
) -> None:
    """Both lanes of a channel share what the provider takes; what left before counts."""
    now, lane = case
    until = now + 30 * HOUR
    limited = Limited(Limits(hour=hour, day=day), tuple(Used(60, now + at * STEP, n) for at, n in before.items()))
    hand = Lane(loads=tuple(Load(n, now + due * STEP, ALWAYS) for n, due in by_hand), limited=limited, is_by_hand=True)
    both = [replace(lane, limited=limited), hand]
    found = forecast(both, now)
    expected = by_the_rules_together(both, now, until)
    assert [at for at in times(found) if at < until] == sorted(at for left in expected for at in left)


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.integers(1, 20), st.integers(-20, 200)), min_size=1, max_size=4),
    st.sampled_from([0, 1, 7, 30]),
    st.integers(1, 9),
    st.none() | st.integers(1, 15),
    st.lists(st.tuples(st.integers(-60, -1), st.integers(1, 4)), max_size=3).map(dict),
)
def test_a_limit_for_a_minute_is_kept_second_by_second(
    loads: list[tuple[int, int]], every: int, minute: int, hour: int | None, before: dict[int, int]
) -> None:
    second = timedelta(seconds=1)
    counted = tuple(Used(1, NOW + at * second, n) for at, n in before.items())
    lane = Lane(
        loads=tuple(Load(n, NOW + due * second) for n, due in loads),
        pace=Pace.every(every * second) if every else None,
        limited=Limited(Limits(minute=minute, hour=hour), counted),
    )
    until = NOW + 6 * MINUTE
    [expected] = by_the_rules_together([lane], NOW, until, second)
    assert [at for at in times(forecast([lane], NOW)) if at < until] == expected


def test_ten_thousand_a_day_take_ten_days_for_a_hundred_thousand() -> None:
    """30 a minute: as many as fit in each 61 seconds, and the day's limit on top of it."""
    lane = Lane(loads=due_now(100_000), limited=Limited(Limits(minute=30, day=10_000)))
    found = forecast([lane], NOW)
    assert [found.before(NOW + n * DAY) for n in (1, 2, 3)] == [10_000, 20_000, 30_000]
    assert found.messages == 100_000
    assert found.finish is not None
    assert timedelta(days=9) < found.finish - NOW < timedelta(days=10)


def test_the_work_grows_with_due_times_and_openings_and_not_with_messages() -> None:
    """Spread over 10,000 due times and six sets of zones, in windows that will not hold them for weeks."""
    zones = [(NEW_YORK,), (LONDON,), (KOLKATA,), (LONDON, NEW_YORK), ("America/Chicago",), ("America/Denver",)]
    loads = [Load(100, NOW + number * MINUTE, zones[number % 6]) for number in range(10_000)]
    lane = Lane(loads=loads, windows=office(), quiet=QUIET, pace=Pace.per_minute(60))
    found = forecast([lane, Lane(loads=due_now(1_000_000))], NOW)
    assert found.messages + found.stuck == 2_000_000
    assert sum(found.buckets(NOW, HOUR, 24 * 365)) == found.messages
    assert len(found.runs) < 2 * len(loads)
