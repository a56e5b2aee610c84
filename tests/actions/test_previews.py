"""The preview of a change on a day to come: what runs and other plans do until then is in it, to the cent."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from allstop.actions.billing import preview_change
from allstop.actions.components import add_component
from allstop.actions.packages import save_rate
from allstop.actions.status_plans import plan_change
from allstop.actions.statuses import Wish
from allstop.rules.proration import Charge
from allstop.rules.rating import Unit
from allstop.store.models import InvoiceLine, UsageDay
from tests.actions.test_billing import (
    ACTIVE,
    CANCELLED,
    CHRISTMAS,
    DECEMBER,
    NEW_YEAR,
    OPS,
    PAST_DUE,
    SUSPENDED,
    become,
    noon,
    of,
    package,
    prove_sums,
    run,
)
from tests.actions.test_billing import basic as basic  # noqa: PLC0414 - the fixture
from tests.world import World

TENTH, TWENTIETH = date(2027, 1, 10), date(2027, 1, 20)


@pytest.mark.usefixtures("basic")
def test_it_is_what_the_change_then_bills(world: World, now: datetime) -> None:
    """A suspension and an enabling are planned; the cancellation after both is asked for in the month before. In
    advance, in arrears and quarterly, with usage that is there already."""
    add_component(OPS, world.account.pk, package(now, "Late", "10", mode="arrears").pk, 3, DECEMBER, now)
    add_component(OPS, world.account.pk, package(now, "Long", "90", frequency="quarterly").pk, 1, CHRISTMAS, now)
    save_rate(OPS, None, Unit.EMAIL, "0.01", 0, now)
    UsageDay.objects.create(account=world.account, day=DECEMBER, unit=Unit.EMAIL, quantity=120)
    run(DECEMBER)
    for status, day in ((SUSPENDED, CHRISTMAS), (ACTIVE, TENTH)):
        wish = Wish(of(status).pk, PAST_DUE, Charge.PRORATED)
        plan = plan_change(OPS, world.account.pk, wish, day, noon(DECEMBER))

    def shown(at: datetime) -> dict[Charge, list[tuple[str, Decimal]]]:
        found = {}
        for charge in Charge:
            bill = preview_change(world.account.pk, CANCELLED, charge, TWENTIETH, at)
            assert bill is not None
            fees = [(line.words, line.amount.amount) for line in bill.fees]
            found[charge] = fees + [(line.words, line.amount.amount) for line in bill.usage]
        return found

    before = shown(noon(DECEMBER))
    again = preview_change(world.account.pk, ACTIVE, Charge.PRORATED, TENTH, noon(DECEMBER), plan.pk)
    world.account.status_changes.all().delete()  # and now it happens, day by day
    become(world, SUSPENDED, CHRISTMAS)
    run(NEW_YEAR)
    had = InvoiceLine.objects.latest("pk").pk
    become(world, ACTIVE, TENTH)
    made = InvoiceLine.objects.filter(pk__gt=had).order_by("pk")
    assert again is not None and made.exists()
    assert [(line.words, line.amount) for line in made] == [(one.words, one.amount.amount) for one in again.fees]
    run(TENTH)
    assert before == shown(noon(TENTH))
    had = InvoiceLine.objects.latest("pk").pk
    become(world, CANCELLED, TWENTIETH)
    made = InvoiceLine.objects.filter(pk__gt=had).order_by("pk")
    assert [(line.words, line.amount) for line in made] == before[Charge.PRORATED]
    assert sum(amount for _, amount in before[Charge.PRORATED]) < 0 < len(before[Charge.NONE])
    prove_sums()
