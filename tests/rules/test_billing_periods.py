"""Periods and shares of them, against cases from a billing engine's own tests, and by properties."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.rules.days import FOREVER, Span, count, has, held_days, joined, shared, within, without
from allstop.rules.holds import HOLD_EFFECTS, STOPPED, Effect, Scope, Spell, StandingHold, spells
from allstop.rules.money import Money, digits_of, rounded, total
from allstop.rules.periods import Mode, Part, due_parts, grid, next_bill_day, on_bill_day
from allstop.rules.proration import (
    at_least_a_day,
    days_between,
    fee,
    part_of_fee,
    share_of_month,
    whole_periods,
)

CASES_AT = Path(__file__).parents[1] / "cases"
ROWS = json.loads((CASES_AT / "billing_periods.json").read_text("utf-8"))["cases"]
SPELLS = json.loads((CASES_AT / "blocking_spells.json").read_text("utf-8"))["cases"]
MONTHS = {"monthly": 1, "quarterly": 3, "annual": 12}
MODES = {"in_advance": Mode.ADVANCE, "in_arrear": Mode.ARREARS}
STEPS: dict[str, dict[str, int]] = {"month": {"months": 1}, "30 days": {"days": 30}, "week": {"days": 7}}
START = date(2026, 1, 1)


def rows(kind: str) -> list[Any]:
    found = [row for row in ROWS if row.get("kind", "cycles" if "cycles" in row else "error") == kind]
    return [pytest.param(row, id=row["id"]) for row in found if "quirk" not in row]


def parts(row: dict[str, Any]) -> tuple[Part, ...]:
    start = date.fromisoformat(row["start"])
    end = row["end"] and date.fromisoformat(row["end"])
    target = date.fromisoformat(row["target"])
    return due_parts(grid(start, MONTHS[row["period"]], row["bcd"]), MODES[row["mode"]], start, end, target)


def test_every_row_is_used_but_the_two_advisory_ones() -> None:
    kinds = ("cycles", "error", "items", "fraction", "days", "whole_periods")
    assert len(ROWS) == 229
    assert sum(len(rows(kind)) for kind in kinds) == 227


@pytest.mark.parametrize("row", rows("cycles"))
def test_broken_and_whole_periods_add_up_to_the_exact_fraction(row: dict[str, Any]) -> None:
    found = sum((Fraction(part.days.length, part.period.length) for part in parts(row)), Fraction(0))
    assert found == Fraction(row["cycles"])


@pytest.mark.parametrize("row", rows("error"))
def test_dates_out_of_order_are_refused(row: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not in order"):
        parts(row)


@pytest.mark.parametrize("row", rows("items"))
def test_what_is_billed_of_which_days(row: dict[str, Any]) -> None:
    assert [[part.days.start.isoformat(), part.days.end.isoformat()] for part in parts(row)] == row["expect"]


@pytest.mark.parametrize("row", rows("fraction") + rows("days"))
def test_days_of_a_month_by_the_calendar_or_by_a_contract(row: dict[str, Any]) -> None:
    start, end = date.fromisoformat(row["start"]), date.fromisoformat(row["end"])
    if row["kind"] == "days":
        assert days_between(start, end, row["fixed_days"]) == row["expect"]
    else:
        share = share_of_month(start, end, row["fixed_days"])
        assert rounded(share * 1000000, "JPY").amount == Decimal(row["expect"]).scaleb(6).quantize(Decimal(1))


@pytest.mark.parametrize("row", rows("whole_periods"))
def test_whole_periods_between_two_days(row: dict[str, Any]) -> None:
    start, end = date.fromisoformat(row["start"]), date.fromisoformat(row["end"])
    assert whole_periods(start, end, **STEPS[row["unit"]]) == row["expect"]


@pytest.mark.parametrize("case", [case for case in SPELLS if "events" in case], ids=lambda case: str(case["id"]))
def test_spells_of_holds_as_days_of_a_bill(case: dict[str, Any]) -> None:
    since: dict[str, datetime] = {}
    holds: list[StandingHold] = []
    for event in case["events"] + [{"scope": scope, "block": False, "at": None} for scope in ("account", "bundle")]:
        at = event["at"] and datetime.fromisoformat(event["at"]).replace(tzinfo=UTC)
        if event["block"]:
            since.setdefault(event["scope"], at)
        elif event["scope"] in since:
            blocks = HOLD_EFFECTS[STOPPED]
            began = since.pop(event["scope"])
            holds.append(StandingHold(name=STOPPED, scope=Scope.ACCOUNT, blocks=blocks, by="", at=began, until=at))
    expected = tuple(
        Span(date.fromisoformat(first[:10]), date.fromisoformat(end[:10]) if end else FOREVER)
        for first, end in case["blocked"]
    )
    assert held_days(spells(holds, Effect.SENDING), ZoneInfo("UTC")) == expected


def test_a_spell_is_held_on_the_days_of_the_accounts_own_calendar() -> None:
    late = datetime(2026, 12, 10, 3, 30, tzinfo=UTC)  # still the 9th in New York
    assert held_days([Spell(late, late + timedelta(days=2))], ZoneInfo("America/New_York")) == (
        Span(date(2026, 12, 9), date(2026, 12, 11)),
    )


OCTOBER = Span(date(2026, 10, 1), date(2026, 11, 1))


@pytest.mark.parametrize(
    ("first", "end", "days"),
    [(4, None, 28), (15, None, 17), (1, 24, 23), (1, 15, 14), (15, 15, 1)],
)
def test_the_start_day_counts_and_the_cancel_day_does_not(first: int, end: int | None, days: int) -> None:
    """SYSTEMS 3: October, bill day 1; at least one full day."""
    start = date(2026, 10, first)
    last = at_least_a_day(start, date(2026, 10, end) if end else None)
    (part,) = due_parts(grid(start, 1, 1), Mode.ADVANCE, start, last, start)
    assert (part.days.length, part.period) == (days, OCTOBER)


def test_a_fee_is_rounded_half_up_and_its_parts_add_up() -> None:
    """TB9, TB10: thirty a month, cancelled on 22 December: 20.32 used, 9.68 back."""
    thirty = Money(Decimal("30.00"), "EUR")
    assert fee(thirty, 21, 31) == Money(Decimal("20.32"), "EUR")
    assert part_of_fee(thirty, 31, -10, 31) == Money(Decimal("-9.68"), "EUR")
    assert rounded(Decimal("0.005"), "EUR").amount == Decimal("0.01")
    assert rounded(Decimal("-0.005"), "EUR").amount == Decimal("-0.01")
    assert [str(rounded(Decimal("1234.5675"), code)) for code in ("EUR", "JPY", "KWD")] == [
        "1,234.57 EUR",
        "1,235 JPY",
        "1,234.568 KWD",
    ]
    with pytest.raises(ValueError, match="two currencies"):
        total([thirty, rounded(1, "USD")], "EUR")


@given(
    st.integers(0, 10**7), st.sampled_from(["EUR", "JPY", "KWD"]), st.lists(st.integers(1, 9), min_size=1, max_size=40)
)
def test_parts_of_a_period_cost_together_what_the_period_costs(coins: int, currency: str, cuts: list[int]) -> None:
    price = Money(Decimal(coins).scaleb(-digits_of(currency)), currency)
    whole, before, amounts = sum(cuts), 0, []
    for days in cuts:
        amounts.append(part_of_fee(price, before, days, whole))
        assert part_of_fee(price, before + days, -days, whole) == -amounts[-1]
        assert amounts[-1].amount >= 0
        before += days
    assert total(amounts, currency) == price


_dates = st.dates(date(2019, 1, 1), date(2033, 12, 31))


@given(_dates, st.sampled_from([1, 3, 12]), st.integers(1, 31), _dates)
def test_periods_tile_the_calendar_and_begin_on_the_bill_day(
    start: date, months: int, bill_day: int, day: date
) -> None:
    of = grid(start, months, bill_day)
    assert of.edge(-1) < start <= of.first == of.edge(0)
    period = of.period(day)
    assert period.holds(day)
    for edge in period:
        assert edge == on_bill_day(edge.year, edge.month, bill_day)
        assert ((edge.year - of.first.year) * 12 + edge.month - of.first.month) % months == 0
    after = next_bill_day(day, bill_day)
    assert day < after == on_bill_day(after.year, after.month, bill_day) <= day + timedelta(days=31)


_spans = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 12)).map(
        lambda one: Span(START + timedelta(one[0]), START + timedelta(sum(one)))
    ),
    max_size=6,
)


def one_by_one(days: Any) -> set[date]:
    return {span.start + timedelta(step) for span in days for step in range(span.length)}


@given(_spans, _spans, st.integers(0, 50))
def test_spans_behave_as_sets_of_days(some: list[Span], others: list[Span], at: int) -> None:
    ours, theirs = one_by_one(some), one_by_one(others)
    both = joined(some, others)
    assert one_by_one(both) == ours | theirs
    assert count(both) == len(ours | theirs)
    assert all(one.end < two.start for one, two in pairwise(both))
    assert one_by_one(without(some, others)) == ours - theirs
    assert one_by_one(shared(some, others)) == ours & theirs
    assert has(some, START + timedelta(at)) == (START + timedelta(at) in ours)
    limits = Span(START + timedelta(5), START + timedelta(at))
    assert one_by_one(within(some, limits)) == ours & one_by_one([limits])
