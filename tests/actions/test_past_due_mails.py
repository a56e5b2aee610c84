"""The reminder of an invoice that is past due: off unless turned on, once, and never of what is paid."""

from datetime import date, datetime

import pytest

from allstop.actions.packages import SetupSaid, billing_setup, save_setup
from allstop.actions.past_due import look_past_due
from allstop.actions.payments import PaymentSaid, record_payment
from allstop.store import ledger
from allstop.store.models import BillingSetup, Invoice, LedgerEntry, Message, NoticeReader
from tests.actions.test_billing import DECEMBER, NEW_YEAR, OPS, SUSPENDED, become, noon, run
from tests.actions.test_billing import basic as basic  # noqa: PLC0414 - the fixture
from tests.world import World

FIFTH_DAY, SIXTH_DAY = date(2026, 12, 20), date(2026, 12, 21)  # the invoice of December is to be paid by the 15th


def reminding_after(days: int | None, now: datetime) -> None:
    billing_setup()
    said = SetupSaid(
        currency="USD",
        issuer="Desk Ltd",
        due_days=14,
        usage_while_suspended=True,
        suspend_after_days=None,
        suspend_reason="",
        remind_after_days=days,
    )
    save_setup(OPS, said, now)


def mails() -> list[Message]:
    return list(Message.objects.filter(channel="email").order_by("id"))


@pytest.mark.usefixtures("basic")
def test_an_invoice_is_told_once_to_the_admins_through_the_gate(world: World, now: datetime) -> None:
    run(DECEMBER)
    look_past_due(noon(date(2027, 6, 1)))
    assert not mails()  # off
    reminding_after(5, now)
    record_payment(OPS, world.account.pk, PaymentSaid("10", "bank"), noon(DECEMBER))
    look_past_due(noon(FIFTH_DAY))
    assert not mails() and BillingSetup.objects.get().looked_on == FIFTH_DAY
    for _ in range(2):
        look_past_due(noon(SIXTH_DAY))
    [mail] = mails()
    assert (mail.address, mail.purpose, mail.status) == ("ada@northgate.example", "service", "waiting")
    assert mail.subject == "Not paid yet: invoice 1"
    assert "Invoice 1 of 1 Dec 2026, to be paid by 15 Dec 2026: 20.00 USD not paid." in mail.body
    assert "Together: 20.00 USD." in mail.body and "Desk Ltd" in mail.body
    told = NoticeReader.objects.get(account=world.account)
    assert (told.user_id, told.mail_due_at) == (world.ada.user_id, None)  # in the bell as well; one email, not two
    assert Invoice.objects.get().reminded_on == SIXTH_DAY
    entry = LedgerEntry.objects.get(act="remind_past_due")
    assert entry.after == {"invoices": [1], "via": "rule"}
    run(NEW_YEAR)
    record_payment(OPS, world.account.pk, PaymentSaid("50", "bank"), noon(NEW_YEAR))
    look_past_due(noon(date(2027, 3, 1)))
    assert len(mails()) == 1  # all is paid
    assert isinstance(ledger.verify(world.account.pk), int)


@pytest.mark.usefixtures("basic")
def test_of_a_suspended_account_it_goes_by_the_road_of_notices(world: World, now: datetime) -> None:
    run(DECEMBER)
    reminding_after(0, now)
    become(world, SUSPENDED, date(2026, 12, 10))
    look_past_due(noon(date(2026, 12, 16)))
    assert not mails()
    told = NoticeReader.objects.get(account=world.account, notice__kind="past_due")
    assert told.mail_due_at is not None and "Invoice" in told.notice.body
