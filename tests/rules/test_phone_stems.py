"""What is known of a number by its first digits is what the library says of the whole number."""

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata
from phonenumbers.tzdata import TIMEZONE_DATA

from allstop.rules.addresses import Phone, keep_phone, known_phone, parse_phone, read_phone
from allstop.rules.phone_stems import FEWEST, FEWEST_NATIONAL, LAST, LONGER, UNDECIDED, decides, stem
from tests.rules.digit_patterns import last_digits_are_free, longest, reads

LONGEST = 17  # digits of a national number, in the library
_KINDS = ("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan")


def looks_at_the_last_digits(code: int) -> bool:
    """Whether anything that the library asks about numbers of this country code may depend on their last digits."""
    written = FEWEST + (code in LONGER)
    fewest = min(FEWEST_NATIONAL, written - len(str(code)))  # "44 7700..." may be read with or without its code
    end = len(str(code)) + FEWEST_NATIONAL - LAST
    return any(len(key) > end for key in TIMEZONE_DATA if key.startswith(str(code))) or any(
        _plan_looks_at_them(_plan(code, region), written, fewest) for region in COUNTRY_CODE_TO_REGION_CODE[code]
    )


def _plan(code: int, region: str) -> PhoneMetadata:
    of_no_country = region == "001"
    plan = (
        PhoneMetadata.metadata_for_nongeo_region(code, None)
        if of_no_country
        else PhoneMetadata.metadata_for_region(region, None)
    )
    assert plan is not None
    return plan


def _plan_looks_at_them(plan: PhoneMetadata, written: int, fewest: int) -> bool:
    prefix = plan.national_prefix_for_parsing or ""
    assert plan.general_desc is not None and plan.general_desc.national_number_pattern is not None
    kinds = [getattr(plan, name) for name in _KINDS]
    patterns = [kind.national_number_pattern for kind in kinds if kind is not None and kind.national_number_pattern]
    any_kind = range(max(LAST, fewest - longest(prefix)), LONGEST + 1)  # also of what is left without the prefix
    return (
        reads(prefix) > fewest - LAST
        or reads(plan.leading_digits or "") > FEWEST_NATIONAL - LAST
        or reads(plan.international_prefix or "") > written - LAST
        # what a prefix is replaced by keeps the end
        or not re.search(r"\\[0-9]$", plan.national_prefix_transform_rule or r"\1")
        or not last_digits_are_free(plan.general_desc.national_number_pattern, any_kind, LAST)
        or not all(last_digits_are_free(one, range(FEWEST_NATIONAL, LONGEST + 1), LAST) for one in patterns)
    )


def test_no_plan_looks_at_the_last_three_digits_but_those_that_are_named() -> None:
    assert {code for code in COUNTRY_CODE_TO_REGION_CODE if looks_at_the_last_digits(code)} == UNDECIDED


@pytest.mark.parametrize(
    ("pattern", "last", "free"),
    [
        (r"[2-9]\d{2}[2-9]\d{6}", 6, True),
        (r"[2-9]\d{2}[2-9]\d{6}", 7, False),
        (r"555\d{3}|5550\d\d", 3, True),
        (r"55[0-4]\d\d|555\d\d", 2, True),
        (r"555[01]\d\d", 3, False),
        (r"7[0-9]{1,4}5?", 1, False),
    ],
)
def test_the_proof_can_fail(pattern: str, last: int, free: bool) -> None:
    assert last_digits_are_free(pattern, range(3, 12), last) is free


def test_a_prefix_is_read_as_far_as_it_tells_digits_apart() -> None:
    assert [reads(one) for one in ("0", "0|180020", r"([2-8]\d{6})$|1", "")] == [1, 6, 1, 0]
    assert [longest(one) for one in ("0", "0|180020", r"([2-8]\d{6})$|1", "")] == [1, 6, 7, 0]


SAMPLES = [
    (phonenumbers.format_number(number, form), region)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
    if (number := phonenumbers.example_number_for_type(region, kind)) is not None
    for form in (phonenumbers.PhoneNumberFormat.E164, phonenumbers.PhoneNumberFormat.NATIONAL)
]


@given(st.sampled_from(SAMPLES), st.integers(0, 999), st.integers(0, 999), st.integers(0, 999))
def test_what_is_known_by_the_stem_is_what_the_library_says(
    sample: tuple[str, str], place: int, first: int, second: int
) -> None:
    """Of any number near one that is assigned: other digits anywhere, and then others at the end."""
    text, region = sample
    at = place % len(text)
    text = text[:at] + str(place % 10) + text[at + 1 :] if text[at].isdigit() else text
    one, other = f"{text[:-3]}{first:03}", f"{text[:-3]}{second:03}"
    assert parse_phone(one, region) == read_phone(one, region)
    assert parse_phone(other, region) == read_phone(other, region)


def test_numbers_of_one_stem_are_read_once() -> None:
    read = read_phone("(989) 555-0100", "US")
    assert isinstance(read, Phone)
    keep_phone("(989) 555-0100", "US", read)
    assert known_phone("(989) 555-0199", "US") == read_phone("(989) 555-0199", "US")
    for unlike in ("(989) 555-01 99", "(989) 555-019", "(989) 555-01x9", "(989) 555-01\u0661\u0662", "989 555-0199"):
        assert known_phone(unlike, "US") is None
    assert known_phone("(989) 555-0199", "CA") is None


@pytest.mark.parametrize(
    ("text", "region", "shares"),
    [
        ("(212) 555-0123", "US", True),
        ("+1 212 555 0123", "GB", True),
        ("07700 900123", "GB", True),
        ("01204 88123", "GB", False),  # nine digits and the 0: a prefix of six digits may reach into the end
        ("+34 612 345 678", "US", False),
        ("612 345 678", "ES", False),
        ("+47 406 12 345", "NO", False),  # eight digits
        ("555-0123", "US", False),
        ("212 555 0123 ext. 456", "US", False),
    ],
)
def test_which_numbers_have_a_stem(text: str, region: str, shares: bool) -> None:
    assert (stem(text, region) is not None) is shares
    read = read_phone(text, region)
    assert (isinstance(read, Phone) and decides(text, read.e164)) is shares
