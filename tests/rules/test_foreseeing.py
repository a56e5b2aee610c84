"""What a change on a day to come will bill: the same as if each day until then had its run, however far it is."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest

from allstop.rules import foreseeing
from allstop.rules.days import FOREVER, ONE, Days, Span
from allstop.rules.foreseeing import Change, foreseen
from allstop.rules.invoicing import Bill, Facts, bill_run
from allstop.rules.lifecycle import AccountStatus
from allstop.rules.money import Money
from allstop.rules.packages import Package
from allstop.rules.periods import Frequency, Mode
from allstop.rules.proration import Charge
from allstop.rules.rating import Rate, Unit, Used

ACTIVE, CANCELLED, SUSPENDED, _ = AccountStatus
TODAY = date(2027, 11, 3)


def day_by_day(of: Facts, now: AccountStatus, plans: Sequence[Change], last: Change) -> Bill:
    day, status, waiting = TODAY, now, list(plans)
    while day < last.on:
        while waiting and waiting[0].on <= day:
            of, status, _ = foreseeing._changed(of, status, waiting.pop(0))
        of = foreseeing._kept(of, bill_run(of, day))
        day += ONE
    for plan in waiting:
        of, status, _ = foreseeing._changed(of, status, plan)
    return foreseeing._changed(of, status, last)[2]


def a_package(chance: random.Random, number: int, currency: str, bill_day: int) -> Package:
    start = TODAY + timedelta(days=chance.randint(-200, 120))
    return Package(
        id=number,
        name=f"P{number}",
        price=Money(Decimal(chance.choice((1, 30, 1000))), currency),
        frequency=chance.choice(list(Frequency)),
        mode=chance.choice(list(Mode)),
        bill_day=bill_day,
        start=start,
        end=start + timedelta(days=chance.randint(0, 400)) if chance.random() < 0.3 else None,
        full_period=chance.random() < 0.3,
    )


def facts(chance: random.Random, status: AccountStatus) -> Facts:
    currency, bill_day = chance.choice(("USD", "JPY", "KWD")), chance.choice((1, 15, 29, 31))
    free: Days = () if status is ACTIVE else (Span(TODAY - timedelta(days=chance.randint(1, 90)), FOREVER),)
    return Facts(
        currency=currency,
        bill_day=bill_day,
        opened=TODAY - timedelta(days=300),
        packages=[a_package(chance, number, currency, bill_day) for number in range(1, 4)],
        free=free,
        rates={Unit.EMAIL: Rate(unit=Unit.EMAIL, price=Decimal("0.3"), currency=currency, included=5)},
        used=[Used(Unit.EMAIL, TODAY - timedelta(days=days), Decimal(days)) for days in (1, 20, 45)],
    )


@pytest.mark.parametrize("seed", range(150))
def test_one_run_between_two_changes_bills_what_daily_ones_do(seed: int) -> None:
    chance = random.Random(seed)
    status = chance.choice((ACTIVE, SUSPENDED, CANCELLED))
    of = facts(chance, status)
    days = sorted(chance.choices(range(-2, 500), k=chance.randint(1, 4)))
    wanted = [
        Change(TODAY + timedelta(days=at), chance.choice((ACTIVE, SUSPENDED, CANCELLED)), chance.choice(list(Charge)))
        for at in days
    ]
    *plans, last = wanted
    assert foreseen(of, status, TODAY, plans, last) == day_by_day(of, status, plans, last)


def test_a_change_in_a_thousand_years_takes_as_many_runs_as_one_tomorrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty years had taken seconds and a slip of the year hours, in which the page answered nobody."""
    runs = []

    def counted(of: Facts, day: date) -> Bill:
        runs.append(day)
        return bill_run(of, day)

    monkeypatch.setattr(foreseeing, "bill_run", counted)
    start, price = date(2027, 1, 1), Money(Decimal(30), "USD")
    monthly = Package(
        id=1, name="P", price=price, frequency=Frequency.MONTHLY, mode=Mode.ADVANCE, bill_day=1, start=start
    )
    of = Facts(currency="USD", bill_day=1, opened=start, packages=[monthly])
    bill = foreseen(of, ACTIVE, TODAY, [], Change(date(2999, 12, 22), CANCELLED, Charge.PRORATED))
    assert runs == [date(2999, 12, 21)]
    assert [f"{line.amount}" for line in bill.fees] == ["-9.68 USD"]
