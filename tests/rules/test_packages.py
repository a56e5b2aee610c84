"""Fees day by day: what runs, changes of status and Bill Account make of a package."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.rules.days import FOREVER, Days, Span, has, joined
from allstop.rules.invoicing import (
    Facts,
    bill_account,
    bill_run,
    missed_days,
    opens_invoice,
    package_cancelled,
    status_changed,
)
from allstop.rules.lifecycle import AccountStatus
from allstop.rules.money import Money, rounded
from allstop.rules.packages import Kind, Line, Package, Turn, due, paid, settle
from allstop.rules.periods import Frequency, Mode, due_parts
from allstop.rules.proration import Charge

ACTIVE, CANCELLED, SUSPENDED, PROSPECT = AccountStatus
THIRTY = Money(Decimal("30.00"), "EUR")
DECEMBER, CHRISTMAS = date(2026, 12, 1), date(2026, 12, 22)
NEW_YEAR = date(2027, 1, 1)


def package(**other: Any) -> Package:
    usual: dict[str, Any] = {
        "id": 1,
        "name": "Basic",
        "price": THIRTY,
        "frequency": Frequency.MONTHLY,
        "mode": Mode.ADVANCE,
        "bill_day": 1,
        "start": DECEMBER,
    }
    return Package(**usual | other)


def facts(of: Package, lines: list[Line] | tuple[Line, ...] = (), **other: Any) -> Facts:
    return Facts(currency="EUR", bill_day=1, opened=DECEMBER, packages=[of], lines={of.id: lines}, **other)


def amounts(lines: Any) -> list[str]:
    return [f"{line.kind.value} {line.amount.amount}" for line in lines]


PREPAID, POSTPAID = package(), package(mode=Mode.ARREARS)
WHOLE = package(full_period=True)
ONCE = package(frequency=Frequency.ONCE)


@pytest.mark.parametrize(
    ("of", "option", "lines"),
    [
        (PREPAID, Charge.FULL, []),
        (PREPAID, Charge.PRORATED, ["credit -9.68"]),
        (PREPAID, Charge.NONE, []),
        (POSTPAID, Charge.FULL, ["charge 30.00"]),
        (POSTPAID, Charge.PRORATED, ["charge 20.32"]),
        (POSTPAID, Charge.NONE, ["waived 0.00"]),
        (WHOLE, Charge.PRORATED, []),
        (replace(WHOLE, mode=Mode.ARREARS), Charge.PRORATED, ["charge 30.00"]),
        (replace(WHOLE, mode=Mode.ARREARS), Charge.NONE, ["waived 0.00"]),
        (ONCE, Charge.PRORATED, []),
    ],
)
def test_what_each_option_bills_when_an_account_is_cancelled_on_the_22nd(
    of: Package, option: Charge, lines: list[str]
) -> None:
    """TB8 to TB11, 002-25. The same for a suspension, and for the package alone; nothing of it is billed later."""
    before = bill_run(facts(of), DECEMBER).fees
    for status in (CANCELLED, SUSPENDED):
        made = status_changed(facts(of, before), ACTIVE, status, CHRISTMAS, option)
        assert amounts(made.fees) == lines
    alone = package_cancelled(facts(of, before), of, CHRISTMAS, option)
    assert amounts(alone.fees) == lines
    assert alone.total == rounded(sum((line.amount.amount for line in alone.fees), Decimal(0)), "EUR")
    ended = replace(of, end=CHRISTMAS)
    assert not bill_run(facts(ended, [*before, *alone.fees]), NEW_YEAR)


def test_lines_say_which_days_they_are_for() -> None:
    before = bill_run(facts(PREPAID), DECEMBER)
    after = status_changed(facts(PREPAID, before.fees), ACTIVE, SUSPENDED, CHRISTMAS, Charge.PRORATED)
    assert [line.words for line in (*before.fees, *after.fees)] == [
        "Basic, 1 Dec 2026 to 31 Dec 2026, 31 of 31 days",
        "Basic, 22 Dec 2026 to 31 Dec 2026 not used, 10 of 31 days",
    ]
    assert (str(before.total), str(after.total)) == ("30.00 EUR", "-9.68 EUR")


@pytest.mark.parametrize(
    ("of", "option", "at_once", "by_the_next_run"),
    [
        (PREPAID, Charge.PRORATED, ["charge 16.45"], ["charge 30.00"]),
        (PREPAID, Charge.FULL, ["charge 30.00"], ["charge 30.00"]),
        (PREPAID, Charge.NONE, ["waived 0.00"], ["charge 30.00"]),
        (POSTPAID, Charge.PRORATED, [], ["charge 16.45"]),
        (POSTPAID, Charge.FULL, ["charge 30.00"], []),
        (POSTPAID, Charge.NONE, ["waived 0.00"], []),
        (WHOLE, Charge.PRORATED, ["charge 30.00"], ["charge 30.00"]),
    ],
)
def test_enabling_bills_the_rest_of_the_period_and_no_missed_one(
    of: Package, option: Charge, at_once: list[str], by_the_next_run: list[str]
) -> None:
    """TB14: suspended before its first day, enabled on 15 January; December stays unbilled and is reported."""
    free = (Span(DECEMBER, date(2027, 1, 15)),)
    middle, later = date(2027, 1, 15), date(2027, 2, 1)
    made = status_changed(facts(of, free=free), SUSPENDED, ACTIVE, middle, option).fees
    assert amounts(made) == at_once
    assert amounts(bill_run(facts(of, made, free=free), later).fees) == by_the_next_run
    (missed,) = missed_days(facts(of, made, free=free), middle)
    assert missed.days[0].start == DECEMBER


def test_bill_account_bills_a_cancelled_account_and_never_a_prospect() -> None:
    """002-06, 002-07, TB4: a run leaves it out, by hand it is billed, once."""
    held = facts(PREPAID, free=(Span(DECEMBER, FOREVER),))
    assert not bill_run(held, DECEMBER)
    assert not bill_account(held, PROSPECT, DECEMBER, DECEMBER)
    by_hand = bill_account(held, CANCELLED, DECEMBER, DECEMBER)
    assert amounts(by_hand.fees) == ["charge 30.00"]
    again = replace(held, lines={1: by_hand.fees})
    assert not bill_account(again, CANCELLED, DECEMBER, DECEMBER)
    assert not bill_account(held, CANCELLED, NEW_YEAR, NEW_YEAR + timedelta(1))  # no bill date in it


def test_a_package_that_starts_and_ends_on_one_day_is_charged_a_day() -> None:
    """Decision 4; one that never started costs nothing."""
    assert amounts(package_cancelled(facts(POSTPAID), POSTPAID, DECEMBER, Charge.PRORATED).fees) == ["charge 0.97"]
    assert not package_cancelled(facts(POSTPAID), POSTPAID, DECEMBER - timedelta(1), Charge.PRORATED)


def test_a_fee_paid_once_is_billed_when_nothing_holds_it() -> None:
    held = (Span(DECEMBER, CHRISTMAS),)
    assert not bill_run(facts(ONCE, free=held), DECEMBER)
    made = bill_run(facts(ONCE, free=held), CHRISTMAS).fees
    assert amounts(made) == ["charge 30.00"]
    assert not bill_run(facts(ONCE, made), NEW_YEAR)


def test_leaving_prospect_starts_fees_and_from_suspended_to_cancelled_nothing_changes() -> None:
    held = facts(PREPAID, free=(Span(date(2026, 11, 1), CHRISTMAS),))
    assert amounts(status_changed(held, PROSPECT, ACTIVE, CHRISTMAS, Charge.PRORATED).fees) == ["charge 9.68"]
    assert not status_changed(held, SUSPENDED, CANCELLED, CHRISTMAS, Charge.FULL)


def test_a_credit_opens_an_invoice_on_a_cancelled_account_only() -> None:
    """TB15."""
    assert [opens_invoice(-THIRTY, status) for status in AccountStatus] == [
        status is CANCELLED for status in AccountStatus
    ]
    assert opens_invoice(THIRTY, ACTIVE)
    assert not opens_invoice(rounded(0, "EUR"), CANCELLED)


# --- properties: two owners of holds, in any order and overlap


@dataclass
class Desk:
    """What has happened to one package. Days are counted one by one here, unlike in the rules."""

    of: Package
    lines: list[Line] = field(default_factory=list)
    spells: list[Span] = field(default_factory=list)
    standing: dict[str, date] = field(default_factory=dict)
    last_stop: date = date.min

    def free(self) -> Days:
        return joined(self.spells, [Span(since, FOREVER) for since in self.standing.values()])

    def do(self, what: str, at: date, option: Charge) -> list[Line]:
        if what == "run":
            made = due(self.of, self.lines, self.free(), at)
        elif what in self.standing:
            self.spells.append(Span(self.standing.pop(what), at))
            made = settle(self.of, self.lines, self.free(), Turn.STARTS, at, option)
        else:
            made = settle(self.of, self.lines, self.free(), Turn.STOPS, at, option)
            self.standing[what] = at
            self.last_stop = at
        self.lines += made
        return made


_packages = st.builds(
    package,
    frequency=st.sampled_from([Frequency.MONTHLY, Frequency.QUARTERLY, Frequency.YEARLY]),
    mode=st.sampled_from(Mode),
    bill_day=st.integers(1, 31),
    start=st.integers(0, 60).map(lambda days: DECEMBER + timedelta(days)),
    price=st.integers(0, 99999).map(lambda cents: Money(Decimal(cents) / 100, "EUR")),
)
_steps = st.lists(
    st.tuples(st.sampled_from(["run", "suspended", "cancelled"]), st.integers(0, 45), st.sampled_from(Charge)),
    max_size=14,
)


def one_by_one(span: Span) -> set[date]:
    return {span.start + timedelta(step) for step in range(span.length)}


@given(_packages, _steps)
@settings(max_examples=250)
def test_no_day_is_billed_twice_and_no_run_bills_a_free_one(of: Package, steps: list[tuple[str, int, Charge]]) -> None:
    desk, at = Desk(of), DECEMBER
    charged: Counter[date] = Counter()
    for what, wait, option in steps:
        at += timedelta(wait)
        for line in desk.do(what, at, option):
            days = one_by_one(line.days)
            if line.kind is Kind.CHARGE:
                charged.update(days)
                assert option is Charge.FULL or what == "run" or not any(has(desk.free(), day) for day in days)
                assert what != "run" or not any(has(desk.free(), day) for day in days)
            elif line.kind is Kind.CREDIT:
                charged.subtract(days)
            assert line.amount.amount == 0 or (line.amount.amount < 0) == (line.kind is Kind.CREDIT)
        assert set(charged.values()) <= {0, 1}
        assert what != "run" or not desk.do("run", at, option)  # done again, it bills nothing
    _adds_up(desk, charged)


def _adds_up(desk: Desk, charged: Counter[date]) -> None:
    """Every period costs the share of the days charged in it, whatever the way there."""
    for (period, price), _ in paid(desk.lines).items():
        here = sum(charged[day] for day in one_by_one(period))
        whole = (price.amount * here / period.length).quantize(Decimal("0.01"), ROUND_HALF_UP)
        of_period = (line.amount.amount for line in desk.lines if line.period == period)
        assert sum(of_period, Decimal(0)) == whole


@given(_packages, _steps)
@settings(max_examples=250)
def test_prorated_throughout_exactly_the_days_in_use_are_billed(
    of: Package, steps: list[tuple[str, int, Charge]]
) -> None:
    desk, at = Desk(of), of.start
    for what, wait, _ in steps:
        at += timedelta(wait)
        desk.do(what, at, Charge.PRORATED)
    desk.do("run", at, Charge.PRORATED)
    parts = due_parts(of.grid, of.mode, of.start, None, at)
    expected = set[date]().union(*(one_by_one(part.days) for part in parts))
    expected |= one_by_one(Span(of.start, max(desk.last_stop, of.start)))
    if desk.standing:  # nothing from then on, and all before
        expected = one_by_one(Span(of.start, max(min(desk.standing.values()), of.start)))
    charged = {day for days in paid(desk.lines).values() for span in days for day in one_by_one(span)}
    assert charged == {day for day in expected if not has(desk.free(), day)}
