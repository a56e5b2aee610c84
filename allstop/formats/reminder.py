"""Rows of a file, read as reminders: who, how to reach them, when the appointment is.

Two steps. `survey` goes through the whole file once and settles what only the whole file can tell: how many
rows there are and how its dates are written. `read` then yields a ReminderRow or a RowProblem for every row.
Phones and addresses stay as they were written: the rules normalise them, in one place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from allstop.formats import dates
from allstop.formats.dates import DateFormat, Order
from allstop.formats.mapping import LABELS, ColumnMapping, Field
from allstop.formats.months import folded
from allstop.formats.places import zone_named
from allstop.formats.table import Row, RowProblem, Table
from allstop.formats.words import CANCELLED
from allstop.rules.addresses import bare_email

NO_ADDRESS = "There is no phone number and no email address in this row."
NO_DATE = "There is no appointment date in this row."
NOT_A_DATE = "This is not a date that can be read. Write it like 2026-11-24 16:00."
NOT_A_TIME = "This is not a time that can be read. Write it like 16:00."
SKIPPED_HOUR = "This time does not exist: the clocks are put forward over it on that day."
NOT_A_ZONE = "This is not a time zone. Write it like America/New_York."


@dataclass(frozen=True, slots=True)
class Options:
    zone: str
    """IANA name of the account's zone: the clock of every row that no other zone is known for."""
    now: datetime
    country: str = ""
    """ISO code of the account's country; it decides between 10/4 and 4/10 where nothing else does."""
    location_zones: Mapping[str, str] = field(default_factory=dict)
    """IANA zone by location code, for accounts whose locations lie in several zones."""
    order: Order | None = None
    """A person's choice on the preview; None means as the column shows it."""
    needs_appointment: bool = True
    """False for bills and news: a row without an appointment is then no problem."""


@dataclass(frozen=True, slots=True)
class Survey:
    rows: int
    problems: int
    """Rows that could not be read as rows; `read` may find more problems inside the others."""
    formats: Mapping[Field, DateFormat]
    notes: tuple[str, ...]


@dataclass(slots=True)
class ReminderRow:
    row: int
    zone: str
    """IANA name of the zone in which the appointment was read and in which a message names its time."""
    extras: dict[str, str]
    """Every column as it stands in the file, by its name: the placeholders of templates."""
    external_id: str = ""
    patient_id: str = ""
    given_name: str = ""
    family_name: str = ""
    full_name: str = ""
    phone: str = ""
    mobile: str = ""
    phone_2: str = ""
    email: str = ""
    appointment_at: datetime | None = None
    """UTC. None without an appointment, and when the file gives a date without a time."""
    appointment_on: date | None = None
    """The local day, with or without a time."""
    location_code: str = ""
    location_name: str = ""
    provider: str = ""
    appointment_type: str = ""
    amount: str = ""
    due_on: date | None = None
    language: str = ""
    country: str = ""
    notes: str = ""
    status: str = ""
    is_new_patient: bool = False
    """The type carries "-NEW", which stands for the wording that welcomes."""
    is_cancelled: bool = False
    """The file itself says that the appointment is off or moved."""


_DATE_FIELDS = (Field.APPOINTMENT_AT, Field.APPOINTMENT_DATE, Field.DUE_DATE)
_NAME_FIELDS = (Field.GIVEN_NAME, Field.FAMILY_NAME, Field.FULL_NAME)
_WORKED_OUT = (*_DATE_FIELDS, Field.APPOINTMENT_TIME, Field.ZONE, *_NAME_FIELDS)
_TEXTS = tuple(one for one in Field if one not in _WORKED_OUT)
"""Fields that are taken as they stand: each is an attribute of ReminderRow of the same name."""


def survey(table: Table, mapping: ColumnMapping, options: Options) -> Survey:
    columns = [(one, mapping.columns[one]) for one in _DATE_FIELDS if one in mapping.columns]
    values: dict[Field, set[str]] = {one: set() for one, _ in columns}
    rows = problems = 0
    for row in table.rows:
        if isinstance(row, RowProblem):
            problems += 1
            continue
        rows += 1
        for one, index in columns:
            values[one].add(row.cells[index])
    today = options.now.astimezone(ZoneInfo(options.zone)).date()
    formats: dict[Field, DateFormat] = {}
    notes: list[str] = []
    for one, index in columns:
        if options.order is not None:
            formats[one] = DateFormat(options.order)
            continue
        formats[one] = dates.guess(values[one], options.country, today)
        if formats[one].why:
            notes.append(f"{table.columns[index]}: {formats[one].why}")
    return Survey(rows, problems, formats, tuple(notes))


def read(table: Table, mapping: ColumnMapping, survey: Survey, options: Options) -> Iterator[ReminderRow | RowProblem]:
    reader = _Reader(table, mapping, survey, options)
    for row in table.rows:
        if isinstance(row, RowProblem):
            yield row
            continue
        found = reader.read(row)
        yield replace(found, about=reader.about(row.cells)) if isinstance(found, RowProblem) else found


def split_name(name: str) -> tuple[str, str]:
    """(given, family) of "Last, First" or "First Last"; particles go with the family name: "de la Cruz"."""
    name = " ".join(name.split())
    if "," in name:
        family, _, given = name.partition(",")
        if folded(given) not in _SUFFIXES:
            return given.strip(), family.strip()
        name, suffix = family.strip(), f", {given.strip()}"
    else:
        suffix = ""
    words = name.split(" ")
    if len(words) == 1:
        return words[0], ""
    cut = len(words) - 1
    if cut > 1 and folded(words[cut]) in _SUFFIXES:
        cut -= 1
    while cut > 1 and folded(words[cut - 1]) in _PARTICLES:
        cut -= 1
    return " ".join(words[:cut]), " ".join(words[cut:]) + suffix


_SUFFIX_WORDS = "jr sr ii iii iv md dds phd dmd esq"
_SUFFIXES = frozenset(_SUFFIX_WORDS.split())
_PARTICLE_WORDS = "de del la las los da do dos das di du des van von der den ten ter zu zur le el al bin ibn st"
_PARTICLES = frozenset(_PARTICLE_WORDS.split())


class _Reader:
    """One file's worth of lookups. Appointments repeat their times and zones, so each is worked out once."""

    def __init__(self, table: Table, mapping: ColumnMapping, survey: Survey, options: Options) -> None:
        self.columns = table.columns
        self.at = mapping.columns
        self.formats = survey.formats
        self.options = options
        self.texts = tuple((one.value, self.at[one]) for one in _TEXTS if one in self.at)
        self.location_zones = {folded(code): name for code, name in options.location_zones.items()}
        self.zones: dict[tuple[str, str], str | None] = {}
        self.when: dict[tuple[str, str, str], _When | _Bad] = {}

    def read(self, row: Row) -> ReminderRow | RowProblem:
        cells = row.cells
        zone = self._zone(cells)
        if zone is None:
            return self._problem(row, Field.ZONE, NOT_A_ZONE)
        found = ReminderRow(row.number, zone, dict(zip(self.columns, cells, strict=True)))
        for name, index in self.texts:
            setattr(found, name, cells[index])
        found.email = bare_email(found.email)
        if not (found.mobile or found.phone or found.phone_2 or found.email):
            return RowProblem(row.number, None, "", NO_ADDRESS)
        when = self._appointment(cells, zone)
        if isinstance(when, _Bad):
            return self._problem(row, when.about, when.problem)
        found.appointment_at, found.appointment_on = when.at, when.on
        if found.appointment_on is None and self.options.needs_appointment:
            return self._problem(row, self._date_field(), NO_DATE)
        due = self._cell(cells, Field.DUE_DATE)
        if due:
            parsed = self.formats[Field.DUE_DATE].parse(due)
            if parsed is None or parsed.on is None:
                return self._problem(row, Field.DUE_DATE, NOT_A_DATE)
            found.due_on = parsed.on
        self._name(found, cells)
        found.is_new_patient = "-NEW" in found.appointment_type.upper()
        found.is_cancelled = bool(found.status) and folded(found.status) in CANCELLED
        return found

    def about(self, cells: tuple[str, ...]) -> str:
        """ "" where the row names no appointment."""
        said = {name: cells[index] for name, index in self.texts}
        return f"{said['external_id']}\n{said.get('patient_id', '')}" if said.get("external_id") else ""

    def _cell(self, cells: tuple[str, ...], one: Field) -> str:
        index = self.at.get(one)
        return "" if index is None else cells[index]

    def _problem(self, row: Row, one: Field, words: str) -> RowProblem:
        index = self.at.get(one)
        if index is None:
            return RowProblem(row.number, LABELS[one], "", words)
        return RowProblem(row.number, self.columns[index], row.cells[index], words)

    def _date_field(self) -> Field:
        return Field.APPOINTMENT_AT if Field.APPOINTMENT_AT in self.at else Field.APPOINTMENT_DATE

    def _zone(self, cells: tuple[str, ...]) -> str | None:
        """The row's own zone, else its location's, else the account's; None for a word that is no zone."""
        key = (self._cell(cells, Field.ZONE), self._cell(cells, Field.LOCATION_CODE))
        if key not in self.zones:
            written, code = key
            if written:
                self.zones[key] = zone_named(written)
            else:
                self.zones[key] = self.location_zones.get(folded(code), self.options.zone)
        return self.zones[key]

    def _name(self, found: ReminderRow, cells: tuple[str, ...]) -> None:
        given, family = self._cell(cells, Field.GIVEN_NAME), self._cell(cells, Field.FAMILY_NAME)
        full = self._cell(cells, Field.FULL_NAME)
        if full and not (given and family):
            split_given, split_family = split_name(full)
            given, family = given or split_given, family or split_family
        found.given_name, found.family_name = given, family
        found.full_name = f"{given} {family}".strip()

    def _appointment(self, cells: tuple[str, ...], zone: str) -> "_When | _Bad":
        main = self._date_field()
        key = (self._cell(cells, main), self._cell(cells, Field.APPOINTMENT_TIME), zone)
        known = self.when.get(key)
        if known is None:
            known = self.when[key] = self._moment(main, *key)
        return known

    def _moment(self, main: Field, written: str, clock: str, zone: str) -> "_When | _Bad":
        if not written:
            return _When(None, None)
        parsed = self.formats[main].parse(written)
        if parsed is None or parsed.on is None:
            return _Bad(main, NOT_A_DATE)
        at: time | None = parsed.at
        if clock and (at is None or at == time(0)):
            timed = self.formats[main].parse(clock)
            if timed is None or timed.at is None:
                return _Bad(Field.APPOINTMENT_TIME, NOT_A_TIME)
            at = timed.at
        if at is None:
            return _When(None, parsed.on)
        local = datetime.combine(parsed.on, at)
        if parsed.offset is not None:
            utc = _with_offset(local, parsed.offset)
            return _When(utc, utc.astimezone(ZoneInfo(zone)).date())
        moment = dates.instant(local, ZoneInfo(zone))
        return _Bad(main, SKIPPED_HOUR) if moment is None else _When(moment, parsed.on)


@dataclass(frozen=True, slots=True)
class _When:
    at: datetime | None
    on: date | None


@dataclass(frozen=True, slots=True)
class _Bad:
    about: Field
    problem: str


def _with_offset(local: datetime, offset: timedelta) -> datetime:
    return (local - offset).replace(tzinfo=UTC)
