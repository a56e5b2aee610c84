"""The one shape that every file takes: named columns and numbered rows of text.

Every format ends here, so that mapping, preview and error list work the same for all of them. A row that
cannot be trusted is a RowProblem in its place among the rows: it is never padded, cut or dropped in silence.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Row(NamedTuple):
    """One record. A named tuple, because a file has 100,000 of them."""

    number: int
    """From 1, as a person counts: the row of the sheet, the record of the CSV (header included), the event."""
    cells: tuple[str, ...]
    """As many as the table has columns; without the white space around them."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row is left out. `problem` is the same text for the same cause, so that lists can group by it."""

    row: int
    column: str | None
    value: str
    problem: str
    about: str = ""  # the ids of the appointment and of the person, where the row could be read that far


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a file as a whole cannot be read. `reason` says what to do about it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[str, ...]
    """Unique and never empty: they are the names of the placeholders in message templates."""
    rows: Iterable[Row | RowProblem]
    """May be gone through any number of times; each time starts at the first row."""
    notes: tuple[str, ...] = ()
    """What was assumed or left out, in words for the preview."""
    has_header: bool = True
    """False when the file had no header row and the columns were named Column 1, Column 2, ..."""
