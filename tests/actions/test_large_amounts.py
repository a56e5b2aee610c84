"""The dearest of all is billed, and what is dearer is refused when it is entered: a bill run fails for nobody."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from allstop.actions.accounts import create_account
from allstop.actions.actor import Invalid
from allstop.actions.components import add_component, change_component, set_terms
from allstop.actions.packages import save_rate
from allstop.rules.rating import Unit
from allstop.store.bills import balance_of
from allstop.store.models import Component, Invoice, InvoiceLine, Rate
from tests.actions.test_billing import DECEMBER, OPS, package, prove_sums, run
from tests.world import World

DEAREST = "999999999.99"


def test_a_price_in_small_coins_and_years_of_the_dearest_are_billed(world: World, now: datetime) -> None:
    """A hundred million rupiah a month are six thousand dollars. The run of everybody had failed for them."""
    other = create_account("Jakarta Dental", "Asia/Jakarta", "ID", now)
    set_terms(OPS, other.pk, 1, "IDR", now)
    add_component(OPS, other.pk, package(now, "Besar", "100000000", currency="IDR").pk, 1, DECEMBER, now)
    add_component(OPS, world.account.pk, package(now, price=DEAREST).pk, 1000, date(2001, 1, 1), now)
    done = run(DECEMBER)
    whole = Decimal(DEAREST) * 1000 * 26 * 12  # January 2001 to December 2026
    assert (done.state, done.amounts) == ("done", {"IDR": "100000000.00", "USD": f"{whole:.2f}"})
    balance = balance_of(world.account.pk)
    assert balance is not None and balance.amount == whole
    assert InvoiceLine.objects.filter(currency="IDR").get().price == Decimal(100_000_000)
    assert Invoice.objects.count() == 2
    prove_sums()


def test_what_no_invoice_has_room_for_is_refused_with_what_to_do(world: World, now: datetime) -> None:
    dear = package(now, price=DEAREST)
    made = add_component(OPS, world.account.pk, dear.pk, 1, None, now)
    with pytest.raises(Invalid, match="Give fewer"):
        add_component(OPS, world.account.pk, dear.pk, 1_000_000, None, now)
    with pytest.raises(Invalid, match="Give fewer"):
        change_component(
            OPS, world.account.pk, made.pk, 1_001, now.date().replace(day=now.day + 1), now.replace(day=30)
        )
    assert Component.objects.get().ends_on is None
    with pytest.raises(Invalid, match="below 1,000,000"):
        save_rate(OPS, None, Unit.EMAIL, "1000000", 0, now)
    assert save_rate(OPS, None, Unit.EMAIL, "999999.999999", 0, now).price == Rate.objects.get().price
