"""The ramp's limits: a rate and a number, both."""

from datetime import UTC, datetime, timedelta

import pytest

from allstop.rules.ramp import RampChoice, RampFigures, breach, ends_at

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize(("per_minute", "pace_ms"), [(10, 6000), (60, 1000), (7, 8572), (1, 60_000), (60_000, 1)])
def test_the_pace_is_never_faster_than_was_asked_for(per_minute: int, pace_ms: int) -> None:
    assert RampChoice(per_minute, 15).pace_ms == pace_ms


@pytest.mark.parametrize(("per_minute", "minutes"), [(0, 15), (-1, 15), (60_001, 15), (10, 0), (10, 1441)])
def test_a_ramp_without_an_end_or_a_beginning_is_refused(per_minute: int, minutes: int) -> None:
    with pytest.raises(ValueError, match="ramp"):
        RampChoice(per_minute, minutes)


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        (RampFigures(), ""),
        (RampFigures(sent=1000), ""),
        (RampFigures(failed=4), ""),  # too few to prove anything
        (RampFigures(failed=5), "5 of 5 messages failed"),
        (RampFigures(sent=20, failed=5), ""),  # exactly a fifth
        (RampFigures(sent=19, failed=5), "5 of 24"),
        (RampFigures(sent=19, failed=2, unknown=3), "5 of 24"),
        (RampFigures(sent=60, opted_out=3), ""),  # exactly 5 %
        (RampFigures(sent=59, opted_out=3), "3 contacts said no after 59 messages"),
        (RampFigures(sent=10, opted_out=2), ""),
    ],
)
def test_when_it_stops_the_account(figures: RampFigures, words: str) -> None:
    assert words in breach(figures)
    assert bool(words) == bool(breach(figures))


def test_its_time_begins_with_the_first_message_that_leaves() -> None:
    assert ends_at(None, 15) is None
    assert ends_at(NOW, 15) == NOW + timedelta(minutes=15)


def test_the_limits_are_those_that_were_chosen() -> None:
    figures = RampFigures(sent=90, failed=10, opted_out=3)
    assert breach(figures) == ""
    assert breach(figures, failures=9) == "10 of 100 messages failed or have an unknown outcome (limit: 9 %)"
    assert breach(figures, opt_outs=2) == "3 contacts said no after 100 messages (limit: 2 %)"
    assert breach(RampFigures(failed=4), failures=1) == ""  # too few to prove anything


@pytest.mark.parametrize(("failures", "opt_outs"), [(0, 5), (101, 5), (20, 0), (20, 101)])
def test_limits_that_are_no_limits_are_refused(failures: int, opt_outs: int) -> None:
    with pytest.raises(ValueError, match="1 to 100 per cent"):
        RampChoice(10, 15, failures, opt_outs)
