"""People written as rows or as vCards, one after the other: whatever the number, a few kilobytes are held at a time.

The rule that it guards: what is written can be read back by person_table.py and vcard.py, and then nothing has changed.

As CSV by delimited_writing.py, as a workbook by workbook_writing.py.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from allstop.formats.delimited_writing import AT_ONCE
from allstop.formats.person import Mark, Written

CELLS_OF_A_KIND = 3  # columns for phones, and for emails; whoever has more has them in one more column


class Outgoing(NamedTuple):
    """Somebody, with what the account keeps of them."""

    given_name: str
    family_name: str
    phones: tuple[Written, ...]
    emails: tuple[Written, ...]
    external_id: str
    language: str
    country: str
    zone: str
    location: str
    assigned_to: str
    groups: tuple[str, ...]
    marks: tuple[Mark, ...]


_COLUMNS = """First name,Last name,Phone,Phone 2,Phone 3,More phones,Email,Email 2,Email 3,More emails,Own ID,Language,
Country,Time zone,Location,Assigned to,Groups,Flag,Stop All,Stop Promotions,Opted out"""
COLUMNS = tuple(_COLUMNS.replace("\n", "").split(","))
_OPT_OUTS = {
    Mark.OPT_OUT: "all",
    Mark.OPT_OUT_TEXT: "text",
    Mark.OPT_OUT_CALL: "call",
    Mark.OPT_OUT_EMAIL: "email",
}
_DIVIDES = re.compile("[;|,]")


def cells_of(one: Outgoing) -> tuple[str, ...]:
    return (
        one.given_name,
        one.family_name,
        *_spread([phone.text for phone in one.phones]),
        *_spread([email.text for email in one.emails]),
        one.external_id,
        one.language,
        one.country,
        one.zone,
        one.location,
        one.assigned_to,
        _groups(one.groups),
        *("yes" if mark in one.marks else "" for mark in (Mark.FLAG, Mark.STOP_ALL, Mark.STOP_PROMOTIONS)),
        "; ".join(_OPT_OUTS[mark] for mark in one.marks if mark in _OPT_OUTS),
    )


def _spread(values: Sequence[str]) -> list[str]:
    first = [*values[:CELLS_OF_A_KIND], *[""] * (CELLS_OF_A_KIND - len(values))]
    return [*first, "; ".join(values[CELLS_OF_A_KIND:])]


def _groups(names: Sequence[str]) -> str:
    """Divided as Google divides them. With a mark at the end where a name has a comma, which would divide it."""
    divided = " ::: ".join(names)
    return f"{divided} :::" if len(names) == 1 and _DIVIDES.search(divided) else divided


# --- vCard


def write_vcards(people: Iterable[Outgoing], version: str) -> Iterator[bytes]:
    """`version`: 3.0, which every phone takes, or 4.0."""
    cards: list[str] = []
    for one in people:
        cards.append(_card(one, version))
        if len(cards) == AT_ONCE:
            yield "".join(cards).encode()
            cards.clear()
    yield "".join(cards).encode()


def _card(one: Outgoing, version: str) -> str:
    full = f"{one.given_name} {one.family_name}".strip()
    shown = full or next((address.text for address in (*one.phones, *one.emails)), "")
    lines = ["BEGIN:VCARD", f"VERSION:{version}", f"N:{_said(one.family_name)};{_said(one.given_name)};;;"]
    lines.append(f"FN:{_said(shown)}")
    if version == "4.0":
        lines += [f"TEL;VALUE=uri{_types(phone.label)}:tel:{phone.text}" for phone in one.phones]
        lines += [f"EMAIL{_types(email.label)}:{_said(email.text)}" for email in one.emails]
    else:
        lines += [f"TEL{_types(phone.label)};TYPE=VOICE:{_said(phone.text)}" for phone in one.phones]
        lines += [f"EMAIL{_types(email.label)};TYPE=INTERNET:{_said(email.text)}" for email in one.emails]
    if one.groups:
        lines.append("CATEGORIES:" + ",".join(map(_said, one.groups)))
    ours = (
        ("LANG", one.language),
        ("TZ", one.zone),
        ("X-ALLSTOP-ID", one.external_id),
        ("X-ALLSTOP-COUNTRY", one.country),
        ("X-ALLSTOP-LOCATION", one.location),
        ("X-ALLSTOP-ASSIGNED-TO", one.assigned_to),
        ("X-ALLSTOP-FLAG", "1" if Mark.FLAG in one.marks else ""),
        ("X-ALLSTOP-STOP-ALL", "1" if Mark.STOP_ALL in one.marks else ""),
        ("X-ALLSTOP-STOP-PROMOTIONS", "1" if Mark.STOP_PROMOTIONS in one.marks else ""),
    )
    lines += [f"{name}:{_said(value)}" for name, value in ours if value]
    opted_out = [_OPT_OUTS[mark] for mark in one.marks if mark in _OPT_OUTS]
    if opted_out:
        lines.append("X-ALLSTOP-OPTED-OUT:" + ",".join(opted_out))
    return "".join(f"{_folded(line)}\r\n" for line in (*lines, "END:VCARD"))


_TYPES = {"mobile": "CELL", "home": "HOME", "work": "WORK"}


def _types(label: str) -> str:
    return f";TYPE={_TYPES[label]}" if label in _TYPES else ""


def _said(text: str) -> str:
    for sign, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n")):
        text = text.replace(sign, escaped)
    return text


def _folded(line: str) -> str:
    """At 75 bytes, between characters."""
    if len(line) <= 75 and line.isascii():
        return line
    found: list[str] = []
    piece, size = "", 0
    for sign in line:
        width = len(sign.encode())
        if size + width > 75:
            found.append(piece)
            piece, size = " ", 1
        piece += sign
        size += width
    return "\r\n".join((*found, piece))
