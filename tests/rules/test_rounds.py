"""Regular checks (004-08) and times of the day (004-09): when what is due may begin to leave."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from allstop.rules.forecast import Lane, Load, forecast
from allstop.rules.gate import decide, earliest
from allstop.rules.rounds import rounds
from allstop.rules.verdict import SEND, Hold, Verdict
from allstop.rules.windows import Schedule, Session
from allstop.rules.words import Standing
from tests.rules.test_gate import CLEAR, NOW

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday in London
WORKDAYS = Schedule(tuple(Session(day, time(9, 5), time(12)) for day in range(5)), "Europe/London")


def at(hour: int, minute: int) -> datetime:
    return NINE.replace(hour=hour, minute=minute)


@pytest.mark.parametrize(
    ("due", "now", "expected"),
    [
        (at(9, 6), at(9, 6), at(9, 20)),  # checks at 09:05, 09:20, 09:35
        (at(9, 5), at(9, 6), None),  # was due when the last check came
        (at(9, 20), at(9, 20), None),
        (at(9, 19), at(9, 31), None),  # its round came: the pace may have kept it
        (at(9, 21), at(9, 31), at(9, 35)),
        (at(8, 0), at(9, 5), None),
    ],
)
def test_regular_checks_are_counted_from_the_beginning_of_the_session(
    due: datetime, now: datetime, expected: datetime | None
) -> None:
    every = rounds("Europe/London", 15, ())
    assert every is not None
    assert every.next_for(due, now, WORKDAYS) == expected


def test_without_sessions_they_are_counted_from_midnight_and_presets_stand_for_themselves() -> None:
    every = rounds("Europe/London", 40, ())
    assert every is not None
    assert every.next_for(at(9, 30), at(9, 30), None) == at(10, 0)
    presets = rounds("America/New_York", 40, (time(17), time(4, 30)))  # 04:30 there is 09:30 in London
    assert presets is not None
    assert presets.next_for(at(9, 29), at(9, 29), None) == at(9, 30)
    assert presets.next_for(at(9, 31), at(9, 31), None) == at(22, 0)
    assert presets.next_for(at(9, 30), at(21, 59), None) is None
    assert rounds("Europe/London", 0, ()) is None


@pytest.mark.parametrize(
    ("due", "verdict"),
    [
        (NOW - timedelta(minutes=1), SEND),
        (NOW, SEND),
        (NOW + timedelta(minutes=1), Hold("window", "next_round", NOW + timedelta(minutes=30))),
    ],
)
def test_the_gate_holds_until_the_next_round_and_a_person_may_pass_it(due: datetime, verdict: Verdict) -> None:
    now = NOW + timedelta(minutes=2)
    every = rounds("Europe/London", 30, ())
    facts = replace(CLEAR, lane=replace(CLEAR.lane, rounds=every), message=replace(CLEAR.message, due_at=due))
    assert decide(facts, now) == verdict
    by_hand = {"window": Standing("override", "Ada Okafor", NOW, "Send now")}
    assert decide(replace(facts, message=replace(facts.message, overrides=by_hand)), now) == SEND
    if verdict != SEND:
        assert earliest(facts, now) == NOW + timedelta(minutes=30)


def test_a_round_that_would_come_after_the_session_waits_for_the_next_session() -> None:
    lane = replace(CLEAR.lane, windows=WORKDAYS, rounds=rounds("Europe/London", 60, ()))
    facts = replace(CLEAR, lane=lane, message=replace(CLEAR.message, due_at=at(11, 30)))
    assert earliest(facts, at(11, 30)) == at(9, 5) + timedelta(days=1)


def test_a_forecast_waits_for_the_round_that_the_gate_waits_for() -> None:
    for every in (rounds("Europe/London", 20, ()), rounds("Europe/London", 0, (time(8), time(10, 30)))):
        assert every is not None
        for windows in (None, WORKDAYS):
            lane = replace(CLEAR.lane, quiet=None, windows=windows, rounds=every)
            for due in (at(3, 1), at(9, 6), at(10, 30), at(11, 59), at(15, 0)):
                facts = replace(CLEAR, lane=lane, message=replace(CLEAR.message, due_at=due))
                assert every.leaves_from(due, windows) == earliest(facts, due)
                one = Lane(loads=[Load(3, due)], windows=windows, rounds=every)
                assert forecast([one], at(2, 0)).first_at == earliest(facts, due)
