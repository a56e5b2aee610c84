"""An account and its operator in the browser: a ticket, its answer, and a visit as support that everybody sees."""

from playwright.sync_api import expect

from allstop.store.models import StatusReason, SupportVisit, Ticket, User
from tests.e2e.axe import faults
from tests.e2e.visits import Visits
from tests.world import World


def test_a_ticket_is_answered_and_a_visit_is_seen_and_left(visits: Visits, world: World) -> None:
    StatusReason.objects.get_or_create(text="Past due")
    User.objects.filter(pk=world.rae.user_id).update(is_operator=True)  # of another account
    admin, operator = visits.by(world.ada), visits.by(world.rae)
    admin.goto("/help/tickets")
    admin.get_by_label("About").fill("Texts do not leave")
    admin.get_by_label("Message").fill("Since this morning. Can you look?")
    admin.get_by_role("button", name="Send").click()
    expect(admin.get_by_text("Since this morning. Can you look?")).to_be_visible()
    found = faults(admin, "ticket of the account")

    ticket = Ticket.objects.get(account=world.account)
    operator.goto("/operator/tickets")
    found |= faults(operator, "tickets")
    operator.get_by_role("link", name="Texts do not leave").click()
    operator.get_by_label("Message").fill("I look into it now.")
    operator.get_by_role("button", name="Send").click()
    expect(operator.get_by_text("I look into it now.")).to_be_visible()
    found |= faults(operator, "ticket")
    admin.goto(f"/help/tickets/{ticket.pk}")
    expect(admin.get_by_text("I look into it now.")).to_be_visible()

    operator.goto(f"/operator/accounts/{world.account.pk}")
    operator.get_by_role("link", name="Enter as support").click()
    found |= faults(operator, "enter")
    operator.get_by_label("Why").fill("Texts do not leave")
    operator.get_by_role("button", name="Enter").click()
    banner = operator.get_by_role("complementary", name="Support")
    expect(banner).to_contain_text("is in Northgate Dental")
    found |= faults(operator, "inside as support")
    operator.goto("/setup/text-provider")
    expect(banner).to_be_visible()
    banner.get_by_role("button", name="Leave").click()
    expect(banner).to_have_count(0)
    assert SupportVisit.objects.get(account=world.account).ended_at is not None

    for path in (
        "/operator/support",
        "/operator/tools/status",
        f"/operator/accounts/{world.account.pk}/history",
        f"/operator/accounts/{world.account.pk}/planned/add",
        "/operator/missed",
        "/operator/invoices",
    ):
        operator.goto(path)
        found |= faults(operator, path)
    assert found == {}
