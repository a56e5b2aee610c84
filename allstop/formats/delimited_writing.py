"""Tables written for other programs, as CSV.

A cell that a spreadsheet program would run as a formula gets an apostrophe in front, which an import of ours takes away
again. A phone number in E.164 gets none: a plus and digits compute nothing, and other programs want them as they are.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

_E164 = re.compile(r"\+[0-9]{4,15}")
_RUN = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
AT_ONCE = 500  # rows of one piece


def guarded(cell: str) -> str:
    if cell[:1] not in ("=", "+", "-", "@", "\t", "\r", "'") or not _RUN.match(cell) or _E164.fullmatch(cell):
        return cell
    return f"'{cell}"


def unguarded(cell: str) -> str:
    """As it was before `guarded`."""
    return cell[1:] if cell[:1] == "'" and _GUARDED.match(cell) else cell


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """UTF-8 with the mark that Excel needs to see it, lines as RFC 4180 ends them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    text.write("\ufeff")
    writer.writerow(columns)
    for number, row in enumerate(rows, start=1):
        writer.writerow([guarded(cell) for cell in row])
        if not number % AT_ONCE:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    written = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return written
