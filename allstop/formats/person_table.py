"""Rows of a sheet or CSV, read as people: which column holds what, and the people themselves.

Any number of columns may hold a phone, an email, a group or a note. What was guessed is shown to a person, who may give
each column to another field.
"""

import re
from collections.abc import Iterator, Sequence

from allstop.formats.delimited_writing import unguarded
from allstop.formats.looks import Look, look
from allstop.formats.mapping import words_of
from allstop.formats.months import folded
from allstop.formats.person import CHANNEL_MARKS, Mark, PersonField, PersonRow, Written, is_set
from allstop.formats.person_words import CHANNEL_NAMES, DROPPED_WORDS, NAMES, NOT_OF_THE_PERSON, SYSTEM_GROUPS
from allstop.formats.places import country_named, zone_named
from allstop.formats.reminder import split_name
from allstop.formats.table import Row, RowProblem, Table
from allstop.rules.addresses import bare_email

Fields = tuple[PersonField | None, ...]
"""What each column holds, in the order of the columns; None: it is left out."""

NOT_A_ZONE = "This is not a time zone, so it was left out. Write it like America/New_York."
NOT_A_COUNTRY = "This is not a country, so it was left out. Write its two letters, like GB."
_MANY = re.compile(r"\s*(?::::|;|\||\n)\s*")
_COMMAS = re.compile(r"\s*[;|,\n]\s*")
_MARKS = {
    PersonField.FLAG: Mark.FLAG,
    PersonField.STOP_ALL: Mark.STOP_ALL,
    PersonField.STOP_PROMOTIONS: Mark.STOP_PROMOTIONS,
}
SINGLE = frozenset(
    {
        PersonField.GIVEN_NAME,
        PersonField.FAMILY_NAME,
        PersonField.FULL_NAME,
        PersonField.EXTERNAL_ID,
        PersonField.LANGUAGE,
        PersonField.COUNTRY,
        PersonField.ZONE,
        PersonField.LOCATION,
        PersonField.ASSIGNED_TO,
    }
)
"""Fields that one column holds at most."""


def guess(columns: Sequence[str], sample: Sequence[Sequence[str]]) -> Fields:
    """`sample`: the cells of the first rows. The first of two columns for the same single field gets it."""
    fields: list[PersonField | None] = []
    for index, name in enumerate(columns):
        values = [cells[index] for cells in sample if cells[index]]
        field = _believed(_named(name), values)
        fields.append(None if field in SINGLE and field in fields else field)
    for index in range(len(columns)):
        if fields[index] is None:
            fields[index] = _by_values(columns[index], [cells[index] for cells in sample if cells[index]], fields)
    if PersonField.FULL_NAME in fields and PersonField.FAMILY_NAME not in fields and PersonField.GIVEN_NAME in fields:
        fields[fields.index(PersonField.FULL_NAME)] = _name_beside_given(columns, sample, fields)
    return tuple(fields)


def read(table: Table, fields: Fields) -> Iterator[PersonRow | RowProblem]:
    reader = _Reader(table.columns, fields)
    for row in table.rows:
        yield row if isinstance(row, RowProblem) else reader.read(row)


def channel_of(column: str) -> str:
    """ "Do not call" is an opt-out of calls alone; "" = the cells say of what."""
    return CHANNEL_NAMES.get(folded(column), "")


def _named(column: str) -> PersonField | None:
    words = words_of(column)
    whole = folded(column)
    if whole in NAMES:
        return NAMES[whole]
    if NOT_OF_THE_PERSON.intersection(words):
        return None
    kept = "".join(word for word in words if word not in DROPPED_WORDS and not word.isdigit())
    return NAMES.get(kept)


def _believed(field: PersonField | None, values: Sequence[str]) -> PersonField | None:
    """A name is not believed when the values below it contradict it."""
    if not values:
        return field
    if field is PersonField.EMAIL and not any("@" in value for value in values):
        return None
    if field is PersonField.PHONE and not any(any(sign.isdigit() for sign in value) for value in values):
        return None
    if field is PersonField.COUNTRY and not any(country_named(value) for value in values):
        return None
    return field


def _by_values(column: str, values: Sequence[str], taken: Sequence[PersonField | None]) -> PersonField | None:
    """Columns whose names say nothing, when no other column holds such a thing."""
    if not values or NOT_OF_THE_PERSON.intersection(words_of(column)):
        return None
    for wanted, field in ((Look.EMAIL, PersonField.EMAIL), (Look.PHONE, PersonField.PHONE)):
        if field not in taken and sum(look(value) is wanted for value in values) >= 0.8 * len(values):
            return field
    return None


def _name_beside_given(
    columns: Sequence[str], sample: Sequence[Sequence[str]], fields: Sequence[PersonField | None]
) -> PersonField:
    """ "Name" beside "Vorname" is the family name, unless the first name stands in it as well."""
    full, given = fields.index(PersonField.FULL_NAME), fields.index(PersonField.GIVEN_NAME)
    both = [(cells[given], cells[full]) for cells in sample if cells[given] and cells[full]]
    holds = sum(folded(first) in folded(whole) for first, whole in both)
    return PersonField.FULL_NAME if holds * 2 > len(both) else PersonField.FAMILY_NAME


class _Reader:
    """Which cells make what, worked out once for all rows."""

    def __init__(self, columns: Sequence[str], fields: Fields) -> None:
        def at(field: PersonField) -> tuple[int, ...]:
            return tuple(index for index, one in enumerate(fields) if one is field)

        self.columns = columns
        self.single = {field: index for index, field in enumerate(fields) if field in SINGLE}
        self.phones, self.emails = at(PersonField.PHONE), at(PersonField.EMAIL)
        self.groups, self.notes = at(PersonField.GROUP), at(PersonField.NOTES)
        self.labels = {index: label_of(columns[index]) for index in (*self.phones, *self.emails)}
        self.phones = tuple(sorted(self.phones, key=lambda index: self.labels[index] != "mobile"))
        self.label_cells = _label_cells(columns)
        self.marks = [(index, mark) for field, mark in _MARKS.items() for index in at(field)]
        self.opted_out = [(index, channel_of(columns[index])) for index in at(PersonField.OPTED_OUT)]

    def read(self, row: Row) -> PersonRow:
        cells = tuple([unguarded(cell) if cell[:1] == "'" else cell for cell in row.cells])
        single = {field: cells[index] for field, index in self.single.items() if cells[index]}
        given, family = single.get(PersonField.GIVEN_NAME, ""), single.get(PersonField.FAMILY_NAME, "")
        full = single.get(PersonField.FULL_NAME, "")
        if full and not (given and family):
            split = split_name(full)
            given, family = given or split[0], family or split[1]
        unread: list[tuple[str, str, str]] = []
        return PersonRow(
            row=row.number,
            given_name=given,
            family_name=family,
            phones=self._written(cells, self.phones),
            emails=tuple([Written(bare_email(one.text), one.label) for one in self._written(cells, self.emails)]),
            external_id=single.get(PersonField.EXTERNAL_ID, ""),
            language=single.get(PersonField.LANGUAGE, ""),
            country=self._country(single.get(PersonField.COUNTRY, ""), unread),
            zone=self._zone(single.get(PersonField.ZONE, ""), unread),
            location=single.get(PersonField.LOCATION, ""),
            assigned_to=single.get(PersonField.ASSIGNED_TO, ""),
            groups=self._groups(cells) if self.groups else (),
            notes=tuple(cells[index] for index in self.notes if cells[index]),
            marks=self._marks(cells) if self.marks or self.opted_out else (),
            unread=tuple(unread),
            cells=row.cells,
        )

    def _written(self, cells: tuple[str, ...], indexes: tuple[int, ...]) -> tuple[Written, ...]:
        found = []
        for index in indexes:
            cell = cells[index]
            if not cell:
                continue
            label = self.labels[index]
            if index in self.label_cells:
                said = cells[self.label_cells[index]]
                if NOT_OF_THE_PERSON.intersection(words_of(said)):
                    continue
                label = label_of(said)
            if ";" in cell or ":::" in cell or "\n" in cell or "|" in cell:
                found += [Written(part, label) for part in _MANY.split(cell) if part]
            else:
                found.append(Written(cell, label))
        return tuple(found)

    def _groups(self, cells: tuple[str, ...]) -> tuple[str, ...]:
        names = [
            name.strip("* ")
            for index in self.groups
            for name in (cells[index].split(":::") if ":::" in cells[index] else _COMMAS.split(cells[index]))
        ]
        return tuple(dict.fromkeys(name for name in names if name and folded(name) not in SYSTEM_GROUPS))

    def _marks(self, cells: tuple[str, ...]) -> tuple[Mark, ...]:
        found = [mark for index, mark in self.marks if is_set(folded(cells[index]))]
        for index, channel in self.opted_out:
            found += opt_outs(cells[index], channel)
        return tuple(dict.fromkeys(found))

    def _country(self, written: str, unread: list[tuple[str, str, str]]) -> str:
        found = country_named(written) if written else ""
        if found is None:
            unread.append((self.columns[self.single[PersonField.COUNTRY]], written, NOT_A_COUNTRY))
        return found or ""

    def _zone(self, written: str, unread: list[tuple[str, str, str]]) -> str:
        found = zone_named(written) if written else ""
        if found is None:
            unread.append((self.columns[self.single[PersonField.ZONE]], written, NOT_A_ZONE))
        return found or ""


def opt_outs(cell: str, channel: str = "") -> list[Mark]:
    """ "yes" is a no to everything, "text; email" to these two; in a column of one channel, to that."""
    if not is_set(folded(cell)):
        return []
    if channel:
        return [CHANNEL_MARKS[channel]]
    named = [CHANNEL_MARKS.get(folded(word)) for word in _COMMAS.split(cell)]
    return [mark for mark in named if mark] if named and all(named) else [Mark.OPT_OUT]


def _label_cells(columns: Sequence[str]) -> dict[int, int]:
    """Google: what "Phone 1 - Value" is, stands in "Phone 1 - Label" (once: Type). Such a label may say Fax."""
    at = {folded(name): index for index, name in enumerate(columns)}
    found: dict[int, int] = {}
    for name, index in at.items():
        stem = name.removesuffix("value")
        if stem != name:
            label = at.get(f"{stem}label", at.get(f"{stem}type"))
            if label is not None:
                found[index] = label
    return found


_LABELS = (
    ("mobile", ("mobile", "cell", "handy", "movil", "portable", "gsm", "iphone", "mobil")),
    ("home", ("home", "privat", "domicile", "particular", "evening")),
    ("work", ("work", "business", "office", "geschaft", "dienst", "travail", "trabajo", "bureau")),
)


def label_of(column: str) -> str:
    name = folded(column)
    return next((label for label, words in _LABELS if any(word in name for word in words)), "")
