"""vCard 2.1, 3.0 and 4.0 as phones, Outlook and address books write them, read as people.

What it copes with: quoted-printable and a charset for each line (2.1), folded lines, properties in groups (item1.TEL),
types written in three ways, tel: and mailto: addresses, many cards in a file, cards that lack their end, any end of
line, byte order marks. Pictures and sounds are let go unread. A UID is not taken as somebody's own id: two phones that
hold the same person have given them two.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from allstop.formats.months import folded
from allstop.formats.person import CHANNEL_MARKS, Mark, PersonRow, Written
from allstop.formats.person_words import SYSTEM_GROUPS
from allstop.formats.places import country_named, zone_named
from allstop.formats.reminder import split_name
from allstop.formats.table import RowProblem
from allstop.formats.vcard_lines import Line, parts, properties, text_of

Pieces = Callable[[], Iterable[bytes]]
"""The file from its beginning, each time that it is called."""

COLUMNS = ("First name", "Last name", "Phones", "Emails")
"""Of the list of refused cards."""
OURS = "X-ALLSTOP-"
"""Before the names of properties that only Allstop writes."""
A_LIST = "This card is a list of contacts, not a person."
NO_END = "This card ends in the middle. Export the file again."

_WANTED = frozenset(
    {"BEGIN", "END", "VERSION", "AGENT", "N", "FN", "ORG", "TEL", "EMAIL", "CATEGORIES", "NOTE", "LANG", "TZ", "KIND"}
    | {"X-ABLABEL", "X-ABSHOWAS", "X-ADDRESSBOOKSERVER-KIND"}
    | {OURS + name for name in ("ID", "COUNTRY", "LOCATION", "ASSIGNED-TO", "FLAG", "STOP-ALL", "STOP-PROMOTIONS")}
    | {OURS + "OPTED-OUT"}
)
_NOT_PHONES = frozenset({"fax", "pager", "modem", "bbs", "isdn", "pcs-fax", "textphone"})
_LABELS = (
    ("mobile", frozenset({"cell", "mobile", "iphone", "x-mobile"})),
    ("home", frozenset({"home"})),
    ("work", frozenset({"work"})),
)
_MARKS = {"FLAG": Mark.FLAG, "STOP-ALL": Mark.STOP_ALL, "STOP-PROMOTIONS": Mark.STOP_PROMOTIONS}


def read(pieces: Pieces, encoding: str = "cp1252") -> Iterator[PersonRow | RowProblem]:
    """`encoding`: of texts that are neither UTF-8 nor say what they are."""
    number = 0
    lines: list[Line] | None = None
    inner = 0  # cards inside a card: the AGENT of 2.1
    for line in properties(pieces(), _WANTED):
        what = line.value.strip().upper()
        if line.name == "BEGIN" and what == b"VCARD":
            if lines is not None and lines and lines[-1].name == "AGENT":
                inner += 1
                continue
            if lines is not None:
                yield _cut_off(number, lines, encoding)
            number += 1
            lines, inner = [], 0
        elif line.name == "END" and what == b"VCARD":
            if inner:
                inner -= 1
            elif lines is not None:
                yield _Card(number, lines, encoding).person()
                lines = None
        elif lines is not None and not inner:
            lines.append(line)
    if lines is not None:
        yield _cut_off(number, lines, encoding)


def _cut_off(number: int, lines: list[Line], encoding: str) -> RowProblem:
    person = _Card(number, lines, encoding).person()
    name = f"{person.given_name} {person.family_name}".strip() if isinstance(person, PersonRow) else ""
    return RowProblem(number, None, name, NO_END)


@dataclass(slots=True)
class _Said:
    """A phone or an email, before its order is known."""

    text: str
    label: str
    preferred: bool
    group: str


@dataclass(slots=True)
class _Card:
    number: int
    lines: list[Line]
    encoding: str
    old: bool = field(init=False)

    def __post_init__(self) -> None:
        self.old = any(line.name == "VERSION" and line.value.strip() == b"2.1" for line in self.lines)

    def person(self) -> PersonRow | RowProblem:
        if "group" in {self._text(line).lower() for line in self.lines if line.name.endswith("KIND")}:
            return RowProblem(self.number, None, self._first("FN"), A_LIST)
        given, family = self._name()
        phones, emails = self._addresses("TEL"), self._addresses("EMAIL")
        return PersonRow(
            row=self.number,
            given_name=given,
            family_name=family,
            phones=phones,
            emails=emails,
            external_id=self._first(OURS + "ID"),
            language=self._first("LANG"),
            country=country_named(self._first(OURS + "COUNTRY")) or "",
            zone=zone_named(self._first("TZ")) or "",
            location=self._first(OURS + "LOCATION"),
            assigned_to=self._first(OURS + "ASSIGNED-TO"),
            groups=self._groups(),
            notes=tuple(note for line in self._all("NOTE") if (note := self._whole(line))),
            marks=self._marks(),
            cells=(given, family, "; ".join(one.text for one in phones), "; ".join(one.text for one in emails)),
        )

    def _all(self, name: str) -> list[Line]:
        return [line for line in self.lines if line.name == name]

    def _text(self, line: Line) -> str:
        return text_of(line, old=self.old, encoding=self.encoding)

    def _whole(self, line: Line) -> str:
        """A text with its escapes undone; its breaks of lines stay."""
        return parts(self._text(line), "")[0]

    def _first(self, name: str) -> str:
        return next((text for line in self._all(name) if (text := self._whole(line))), "")

    def _name(self) -> tuple[str, str]:
        """The second name goes with the first; titles are left out. Without either, the company's name."""
        for line in self._all("N"):
            family, given, second = [*parts(self._text(line), ";"), "", "", ""][:3]
            if given or family:
                return f"{given} {second}".strip(), family
        full = " ".join(self._first("FN").split())
        company = next((parts(self._text(line), ";")[0] for line in self._all("ORG")), "")
        if company and full in ("", company):
            return "", company
        return split_name(full) if full else ("", "")

    def _addresses(self, name: str) -> tuple[Written, ...]:
        labels = {line.group: folded(self._text(line)) for line in self._all("X-ABLABEL") if line.group}
        found = [one for line in self._all(name) if (one := self._said(line, labels.get(line.group, "")))]
        found.sort(key=lambda one: not one.preferred)  # stable: otherwise as the card has them
        return tuple(dict.fromkeys(Written(one.text, one.label) for one in found))

    def _said(self, line: Line, label: str) -> _Said | None:
        types = set(line.parameters.get("TYPE", ()))
        if label in ("fax", "homefax", "workfax", "otherfax", "pager") or (
            types & _NOT_PHONES and "voice" not in types
        ):
            return None
        text = self._whole(line)
        for scheme in ("tel:", "mailto:"):
            if text[: len(scheme)].lower() == scheme:
                text = text[len(scheme) :].replace(";ext=", " ext. ")
        if not text:
            return None
        named = {*types, label}
        of = next((one for one, words in _LABELS if words & named), "")
        preferred = "pref" in types or line.parameters.get("PREF", ["100"])[0] == "1"
        return _Said(text, of, preferred, line.group)

    def _groups(self) -> tuple[str, ...]:
        names = [name for line in self._all("CATEGORIES") for name in parts(self._text(line), ",")]
        return tuple(dict.fromkeys(name for name in names if name and folded(name) not in SYSTEM_GROUPS))

    def _marks(self) -> tuple[Mark, ...]:
        found = [mark for name, mark in _MARKS.items() if self._first(OURS + name)]
        opted_out = parts(self._first(OURS + "OPTED-OUT"), ",")
        if opted_out != [""]:
            found += [CHANNEL_MARKS.get(folded(word), Mark.OPT_OUT) for word in opted_out]
        return tuple(dict.fromkeys(found))
