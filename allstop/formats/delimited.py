"""CSV, TSV and their relatives: text with a delimiter, in any common encoding.

The strict CSV reader of Python does the work: it refuses what the lenient one swallows, above all a quotation
mark that is never closed and eats the rest of the file. After such a row the reader starts again at the next
line, so one bad row costs one row.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from allstop.formats import headings
from allstop.formats.encodings import decode
from allstop.formats.table import Row, RowProblem, Table, Unreadable

DELIMITERS = {"\t": "Tab", ";": "Semicolon", "|": "Vertical bar", ",": "Comma"}
"""What a person may choose, with names to show. The order settles a draw: commas also stand in numbers."""

_SAMPLE_LINES = 400

QUOTES = "A quotation mark in this row is not closed, or a quotation mark inside a cell is not doubled."
TOO_LONG = "A cell in this row is longer than 131,072 characters. A quotation mark is probably not closed."
TOO_FEW = "This row has fewer cells than the header."
TOO_MANY = "This row has more cells than the header. A cell with the delimiter in it must stand in quotation marks."


@dataclass(frozen=True, slots=True)
class _Dialect:
    delimiter: str
    backslash: bool
    """Quotation marks inside cells are written as \\" (MySQL), not doubled."""
    space: bool
    """A space follows each delimiter, before the quotation mark."""


def read(content: bytes, encoding: str | None = None, delimiter: str | None = None) -> Table | Unreadable:
    """`encoding` (of encodings.ENCODINGS) and `delimiter` are a person's choices; None means guess."""
    decoded = decode(content, encoding)
    lines = list(io.StringIO(decoded.text, newline=""))
    if lines and lines[0][:4].lower() == "sep=" and len(lines[0].rstrip("\r\n")) == 5:
        delimiter = delimiter or lines[0][4]  # a line for Excel, which it does not count as a row
        del lines[0]
    dialect = _dialect(lines[:_SAMPLE_LINES], delimiter)
    bare = _bare if '="' in decoded.text else str.strip
    head = [_cells(record, bare) for _, record in islice(_records(lines, dialect), headings.HEAD)]
    heading = headings.find(head)
    if not heading.columns:
        return Unreadable("There are no rows in this file. Check that the export has finished, then upload it again.")
    notes = (*decoded.notes, *heading.notes)
    return Table(heading.columns, _Rows(lines, dialect, heading, bare), notes, heading.has_header)


@dataclass(frozen=True, slots=True)
class _Rows:
    lines: Sequence[str]
    dialect: _Dialect
    heading: headings.Heading
    bare: Callable[[str], str]

    def __iter__(self) -> Iterator[Row | RowProblem]:
        columns = self.heading.columns
        width = len(columns)
        for number, record in islice(_records(self.lines, self.dialect), self.heading.first_row, None):
            if isinstance(record, RowProblem):
                yield record
                continue
            cells = tuple(map(self.bare, record))
            if len(cells) != width:
                if not any(cells):
                    continue
                if len(cells) < width:
                    yield RowProblem(number, None, _shown(record), TOO_FEW)
                    continue
                if any(cells[width:]):
                    yield RowProblem(number, None, _shown(record), TOO_MANY)
                    continue
                cells = cells[:width]
            elif not any(cells):
                continue
            yield Row(number, cells)


def _records(lines: Sequence[str], dialect: _Dialect) -> Iterator[tuple[int, list[str] | RowProblem]]:
    """Numbered from 1, blank lines included, as a spreadsheet would number them."""
    number = start = 0
    while start < len(lines):
        reader = csv.reader(
            map(lines.__getitem__, range(start, len(lines))),
            delimiter=dialect.delimiter,
            doublequote=not dialect.backslash,
            escapechar="\\" if dialect.backslash else None,
            skipinitialspace=dialect.space,
            strict=True,
        )
        read_to = 0
        try:
            for record in reader:
                number += 1
                yield number, record
                read_to = reader.line_num
            return
        except csv.Error as error:
            number += 1
            start += read_to + 1
            words = TOO_LONG if "field larger" in str(error) else QUOTES
            yield number, RowProblem(number, None, lines[start - 1].strip()[:200], words)


def _cells(record: list[str] | RowProblem, bare: Callable[[str], str]) -> list[str]:
    return [] if isinstance(record, RowProblem) else [bare(cell) for cell in record]


def _bare(cell: str) -> str:
    """Programs write ="0151234" for Excel, so that it takes digits for text and keeps the zero before them."""
    cell = cell.strip()
    return cell[2:-1].strip() if len(cell) > 2 and cell.startswith('="') and cell.endswith('"') else cell


def _shown(record: Sequence[str]) -> str:
    return " | ".join(record)[:200]


def _dialect(sample: Sequence[str], chosen: str | None) -> _Dialect:
    """Quotation marks inside a cell are doubled, or have a backslash before them. Where both can be meant, that is so
    which leaves fewer rows that cannot be read."""
    doubled = _delimited(sample, chosen, backslash=False)
    if not any('\\"' in line for line in sample):
        return doubled
    escaped = _delimited(sample, chosen, backslash=True)
    return min(doubled, escaped, key=lambda dialect: _unreadable(sample, dialect))


def _unreadable(sample: Sequence[str], dialect: _Dialect) -> int:
    return sum(isinstance(record, RowProblem) for _, record in _records(sample, dialect))


def _delimited(sample: Sequence[str], chosen: str | None, *, backslash: bool) -> _Dialect:
    text = "".join(sample)
    candidates = DELIMITERS if chosen is None else (chosen,)
    dialects = [
        _Dialect(delimiter, backslash, space=f'{delimiter} "' in text and f'{delimiter}"' not in text)
        for delimiter in candidates
    ]
    best = max(dialects, key=lambda dialect: _consistency(sample, dialect))
    if chosen is None and _consistency(sample, best) == 0:
        return _Dialect(",", backslash, space=False)
    return best


def _consistency(sample: Sequence[str], dialect: _Dialect) -> float:
    """How well the rows agree on a width of two or more; 0 when the delimiter splits nothing."""
    widths: list[int] = []
    broken = 0
    for _, record in _records(sample, dialect):
        if isinstance(record, RowProblem):
            broken += 1
        elif any(record):
            widths.append(len(record))
    if broken and len(widths) > 1 and len(sample) == _SAMPLE_LINES:
        broken -= 1  # the sample may end within a cell
    if not widths:
        return 0.0
    usual = headings.usual_width(widths)
    if usual < 2:
        return 0.0
    share = widths.count(usual) / (len(widths) + broken)
    # A header has no decimal commas and no "Last, First": what does not split it is not the delimiter.
    if widths[0] != usual:
        share *= 0.5
    return share + min(usual, 20) / 50
