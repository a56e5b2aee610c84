"""The bytes of an import, opened and read with its options. Nothing is kept between two readings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from allstop.actions.import_options import ImportOptions
from allstop.formats import reminder
from allstop.formats.opening import Opening, open_table
from allstop.formats.reminder import ReminderRow, Survey
from allstop.formats.table import RowProblem, Table, Unreadable
from allstop.rules.facts import Purpose
from allstop.store.models import Account, Import


@dataclass(frozen=True, slots=True)
class OpenFile:
    table: Table
    options: ImportOptions
    reading: reminder.Options
    survey: Survey

    def rows(self) -> Iterator[ReminderRow | RowProblem]:
        return reminder.read(self.table, self.options.mapping, self.survey, self.reading)

    @property
    def rows_total(self) -> int:
        return self.survey.rows + self.survey.problems

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed or left out, in words."""
        return (*self.table.notes, *self.survey.notes)


def table_of(source: Import, account: Account, options: ImportOptions | None, now: datetime) -> Table | Unreadable:
    opening = Opening(zone=account.zone, now=now)
    if options is not None:
        opening = Opening(
            zone=account.zone,
            now=now,
            sheet=options.sheet,
            encoding=options.encoding,
            delimiter=options.delimiter,
        )
    return open_table(bytes(source.content), source.file_name, opening)


def open_file(source: Import, account: Account, options: ImportOptions, now: datetime) -> OpenFile | Unreadable:
    table = table_of(source, account, options, now)
    if isinstance(table, Unreadable):
        return table
    reading = reminder.Options(
        zone=account.zone,
        now=now,
        country=account.country,
        order=options.order,
        needs_appointment=options.purpose is Purpose.REMINDER,
    )
    return OpenFile(table, options, reading, reminder.survey(table, options.mapping, reading))
