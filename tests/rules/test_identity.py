"""Which database it is: what is found, what was confirmed, and what this machine has seen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from allstop.rules.identity import LOST_IN_A_CRASH, Confirmed, Found, Identity, Witnessed, differences

AT = datetime(2026, 11, 23, tzinfo=UTC)
HOME = Identity("7300", 1, 16384, 16400)
FOUND = Found(HOME, 7, 9_000_000)
CONFIRMED = Confirmed(HOME, 7, "first start", AT)
WITNESSED = Witnessed(HOME, 7, 9_000_000, AT)
ELSEWHERE = Identity("9900", 3, 5, 6)


@pytest.mark.parametrize(
    ("found", "confirmed", "witnessed"),
    [
        (FOUND, None, None),  # a first start
        (FOUND, CONFIRMED, None),  # another machine joins
        (FOUND, None, WITNESSED),
        (FOUND, CONFIRMED, WITNESSED),
        (Found(HOME, 9, 9_900_000), CONFIRMED, WITNESSED),
        (replace(FOUND, written=9_000_000 - LOST_IN_A_CRASH), CONFIRMED, WITNESSED),
        (replace(FOUND, written=0), CONFIRMED, WITNESSED),  # the server does not tell
        (
            replace(FOUND, identity=replace(HOME, system="")),
            replace(CONFIRMED, identity=replace(HOME, system="")),
            None,
        ),
    ],
)
def test_the_database_that_is_known(found: Found, confirmed: Confirmed | None, witnessed: Witnessed | None) -> None:
    assert differences(found, confirmed, witnessed) == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"system": "7301"}, "on another server: 7301, before 7300"),
        ({"timeline": 2}, "restored to a point in time: timeline 2, before 1"),
        ({"database": 5}, "another database of the server: 5, before 16384"),
        ({"tables": 5}, "a dump was restored"),
    ],
)
def test_another_identity_than_the_row_says(change: dict[str, str | int], words: str) -> None:
    found = replace(FOUND, identity=replace(HOME, **change))  # type: ignore[arg-type]
    [only] = differences(found, CONFIRMED, None)
    assert words in only
    assert differences(found, CONFIRMED, WITNESSED) == (only,), "said once"
    assert differences(found, None, WITNESSED) == ("This machine has worked with another database.",)


@pytest.mark.parametrize(
    "found", [replace(FOUND, number=6), replace(FOUND, written=9_000_000 - LOST_IN_A_CRASH - 1)], ids=["stops", "log"]
)
def test_an_older_copy_is_found_by_the_witness_alone(found: Found) -> None:
    older = replace(CONFIRMED, number=6)
    assert differences(found, older, None) == ()
    [only] = differences(found, older, WITNESSED)
    assert only.startswith("It is an older copy")


def test_a_number_below_that_of_the_row() -> None:
    assert differences(FOUND, replace(CONFIRMED, number=8), None) == (
        "Stops are missing: the newest is no. 7, no. 8 was there.",
    )


def test_whoever_was_confirmed_later_is_believed_in_place_of_what_the_witness_knows() -> None:
    later = replace(CONFIRMED, at=AT + timedelta(hours=1), replaced=(ELSEWHERE,))
    ahead = Witnessed(HOME, 70, 90_000_000, AT)
    assert differences(FOUND, later, ahead) == ()
    assert differences(FOUND, later, replace(ahead, identity=ELSEWHERE)) == ()
    unknown = replace(ahead, identity=replace(ELSEWHERE, system="1"))
    assert differences(FOUND, later, unknown) == ("This machine has worked with another database.",)
    assert differences(FOUND, CONFIRMED, ahead) != (), "confirmed before the witness was written"


def test_a_witness_that_cannot_be_read_is_not_passed_over() -> None:
    spoilt = Witnessed(None, 0, 0, AT)
    assert differences(FOUND, CONFIRMED, spoilt) == (
        "What this machine knew of the database cannot be read: witness.json.",
    )
    assert differences(FOUND, replace(CONFIRMED, at=AT + timedelta(seconds=1)), spoilt) == ()
