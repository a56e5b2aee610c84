from datetime import UTC, datetime

import pytest

from allstop.formats import calendar, series
from allstop.formats.calendar import COLUMNS
from allstop.formats.dates import DateFormat, Order
from allstop.formats.table import Row, RowProblem, Table, Unreadable

SINCE = datetime(2026, 11, 21, tzinfo=UTC)
UNTIL = datetime(2027, 2, 21, tzinfo=UTC)
EVENT = "UID:one@example.org\nSUMMARY:Check-up"
ATTENDEE = "ATTENDEE;CN=Ann Smith:mailto:ann@example.org"

MADE_UP_ZONE = """BEGIN:VTIMEZONE
TZID:Clinic Time
BEGIN:STANDARD
DTSTART:19701101T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700308T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
END:DAYLIGHT
END:VTIMEZONE
"""


def calendar_of(*events: str, before: str = "") -> bytes:
    body = "".join(f"BEGIN:VEVENT\nDTSTAMP:20261101T000000Z\n{event.strip()}\nEND:VEVENT\n" for event in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Test//EN\n{before}{body}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def opened(content: bytes, zone: str = "America/New_York") -> Table:
    table = calendar.read(content, zone, SINCE, UNTIL)
    assert isinstance(table, Table), table
    return table


def records(table: Table) -> list[dict[str, str]]:
    return [dict(zip(COLUMNS, row.cells, strict=True)) for row in table.rows if isinstance(row, Row)]


@pytest.mark.parametrize(
    ("start", "before", "read"),
    [
        ("DTSTART:20261124T143000Z", "", "2026-11-24T14:30:00+00:00"),
        ("DTSTART;TZID=America/Chicago:20261124T083000", "", "2026-11-24T08:30:00-06:00"),
        ("DTSTART;TZID=Eastern Standard Time:20261124T093000", "", "2026-11-24T09:30:00-05:00"),
        ("DTSTART;TZID=Clinic Time:20261124T093000", MADE_UP_ZONE, "2026-11-24T09:30:00-05:00"),
        ("DTSTART:20261124T093000", "", "2026-11-24T09:30:00-05:00"),
        ("DTSTART:20261124T093000", "X-WR-TIMEZONE:Europe/Berlin\n", "2026-11-24T09:30:00+01:00"),
        ("DTSTART;VALUE=DATE:20261124", "", "2026-11-24"),
    ],
)
def test_a_start_keeps_its_zone_whatever_way_the_file_names_it(start: str, before: str, read: str) -> None:
    table = opened(calendar_of(f"{EVENT}\n{start}\n{ATTENDEE}", before=before))
    assert [record["Start"] for record in records(table)] == [read]
    assert DateFormat(Order.DAY_FIRST).parse(read) is not None


def test_each_person_at_an_event_is_a_row_without_rooms_and_without_the_organizer() -> None:
    event = f"""{EVENT}
DTSTART:20261124T143000Z
ORGANIZER;CN=Northgate Dental:mailto:desk@northgate.example
ATTENDEE;CN=Northgate Dental:mailto:desk@northgate.example
ATTENDEE;CN=Room 3;CUTYPE=ROOM:mailto:room3@northgate.example
ATTENDEE;CN="Smith, Ann";PARTSTAT=ACCEPTED:mailto:ann@example.org
ATTENDEE;CN="Smith, Ann":tel:+1-212-555-0101
ATTENDEE;CN=Bob;PARTSTAT=DECLINED:MAILTO:bob@example.org
LOCATION:Main Street
DESCRIPTION:Bring your card\\, please
STATUS:CONFIRMED
SEQUENCE:3"""
    ann, bob = records(opened(calendar_of(event)))
    assert (ann["Attendee"], ann["Email"], ann["Mobile"]) == ("Smith, Ann", "ann@example.org", "+1-212-555-0101")
    assert (ann["Status"], ann["Sequence"], ann["Location"]) == ("CONFIRMED", "3", "Main Street")
    assert (ann["Description"], ann["Organizer"]) == ("Bring your card, please", "Northgate Dental")
    assert (bob["Attendee"], bob["Status"]) == ("Bob", "DECLINED")


def test_a_person_who_stands_only_in_the_description_is_found() -> None:
    event = f"{EVENT}\nDTSTART:20261124T143000Z\nDESCRIPTION:Name: Ann Smith\\nCell phone: 212-555-0101\\nNote: x"
    (record,) = records(opened(calendar_of(event)))
    assert (record["Attendee"], record["Mobile"], record["Email"]) == ("Ann Smith", "212-555-0101", "")


@pytest.mark.parametrize("written", ["x", "", "-1", "1.0", "9" * 5000])
def test_a_version_that_is_no_number_counts_as_none(written: str) -> None:
    series = f"{EVENT}\nDTSTART:20261124T143000Z\nRRULE:FREQ=DAILY;COUNT=2\n{ATTENDEE}"
    table = opened(calendar_of(f"{series}\nSEQUENCE:{written}", f"{series}\nSEQUENCE:1\nLOCATION:Later"))
    assert [record["Location"] for record in records(table)] == ["Later", "Later"]


def test_a_series_is_expanded_on_the_wall_clock_with_its_exceptions() -> None:
    """Monday 9:00 stays 9:00 in January and in November; a moved and a cancelled week show as such."""
    weekly = f"""{EVENT}
DTSTART;TZID=Europe/London:20261012T090000
DTEND;TZID=Europe/London:20261012T093000
RRULE:FREQ=WEEKLY;COUNT=11
EXDATE;TZID=Europe/London:20261130T090000
RDATE;TZID=Europe/London:20261125T100000
{ATTENDEE}"""
    moved = f"""{EVENT}
RECURRENCE-ID;TZID=Europe/London:20261207T090000
DTSTART;TZID=Europe/London:20261208T150000
{ATTENDEE}"""
    cancelled = f"""{EVENT}
RECURRENCE-ID;TZID=Europe/London:20261214T090000
DTSTART;TZID=Europe/London:20261214T090000
STATUS:CANCELLED
{ATTENDEE}"""
    found = records(opened(calendar_of(weekly, moved, cancelled)))
    assert sorted((record["Start"][:16], record["Status"]) for record in found) == [
        ("2026-11-23T09:00", ""),
        ("2026-11-25T10:00", ""),
        ("2026-12-08T15:00", ""),
        ("2026-12-14T09:00", "CANCELLED"),
        ("2026-12-21T09:00", ""),
    ]


def test_events_outside_of_the_horizon_are_left_out_and_counted() -> None:
    old = f"{EVENT}\nDTSTART:20161124T143000Z\n{ATTENDEE}"
    far = f"{EVENT}2\nUID:two\nDTSTART:20301124T143000Z\n{ATTENDEE}"
    table = opened(calendar_of(old, far))
    assert records(table) == []
    assert table.notes == ("Left out: 2 events outside of 2026-11-21 to 2027-02-21.",)


def test_an_event_without_a_start_and_a_senseless_rule_are_problems_and_the_rest_is_read() -> None:
    endless = "UID:three\nSUMMARY:Pulse\nDTSTART:20261124T143000Z\nRRULE:FREQ=SECONDLY"
    stuck = "UID:four\nSUMMARY:Stuck\nDTSTART:20261124T143000Z\nRRULE:FREQ=DAILY;INTERVAL=0"
    table = opened(
        calendar_of("UID:one\nSUMMARY:Lost", f"{EVENT}\nDTSTART:20261124T143000Z\n{ATTENDEE}", endless, stuck)
    )
    problems = [row for row in table.rows if isinstance(row, RowProblem)]
    assert RowProblem(1, "Start", "Lost", calendar.NO_START) in problems
    assert RowProblem(3, None, "Pulse", series.TOO_OFTEN) in problems
    assert RowProblem(4, None, "Stuck", series.BAD_RULE) in problems
    assert [record["UID"] for record in records(table)] == ["one@example.org"]


@pytest.mark.parametrize("name", ["Nowhere/At All", "Europe", "Our Clinic"])
def test_a_zone_that_nobody_knows_is_a_problem_and_never_the_accounts_zone(name: str) -> None:
    found = calendar.read(calendar_of(f"{EVENT}\nDTSTART;TZID={name}:20261124T090000"), "UTC", SINCE, UNTIL)
    if isinstance(found, Table):
        assert list(found.rows) == [RowProblem(1, "Start", "Check-up", calendar.NO_START)]


def test_each_occurrence_of_a_series_has_an_identifier_of_its_own() -> None:
    weekly = f"{EVENT}\nDTSTART:20261124T090000Z\nRRULE:FREQ=WEEKLY;COUNT=2\n{ATTENDEE}"
    assert [record["UID"] for record in records(opened(calendar_of(weekly)))] == [
        "one@example.org/20261124T0900Z",
        "one@example.org/20261201T0900Z",
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
        b"BEGIN:VCALENDAR\r\nthis is no property\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR",
    ],
)
def test_a_calendar_without_events_or_with_damage_says_so(content: bytes) -> None:
    assert isinstance(calendar.read(content, "UTC", SINCE, UNTIL), Unreadable)
