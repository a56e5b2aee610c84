"""Phone numbers, email addresses and zones as people write them."""

import json
from pathlib import Path
from typing import Any

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given, settings
from hypothesis import strategies as st

from allstop.rules.addresses import (
    Email,
    Phone,
    PhoneKind,
    ascii_domain,
    bare_email,
    contact_zones,
    country_zones,
    grouped,
    in_letters,
    parse_email,
    parse_phone,
    takes_texts,
    ungrouped,
)
from allstop.rules.words import Problem

CASES = json.loads((Path(__file__).parents[1] / "cases" / "isemail.json").read_text("utf-8"))["cases"]


def phone(text: str, region: str | None = "GB") -> Phone:
    found = parse_phone(text, region)
    assert isinstance(found, Phone), found
    return found


@pytest.mark.parametrize(
    "text",
    [
        "07700900123",
        "07700 900123",
        "(07700) 900-123",
        "07700.900.123",
        " +44 7700 900123 ",
        "0044 7700 900 123",
        "+44 (0)7700 900123",
        "tel:+447700900123",
        "\uff0b44 7700 900123",
        "447700900123",
        "447700900123.0",  # as a program writes it that took it for an amount
        "7700900123.0",
    ],
)
def test_however_it_is_written_it_is_one_number(text: str) -> None:
    """The drama numbers are not assigned, and yet possible."""
    assert phone(text).e164 == "+447700900123"


@pytest.mark.parametrize(
    ("text", "region", "country", "kind", "zones"),
    [
        ("(212) 555-0123", "US", "US", PhoneKind.EITHER, ("America/New_York",)),
        ("020 7946 0018", "GB", "GB", PhoneKind.LANDLINE, ("Europe/London",)),
        ("07700 900123", "GB", "GB", PhoneKind.UNKNOWN, ("Europe/London",)),
        ("+353 1 234 5678", "GB", "IE", PhoneKind.LANDLINE, ("Europe/Dublin",)),
        ("+33 6 12 34 56 78", "GB", "FR", PhoneKind.MOBILE, ("Europe/Paris",)),
        ("+61 2 5550 4321", None, "AU", PhoneKind.LANDLINE, None),
        ("+1 671 555 0123", "US", "GU", PhoneKind.EITHER, ("Pacific/Guam",)),
        ("+800 1234 5678", "GB", None, PhoneKind.TOLL_FREE, ()),
    ],
)
def test_country_kind_and_zones_of_a_number(
    text: str, region: str | None, country: str | None, kind: PhoneKind, zones: tuple[str, ...] | None
) -> None:
    found = phone(text, region)
    assert (found.region, found.kind) == (country, kind)
    assert zones is None or found.zones == zones


def test_a_mobile_may_be_anywhere_in_its_country() -> None:
    australian = phone("+61 491 570 156").zones
    assert {"Australia/Perth", "Australia/Sydney", "Australia/Darwin"} <= set(australian)
    assert australian == country_zones("AU")


def test_a_toll_free_number_may_be_anywhere_under_its_country_code() -> None:
    zones = set(phone("1-800-555-0199", "US").zones)
    assert {"America/New_York", "Pacific/Honolulu", "America/Toronto", "America/Jamaica"} <= zones


@pytest.mark.parametrize(
    ("text", "region", "code"),
    [
        ("", "GB", "phone_missing"),
        ("   ", "GB", "phone_missing"),
        ("ask at desk", "GB", "phone_unreadable"),
        ("n/a", "GB", "phone_unreadable"),
        ("07700", "GB", "phone_local_only"),
        ("555-0123", "US", "phone_local_only"),
        ("+44 7700 9001234567", "GB", "phone_too_long"),
        ("+44 1", None, "phone_too_short"),
        ("+1 21255", None, "phone_too_short"),
        ("+999 123 456 789", "GB", "phone_country_unknown"),
        ("07700 900123", None, "phone_country_missing"),
        ("020 7946 0018 ext 5", "GB", "phone_extension"),
        ("07700900123 / 07700900124", "GB", "phone_too_long"),
        ("9" * 300, "GB", "phone_too_long"),
        ("000-000-0000", "US", "phone_area_code"),
        ("(111) 111-1111", "CA", "phone_area_code"),
        ("06 12 34 56 78", "US", "phone_area_code"),
        ("+1 123 456 7890", "GB", "phone_area_code"),
    ],
)
def test_nonsense_is_refused_with_what_to_do(text: str, region: str | None, code: str) -> None:
    found = parse_phone(text, region)
    assert isinstance(found, Problem)
    assert found.code == code
    assert found.text.endswith(".")


def test_a_country_that_does_not_exist_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="two letters"):
        parse_phone("07700 900123", "UK")


@settings(max_examples=60)
@given(st.text(st.sampled_from("0123456789+-() x;\u0663a"), max_size=20), st.sampled_from(["GB", "US", None]))
def test_any_text_is_a_phone_number_or_a_problem(text: str, region: str | None) -> None:
    found = parse_phone(text, region)
    if isinstance(found, Phone):
        assert parse_phone(found.e164, None) == found or found.kind is PhoneKind.UNKNOWN


def test_zones_of_a_contact_come_from_what_was_set_then_its_phones_then_its_country() -> None:
    london, sydney = phone("020 7946 0018"), phone("+1 212 555 0123")
    assert contact_zones("Asia/Tokyo", [london, sydney], "GB") == ("Asia/Tokyo",)
    assert contact_zones(None, [london, sydney], "FR") == ("America/New_York", "Europe/London")
    assert contact_zones(None, [], "FR") == ("Europe/Paris",)
    assert contact_zones(None, [phone("+800 1234 5678")], "FR") == ("Europe/Paris",)
    assert contact_zones(None, [], None) == ()
    assert contact_zones("", [], "XX") == ()


def test_countries_have_all_their_zones() -> None:
    assert country_zones("GB") == ("Europe/London",)
    assert "Pacific/Honolulu" in country_zones("US")
    assert country_zones("XX") == ()


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("  Ada.Okafor@Northgate.EXAMPLE ", Email("Ada.Okafor@northgate.example", False)),
        ("ada+reminders@desk.test", Email("ada+reminders@desk.test", False)),
        ("ada@example.com", Email("ada@example.com", False)),
        ("ada@b\u00fccher.example", Email("ada@xn--bcher-kva.example", False)),
        ("j\u00f6rg@desk.test", Email("j\u00f6rg@desk.test", True)),
    ],
)
def test_the_domain_is_folded_and_the_name_is_kept(text: str, email: Email) -> None:
    assert parse_email(text) == email


@pytest.mark.parametrize("text", ["", "ada", "ada@", "@desk.test", "ada at desk.test", "a b@desk.test", "a@b@c.test"])
def test_what_is_no_address_is_refused_with_what_to_do(text: str) -> None:
    found = parse_email(text)
    assert isinstance(found, Problem)
    assert found.text.endswith(".")


def test_one_address_never_becomes_two() -> None:
    for text in ("a@x.test, b@x.test", "a@x.test;b@x.test", "a@x.test\r\nBcc: b@x.test", "A <a@x.test>"):
        assert isinstance(parse_email(text), Problem), text


# Where we differ. What SMTP may carry and we refuse, because no contact has one: a quoted name, an address
# literal, a domain without a dot or with digits at its end.
REFUSED_THOUGH_SMTP_CARRIES_THEM = {
    "test@io",
    "test@org",
    "test@iana.123",
    "test@255.255.255.255",
    '"test"@iana.org',
    '""@iana.org',
    '"\\a"@iana.org',
    '"\\""@iana.org',
    '"\\\\"@iana.org',
    '"test\\ test"@iana.org',
    "test@[255.255.255.255]",
    "test@[IPv6:1111:2222:3333:4444:5555:6666:7777:8888]",
    "test@[IPv6:1111:2222:3333:4444:5555::8888]",
    "test@[IPv6:::3333:4444:5555:6666:7777:8888]",
    "test@[IPv6:::]",
    "test@[IPv6:1111:2222:3333:4444:5555:6666:255.255.255.255]",
    "test@[IPv6:1111:2222:3333:4444::255.255.255.255]",
}


# What a person pastes: the blanks outside are dropped.
TAKEN_WITHOUT_THE_BLANK = {" test@iana.org", "test@iana.org "}


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_address_syntax_agrees_with_isemail(case: dict[str, Any]) -> None:
    address = case["address"]
    agreed = case["smtp_ok"] and address not in REFUSED_THOUGH_SMTP_CARRIES_THEM
    found = parse_email(address)
    assert isinstance(found, Email) == (agreed or address in TAKEN_WITHOUT_THE_BLANK)
    if address in TAKEN_WITHOUT_THE_BLANK:
        assert found == Email("test@iana.org", False)


@pytest.mark.parametrize(
    ("text", "region", "takes"),
    [
        ("020 7946 0018", "GB", False),  # a landline
        ("+1 800 555 0123", None, False),  # toll-free
        ("+33 6 12 34 56 78", None, True),  # a mobile
        ("(212) 555-0123", "US", True),  # a plan that does not tell
        ("07700 900123", "GB", True),  # not assigned: who knows
    ],
)
def test_texts_go_to_every_number_that_is_not_known_to_take_none(text: str, region: str | None, takes: bool) -> None:
    assert takes_texts(phone(text, region)) is takes


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("+12125550123", "+1 212-555-0123"),
        ("+441632960961", "+44 1632 960961"),
        ("+61412345678", "+61 412 345 678"),
        ("pat@example.org", "pat@example.org"),
        ("+9991234567", "+9991234567"),  # of no country
        ("62500", "62500"),  # a short code
        ("Info@xn--bcher-kva.example", "Info@bücher.example"),
        ("info@mail.xn--p1ai", "info@mail.рф"),
        ("info@xn--99999999.example", "info@xn--99999999.example"),  # no such letters
        ("NORTHGATE", "NORTHGATE"),
        ("", ""),
    ],
)
def test_a_number_is_shown_in_the_groups_of_its_country(address: str, shown: str) -> None:
    assert grouped(address) == shown


@pytest.mark.parametrize(
    "domain",
    [
        "bücher.example",
        "straße.example",
        "faß.de",
        "ελλάς.gr",
        "例え.jp",
        "mail.рф",
        "مثال.example",
        "ab.xn--mgbaam7a8h",
    ],
)
def test_an_email_that_is_shown_is_read_back_as_the_same(domain: str) -> None:
    kept = parse_email(f"Info@{domain}")
    assert isinstance(kept, Email)
    assert "xn--" in kept.address and "xn--" not in in_letters(kept.address)
    assert parse_email(in_letters(kept.address)) == kept
    assert in_letters(in_letters(kept.address)) == in_letters(kept.address)


@given(st.text(max_size=20))
def test_anything_can_be_shown(address: str) -> None:
    assert isinstance(grouped(address), str)


@pytest.mark.parametrize(
    ("words", "sought"),
    [
        ("+1 212-555-0123", "+12125550123"),
        ("(212) 555", "212555"),
        ("+44 1632 960961", "+441632960961"),
        ("0123", "0123"),
        ("Pat Moreau", "Pat Moreau"),
        ("Pat 2", "Pat 2"),
        ("a-b@example.org", "a-b@example.org"),
        ("-", "-"),
        ("", ""),
    ],
)
def test_a_number_is_searched_for_without_its_groups(words: str, sought: str) -> None:
    assert ungrouped(words) == sought


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("bücher", "xn--bcher-kva"),
        ("Info@Bücher.example", "Info@xn--bcher-kva.example"),
        ("münchen.bücher", "xn--mnchen-3ya.xn--bcher-kva"),
        ("Zoë@lee.example", "Zoë@lee.example"),
        ("a\u2028b", "a\u2028b"),  # of no domain
        ("", ""),
    ],
)
def test_a_domain_is_searched_for_as_it_is_kept(words: str, kept: str) -> None:
    assert ascii_domain(words) == kept


@given(st.from_regex(r"[A-Za-z0-9._+-]{1,70}@[A-Za-z0-9.-]{1,40}\.(org|de|test|c|X)", fullmatch=True))
@example("INFO@practice.org")
@example("WWW@0.org")
@example("Ann.Info@Practice.org")
def test_a_plain_email_is_read_as_the_library_reads_it(text: str) -> None:
    found = parse_email(text)
    try:
        read = validate_email(text, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError:
        assert isinstance(found, Problem)
    else:
        assert found == Email(f"{read.local_part}@{read.ascii_domain.lower()}", needs_smtputf8=False)


@pytest.mark.parametrize(
    ("written", "bare"),
    [
        ("Ann Lee <ann@lee.example>", "ann@lee.example"),
        ('"Roe, Bo" < bo@x.example >', "bo@x.example"),
        (" mailto:cy@x.example?subject=a%20b ", "cy@x.example"),
        ("<MAILTO:cy@x.example>", "cy@x.example"),
        ("dan@x.example", "dan@x.example"),
        ("<a@b.example> <c@d.example>", "<a@b.example> <c@d.example>"),
        ("a@b.example>", "a@b.example>"),
        (">", ">"),
        ("", ""),
    ],
)
def test_an_email_is_found_in_what_programs_copy(written: str, bare: str) -> None:
    assert bare_email(written) == bare
