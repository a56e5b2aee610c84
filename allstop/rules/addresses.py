"""Phone numbers, email addresses and zones: the one place that reads them.

Whatever way a number is written, it becomes E.164; whatever cannot be read becomes a Problem that says what
to do. A phone number must be possible (country, area code and length), not assigned: numbering plans change
faster than any table, and the numbers that Ofcom sets aside for drama (+44 7700 900xxx) are never assigned.

Where a phone may be:

| number | zones |
|---|---|
| tied to a place (landline, North America's mobiles) | those of the place |
| mobile | all zones of its country: eight or more for Australia |
| toll-free, another kind, or not assigned | all zones of all countries that share the country code |
| of no country (satellite, +800) | none: unknown |

An extension is refused: in E.164 it would be lost, and the switchboard would hear what is meant for one
person.
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

import idna
import phonenumbers
from email_validator import EmailNotValidError, validate_email
from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType, ValidationResult
from phonenumbers.phonenumberutil import is_number_type_geographical
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_geographical_number

from allstop.rules.making import made_often
from allstop.rules.phone_stems import LAST, decides
from allstop.rules.wallclock import is_zone
from allstop.rules.words import Problem

LONGEST_PHONE = 250  # characters; the library refuses more
_GROUPED = re.compile(r"[\s(]*\+?[\s(]*[0-9][0-9\s()./-]*")
_PLAIN_EMAIL = re.compile(r"(?=[^@]{1,64}@)[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*@([A-Za-z0-9.-]{1,180})")
_AS_NUMBER = re.compile(r"[0-9]{7,15}\.0")  # a program took the column for numbers and wrote 2125550100.0
_E164 = re.compile(r"\+[0-9]{4,15}")
_NORTH_AMERICA = 1
# The library asks for ten digits only. Programs write 000-000-0000 for no number: all who have it would be one contact.
_IN_NORTH_AMERICA = re.compile(r"[2-9][0-9]{9}")


class PhoneKind(StrEnum):
    MOBILE = "mobile"
    LANDLINE = "landline"
    EITHER = "either"  # a plan that does not tell, such as North America's
    TOLL_FREE = "toll_free"
    OTHER = "other"  # premium rate, shared cost, internet, pager
    UNKNOWN = "unknown"


@made_often
class Phone:
    e164: str
    region: str | None  # two letters; None: of no country
    zones: tuple[str, ...]  # () unknown
    kind: PhoneKind


@made_often
class Email:
    address: str  # local part as written, domain in small ASCII letters (IDNA)
    needs_smtputf8: bool  # the local part goes beyond ASCII, which not every server takes


_KIND = {
    PhoneNumberType.MOBILE: PhoneKind.MOBILE,
    PhoneNumberType.FIXED_LINE: PhoneKind.LANDLINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: PhoneKind.EITHER,
    PhoneNumberType.TOLL_FREE: PhoneKind.TOLL_FREE,
    PhoneNumberType.UNKNOWN: PhoneKind.UNKNOWN,
}
_NO_TEXTS = frozenset({PhoneKind.LANDLINE, PhoneKind.TOLL_FREE})
_NO_COUNTRY = "001"
_BLANKS = " \t\u00a0"  # not line breaks: those belong in no address, and begin a header in a mail

_IMPOSSIBLE = {
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: ("phone_local_only", "lacks its area code. Add it."),
    ValidationResult.INVALID_COUNTRY_CODE: (
        "phone_country_unknown",
        "has a country code that does not exist. Check the digits after the +.",
    ),
    ValidationResult.TOO_SHORT: ("phone_too_short", "has too few digits. Check that it is complete."),
    ValidationResult.TOO_LONG: (
        "phone_too_long",
        "has too many digits. Check that it is one number.",
    ),
    ValidationResult.INVALID_LENGTH: (
        "phone_length",
        "has a number of digits that its country does not use. Check that it is complete.",
    ),
}


_LIKE: dict[tuple[str, str | None], Phone] = {}  # by stem and region: any number of that stem
_MOST_STEMS = 65536  # some 20 MB


def parse_phone(text: str, region: str | None) -> Phone | Problem:
    """`region` is the country dialled from, two letters; None: only numbers that begin with + can be read."""
    known = known_phone(text, region)
    if known is not None:
        return known
    read = read_phone(text, region)
    if isinstance(read, Phone):
        keep_phone(text, region, read)
    return read


def known_phone(text: str, region: str | None) -> Phone | None:
    """What parse_phone says, where a number with the same stem was read already (phone_stems.py)."""
    like = _LIKE.get((text[:-LAST], region))
    last = text[-LAST:]
    if like is None or not (last.isascii() and last.isdecimal()):
        return None
    return Phone(like.e164[:-LAST] + last, like.region, like.zones, like.kind)


def keep_phone(text: str, region: str | None, read: Phone) -> None:
    """So that others with its stem need not be read."""
    if decides(text, read.e164):
        if len(_LIKE) >= _MOST_STEMS:
            _LIKE.clear()
        _LIKE[(text[:-LAST], region)] = read


@lru_cache(maxsize=16384)
def read_phone(text: str, region: str | None) -> Phone | Problem:
    """By the library alone."""
    if region is not None and region not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"There is no country {region!r} with phone numbers. Use two letters such as GB.")
    written = text.strip()
    if not written:
        return Problem("phone_missing", "There is no phone number.")
    if _AS_NUMBER.fullmatch(written):
        written = written[:-2]
    try:
        number = phonenumbers.parse(written[:LONGEST_PHONE], region)
    except NumberParseException as refused:
        return _unreadable(written, refused)
    if number.extension:
        return Problem("phone_extension", f"{written} has an extension. Give a number that reaches the person.")
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible != ValidationResult.IS_POSSIBLE:
        code, says = _IMPOSSIBLE[possible]
        return Problem(code, f"{written} {says}")
    country_code = number.country_code
    assert country_code is not None  # a parsed number has one
    if country_code == _NORTH_AMERICA and not _IN_NORTH_AMERICA.fullmatch(str(number.national_number)):
        return Problem("phone_area_code", f"{written} is no number: its area code does not exist. Check its digits.")
    country, number_type = _region_and_type(number, country_code, region)
    return Phone(
        e164=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        region=country,
        zones=_zones(number, country_code, number_type, country),
        kind=_KIND.get(number_type, PhoneKind.OTHER),
    )


def takes_texts(phone: Phone) -> bool:
    """A number whose kind is not known is believed to: the provider says otherwise if it does not."""
    return phone.kind not in _NO_TEXTS


@lru_cache(maxsize=65536)
def grouped(address: str) -> str:
    """As people write it: a number in the groups of its country, +44 1632 960961; an email's domain in its letters."""
    if not _E164.fullmatch(address):
        return in_letters(address)
    try:
        number = phonenumbers.parse(address, None)
    except NumberParseException:  # of no country: a provider may name such a sender
        return address
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def in_letters(address: str) -> str:
    """An email with its domain in its letters; it is read back as the same. Anything else as it is."""
    local, _, domain = address.rpartition("@")
    if not local or "xn--" not in domain:
        return address
    try:
        return f"{local}@{idna.decode(domain)}"
    except (idna.IDNAError, UnicodeError):  # kept by an older rule, or made up by whoever wrote to us
        return address


def ascii_domain(words: str) -> str:
    """What is searched for, with each part of a domain as it is kept: bücher is xn--bcher-kva."""
    local, sign, domain = words.rpartition("@")
    try:
        parts = [one if one.isascii() else idna.encode(one, uts46=True).decode("ascii") for one in domain.split(".")]
    except idna.IDNAError:
        return words
    return f"{local}{sign}{'.'.join(parts)}"


def kept_forms(words: str) -> list[str]:
    """What is searched for among addresses: as it was typed, and with its domain as it is kept."""
    return list(dict.fromkeys((words, ascii_domain(words))))


def ungrouped(words: str) -> str:
    """Words that are searched for: of a number, or part of one, only the + and the digits are kept."""
    return re.sub(r"[^+0-9]", "", words) if _GROUPED.fullmatch(words) else words


def is_plain_email(text: str) -> bool:
    """Whether parse_email reads it as quickly as anybody could ask somebody else."""
    return _PLAIN_EMAIL.fullmatch(text) is not None


def parse_email(text: str) -> Email | Problem:
    """Syntax only; nothing is looked up. Reserved domains such as .test and .example are taken."""
    written = text.strip(_BLANKS)
    if not written:
        return Problem("email_missing", "There is no email address.")
    # Nine of ten are like this, and a million of them have some thousand domains: those are read once each.
    plain = _PLAIN_EMAIL.fullmatch(written)
    if plain is not None and (domain := _ascii_domain(plain[1])):
        mailbox = written[: plain.start(1) - 1]
        if (small := mailbox.lower()) in CASE_INSENSITIVE_MAILBOX_NAMES:  # INFO@ is info@, wherever that is
            mailbox = small
        return Email(f"{mailbox}@{domain}", needs_smtputf8=False)
    try:
        found = validate_email(written, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError as refused:
        return Problem("email_malformed", f"{written} is not an email address. {refused}")
    return Email(f"{found.local_part}@{found.ascii_domain.lower()}", not found.local_part.isascii())


@lru_cache(maxsize=16384)
def _ascii_domain(written: str) -> str | None:
    """In small letters; None for one that cannot be read."""
    try:
        found = validate_email(f"a@{written}", check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError:
        return None
    return found.ascii_domain.lower()


def bare_email(text: str) -> str:
    """The address of what programs copy, such as Ann Lee <ann@lee.example> or mailto:ann@lee.example; else as it is."""
    text = text.strip(_BLANKS)
    if text.endswith(">") and text.count("<") == 1:
        text = text[text.index("<") + 1 : -1].strip(_BLANKS)
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0]
    return text


def country_zones(country: str) -> tuple[str, ...]:
    """All zones of a country (two letters); () where the table has none."""
    return _zone_table("zone.tab").get(country, ())


def contact_zones(explicit_zone: str | None, phones: Iterable[Phone], country: str | None) -> tuple[str, ...]:
    """Every zone that the contact may be in: the one set, else all phones' zones, else the country's."""
    if explicit_zone:
        return (explicit_zone,)
    zones = {zone for phone in phones for zone in phone.zones}
    if not zones and country:
        return country_zones(country)
    return tuple(sorted(zones))


def _unreadable(written: str, refused: NumberParseException) -> Problem:
    match refused.error_type:
        case NumberParseException.TOO_LONG:
            reason = ValidationResult.TOO_LONG
        case NumberParseException.TOO_SHORT_NSN | NumberParseException.TOO_SHORT_AFTER_IDD:
            reason = ValidationResult.TOO_SHORT
        case NumberParseException.INVALID_COUNTRY_CODE if written.startswith("+"):
            reason = ValidationResult.INVALID_COUNTRY_CODE
        case NumberParseException.INVALID_COUNTRY_CODE:
            return Problem(
                "phone_country_missing", f"The country of {written} is not known. Begin with + and its code."
            )
        case _:
            return Problem("phone_unreadable", f"{written} is not a phone number. Write it in digits.")
    code, says = _IMPOSSIBLE[reason]
    return Problem(code, f"{written} {says}")


def _region_and_type(number: PhoneNumber, country_code: int, dialled_from: str | None) -> tuple[str | None, int]:
    """A number that is not assigned is the dialling country's if that has the code, else the main one's."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[country_code]
    if regions[0] == _NO_COUNTRY:
        return None, phonenumbers.number_type(number)
    if len(regions) == 1:
        return regions[0], phonenumbers.number_type(number)
    assigned = phonenumbers.region_code_for_number(number)
    if assigned is None:
        return dialled_from if dialled_from in regions else regions[0], PhoneNumberType.UNKNOWN
    return assigned, phonenumbers.number_type(number)


def _zones(number: PhoneNumber, country_code: int, number_type: int, region: str | None) -> tuple[str, ...]:
    # Not time_zones_for_number: it asks for the type again, a third of the price of reading a number.
    is_placed = is_number_type_geographical(number_type, country_code)
    if region is not None and (is_placed or number_type == PhoneNumberType.MOBILE):
        zones = country_zones(region)
        if not is_placed or len(zones) == 1:
            return zones
        zones = tuple(filter(is_zone, time_zones_for_geographical_number(number)))
        if zones and UNKNOWN_TIMEZONE not in zones:
            return zones
    return _zones_of_code(country_code)


@lru_cache(maxsize=512)
def _zones_of_code(country_code: int) -> tuple[str, ...]:
    # From the table that names zones with one clock once: many countries may share a code.
    table = _zone_table("zone1970.tab")
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[country_code]
    return tuple(sorted({zone for region in regions for zone in table.get(region, ())}))


@lru_cache(maxsize=2)
def _zone_table(name: str) -> Mapping[str, tuple[str, ...]]:
    """A table of the time zone database: `countries <tab> coordinates <tab> zone <tab> comment`."""
    table: dict[str, list[str]] = {}
    for line in files("tzdata").joinpath("zoneinfo", name).read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        countries, _, zone = line.split("\t")[:3]
        for country in countries.split(","):
            table.setdefault(country, []).append(zone)
    return {country: tuple(sorted(zones)) for country, zones in table.items()}
