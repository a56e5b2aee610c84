"""Files come from outside: whatever is in them, the answer is a value and never an exception."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.formats import reminder
from allstop.formats.mapping import guess
from allstop.formats.opening import Opening, open_table, sample
from allstop.formats.table import Row, RowProblem, Table, Unreadable
from tests.formats.notify_file import notify_csv
from tests.formats.test_calendar import calendar_of
from tests.formats.test_sheet import workbook

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
OPENING = Opening("America/New_York", NOW)
OPTIONS = reminder.Options("America/New_York", NOW, "US")

SOUND: dict[str, Callable[[], bytes]] = {
    "a.csv": lambda: notify_csv(5, date(2026, 11, 24)),
    "b.csv": lambda: "Name;Téléphone;Rendez-vous\nZoë;01 99 00 01 02;24/11/2026 9h30\n".encode("cp1252"),
    "c.csv": lambda: "Name\tPhone\n鈴木\t0312345678\n".encode("utf-16"),
    "d.xlsx": lambda: workbook(List=[["Name", "Phone"], ["Ann", 2125550101]]),
    "e.ics": lambda: calendar_of(
        "UID:a\nDTSTART;TZID=Europe/London:20261124T090000\nRRULE:FREQ=WEEKLY;COUNT=3\nATTENDEE;CN=Ann:tel:1"
        "\nEXDATE;TZID=Europe/London:20261201T090000",
    ),
    "f.json": lambda: (
        b'{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Appointment","id":"1","start":'
        b'"2026-11-24T09:00:00Z","participant":[{"actor":{"reference":"Patient/1","display":"Ann"}}]}},'
        b'{"resource":{"resourceType":"Patient","id":"1","telecom":[{"system":"phone","value":"1"}]}}]}'
    ),
}


def go_all_the_way(content: bytes, name: str) -> Table | Unreadable:
    table = open_table(content, name, OPENING)
    if isinstance(table, Table):
        assert all(len(row.cells) == len(table.columns) for row in table.rows if isinstance(row, Row))
        assert len(set(table.columns)) == len(table.columns)
        assert all(table.columns)
        mapping = guess(table.columns, sample(table))
        for row in reminder.read(table, mapping, reminder.survey(table, mapping, OPTIONS), OPTIONS):
            assert isinstance(row, reminder.ReminderRow | RowProblem)
    else:
        assert table.reason
    return table


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_file_of_each_kind_opens(name: str) -> None:
    assert isinstance(go_all_the_way(SOUND[name](), name), Table)


@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.xlsx", "a.ics", "a.json", ""]))
def test_no_bytes_make_it_fail(content: bytes, name: str) -> None:
    go_all_the_way(content, name)


@cache
def sound(name: str) -> bytes:
    """Made once: a workbook holds the moment at which it was made, and Hypothesis wants the same file each time."""
    return SOUND[name]()


@settings(max_examples=300)
@given(st.sampled_from(list(SOUND)), st.data())
def test_no_damage_to_a_sound_file_makes_it_fail(name: str, data: st.DataObject) -> None:
    content = bytearray(sound(name))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        piece = data.draw(st.sampled_from([b"", b"\x00", b'"', b"\n", b"\xff", b";", b"{", b"9", b":", b"\r\n "]))
        length = data.draw(st.integers(0, 20))
        content[at : at + length] = piece
        if not content:
            break
    go_all_the_way(bytes(content), name)


@settings(max_examples=200)
@given(
    st.text(max_size=200), st.sampled_from(["BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", '{"resourceType":', "Name,Phone\n"])
)
def test_no_text_after_a_promising_start_makes_it_fail(text: str, start: str) -> None:
    go_all_the_way((start + text).encode("utf-8", "replace"), "")
