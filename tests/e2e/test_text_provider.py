"""Setup, text provider, in a browser: choose an SMSC, test it, mistype the password, and hear so in words."""

from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from allstop.actions.actor import Actor
from allstop.actions.credits import top_up
from allstop.rules.roles import Role
from allstop.store.models import ChannelSetup
from allstop.store.sealing import is_sealed, opened
from tests.e2e.axe import sticks_out, violations
from tests.e2e.visits import PHONE, Visits
from tests.peers.smsc import PASSWORD, USER, smsc
from tests.world import World

SOON = 30_000  # ms until a worker of a busy machine has tried it


def save(page: Page, port: int, password: str) -> None:
    """On the page with everything."""
    page.goto("/setup/sending")
    part = page.get_by_role("region", name="Text (SMS) provider")
    part.get_by_label("Text (SMS) provider").select_option("smpp")
    part.get_by_label("Server").fill("127.0.0.1")
    part.get_by_label("Port").fill(str(port))
    part.get_by_label("Encryption").select_option("none")
    part.get_by_label("user name").fill(USER)
    part.get_by_label("Password").fill(password)
    part.get_by_label("Texts come from").fill("(212) 555-0100")
    page.get_by_role("button", name="Save everything").click()
    expect(page.get_by_text("In force from now on.")).to_be_visible()


def test_a_provider_is_chosen_tested_and_its_password_mistyped(visits: Visits, world: World) -> None:
    """004-14, TX2: Test says in words whether it works, and how many credits are left."""
    operator = Actor(world.account.pk, "ops", Role.ADMIN, via="command", is_operator=True)
    top_up(operator, 1984, "Invoice 17", datetime.now(UTC))
    page = visits.by(world.ben)
    page.goto("/setup/text-provider")
    expect(page.get_by_text("Texts go to the sandbox")).to_be_visible()
    page.get_by_role("button", name="Change the text provider").click()
    expect(page.get_by_role("heading", name="Text (SMS) provider")).to_be_visible()
    with smsc() as peer:
        save(page, peer.port, PASSWORD)
        page.goto("/setup/text-provider")
        expect(page.get_by_text("Texts leave by SMPP.")).to_be_visible()
        page.get_by_role("button", name="Test", exact=True).click()
        expect(page.get_by_text("It works")).to_be_visible(timeout=SOON)
        result = page.locator("#test-result")
        expect(result).to_contain_text(f"Logged in as {USER} at 127.0.0.1.")
        expect(result).to_contain_text("1,984 credits are left.")

        save(page, peer.port, "wrong")
        page.goto("/setup/text-provider")
        page.get_by_role("button", name="Test", exact=True).click()
        expect(page.get_by_text("It does not work")).to_be_visible(timeout=SOON)
        expect(result).to_contain_text("wrong password")
    assert violations(page) == []
    phone = visits.by(world.ben, theme="dark", width=PHONE)
    phone.goto("/setup/text-provider")
    assert (violations(phone), sticks_out(phone)) == ([], 0)
    setup = ChannelSetup.objects.get(account=world.account, channel="text")
    assert is_sealed(setup.config["password"])
    assert (opened(setup.config)["password"], setup.sender) == ("wrong", "+12125550100")
    assert PASSWORD not in page.content()
