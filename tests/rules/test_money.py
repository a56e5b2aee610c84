"""Amounts as people type them."""

from decimal import Decimal

import pytest

from allstop.rules.money import currency_fault, parsed


@pytest.mark.parametrize(
    ("said", "currency", "amount"),
    [
        ("30", "USD", "30"),
        (" 30.00 ", "USD", "30.00"),
        (".5", "EUR", "0.5"),
        ("1,250.50", "USD", "1250.50"),
        ("1,250,000", "JPY", "1250000"),
        ("1.234", "KWD", "1.234"),
    ],
)
def test_an_amount_is_read(said: str, currency: str, amount: str) -> None:
    assert parsed(said, currency) == Decimal(amount)


@pytest.mark.parametrize(
    "said", ["5,00", "1234,50", "1.250,50", "12,34", "1,2345", ",5", "1,,250", "1 250", "-5", "$5"]
)
def test_a_comma_that_may_be_meant_as_the_point_is_never_dropped(said: str) -> None:
    """5,00 was read as 500."""
    assert parsed(said, "EUR") == f"{said!r} is not an amount. Write it like 30.00."


def test_no_finer_than_the_coins_of_the_currency() -> None:
    assert parsed("1000.5", "JPY") == "An amount of JPY has at most 0 digits after the point."
    assert parsed("0.0001", "EUR", 4) == Decimal("0.0001")  # a rate


@pytest.mark.parametrize("code", ["USD", "EUR", "CHF", "KWD", "XAF", "XCD", "XCG", "XOF", "XPF"])
def test_what_a_bill_can_be_paid_in(code: str) -> None:
    assert currency_fault(code) == ""


@pytest.mark.parametrize("code", ["XXX", "XTS", "XAU", "XAG", "XPT", "XBA", "XDR", "XUA", "CLF", "USN", "UYI", "BOV"])
def test_codes_of_what_is_no_money_are_refused(code: str) -> None:
    """Nothing, tests, metals, units of account and funds."""
    words = "no money that anybody can pay in. Give the currency of a country, like USD or EUR."
    assert currency_fault(code) == f"{code} is {words}"


@pytest.mark.parametrize("code", ["", "US", "EURO", "E1R", "ÄÖÜ"])
def test_a_currency_is_three_letters(code: str) -> None:
    assert currency_fault(code) == "Give the currency in three letters, like USD or EUR."
