"""Where words mention a person: one regular expression for their name, numbers and emails.

It means the same in Python and in PostgreSQL, where it is asked of whole tables; case does not matter to either.
"""

import re
from collections.abc import Iterable

import phonenumbers

from allstop.rules.addresses import in_letters

_SEPARATORS = r"[\s().\-/]*"
NOBODY = r"(?!x)x"  # finds nothing


def mention(given_name: str, family_name: str, addresses: Iterable[str]) -> str:
    """A single name is looked for as a word of its own; of two, both together, in either order."""
    found = [_name(given_name.strip(), family_name.strip())]
    for one in sorted(set(addresses)):
        found += [_number(one)] if one.startswith("+") else [re.escape(form) for form in {one: 0, in_letters(one): 0}]
    words = [one for one in found if one]
    return "|".join(rf"(?<!\w)(?:{one})(?!\w)" for one in words) if words else NOBODY


def _name(given: str, family: str) -> str:
    both = [re.escape(one) for one in (given, family) if one]
    if len(both) < 2:
        return both[0] if both else ""
    return rf"{both[0]}\s+{both[1]}|{both[1]},?\s+{both[0]}"


def _number(e164: str) -> str:
    """However it was typed: with the country's code or without, with any separators."""
    number = phonenumbers.parse(e164)
    code = _SEPARATORS.join(str(number.country_code))
    digits = _SEPARATORS.join(str(number.national_number))
    return rf"(?:(?:\+|00)?{_SEPARATORS}{code}{_SEPARATORS}(?:\(?0\)?)?{_SEPARATORS}|0{_SEPARATORS})?\(?{digits}"
