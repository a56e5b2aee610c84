"""Excel workbooks (.xlsx), as rows of text.

Dates and times are written as ISO, whatever the cell's format shows; whole numbers lose the ".0" that Excel
gives to every number, because phones and identifiers are stored as numbers.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from allstop.formats import headings
from allstop.formats.table import Row, RowProblem, Table, Unreadable

_Cell = int | float | str | bool | time | date | datetime | timedelta

_NO_DATE = (date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1))
"""The days on which Excel puts a time that has no date."""


def sheets(content: bytes) -> tuple[str, ...] | Unreadable:
    """Names of the visible sheets, in order, for a person to choose from."""
    book = _opened(content)
    return book if isinstance(book, Unreadable) else _visible(book)


def read(content: bytes, sheet: str | None = None) -> Table | Unreadable:
    """The chosen sheet, or the first visible one that has rows."""
    book = _opened(content)
    if isinstance(book, Unreadable):
        return book
    names = _visible(book)
    if sheet is not None and sheet not in names:
        return Unreadable(f'This workbook has no sheet "{sheet}". Its sheets are: {", ".join(names)}.')
    for name in names if sheet is None else (sheet,):
        try:
            found = book.get_sheet_by_name(name)
        except CalamineError:
            return Unreadable(f'The sheet "{name}" is damaged. Open the workbook, save it again and upload it.')
        head = [tuple(map(_text, cells)) for cells in islice(found.iter_rows(), headings.HEAD)]
        heading = headings.find(head)
        if heading.columns:
            others = [other for other in names if other != name]
            notes = heading.notes if not others else (f'Read from the sheet "{name}".', *heading.notes)
            return Table(heading.columns, _Rows(found, heading), notes, heading.has_header)
    return Unreadable("There are no rows in this workbook. Check that the export has finished, then upload it again.")


def height(table: Table) -> int:
    """Rows below the header of a table that read() has made, without going through them."""
    rows = table.rows
    return max(0, rows.sheet.total_height - rows.heading.first_row) if isinstance(rows, _Rows) else 0


@dataclass(frozen=True, slots=True)
class _Rows:
    sheet: CalamineSheet
    heading: headings.Heading

    def __iter__(self) -> Iterator[Row | RowProblem]:
        width = len(self.heading.columns)
        first = self.heading.first_row
        for number, raw in enumerate(islice(self.sheet.iter_rows(), first, None), start=first + 1):
            cells = tuple(map(_text, raw))
            if not any(cells):
                continue
            if any(cells[width:]):
                yield RowProblem(number, None, " | ".join(cells)[:200], "This row has more cells than the header.")
                continue
            yield Row(number, cells[:width] + ("",) * (width - len(cells)))


def _opened(content: bytes) -> CalamineWorkbook | Unreadable:
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(content))
    except PasswordError:
        return Unreadable("This workbook is protected by a password. Remove the password and upload it again.")
    except CalamineError:
        return Unreadable("This workbook is damaged. Open it in your spreadsheet program, save it again, upload it.")


def _visible(book: CalamineWorkbook) -> tuple[str, ...]:
    return tuple(meta.name for meta in book.sheets_metadata if meta.visible == SheetVisibleEnum.Visible)


def _text(cell: _Cell) -> str:
    match cell:
        case str():
            text = cell.strip()
        case bool():
            text = "TRUE" if cell else "FALSE"
        case float():
            text = str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
        case datetime():
            text = _clock(cell.time()) if cell.date() in _NO_DATE else f"{cell.date()} {_clock(cell.time())}"
        case time():
            text = _clock(cell)
        case timedelta():
            minutes = round(cell.total_seconds() / 60)
            text = f"{minutes // 60}:{minutes % 60:02}"
        case _:
            text = str(cell)
    return text


def _clock(at: time) -> str:
    if at.microsecond:  # Excel keeps days as fractions: 09:30 may be stored as 09:29:59.999999
        moment = datetime.combine(date(2000, 1, 1), at) + timedelta(microseconds=500_000)
        at = moment.time().replace(microsecond=0)
    return at.strftime("%H:%M:%S" if at.second else "%H:%M")
