"""Where the columns of a sheet or CSV get their names.

Reports start with titles and blank rows, some files have no header at all, and headers repeat or stay empty.
The result is always one unique name per column, because these names become placeholders in templates.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from allstop.formats.looks import Look, look

HEAD = 60
"""Rows that are looked at."""


@dataclass(frozen=True, slots=True)
class Heading:
    columns: tuple[str, ...]
    first_row: int
    """Index of the first row of content in what was given."""
    has_header: bool
    notes: tuple[str, ...] = ()


def find(head: Sequence[Sequence[str]]) -> Heading:
    """`head` is the first HEAD rows with stripped cells, blank rows included."""
    filled = [index for index, cells in enumerate(head) if any(cells)]
    if not filled:
        return Heading((), len(head), has_header=False)
    usual = usual_width([len(head[index]) for index in filled])
    width = min(usual, max(_reach(head[index]) for index in filled))
    # A title above the table fills one or two cells of a wider row.
    top = next((index for index in filled if _reach(head[index]) * 2 > width), filled[0])
    widest = max((_reach(head[index]) for index in filled if index > top and len(head[index]) == usual), default=0)
    notes = () if top == filled[0] else (f"Rows above row {top + 1} were taken as a title.",)
    if _is_header(head[top]):
        return Heading(unique(head[top][: max(_reach(head[top]), widest)]), top + 1, has_header=True, notes=notes)
    notes = (*notes, "This file has no header row, so the columns are called Column 1, Column 2, and so on.")
    return Heading(unique([""] * max(width, _reach(head[top]))), top, has_header=False, notes=notes)


def unique(names: Sequence[str]) -> tuple[str, ...]:
    taken: set[str] = set()
    result = []
    for position, written in enumerate(names, start=1):
        name = " ".join(written.split()) or f"Column {position}"
        candidate, count = name, 2
        while candidate.casefold() in taken:
            candidate, count = f"{name} ({count})", count + 1
        taken.add(candidate.casefold())
        result.append(candidate)
    return tuple(result)


def usual_width(widths: Sequence[int]) -> int:
    """The width that covers most cells: three title lines do not outvote two rows of nine columns."""
    return max(Counter(widths).items(), key=lambda item: item[0] * item[1])[0]


def _reach(cells: Sequence[str]) -> int:
    """Cells up to the last one that is filled."""
    return max((index for index, cell in enumerate(cells, start=1) if cell), default=0)


def _is_header(cells: Sequence[str]) -> bool:
    """Names are words. A row with an address, a date or a number in it is content."""
    return all(look(cell) in (Look.TEXT, Look.EMPTY) for cell in cells)
