"""An operator in the browser: a status type whose labels stay red, and an account that is suspended and enabled."""

from playwright.sync_api import Locator, Page, expect

from allstop.store.models import Hold, StatusType, User
from tests.dispatch.processes import wait_until
from tests.e2e.axe import faults
from tests.e2e.visits import Visits
from tests.world import World


def label(page: Page, words: str) -> Locator:
    return page.locator(".label", has_text=words)


def colour(page: Page, words: str) -> str:
    shown: str = label(page, words).evaluate("one => getComputedStyle(one).color")
    return shown


def test_an_operator_adds_a_type_and_suspends_an_account(visits: Visits, world: World) -> None:
    """002-16 to 002-21, 002-23, 002-25."""
    User.objects.filter(pk=world.ada.user_id).update(is_operator=True)
    page = visits.by(world.ada)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Every account").click()
    page.get_by_role("link", name="Account Status Reasons").click()
    page.get_by_label("Reason", exact=True).fill("Owes us money")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("checkbox", name="Owes us money")).to_be_visible()

    page.get_by_role("link", name="Account Status Types").click()
    found = faults(page, "types")
    page.get_by_role("link", name="Add").click()
    red, black = colour(page, "Name"), colour(page, "Image URL")
    assert red != black
    page.get_by_role("button", name="Save", exact=True).click()  # the browser keeps the form
    page.get_by_label("Name").fill("On leave")
    expect(label(page, "Name")).to_have_css("color", black)  # it fades
    expect(label(page, "Status")).to_have_css("color", red)
    page.get_by_label("Status", exact=True).select_option("suspended")
    page.get_by_role("button", name="Save/New").click()
    expect(page.get_by_text("Saved: On leave.")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("")
    found |= faults(page, "new type")
    assert StatusType.objects.get(name="On leave").status == "suspended"

    page.goto(f"/operator/accounts/{world.account.pk}")
    found |= faults(page, "account")
    page.get_by_label("New status").select_option("On leave")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Suspend Northgate Dental")).to_be_visible()
    expect(page.get_by_label("Date")).to_be_hidden()
    page.get_by_label("At the beginning of a day").check()
    expect(page.get_by_label("Date")).to_be_visible()
    found |= faults(page, "options")
    page.get_by_label("Now").check()
    page.get_by_label("Reason").select_option("Owes us money")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Northgate Dental is On leave. Its sending is held, receipt no.")).to_be_visible()
    standing = Hold.objects.filter(account=world.account, lifted_at=None)
    assert [hold.name for hold in standing.all()] == ["suspended"]
    page.get_by_label("New status").select_option("Active")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Northgate Dental is Active.")).to_be_visible()
    wait_until(lambda: not standing.all(), "the hold of the old status to be lifted")
    page.goto("/operator/accounts")
    assert found | faults(page, "accounts") == {}
