"""Which column holds what: guessed from the names and from the values, corrected by a person.

A name alone is not believed when the values contradict it (a "Phone" column full of addresses), and values
alone decide only where they leave no doubt. What was guessed how is kept, so that the screen can show it.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from allstop.formats.looks import Look, look
from allstop.formats.months import folded
from allstop.formats.words import LABELS, NAMES, NOISE, NOT_APPOINTMENTS, NOT_THE_PATIENT, Field

__all__ = ["LABELS", "Basis", "ColumnMapping", "Field", "guess", "problems"]


class Basis(StrEnum):
    """Why a column was given to a field, surest first."""

    CHOSEN = "chosen"
    """By a person."""
    NAME_AND_VALUES = "name_and_values"
    NAME = "name"
    VALUES = "values"


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    columns: Mapping[Field, int]
    """Index of the column, counted from 0. A field that is not in it is not in the file."""
    basis: Mapping[Field, Basis]

    def changed(self, field: Field, column: int | None) -> "ColumnMapping":
        """A person's correction: the field takes this column, even from another field; None takes it out."""
        kept = {one: index for one, index in self.columns.items() if one is not field and index != column}
        if column is not None:
            kept[field] = column
        basis = {one: self.basis[one] for one in kept if one is not field}
        return ColumnMapping(kept, {**basis, field: Basis.CHOSEN} if column is not None else basis)


_PHONES = (Field.MOBILE, Field.PHONE, Field.PHONE_2)
_NAMES = (Field.FULL_NAME, Field.GIVEN_NAME, Field.FAMILY_NAME)
_PERSONAL = (*_PHONES, Field.EMAIL, *_NAMES)
_DATES = (Field.APPOINTMENT_AT, Field.APPOINTMENT_DATE, Field.DUE_DATE)
_FITS: dict[Field, frozenset[Look]] = {
    Field.EMAIL: frozenset({Look.EMAIL}),
    Field.PHONE: frozenset({Look.PHONE, Look.NUMBER}),
    Field.MOBILE: frozenset({Look.PHONE, Look.NUMBER}),
    Field.PHONE_2: frozenset({Look.PHONE, Look.NUMBER}),
    Field.APPOINTMENT_AT: frozenset({Look.MOMENT, Look.NUMBER}),
    Field.APPOINTMENT_DATE: frozenset({Look.DATE, Look.MOMENT, Look.NUMBER}),
    Field.APPOINTMENT_TIME: frozenset({Look.TIME, Look.NUMBER}),
    Field.DUE_DATE: frozenset({Look.DATE, Look.MOMENT, Look.NUMBER}),
    Field.AMOUNT: frozenset({Look.NUMBER, Look.TIME}),
    Field.GIVEN_NAME: frozenset({Look.TEXT}),
    Field.FAMILY_NAME: frozenset({Look.TEXT}),
    Field.FULL_NAME: frozenset({Look.TEXT}),
    Field.LANGUAGE: frozenset({Look.TEXT}),
    Field.ZONE: frozenset({Look.TEXT}),
    Field.COUNTRY: frozenset({Look.TEXT}),
}
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\WA-Z_\d]+|\d+")
_PERSON = re.compile(r"[^\W\d_][^\W\d_'\u2019.-]+(?:,\s*|\s+)[^\W\d_]")


@dataclass(frozen=True, slots=True)
class _Column:
    index: int
    name: str
    words: tuple[str, ...]
    looks: Counter[Look]
    filled: int
    values: tuple[str, ...]

    def share(self, looks: frozenset[Look]) -> float:
        return sum(self.looks[one] for one in looks) / self.filled if self.filled else 0.0

    def mentions(self, stems: Sequence[str]) -> bool:
        whole = folded(self.name)
        return any(stem in self.words or (len(stem) > 3 and stem in whole) for stem in stems)


def guess(columns: Sequence[str], sample: Sequence[Sequence[str]]) -> ColumnMapping:
    """`sample` is the cells of the first rows; a few hundred are plenty."""
    facts = [_column(index, name, sample) for index, name in enumerate(columns)]
    offers = sorted(_offers(facts), key=lambda offer: (-offer[0], offer[2].index))
    taken: dict[Field, int] = {}
    basis: dict[Field, Basis] = {}
    for score, field, column in offers:
        if field not in taken and column.index not in taken.values():
            taken[field] = column.index
            basis[field] = Basis.NAME_AND_VALUES if score > 1 else Basis.NAME
    _spare_phones(facts, taken, basis)
    _by_values(facts, taken, basis)
    _settle_dates(facts, taken, basis)
    _settle_names(sample, taken, basis)
    return ColumnMapping(taken, basis)


def problems(mapping: ColumnMapping, needs_appointment: bool = True) -> tuple[str, ...]:
    """What keeps this mapping from making messages. `needs_appointment` is False for bills and news."""
    has = mapping.columns.keys()
    found = []
    if not has & {*_PHONES, Field.EMAIL}:
        found.append("No column holds a phone number or an email address, so nobody can be reached.")
    if needs_appointment and not has & {Field.APPOINTMENT_AT, Field.APPOINTMENT_DATE}:
        found.append("No column holds the date of the appointment, so no reminder can be timed.")
    if Field.APPOINTMENT_TIME in has and not has & {Field.APPOINTMENT_AT, Field.APPOINTMENT_DATE}:
        found.append("There is an appointment time but no appointment date.")
    return tuple(found)


def words_of(name: str) -> tuple[str, ...]:
    """The words of a column's name, folded: "E-mail 1 - Value", HomePhone and home_phone have several."""
    return tuple(folded(word) for word in _CAMEL.findall(name))


def _column(index: int, name: str, sample: Sequence[Sequence[str]]) -> _Column:
    values = tuple(cells[index] for cells in sample if cells[index])
    return _Column(index, name, words_of(name), Counter(map(look, values)), len(values), values[:200])


def _offers(facts: Sequence[_Column]) -> list[tuple[float, Field, _Column]]:
    """(score, field, column): over 1 when name and values agree, under 1 when there is only the name."""
    offers = []
    for column in facts:
        named = _named(column)
        if named is None:
            continue
        field, score = named
        fits = _FITS.get(field)
        if fits is None or not column.filled:
            offers.append((score, field, column))
            continue
        share = column.share(fits)
        if share >= 0.5:
            offers.append((score + share, field, column))
        elif field is Field.APPOINTMENT_DATE and column.share(frozenset({Look.TIME})) >= 0.5:
            offers.append((score + 0.5, Field.APPOINTMENT_TIME, column))
        elif field is Field.APPOINTMENT_TIME and column.share(frozenset({Look.MOMENT, Look.DATE})) >= 0.5:
            offers.append((score + 0.5, Field.APPOINTMENT_AT, column))
        elif field is Field.APPOINTMENT_AT and column.share(frozenset({Look.DATE})) >= 0.5:
            offers.append((score + 0.5, Field.APPOINTMENT_DATE, column))
        elif field is Field.APPOINTMENT_AT and column.share(frozenset({Look.TIME})) >= 0.5:
            offers.append((score + 0.5, Field.APPOINTMENT_TIME, column))
    return offers


def _named(column: _Column) -> tuple[Field, float] | None:
    """The field of the column's name, with 0.95 for a full name and less for a part of one."""
    field, score = NAMES.get(folded(column.name)), 0.95
    if field is None:
        bare = "".join(word for word in column.words if word not in NOISE)
        field, score = NAMES.get(bare), 0.8
    if field is None:
        unnumbered = "".join(word for word in column.words if word not in NOISE and not word.isdigit())
        field, score = NAMES.get(unnumbered), 0.6
    if field is None:
        # "Appt Start Date (local)", "Phone - Cell": any run of words that is a name, the longest first
        field, score = _part(column.words), 0.4
    if field is None:
        return None
    if field in _DATES and column.mentions(NOT_APPOINTMENTS):
        return None
    if field in _PERSONAL and score < 0.95 and column.mentions(NOT_THE_PATIENT):
        return None
    return field, score


def _part(words: Sequence[str]) -> Field | None:
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length, -1, -1):
            field = NAMES.get("".join(words[start : start + length]))
            # A single short word ("id", "no", "date") inside a longer name says too little.
            if field is not None and (length > 1 or len(words[start]) > 4):
                return field
    return None


def _spare_phones(facts: Sequence[_Column], taken: dict[Field, int], basis: dict[Field, Basis]) -> None:
    """A phone column whose own field was taken goes to a free one: Phone 1, Phone 2, Phone 3."""
    for column in facts:
        if column.index in taken.values() or column.share(_FITS[Field.PHONE]) < 0.5:
            continue
        named = _named(column)
        if named is not None and named[0] in _PHONES:
            free = next((field for field in (Field.PHONE, Field.PHONE_2) if field not in taken), None)
            if free is not None:
                taken[free], basis[free] = column.index, Basis.NAME_AND_VALUES


def _by_values(facts: Sequence[_Column], taken: dict[Field, int], basis: dict[Field, Basis]) -> None:
    """Fields that no name gave, where exactly one column has such values (phones: the first two)."""
    for field, unless, look_for, barred in _BY_VALUES:
        if taken.keys() & {field, *unless}:
            continue
        found = [
            column
            for column in facts
            if column.index not in taken.values()
            and column.share(frozenset({look_for})) >= 0.8
            and not column.mentions(barred)
            and (field is not Field.FULL_NAME or _are_people(column))
        ]
        if field is Field.PHONE:
            pairs = list(zip((Field.PHONE, Field.PHONE_2), found, strict=False))
        else:
            pairs = [(field, found[0])] if len(found) == 1 else []
        for one, column in pairs:
            taken[one], basis[one] = column.index, Basis.VALUES


_DAYS_OR_MOMENTS = (Field.APPOINTMENT_AT, Field.APPOINTMENT_DATE)
_BY_VALUES: tuple[tuple[Field, tuple[Field, ...], Look, Sequence[str]], ...] = (
    # field, already answered by, what its values look like, never in a column that mentions
    (Field.EMAIL, (), Look.EMAIL, NOT_THE_PATIENT),
    (Field.PHONE, _PHONES, Look.PHONE, NOT_THE_PATIENT),
    (Field.APPOINTMENT_AT, _DAYS_OR_MOMENTS, Look.MOMENT, NOT_APPOINTMENTS),
    (Field.APPOINTMENT_DATE, _DAYS_OR_MOMENTS, Look.DATE, NOT_APPOINTMENTS),
    (Field.APPOINTMENT_TIME, (Field.APPOINTMENT_AT,), Look.TIME, ("end", "ende", "fin", "duration")),
    (Field.FULL_NAME, _NAMES, Look.TEXT, NOT_THE_PATIENT),
)


def _are_people(column: _Column) -> bool:
    """Two words each, and hardly any of them twice: streets have numbers, types of treatment repeat."""
    if any(any(character.isdigit() for character in value) for value in column.values):
        return False
    shaped = sum(1 for value in column.values if _PERSON.match(value))
    return shaped >= 0.8 * len(column.values) and len(set(column.values)) >= 0.6 * len(column.values)


def _settle_names(sample: Sequence[Sequence[str]], taken: dict[Field, int], basis: dict[Field, Basis]) -> None:
    """ "Name" beside "Vorname" is the family name; "Nombre" alone is the whole name."""

    def move(old: Field, new: Field) -> None:
        taken[new], basis[new] = taken.pop(old), basis.pop(old)

    given, full = taken.get(Field.GIVEN_NAME), taken.get(Field.FULL_NAME)
    if given is None or Field.FAMILY_NAME in taken:
        return
    if full is None:
        names = [cells[given] for cells in sample if cells[given]]
        if sum(1 for name in names if " " in name) > len(names) / 2:
            move(Field.GIVEN_NAME, Field.FULL_NAME)
        return
    both = [(folded(cells[given]), folded(cells[full])) for cells in sample if cells[given] and cells[full]]
    if sum(1 for part, whole in both if part in whole) <= len(both) / 2:
        move(Field.FULL_NAME, Field.FAMILY_NAME)


def _settle_dates(facts: Sequence[_Column], taken: dict[Field, int], basis: dict[Field, Basis]) -> None:
    """A "date" whose values hold the time as well is both in one, unless all those times are midnight."""
    index = taken.get(Field.APPOINTMENT_DATE)
    if index is None or Field.APPOINTMENT_AT in taken:
        return
    column = facts[index]
    if column.share(frozenset({Look.MOMENT})) < 0.5:
        return
    if Field.APPOINTMENT_TIME in taken and all(_MIDNIGHT.search(value) for value in column.values):
        return
    taken[Field.APPOINTMENT_AT] = taken.pop(Field.APPOINTMENT_DATE)
    basis[Field.APPOINTMENT_AT] = basis.pop(Field.APPOINTMENT_DATE)


_MIDNIGHT = re.compile(r"\b(?:0?0[:.]00(?:[:.]00)?|12:00(?::00)?\s*[aA]\.?\s?[mM]\.?)$")
