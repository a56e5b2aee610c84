"""Usage: what a unit costs, what is included, and which usage a change bills."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.rules.days import NONE, Span
from allstop.rules.invoicing import Facts, bill_run, package_cancelled, status_changed
from allstop.rules.lifecycle import AccountStatus
from allstop.rules.money import Money
from allstop.rules.packages import Package
from allstop.rules.periods import Frequency, Mode, grid
from allstop.rules.proration import Charge
from allstop.rules.rating import Ends, Rate, Scope, Unit, UsageLine, Used, billed_out, minutes, rate_usage

DECEMBER, MIDDLE, NEW_YEAR = date(2026, 12, 1), date(2026, 12, 15), date(2027, 1, 1)
GRID = grid(DECEMBER, 1, 1)
TEXTS = Rate(unit=Unit.TEXT_PART, price=Decimal("0.0375"), currency="EUR", included=100)
CALLS = Rate(unit=Unit.CALL_MINUTE, price=Decimal("0.12"), currency="EUR")
RATES = {rate.unit: rate for rate in (TEXTS, CALLS)}


def texts(day: date, parts: int) -> Used:
    return Used(Unit.TEXT_PART, day, Decimal(parts))


def rate(used: list[Used], target: date, free: tuple[Span, ...] = NONE, scope: Scope = Scope.PAST) -> list[UsageLine]:
    return rate_usage(RATES, used, [], free, GRID, scope, target)


@pytest.mark.parametrize(
    ("seconds", "step", "counted"),
    [
        (0, 60, "0"),
        (1, 60, "1"),
        (60, 60, "1"),
        (61, 60, "2"),
        (61, 6, "1.1"),
        (63, 1, "1.05"),
    ],
)
def test_a_call_counts_by_steps_begun(seconds: int, step: int, counted: str) -> None:
    assert minutes(seconds, step) == Decimal(counted)


def test_each_unit_is_a_line_that_says_its_price_and_what_is_included() -> None:
    used = [texts(MIDDLE, 150), texts(MIDDLE + timedelta(1), 101), Used(Unit.CALL_MINUTE, MIDDLE, Decimal(3))]
    assert [(line.words, line.amount.amount) for line in rate(used, NEW_YEAR)] == [
        ("3 minutes of calls at 0.12 EUR each", Decimal("0.36")),
        ("251 parts of texts at 0.0375 EUR each, 100 of them included", Decimal("5.66")),  # 5.6625
    ]
    assert rate(used, MIDDLE) == []  # its period is not over
    assert rate([Used(Unit.EMAIL, MIDDLE, Decimal(9))], NEW_YEAR) == []  # nobody set a price


def test_usage_on_days_that_a_hold_makes_free_is_not_billed() -> None:
    free = (Span(MIDDLE, NEW_YEAR),)
    (line,) = rate([texts(MIDDLE, 500), texts(DECEMBER, 120)], NEW_YEAR, free)
    assert (line.quantity, line.days) == (Decimal(120), Span(DECEMBER, DECEMBER + timedelta(1)))


@given(st.lists(st.integers(1, 90), min_size=1, max_size=12))
def test_billed_in_parts_a_period_costs_what_it_costs_at_once(parts: list[int]) -> None:
    lines: list[UsageLine] = []
    for part in parts:
        lines += rate_usage(RATES, [texts(MIDDLE, part)], lines, NONE, GRID, Scope.ALL, MIDDLE)
    assert sum((line.amount.amount for line in lines), Decimal(0)) == TEXTS.cost(Decimal(sum(parts))).amount


@pytest.mark.parametrize("option", Charge)
@pytest.mark.parametrize("ends", Ends)
def test_what_a_cancellation_bills_of_usage(ends: Ends, option: Charge) -> None:
    """TB12."""
    usual = {Ends.ACCOUNT: Scope.PAST, Ends.LAST_PACKAGE: Scope.ALL, Ends.PACKAGE: Scope.NOTHING}
    assert billed_out(ends, option) == (Scope.NOTHING if option is Charge.NONE else usual[ends])


def test_a_cancelled_account_is_billed_for_past_periods_and_a_last_package_for_all() -> None:
    """TB5, TB12: suspended, usage goes on in the runs."""
    active, cancelled, suspended, _ = AccountStatus
    one = Package(
        id=1,
        name="Basic",
        price=Money(Decimal(0), "EUR"),
        frequency=Frequency.MONTHLY,
        mode=Mode.ADVANCE,
        bill_day=1,
        start=DECEMBER,
    )
    used = [texts(MIDDLE, 200), texts(NEW_YEAR, 300)]
    of = Facts(currency="EUR", bill_day=1, opened=DECEMBER, packages=[one], rates=RATES, used=used)
    at = NEW_YEAR + timedelta(5)
    assert [line.quantity for line in bill_run(of, at).usage] == [200]
    assert [line.quantity for line in status_changed(of, active, cancelled, at, Charge.FULL).usage] == [200]
    assert status_changed(of, active, cancelled, at, Charge.NONE).usage == ()
    assert status_changed(of, active, suspended, at, Charge.FULL).usage == ()
    assert [line.quantity for line in package_cancelled(of, one, at, Charge.PRORATED).usage] == [200, 300]
    two = Facts(currency="EUR", bill_day=1, opened=DECEMBER, packages=[one, replace(one, id=2)], rates=RATES)
    assert package_cancelled(two, one, at, Charge.PRORATED).usage == ()
