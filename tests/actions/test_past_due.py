"""Suspended and enabled by what is past due and what is paid: what becomes of it where the lists do not allow it."""

from dataclasses import replace
from datetime import datetime

import pytest

from allstop.actions.actor import Conflict
from allstop.actions.packages import save_setup
from allstop.actions.past_due import credit, look_past_due, pay, suspend_past_due
from allstop.actions.payments import PaymentSaid
from allstop.actions.status_types import delete_reasons
from allstop.store.models import Account, BillingSetup, Notice, Payment, StatusReason, StatusType
from tests.actions.test_billing import (
    CHRISTMAS,
    DECEMBER,
    LATE_AFTER_FIVE_DAYS,
    NEW_YEAR,
    OPS,
    PAST_DUE,
    SUSPENDED,
    noon,
    run,
)
from tests.actions.test_billing import basic as basic  # noqa: PLC0414 - the fixture
from tests.world import World


@pytest.mark.usefixtures("basic")
def test_a_rule_that_cannot_suspend_tells_the_operators_and_fails_no_worker(world: World, now: datetime) -> None:
    """Each look had raised, which ended every worker: nothing left, of any account, until the reason was back."""
    world.ada.user.is_operator = True
    world.ada.user.save()
    run(DECEMBER)
    save_setup(OPS, LATE_AFTER_FIVE_DAYS, now)
    reason = StatusReason.objects.get(text=PAST_DUE)
    with pytest.raises(Conflict, match="Choose another reason under Billing setup"):
        delete_reasons(OPS, [reason.pk], now)
    StatusReason.objects.all().delete()
    look_past_due(noon(CHRISTMAS))
    assert Account.objects.get(pk=world.account.pk).status_type.name == "Active"
    assert BillingSetup.objects.get().looked_on == CHRISTMAS  # and not again today
    reason.save()
    StatusType.objects.filter(status=SUSPENDED).delete()
    look_past_due(noon(NEW_YEAR))
    [first, second] = Notice.objects.order_by("pk")
    assert "is no longer in the list" in first.body and "no status type" in second.body
    assert first.url == "/operator/billing-setup" and first.readers.get().user_id == world.ada.user_id
    save_setup(OPS, replace(LATE_AFTER_FIVE_DAYS, suspend_after_days=None), now)
    assert delete_reasons(OPS, [reason.pk], now) == 1


@pytest.mark.usefixtures("basic")
def test_a_payment_is_recorded_also_where_the_account_cannot_be_enabled(world: World, now: datetime) -> None:
    """It had been answered 409 and stood: whoever entered it again had it twice."""
    run(DECEMBER)
    save_setup(OPS, LATE_AFTER_FIVE_DAYS, now)
    assert suspend_past_due(noon(CHRISTMAS)) == (1, False)
    StatusReason.objects.all().delete()
    pay(OPS, world.account.pk, PaymentSaid("20.00", "bank"), noon(CHRISTMAS))
    credit(OPS, world.account.pk, "10.00", "the outage", noon(CHRISTMAS))
    assert Payment.objects.count() == 2
    assert Account.objects.get(pk=world.account.pk).status_type.name == "Suspended"
    told = Notice.objects.get(subject__contains="has paid")
    assert "Make a list of reasons first" in told.body and told.url == f"/operator/accounts/{world.account.pk}"
