"""Days and times as people write them."""

from datetime import date

import pytest

from allstop.rules.wallclock import typed_day, typed_moment


@pytest.mark.parametrize(
    "words", ["0001-01-01T00:00", "0026-11-24T09:00", "9999-12-31T23:59", "20266-11-24T09:00", "x"]
)
def test_a_slip_of_the_year_is_no_time(words: str) -> None:
    """A day before the first one, or the clock of a zone there, cannot be reckoned: pages and the API answered 500."""
    for read in (typed_moment, typed_day):
        with pytest.raises(ValueError, match=r"Give a year from 1900 to 2999|nvalid"):
            read(words if read is typed_moment else words.partition("T")[0])
    assert typed_moment("2028-02-29T09:00+01:00").isoformat() == "2028-02-29T09:00:00+01:00"
    assert typed_day("2999-12-31") == date(2999, 12, 31)
