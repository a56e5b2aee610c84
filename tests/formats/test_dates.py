import string
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.formats.dates import DateFormat, Order, Parsed, Shape, guess, instant, shape

TODAY = date(2026, 11, 21)
NOV_24 = date(2026, 11, 24)
FOUR = time(16, 0)


@pytest.mark.parametrize(
    ("written", "parsed"),
    [
        ("2026-11-24", Parsed(NOV_24, None)),
        ("2026/11/24 16:00", Parsed(NOV_24, FOUR)),
        ("2026.11.24 16:00", Parsed(NOV_24, FOUR)),
        ("20261124", Parsed(NOV_24, None)),
        ("202611241600", Parsed(NOV_24, FOUR)),
        ("20261124T160000", Parsed(NOV_24, FOUR)),
        ("2026-11-24T16:00:00", Parsed(NOV_24, FOUR)),
        ("2026-11-24 16:00:00.000", Parsed(NOV_24, FOUR)),
        ("2026-11-24T16:00:00Z", Parsed(NOV_24, FOUR, timedelta(0))),
        ("2026-11-24T16:00:00-05:00", Parsed(NOV_24, FOUR, timedelta(hours=-5))),
        ("2026-11-24T16:00+0530", Parsed(NOV_24, FOUR, timedelta(hours=5, minutes=30))),
        ("24/11/2026", Parsed(NOV_24, None)),
        ("24.11.2026 16:00", Parsed(NOV_24, FOUR)),
        ("24.11.2026 16.00", Parsed(NOV_24, FOUR)),
        ("24.11.26", Parsed(NOV_24, None)),
        ("24-11-2026 - 16:00", Parsed(NOV_24, FOUR)),
        ("Di 24.11.2026 16:00 Uhr", Parsed(NOV_24, FOUR)),
        ("Dienstag, 24. November 2026 um 16:00 Uhr", Parsed(NOV_24, FOUR)),
        ("24 nov. 2026 à 16h00", Parsed(NOV_24, FOUR)),
        ("mardi 24 novembre 2026 16h", Parsed(NOV_24, FOUR)),
        ("24 de noviembre de 2026 16:00", Parsed(NOV_24, FOUR)),
        ("24 novembre 2026 alle 16:00", Parsed(NOV_24, FOUR)),
        ("dinsdag 24 november 2026 om 16:00", Parsed(NOV_24, FOUR)),
        ("24-Nov-26", Parsed(NOV_24, None)),
        ("24-Nov-2026 4:00 PM", Parsed(NOV_24, FOUR)),
        ("Nov 24, 2026 4:00 PM", Parsed(NOV_24, FOUR)),
        ("Tuesday, November 24th, 2026 at 4 pm", Parsed(NOV_24, FOUR)),
        ("24/11/2026 4:00\u202fPM", Parsed(NOV_24, FOUR)),
        ("24/11/2026 4:00 p.m.", Parsed(NOV_24, FOUR)),
        ("24/11/2026 16:00 - 16:30", Parsed(NOV_24, FOUR)),
        ("46350", Parsed(NOV_24, None)),
        ("46350.6666667", Parsed(NOV_24, FOUR)),
        ("46350,6666667", Parsed(NOV_24, FOUR)),
        ("16:00", Parsed(None, FOUR)),
        ("4 PM", Parsed(None, FOUR)),
        ("4:00 p. m.", Parsed(None, FOUR)),
        ("12:00 AM", Parsed(None, time(0, 0))),
        ("12:30 pm", Parsed(None, time(12, 30))),
        ("16h", Parsed(None, FOUR)),
        ("16h30", Parsed(None, time(16, 30))),
        ("1600", Parsed(None, FOUR)),
        ("0.6666667", Parsed(None, FOUR)),
        ("09:00 - 09:30", Parsed(None, time(9, 0))),
        ("09:00\u201309:30", Parsed(None, time(9, 0))),
        ("31/11/2026", None),
        ("29/2/2026", None),
        ("24/11/2026 25:00", None),
        ("24/11/2026 4", None),
        ("24/11/2026 at noon", None),
        ("24/13/2026", None),
        ("24 Nonember 2026", None),
        ("13:75", None),
        ("9", None),
        ("", None),
        ("tomorrow", None),
        ("212-555-0101", None),
    ],
)
def test_a_value_is_read_in_every_common_writing(written: str, parsed: Parsed | None) -> None:
    assert DateFormat(Order.DAY_FIRST).parse(written) == parsed


@pytest.mark.parametrize(
    ("values", "country", "order", "assumed"),
    [
        (["10/4/2026", "11/24/2026"], "GB", Order.MONTH_FIRST, False),
        (["10/4/2026", "24/11/2026"], "US", Order.DAY_FIRST, False),
        (["10/4/2026 16:00", "24/11/2026 16:00"], "", Order.DAY_FIRST, False),
        (["24/11/2026", "25/11/2026", "11/24/2026"], "US", Order.DAY_FIRST, True),
        (["3/4/2027", "5/6/2027"], "US", Order.MONTH_FIRST, True),
        (["3/4/2027", "5/6/2027"], "DE", Order.DAY_FIRST, True),
        (["3/4/2027", "5/6/2027"], "", Order.DAY_FIRST, True),
        (["3.4.2027"], "US", Order.DAY_FIRST, True),
        (["12/1/2026", "12/2/2026"], "DE", Order.MONTH_FIRST, True),
        (["1/12/2026", "2/12/2026"], "US", Order.DAY_FIRST, True),
        (["12/12/2026"], "US", Order.MONTH_FIRST, False),
        (["2026-11-24"], "US", Order.MONTH_FIRST, False),
        ([], "", Order.DAY_FIRST, False),
        # neither a date that cannot be, nor a phone, is proof
        (["31/11/2026", "3/4/2027", "212-555-0101"], "US", Order.MONTH_FIRST, True),
    ],
)
def test_the_whole_column_decides_and_what_is_not_proved_is_called_assumed(
    values: list[str], country: str, order: Order, assumed: bool
) -> None:
    found = guess(values, country, TODAY)
    assert (found.order, found.assumed) == (order, assumed)
    assert bool(found.why) or not assumed


@given(
    days=st.lists(st.dates(date(2026, 1, 1), date(2029, 12, 31)), min_size=1, max_size=60),
    order=st.sampled_from(Order),
    mark=st.sampled_from("/-."),
    two_digits=st.booleans(),
)
def test_a_column_with_one_day_above_twelve_is_never_misread(
    days: list[date], order: Order, mark: str, two_digits: bool
) -> None:
    days = [*days, NOV_24]
    pattern = f"%d{mark}%m{mark}" if order is Order.DAY_FIRST else f"%m{mark}%d{mark}"
    values = [day.strftime(pattern + ("%y" if two_digits else "%Y")) for day in days]
    found = guess(values, "", TODAY)
    assert not found.assumed
    assert [found.parse(value) for value in values] == [Parsed(day, None) for day in days]


@given(st.text(string.digits + string.ascii_letters + " /-.:,TZapm+\u00e9", max_size=25))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    shape(text)
    guess([text], "US", TODAY).parse(text)


@pytest.mark.parametrize("written", ["1630", "12.50", "10115", "2125550101", "12/2026", "Ann", "$45.00"])
def test_numbers_and_words_do_not_look_like_dates(written: str) -> None:
    assert shape(written) is None


def test_the_number_of_a_day_in_a_spreadsheet_is_told_from_other_numbers() -> None:
    assert shape("46350") is Shape.SERIAL


NEW_YORK = ZoneInfo("America/New_York")


def wall(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime.combine(date(year, month, day), time(hour, minute))


def test_dates_that_do_not_fit_the_others_are_counted() -> None:
    most = ["11/25/2026", "11/26/2026", "11/27/2026"]
    one, two = guess([*most, "28/11/2026"]), guess([*most, "28/11/2026", "29/11/2026"])
    assert one.why.endswith("1 other date does not fit and is listed as a problem.")
    assert two.why.endswith("2 other dates do not fit and are listed as problems.")


def test_an_hour_that_the_clocks_skip_is_no_time() -> None:
    assert instant(wall(2027, 3, 14, 2, 30), NEW_YORK) is None
    assert instant(wall(2027, 3, 14, 3, 0), NEW_YORK) == datetime(2027, 3, 14, 7, 0, tzinfo=UTC)


def test_an_hour_that_the_clocks_repeat_is_taken_the_first_time() -> None:
    assert instant(wall(2026, 11, 1, 1, 30), NEW_YORK) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@given(st.datetimes(wall(2026, 1, 1), wall(2028, 1, 1)), st.sampled_from(["UTC", "Europe/Berlin", "Asia/Tokyo"]))
def test_every_time_that_exists_reads_the_same_on_the_local_clock(local: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    found = instant(local, zone)
    assert found is None or found.astimezone(zone).replace(tzinfo=None) == local


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("4:00p", FOUR),
        ("4.00P", FOUR),
        ("9:30a", time(9, 30)),
        ("12:15 a", time(0, 15)),
        ("4:00p-4:30p", FOUR),
        ("12a", None),  # a seat or a flat, and no time
        ("5p", None),
        ("9:30 Ann", None),
    ],
)
def test_a_time_with_half_of_am_or_pm_is_read_where_minutes_make_it_one(written: str, at: time | None) -> None:
    assert DateFormat(Order.MONTH_FIRST).parse(written) == (Parsed(None, at) if at else None)
    dated = DateFormat(Order.MONTH_FIRST).parse(f"Tue 11/24/26 {written}")
    assert dated == (Parsed(NOV_24, at) if at else None)
