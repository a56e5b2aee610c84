"""An operator in the browser: a package, an account that has it, a run, its invoice, and the payment."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from allstop.store.models import Invoice, User
from tests.e2e.axe import faults
from tests.e2e.visits import Visits
from tests.world import World


def test_an_operator_sells_bills_and_is_paid(visits: Visits, world: World) -> None:
    """002-07, 002-25: nothing is billed that was not shown before."""
    User.objects.filter(pk=world.ada.user_id).update(is_operator=True)
    page = visits.by(world.ada)
    page.goto("/operator/packages")
    found = faults(page, "no packages")
    page.get_by_role("link", name="Add").click()
    page.get_by_label("Name").fill("Front desk")
    page.get_by_label("Price").fill("30.00")
    found |= faults(page, "package")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved: Front desk.")).to_be_visible()

    page.goto(f"/operator/accounts/{world.account.pk}")
    page.get_by_role("link", name="Packages and balance").click()
    page.get_by_label("Package", exact=True).select_option(label="Front desk, 30.00 USD a month, in advance")
    page.get_by_label("From").fill((datetime.now(UTC) - timedelta(days=40)).date().isoformat())
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("has Front desk from")).to_be_visible()
    found |= faults(page, "packages and balance")
    page.get_by_role("link", name="Bill them by hand").click()
    expect(page.get_by_role("button", name="Bill it")).to_be_visible()
    found |= faults(page, "Bill Account")

    page.get_by_role("link", name="Bill runs").click()
    page.get_by_role("button", name="Bill all that are due").click()
    expect(page.get_by_role("heading", name="It is done")).to_be_visible()
    found |= faults(page, "run")
    invoice = Invoice.objects.get(account=world.account)
    page.get_by_role("link", name=str(invoice.pk), exact=True).click()
    expect(page.get_by_role("heading", name=f"Invoice {invoice.pk}")).to_be_visible()
    found |= faults(page, "invoice")

    page.get_by_role("link", name="Packages and balance").click()
    page.locator("section", has=page.get_by_role("heading", name="Record a payment")).get_by_label("Amount").fill(
        f"{invoice.total:.2f}"
    )
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_text(f"Recorded: {invoice.total:.2f} USD.")).to_be_visible()
    expect(page.get_by_text("0.00 USD", exact=True)).to_be_visible()
    page.get_by_role("link", name="Front desk").click()
    expect(page.get_by_role("heading", name="What its end bills")).to_be_visible()
    found |= faults(page, "component")
    page.get_by_role("link", name="Billing setup").click()
    assert found | faults(page, "setup") == {}
