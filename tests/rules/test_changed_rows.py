"""A row whose appointment came before: new, changed, off, unchanged or superseded, and nothing is told twice."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.rules.arrivals import QUIET, Found, Seen, is_looked_at, look
from allstop.rules.changed_rows import MAKES_MESSAGES, WITHDRAWS, Fate, Known, Said, fate, is_gone

NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
AT_PAT = frozenset({("text", "+12125550101")})
ELSEWHERE = frozenset({("text", "+12125550999")})
ON = Said("at four", is_cancelled=False, goes_to=AT_PAT)
OFF = Said("at four", is_cancelled=True, goes_to=AT_PAT)


def known(core: str = "at four", *, file: int = 1, off: bool = False, waits: frozenset[tuple[str, str]] | None = None):  # type: ignore[no-untyped-def]
    return Known(file, core, off, waits)


@pytest.mark.parametrize(
    ("said", "before", "means"),
    [
        (ON, None, Fate.NEW),
        (OFF, None, Fate.NEW),
        (ON, known(), Fate.UNCHANGED),
        (ON, known(waits=AT_PAT), Fate.UNCHANGED),
        (ON, known(waits=ELSEWHERE), Fate.CHANGED),  # another number, and it has not left yet
        (ON, known("at three"), Fate.CHANGED),
        (ON, known("at three", waits=AT_PAT), Fate.CHANGED),
        (OFF, known(waits=AT_PAT), Fate.OFF),
        (OFF, known("at three"), Fate.OFF),
        (OFF, known(off=True), Fate.UNCHANGED),
        (ON, known(off=True), Fate.CHANGED),
        (ON, known("at three", file=3), Fate.SUPERSEDED),
        (OFF, known(file=3), Fate.SUPERSEDED),
    ],
)
def test_what_a_row_means(said: Said, before: Known | None, means: Fate) -> None:
    assert fate(said, before, 2) is means


said = st.builds(Said, st.sampled_from("ab"), st.booleans(), st.sampled_from([AT_PAT, ELSEWHERE]))


@given(st.lists(said, max_size=8))
def test_a_file_that_comes_again_changes_nothing(rows: list[Said]) -> None:
    """Whatever came before, the same row once more makes no message and withdraws none."""
    before: Known | None = None
    for number, row in enumerate(rows, 1):
        means = fate(row, before, number)
        if means in MAKES_MESSAGES:
            before = Known(number, row.core, row.is_cancelled, None if row.is_cancelled else row.goes_to)
        assert fate(row, before, number + 1) is Fate.UNCHANGED
    assert WITHDRAWS < MAKES_MESSAGES


def test_a_file_is_complete_when_two_looks_saw_it_alike() -> None:
    file = Found("k", 100, 5.0)
    complete, seen = look([file], {}, NOW)
    assert complete == []
    complete, seen = look([file], seen, NOW + QUIET / 2)
    assert complete == []
    assert look([Found("k", 200, 5.0)], seen, NOW + QUIET)[0] == []  # it has grown
    assert look([file], seen, NOW + QUIET)[0] == ["k"]


def test_a_clock_that_was_put_back_makes_nothing_complete() -> None:
    later = {"k": Seen(100, 5.0, NOW + timedelta(hours=1))}
    complete, seen = look([Found("k", 100, 5.0)], later, NOW)
    assert complete == []
    assert look([Found("k", 100, 5.0)], seen, NOW + QUIET)[0] == ["k"]


@pytest.mark.parametrize(
    ("name", "is_looked"),
    [("monday.csv", True), (".monday.csv", False), ("monday.csv.filepart", False), ("monday.csv~", False)],
)
def test_unfinished_names_are_never_looked_at(name: str, *, is_looked: bool) -> None:
    assert is_looked_at(name) is is_looked


@pytest.mark.parametrize(("named_in", "before", "gone"), [(1, None, False), (2, 2, False), (1, 2, True)])
def test_one_file_that_lacks_an_appointment_cancels_nothing(named_in: int, before: int | None, gone: bool) -> None:
    assert is_gone(named_in, before) is gone
