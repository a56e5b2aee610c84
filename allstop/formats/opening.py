"""Any file to a Table: the only door that actions need.

table = open_table(content, "monday.csv", Opening(zone="America/New_York", now=now))
mapping = guess(table.columns, sample(table))
found = survey(table, mapping, options)
for row in read(table, mapping, found, options): ...
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import assert_never

from allstop.formats import delimited, fhir, sheet
from allstop.formats.sniff import Format, detect
from allstop.formats.table import Row, Table, Unreadable

SAMPLE = 300
"""Rows from which a mapping is guessed."""


@dataclass(frozen=True, slots=True)
class Opening:
    zone: str
    """IANA name of the account's zone, for calendars with times that name none."""
    now: datetime
    horizon: timedelta = timedelta(days=90)
    """How far ahead the events of a calendar are taken."""
    sheet: str | None = None
    """A person's choice; None means the first sheet with rows. The same holds for the next two."""
    encoding: str | None = None
    delimiter: str | None = None


def open_table(content: bytes, file_name: str, opening: Opening) -> Table | Unreadable:
    found = detect(content, file_name)
    match found:
        case Unreadable():
            return found
        case Format.CSV:
            return delimited.read(content, opening.encoding, opening.delimiter)
        case Format.XLSX:
            return sheet.read(content, opening.sheet)
        case Format.ICS:
            from allstop.formats import calendar  # its library takes long to load, and few files need it

            since = opening.now - timedelta(days=1)
            return calendar.read(content, opening.zone, since, opening.now + opening.horizon)
        case Format.FHIR_JSON:
            return fhir.read(content)
        case _:
            assert_never(found)


def sample(table: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in islice(table.rows, SAMPLE) if isinstance(row, Row)]
