"""What the rows of a file of contacts will do to the Phonebook: whom they add, whom they complete, what they cannot do.

Nothing is written here, so that the preview and the run say the same. The rules that it guards: what somebody has
written down by hand is kept unless the importer chose otherwise; nothing that stands against writing to somebody is
taken away; and who was deleted stays deleted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from allstop.actions.address_reading import Readings
from allstop.actions.people import zones_of
from allstop.formats.person import Mark, PersonRow
from allstop.formats.table import RowProblem
from allstop.rules.addresses import Email, Phone, PhoneKind
from allstop.rules.contact_match import WORDS, Clash, who
from allstop.rules.words import Problem
from allstop.store import any_of  # noqa: F401 - registers the look-up
from allstop.store.lists.reading import rows
from allstop.store.models import Account, Group, Location, Member

NO_ADDRESS = "There is no phone number and no email address in this row."
DELETED = "This person was deleted from the Phonebook and stays deleted. Search for them there to bring them back."
NO_LOCATION = "There is no location with this code or name, so it was left out."
NO_MEMBER = "There is no member with this email or name, so nobody was assigned."
LONGEST_NAME = 120

_LOAD = """
WITH found AS (
    SELECT contact_id AS id FROM address WHERE account_id = %(account)s AND value = ANY (%(values)s::text[])
    UNION SELECT id FROM contact WHERE account_id = %(account)s AND external_id = ANY (%(own)s::text[]))
SELECT c.id, c.given_name, c.family_name, c.external_id, c.language, c.country, c.zone, c.location_id,
       (SELECT member_id FROM contact_assignment WHERE contact_id = c.id), c.zones,
       ARRAY(SELECT value FROM address WHERE contact_id = c.id),
       EXISTS (SELECT FROM contact_deletion WHERE contact_id = c.id)
  FROM found JOIN contact c USING (id) ORDER BY c.id
"""
_HAVE = """
SELECT c, ARRAY(SELECT kind FROM marker WHERE contact_id = c),
       ARRAY(SELECT COALESCE(channel, 'all') FROM opt_out WHERE contact_id = c AND lifted_at IS NULL),
       ARRAY(SELECT group_id FROM contact_group_contact WHERE contact_id = c),
       ARRAY(SELECT text FROM note WHERE contact_id = c)
  FROM unnest(%(ids)s::bigint[]) c
"""
COLUMNS = ("given_name", "family_name", "external_id", "language", "country", "zone", "location_id")  # of contact
FIELDS = (*COLUMNS, "assigned_to_id")
_NOTHING: Mapping[str, Any] = dict.fromkeys(FIELDS[:6], "") | dict.fromkeys(FIELDS[6:])  # what somebody new is before


@dataclass(slots=True, eq=False)
class Known:
    """A contact that exists, or one that this file will make."""

    id: int | None  # None until it is written
    values: Mapping[str, Any]  # of FIELDS
    match_name: str
    zones: list[str]
    addresses: set[str]
    is_deleted: bool = False
    have: set[tuple[str, Any]] | None = None  # markers, opt-outs, groups and notes; None: not looked up
    filled: dict[str, Any] = field(default_factory=dict)  # what this file says of FIELDS
    phones: list[tuple[Phone, str]] = field(default_factory=list)  # new ones, with their labels
    emails: list[tuple[Email, str]] = field(default_factory=list)
    gains: list[tuple[str, Any]] = field(default_factory=list)  # new of what `have` is about

    @property
    def external_id(self) -> str:
        return str(self.filled.get("external_id", self.values["external_id"]))

    @property
    def name(self) -> str:
        return f"{self.values['given_name']} {self.values['family_name']}".strip()

    @property
    def is_changed(self) -> bool:
        return bool(self.filled or self.phones or self.emails or self.gains)


class Outcome(NamedTuple):
    row: PersonRow
    word: str  # new, completed or unchanged
    contact_id: int | None
    contact_name: str  # as the Phonebook has it: the number may stand there under another name


@dataclass(slots=True)
class Planned:
    """Of one slice of the file."""

    new: list[Known] = field(default_factory=list)
    touched: list[Known] = field(default_factory=list)  # that existed, and are completed
    added: int = 0  # rows, by what they do
    completed: int = 0
    unchanged: int = 0
    refused: list[tuple[RowProblem, tuple[str, ...]]] = field(default_factory=list)  # with the row's cells
    left_out: list[RowProblem] = field(default_factory=list)  # parts of rows
    outcomes: list[Outcome] = field(default_factory=list)  # for the preview


class Names:
    """The account's locations, members and groups as a file may call them."""

    def __init__(self, account_id: int) -> None:
        self.locations: dict[str, int] = {}
        for location in Location.objects.filter(account_id=account_id):
            self.locations.setdefault(location.name.casefold(), location.pk)
            self.locations[location.code.casefold()] = location.pk
        self.members: dict[str, int] = {}
        for member in Member.objects.filter(account_id=account_id).select_related("user").order_by("pk"):
            self.members.setdefault(member.user.name.casefold(), member.pk)
            self.members[member.user.email.casefold()] = member.pk
        groups = Group.objects.filter(account_id=account_id).values_list("name", "pk")
        self.groups: dict[str, int] = {name.casefold(): pk for name, pk in groups}


class Planner:
    def __init__(self, account: Account, names: Names, overwrite: bool) -> None:
        self._account = account
        self._names = names
        self._overwrite = overwrite

    def asks(self, some: Iterable[PersonRow | RowProblem]) -> tuple[list[tuple[str, str]], list[str]]:
        """The phones and emails that plan() will want read."""
        people = [row for row in some if isinstance(row, PersonRow)]
        phones = [(one.text, row.country or self._account.country) for row in people for one in row.phones]
        return phones, [one.text for row in people for one in row.emails]

    def plan(self, some: Sequence[PersonRow | RowProblem], readings: Readings) -> Planned:
        return _Slice(self._account, self._names, self._overwrite, readings).plan(some)


@dataclass(slots=True)
class _Addressed:
    row: PersonRow
    phones: list[tuple[Phone, str]]
    emails: list[tuple[Email, str]]


class _Slice:
    def __init__(self, account: Account, names: Names, overwrite: bool, readings: Readings) -> None:
        self._account = account
        self._names = names
        self._overwrite = overwrite
        self._readings = readings
        self._by_address: dict[str, list[Known]] = {}
        self._by_own_id: dict[str, Known] = {}
        self._planned = Planned()

    def plan(self, some: Sequence[PersonRow | RowProblem]) -> Planned:
        addressed: list[_Addressed] = []
        for row in some:
            if isinstance(row, RowProblem):
                self._planned.refused.append((row, (row.value,)))
            elif (one := self._addressed(row)) is not None:
                addressed.append(one)
        self._load(addressed)
        for one in addressed:
            self._place(one)
        return self._planned

    def _addressed(self, row: PersonRow) -> _Addressed | None:
        region = row.country or self._account.country
        phones: list[tuple[Phone, str]] = []
        emails: list[tuple[Email, str]] = []
        wrong: list[RowProblem] = []
        for said in row.phones:
            phone = self._readings.phone(said.text, region)
            if isinstance(phone, Problem):
                wrong.append(RowProblem(row.row, "Phone", said.text, phone.text))
            else:
                phones.append((phone, said.label))
        for said in row.emails:
            email = self._readings.email(said.text)
            if isinstance(email, Problem):
                wrong.append(RowProblem(row.row, "Email", said.text, email.text))
            else:
                emails.append((email, said.label))
        if not phones and not emails and not row.external_id:
            problem = wrong[0] if wrong else RowProblem(row.row, None, "", NO_ADDRESS)
            self._planned.refused.append((problem, row.cells))
            return None
        self._planned.left_out += wrong
        self._planned.left_out += [RowProblem(row.row, column, value, why) for column, value, why in row.unread]
        return _Addressed(row, phones, emails)

    def _load(self, some: Sequence[_Addressed]) -> None:
        values = {phone.e164 for one in some for phone, _ in one.phones}
        values.update(email.address for one in some for email, _ in one.emails)
        own = {one.row.external_id for one in some if one.row.external_id}
        asked = {"account": self._account.pk, "values": list(values), "own": list(own)}
        for contact_id, *rest in rows(_listed, _LOAD, asked):
            *said, zones, addresses, is_deleted = rest
            found = dict(zip(FIELDS, said, strict=True))
            known = Known(contact_id, found, _name(found["given_name"], found["family_name"]), zones, set(addresses))
            known.is_deleted = is_deleted
            self._index(known, addresses)
        self._look_up([one for one in some if one.row.marks or one.row.groups or one.row.notes])

    def _look_up(self, some: Sequence[_Addressed]) -> None:
        """What contacts have of what rows want to add to them; most files add nothing of it."""
        theirs: dict[int, Known] = {
            known.id: known
            for one in some
            for value in _values(one)
            for known in self._by_address.get(value, ())
            if known.id is not None
        }
        own = (self._by_own_id.get(one.row.external_id) for one in some)
        theirs |= {known.id: known for known in own if known is not None and known.id is not None}
        for contact_id, markers, opt_outs, groups, notes in rows(_listed, _HAVE, {"ids": list(theirs)}):
            theirs[contact_id].have = {
                *(("marker", kind) for kind in markers),
                *(("opt_out", channel) for channel in opt_outs),
                *(("group", group) for group in groups),
                *(("note", text) for text in notes),
            }

    def _place(self, one: _Addressed) -> None:
        row = one.row
        name = _name(row.given_name, row.family_name)
        known = self._by_own_id.get(row.external_id) if row.external_id else None
        found: Known | Clash | None = known
        if known is None and self._by_address:
            by_phone = [other for phone, _ in one.phones for other in self._by_address.get(phone.e164, ())]
            by_email = [other for email, _ in one.emails for other in self._by_address.get(email.address, ())]
            found = who(row.external_id, name, by_phone, by_email) if by_phone or by_email else None
        if isinstance(found, Clash):
            self._refuse(row, WORDS[found])
        elif found is None and not one.phones and not one.emails:
            self._refuse(row, NO_ADDRESS)
        elif found is None:
            self._add(one, name)
        elif found.is_deleted:
            self._refuse(row, DELETED)
        else:
            self._complete(one, found)

    def _refuse(self, row: PersonRow, why: str) -> None:
        shown = f"{row.given_name} {row.family_name}".strip()
        self._planned.refused.append((RowProblem(row.row, None, shown, why), row.cells))

    def _add(self, one: _Addressed, name: str) -> None:
        """Here, and nowhere else, a row becomes a new contact: whoever must not come back is to be refused above."""
        known = Known(None, _NOTHING, name, [], set(), have=set())
        self._take(one, known)
        self._index(known, ())
        self._planned.new.append(known)
        self._planned.added += 1
        self._planned.outcomes.append(Outcome(one.row, "new", None, ""))

    def _complete(self, one: _Addressed, known: Known) -> None:
        before = (len(known.filled), len(known.phones), len(known.emails), len(known.gains), dict(known.filled))
        was_changed = known.is_changed
        self._take(one, known)
        if before == (len(known.filled), len(known.phones), len(known.emails), len(known.gains), known.filled):
            self._planned.unchanged += 1
            self._planned.outcomes.append(Outcome(one.row, "unchanged", known.id, known.name))
            return
        if known.id is not None and not was_changed:
            self._planned.touched.append(known)
        self._planned.completed += 1
        self._planned.outcomes.append(Outcome(one.row, "completed", known.id, known.name))

    def _take(self, one: _Addressed, known: Known) -> None:
        """What the row says and the contact lacks."""
        for phone, label in one.phones:
            if self._is_new_address(known, phone.e164):
                known.phones.append((phone, label or ("mobile" if phone.kind is PhoneKind.MOBILE else "")))
        for email, label in one.emails:
            if self._is_new_address(known, email.address):
                known.emails.append((email, label))
        for name, value in self._said(one.row).items():
            stands = known.filled.get(name, known.values[name])
            if value and value != stands and (not stands or self._overwrite) and not self._is_taken(name, value):
                known.filled[name] = value
        if known.external_id:
            self._by_own_id.setdefault(known.external_id, known)
        if one.row.marks or one.row.groups or one.row.notes:
            self._gain(one.row, known)

    def _said(self, row: PersonRow) -> dict[str, Any]:
        said: dict[str, Any] = {
            "given_name": row.given_name[:LONGEST_NAME],
            "family_name": row.family_name[:LONGEST_NAME],
            "external_id": row.external_id[:LONGEST_NAME],
            "language": row.language[:12],
            "country": row.country,
            "zone": row.zone,
        }
        if row.location:
            said["location_id"] = self._named(row, "Location", row.location, self._names.locations, NO_LOCATION)
        if row.assigned_to:
            said["assigned_to_id"] = self._named(row, "Assigned to", row.assigned_to, self._names.members, NO_MEMBER)
        return said

    def _named(self, row: PersonRow, column: str, written: str, known: dict[str, int], why: str) -> int | None:
        found = known.get(written.casefold())
        if found is None:
            self._planned.left_out.append(RowProblem(row.row, column, written, why))
        return found

    def _is_taken(self, name: str, value: Any) -> bool:
        return name == "external_id" and value in self._by_own_id

    def _gain(self, row: PersonRow, known: Known) -> None:
        wanted: list[tuple[str, Any]] = [_MARKS[mark] for mark in row.marks]
        wanted += [("group", self._names.groups.get(name.casefold(), name[:120])) for name in row.groups]
        wanted += [("note", note[:4000]) for note in row.notes]
        have = known.have if known.have is not None else set()
        for one in wanted:
            if one not in have and one not in known.gains:
                known.gains.append(one)

    def _is_new_address(self, known: Known, value: str) -> bool:
        if value in known.addresses:
            return False
        known.addresses.add(value)
        self._by_address.setdefault(value, []).append(known)
        return True

    def _index(self, known: Known, addresses: Iterable[str]) -> None:
        for value in addresses:
            self._by_address.setdefault(value, []).append(known)
        if known.external_id:
            self._by_own_id.setdefault(known.external_id, known)


_MARKS: dict[Mark, tuple[str, str]] = {
    Mark.FLAG: ("marker", "flag"),
    Mark.STOP_ALL: ("marker", "stop_all"),
    Mark.STOP_PROMOTIONS: ("marker", "stop_promotions"),
    Mark.OPT_OUT: ("opt_out", "all"),
    Mark.OPT_OUT_TEXT: ("opt_out", "text"),
    Mark.OPT_OUT_CALL: ("opt_out", "call"),
    Mark.OPT_OUT_EMAIL: ("opt_out", "email"),
}


def zones_after(account: Account, known: Known) -> list[str]:
    """Every zone that they may be in then: the more places somebody may be in, the more hours are quiet."""
    zone = known.filled.get("zone", known.values["zone"])
    phones = [phone for phone, _ in known.phones]
    if known.id is None or zone:
        return list(zones_of(account, zone, known.filled.get("country", known.values["country"]), phones))
    return sorted({*known.zones, *(place for phone in phones for place in phone.zones)})


def _values(one: _Addressed) -> list[str]:
    return [*(phone.e164 for phone, _ in one.phones), *(email.address for email, _ in one.emails)]


def _name(given: str, family: str) -> str:
    return f"{given} {family}".strip().casefold()


def _listed(*columns: Any) -> list[Any]:
    return list(columns)
