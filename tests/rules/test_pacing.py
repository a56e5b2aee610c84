"""The pacing clock: exact over a backlog, nothing saved up while idle."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.rules.pacing import Pace, Slot, next_slot

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PACE = Pace.every(timedelta(minutes=3))


@pytest.mark.parametrize(
    ("pace", "interval", "per_hour"),
    [
        (Pace.per_minute(3), timedelta(seconds=20), 180),  # decision 5
        (Pace.per_minute(8), timedelta(seconds=7.5), 480),
        (Pace.per_minute(7), timedelta(seconds=60 / 7), 420),
        (Pace.per_minute(4500), timedelta(seconds=60 / 4500), 270_000),
        (PACE, timedelta(minutes=3), 20),
        (Pace.every(timedelta(minutes=7)), timedelta(minutes=7), 8),
        (Pace.every(timedelta(hours=2)), timedelta(hours=2), 0),
    ],
)
def test_interval_and_hourly_figure(pace: Pace, interval: timedelta, per_hour: int) -> None:
    """004-10."""
    assert (pace.interval, pace.per_hour) == (interval, per_hour)


def test_messages_take_n_times_x_exactly() -> None:
    """004-23."""
    assert PACE.time_for(100) == timedelta(minutes=300)
    assert Pace.per_minute(7).time_for(7_000_000) == timedelta(minutes=1_000_000)


@pytest.mark.parametrize(
    ("tat", "slot"),
    [
        (None, Slot(True, NOW + PACE.interval)),
        (NOW + SECOND, Slot(False, NOW + SECOND)),
        (NOW, Slot(True, NOW + PACE.interval)),
        (NOW - SECOND, Slot(True, NOW - SECOND + PACE.interval)),
        (NOW - SECOND - timedelta(microseconds=1), Slot(True, NOW + PACE.interval)),
        (NOW - timedelta(days=9), Slot(True, NOW + PACE.interval)),
    ],
)
def test_one_step_of_the_clock(tat: datetime | None, slot: Slot) -> None:
    assert next_slot(PACE, tat, NOW) == slot


@pytest.mark.parametrize("pace", [lambda: Pace(timedelta(0)), lambda: Pace(SECOND, 0), lambda: Pace(SECOND, 9_000_000)])
def test_an_endless_pace_is_refused(pace: object) -> None:
    assert callable(pace)
    with pytest.raises(ValueError, match="pace"):
        pace()


@settings(max_examples=40)
@given(st.integers(2, 40), st.integers(1, 600), st.data())
def test_a_backlog_does_not_drift_with_a_late_worker(messages: int, seconds: int, data: st.DataObject) -> None:
    """The worker looks up to a second late each time; the last slot still ends at N x X."""
    pace = Pace.every(timedelta(seconds=seconds))
    tat = NOW
    for _ in range(messages):
        assert not next_slot(pace, tat, tat - timedelta(microseconds=1)).may_send
        late = data.draw(st.integers(0, 1_000_000))
        slot = next_slot(pace, tat, tat + timedelta(microseconds=late))
        assert slot.may_send
        tat = slot.tat
    assert tat == NOW + pace.time_for(messages)


@settings(max_examples=60)
@given(st.integers(2, 600), st.lists(st.integers(0, 2000), min_size=1, max_size=40))
def test_no_stretch_of_time_holds_more_than_its_slots_and_one_second_of_lateness(
    seconds: int, waits: list[int]
) -> None:
    pace = Pace.every(timedelta(seconds=seconds))
    now, tat, sent = NOW, None, list[datetime]()
    for wait in waits:
        now += timedelta(seconds=wait)
        slot = next_slot(pace, tat, now)
        tat = slot.tat
        if slot.may_send:
            sent.append(now)
    for first, at in enumerate(sent):
        for count, later in enumerate(sent[first:]):
            assert later - at >= count * pace.interval - SECOND
