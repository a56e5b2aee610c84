import io
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from allstop.formats import sheet
from allstop.formats.table import Row, Table, Unreadable

DAY = date(2026, 11, 24)


def workbook(**sheets: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    book.remove(first)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def cells(table: Table | Unreadable) -> list[tuple[str, ...]]:
    assert isinstance(table, Table)
    return [row.cells for row in table.rows if isinstance(row, Row)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (2125550101, "2125550101"),
        (2125550101.0, "2125550101"),
        (12.5, "12.5"),
        ("007", "007"),
        ("  Ann  ", "Ann"),
        (datetime.combine(DAY, time(9, 30)), "2026-11-24 09:30"),
        (datetime.combine(DAY, time(9, 30, 15)), "2026-11-24 09:30:15"),
        (DAY, "2026-11-24"),
        (time(16, 5), "16:05"),
        (timedelta(hours=30), "30:00"),
        (True, "TRUE"),
        (None, ""),
    ],
)
def test_cells_are_read_as_a_person_would_write_them(written: object, read: str) -> None:
    content = workbook(List=[["Name", "Value"], ["x", written]])
    assert cells(sheet.read(content)) == [("x", read)]


@pytest.mark.parametrize("minute", range(1, 1440, 7))
def test_no_minute_of_the_day_is_off_by_rounding(minute: int) -> None:
    at = datetime.combine(DAY, time()) + timedelta(minutes=minute)
    assert cells(sheet.read(workbook(List=[["Name", "When"], ["x", at]]))) == [("x", f"{at:%Y-%m-%d %H:%M}")]


def test_titles_and_blank_rows_above_the_header_are_skipped_and_rows_keep_their_numbers() -> None:
    content = workbook(
        List=[[], ["Appointments"], [], ["Name", "Phone", "Email"], ["Ann", 1, "a@example.org"], [], ["Bob", 2, ""]]
    )
    table = sheet.read(content)
    assert isinstance(table, Table)
    assert table.columns == ("Name", "Phone", "Email")
    assert [row.number for row in table.rows if isinstance(row, Row)] == [5, 7]


def test_a_merged_title_is_no_header() -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    page["A1"] = "Appointments of Monday"
    page.merge_cells("A1:C1")
    page.append(["Name", "Phone", "Email"])
    page.append(["Ann", 2125550101, "a@example.org"])
    buffer = io.BytesIO()
    book.save(buffer)
    table = sheet.read(buffer.getvalue())
    assert isinstance(table, Table)
    assert table.columns == ("Name", "Phone", "Email")
    assert cells(table) == [("Ann", "2125550101", "a@example.org")]


def test_the_first_sheet_with_rows_is_read_unless_another_is_chosen() -> None:
    content = workbook(Empty=[], Monday=[["Name", "Phone"], ["Ann", 1]], Tuesday=[["Name", "Phone"], ["Bob", 2]])
    assert sheet.sheets(content) == ("Empty", "Monday", "Tuesday")
    assert cells(sheet.read(content)) == [("Ann", "1")]
    assert cells(sheet.read(content, "Tuesday")) == [("Bob", "2")]
    missing = sheet.read(content, "Friday")
    assert isinstance(missing, Unreadable)
    assert "Empty, Monday, Tuesday" in missing.reason


def test_hidden_sheets_are_not_read() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(Old=[["Name"], ["Ann"]], New=[["Name"], ["Bob"]])))
    book["Old"].sheet_state = "hidden"
    buffer = io.BytesIO()
    book.save(buffer)
    assert sheet.sheets(buffer.getvalue()) == ("New",)
    assert cells(sheet.read(buffer.getvalue())) == [("Bob",)]


def test_a_workbook_without_rows_or_with_damage_says_so() -> None:
    for content in (workbook(Empty=[]), workbook(List=[["Name"], ["Ann"]])[:200] + b"\0" * 100):
        found = sheet.read(content)
        assert isinstance(found, Unreadable)
        assert found.reason.endswith(".")
