"""What a single cell looks like, whatever its column is called.

Only looks: whether a phone or an address is valid is decided later, in one place, by the rules.
"""

import re
from enum import StrEnum
from functools import lru_cache

from allstop.formats.dates import Shape, shape
from allstop.rules.addresses import bare_email


class Look(StrEnum):
    EMPTY = "empty"
    EMAIL = "email"
    PHONE = "phone"
    MOMENT = "moment"
    """Date and time in one cell."""
    DATE = "date"
    TIME = "time"
    NUMBER = "number"
    TEXT = "text"


_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]{2,}$")
_PHONE = re.compile(r"(?:tel:)?\+?[\d\s().\-/\u2011\u2013]+(?:\s?(?:x|ext\.?|#)\s?\d{1,6})?$", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?[$€£¥]?\s?[-+]?\d[\d,.' ]*\s?(?:[$€£¥%]|[A-Z]{3})?$")
_CLOCK = re.compile(r"\d\s*[:hH]\s*\d\d|\d\s*[aApP]\.?\s?[mM]\b|\dT\d|\s\d{1,2}\.\d\d$")


@lru_cache(maxsize=4096)
def look(cell: str) -> Look:
    if not cell:
        return Look.EMPTY
    if "@" in cell and _EMAIL.match(bare_email(cell)):
        return Look.EMAIL
    if not any(character.isdigit() for character in cell):
        return Look.TEXT
    return _with_digits(cell)


def _with_digits(cell: str) -> Look:
    written = shape(cell)
    if written is Shape.TIME:
        return Look.TIME
    if written is not None and written is not Shape.SERIAL:
        return Look.MOMENT if _CLOCK.search(cell) or (len(cell) >= 12 and cell.isdigit()) else Look.DATE
    if _is_phone(cell):
        return Look.PHONE
    return Look.NUMBER if _NUMBER.match(cell) else Look.TEXT


def _is_phone(cell: str) -> bool:
    if not _PHONE.match(cell):
        return False
    body = re.split(r"[x#e]", cell.lower())[0] if not cell.startswith("tel:") else cell
    digits = sum(1 for character in body if character.isdigit())
    # Bare digits are a phone only at the length of one: shorter ones are codes, longer ones are card numbers.
    if cell.isdigit():
        return 10 <= digits <= 13
    if re.fullmatch(r"[\d,]+\.\d{1,2}", cell):
        return False
    return 7 <= digits <= 15
