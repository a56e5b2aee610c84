"""Any file of contacts to people: the only door that actions need.

seen = open_people(pieces, "friends.vcf", Opening())
for row in seen.people(seen.guessed): ...

A vCard is read as it comes, so that the photos in it cost no memory; a table is held whole, as everywhere.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from allstop.formats import delimited, person_table, sheet, vcard
from allstop.formats.opening import sample
from allstop.formats.person import PersonRow
from allstop.formats.person_table import Fields
from allstop.formats.sniff import Format, detect
from allstop.formats.table import RowProblem, Table, Unreadable
from allstop.formats.vcard_lines import physical_lines

HEAD = 4 << 20  # bytes from which a table is guessed and previewed
SNIFFED = 1 << 16

Pieces = Callable[[], Iterable[bytes]]
"""The file from its beginning, each time that it is called."""

_CALENDAR = "This is a list of appointments. Hand it in under Import, where reminders are made of it."


class PeopleFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    VCARD = "vcard"


@dataclass(frozen=True, slots=True)
class PeopleOpening:
    """A person's choices; None means guess."""

    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None


@dataclass(frozen=True, slots=True)
class OpenPeople:
    format: PeopleFormat
    columns: tuple[str, ...]  # of a vCard: those of the list of what is refused
    guessed: Fields  # () of a vCard: its properties say themselves what they are
    samples: tuple[tuple[str, ...], ...]  # the first rows' cells
    notes: tuple[str, ...]
    _read: Callable[[Fields], Iterator[PersonRow | RowProblem]]
    height: int | None = None  # rows, where the file says how many

    def people(self, fields: Fields) -> Iterator[PersonRow | RowProblem]:
        """From the first row, each time that it is called."""
        return self._read(fields)


def open_people(
    pieces: Pieces, file_name: str, opening: PeopleOpening, *, only_head: bool = False
) -> OpenPeople | Unreadable:
    """`only_head`: enough for a guess and the first rows, whatever the size of the file."""
    start = _head(pieces, SNIFFED)
    if _is_vcard(start):
        rows = vcard.read
        encoding = opening.encoding or "cp1252"
        return OpenPeople(PeopleFormat.VCARD, vcard.COLUMNS, (), (), (), lambda _: rows(pieces, encoding))
    is_packed = start.startswith(b"PK")
    content = _head(pieces, HEAD) if only_head and not is_packed else b"".join(pieces())
    found = detect(content, file_name)
    match found:
        case Unreadable():
            return found
        case Format.CSV:
            cut = only_head and len(content) >= HEAD
            table = delimited.read(_whole_lines(content) if cut else content, opening.encoding, opening.delimiter)
        case Format.XLSX:
            table = sheet.read(content, opening.sheet)
        case _:
            return Unreadable(_CALENDAR)
    return table if isinstance(table, Unreadable) else _opened(PeopleFormat(found.value), table)


def _opened(kind: PeopleFormat, table: Table) -> OpenPeople:
    first = sample(table)
    guessed = person_table.guess(table.columns, first)
    height = sheet.height(table) if kind is PeopleFormat.XLSX else None

    def read(fields: Fields) -> Iterator[PersonRow | RowProblem]:
        return person_table.read(table, fields)

    return OpenPeople(kind, table.columns, guessed, tuple(first), table.notes, read, height)


def count_rows(opened: OpenPeople, pieces: Pieces) -> int:
    """About how many: for the bar. Rows of a sheet, lines of a text, cards of a file of cards."""
    if opened.height is not None:
        return opened.height
    if opened.format is PeopleFormat.VCARD:
        return sum(1 for line in physical_lines(pieces()) if line[:11].upper() == b"BEGIN:VCARD")
    return max(1, sum(max(piece.count(b"\n"), piece.count(b"\r")) for piece in pieces()) - 1)  # without the header


def _is_vcard(start: bytes) -> bool:
    plain = start.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return plain[:11].upper() == b"BEGIN:VCARD"


def _head(pieces: Pieces, size: int) -> bytes:
    found = b""
    for piece in pieces():
        found += piece
        if len(found) >= size:
            break
    return found[:size]


def _whole_lines(content: bytes) -> bytes:
    """Without the last line, which is cut; also where a character has two bytes."""
    for end in (b"\r\x00\n\x00", b"\n\x00", b"\n", b"\r"):
        if (at := content.rfind(end)) >= 0:
            return content[: at + len(end)]
    return content
