"""Reads a lead out of a plain mail, as portals and forms of websites send it: one line for each thing, with its name.

    Name: Lee Ortiz                     First name - Lee
    Phone: (212) 555-0166               Telefon: 030 1234567
    Message: What does it cost?         Comments:
                                        over several lines, to the end or to the next name

Only what a line names is believed: a number in a footer is the portal's own. A mail in which no line names a phone
number or an email is none that this reads; a person reads it then.
"""

import re
from dataclasses import dataclass

MOST_LINES = 400
LONGEST_VALUE = 254
LONGEST_COMMENT = 1024

# What lines are called, in the languages in which forms are often written. Small letters, without accents or signs.
_NAMES: dict[str, tuple[str, ...]] = {
    "name": (
        "name",
        "full name",
        "your name",
        "contact",
        "contact name",
        "customer",
        "customer name",
        "lead name",
        "client",
        "nom",
        "nombre",
        "vollstandiger name",
        "ihr name",
        "nom complet",
        "nombre completo",
    ),
    "given": ("first name", "given name", "vorname", "prenom", "forename"),
    "family": ("last name", "family name", "surname", "nachname", "nom de famille", "apellido", "apellidos"),
    "phone": (
        "phone",
        "phone number",
        "telephone",
        "telephone number",
        "tel",
        "mobile",
        "mobile number",
        "mobile phone",
        "cell",
        "cell phone",
        "contact number",
        "telefon",
        "telefonnummer",
        "mobil",
        "handy",
        "telefono",
        "movil",
        "numero de telephone",
        "portable",
        "your phone",
        "your phone number",
    ),
    "email": (
        "email",
        "e mail",
        "email address",
        "e mail address",
        "mail",
        "your email",
        "correo",
        "correo electronico",
        "adresse email",
        "courriel",
        "e mail adresse",
        "your email address",
    ),
    "comment": (
        "message",
        "comment",
        "comments",
        "question",
        "questions",
        "note",
        "notes",
        "inquiry",
        "enquiry",
        "details",
        "your message",
        "nachricht",
        "kommentar",
        "mensaje",
        "comentarios",
        "commentaire",
        "additional comments",
    ),
    "kind": ("type", "lead type", "kind", "interest", "interested in", "inquiry type", "enquiry type", "art", "tipo"),
}
_CALLED = {called: field for field, names in _NAMES.items() for called in names}
_LINE = re.compile(
    r"^\s*[*_>\-\u2022 ]{0,6}(?P<called>[^\W\d_][^:=\n]{0,40}?)[*_ ]{0,4}\s*(?::|=|\s-\s)[*_ ]{0,4}\s*(?P<value>.*)$"
)
_ACCENTS = str.maketrans("áàâäãéèêëíìîïóòôöõúùûüçñ", "aaaaaeeeeiiiiooooouuuucn")
_PLAIN = re.compile(r"[^a-z]+")
_NUMBER = re.compile(r"\+?[\d(][\d\s().\-/\u00a0]{4,24}\d")
_ADDRESS = re.compile(r"[^\s<>()\[\]\",;:]{1,64}@[^\s<>()\[\]\",;:]{1,189}")
_END = re.compile(
    r"^\s*(--+|__+|==+|sent from|unsubscribe|this (e-?mail|message) was sent|view (this|in)|powered by)", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedLead:
    given_name: str = ""
    family_name: str = ""
    phone: str = ""
    email: str = ""
    kind: str = ""
    comment: str = ""


def read_lead(text: str) -> MailedLead | None:
    """None: this is no mail with named lines, or no line names how to reach them."""
    found = _fields(text)
    number, address = _NUMBER.search(found.get("phone", "")), _ADDRESS.search(found.get("email", ""))
    if number is None and address is None:
        return None
    given, family = _named(found)
    return MailedLead(
        given_name=given,
        family_name=family,
        phone=number.group().strip() if number else "",
        email=address.group().rstrip(".") if address else "",
        kind=found.get("kind", "")[:40].strip(),
        comment=_shortened(found.get("comment", "")),
    )


def _fields(text: str) -> dict[str, str]:
    """Of a name that stands twice the first counts. Only a comment goes on over several lines."""
    found: dict[str, str] = {}
    open_comment = False
    for line in text.splitlines()[:MOST_LINES]:
        said = _LINE.match(line)
        field = _CALLED.get(_plain(said["called"])) if said else None
        if said is not None and field is not None:
            open_comment = field == "comment" and field not in found
            found.setdefault(
                field, said["value"].strip() if field == "comment" else said["value"].strip()[:LONGEST_VALUE]
            )
        elif open_comment and _END.match(line):
            open_comment = False
        elif open_comment:
            found["comment"] += f"\n{line.rstrip()}"
    return found


def _plain(called: str) -> str:
    return _PLAIN.sub(" ", called.lower().translate(_ACCENTS)).strip()


def _named(found: dict[str, str]) -> tuple[str, str]:
    if "given" in found or "family" in found:
        return found.get("given", "")[:120], found.get("family", "")[:120]
    name = " ".join(found.get("name", "").split())
    if "," in name:  # Ortiz, Lee
        family, _, given = name.partition(",")
        return given.strip()[:120], family.strip()[:120]
    given, _, family = name.partition(" ")
    return given[:120], family[:120]


def _shortened(comment: str) -> str:
    said = re.sub(r"\n{3,}", "\n\n", comment).strip()
    return said if len(said) <= LONGEST_COMMENT else f"{said[: LONGEST_COMMENT - 3]}..."
