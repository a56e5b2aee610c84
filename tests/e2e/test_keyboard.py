"""Without a mouse: from the first Tab to a stopped account, and out of every dialog to where one was."""

from playwright.sync_api import expect

from allstop.actions.switch import is_stopped
from tests.e2e.visits import Visits
from tests.world import World


def test_the_account_is_stopped_with_the_keyboard_alone(visits: Visits, world: World) -> None:
    """000-05, 000-07: Enter on the lamp opens the warning, where Cancel has the focus."""
    page = visits.by(world.cem)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(page.locator("#lamp")).to_be_focused()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="STOP")).to_be_focused()
    assert not is_stopped(world.account.pk)
    page.keyboard.press("Enter")
    expect(page.locator("#lamp")).to_have_attribute("data-state", "stopped")
    expect(dialog).to_contain_text("STOPPED")
    page.keyboard.press("Escape")
    expect(page.locator("#lamp")).to_be_focused()
    assert is_stopped(world.account.pk)


def test_the_skip_link_leads_past_the_navigation(visits: Visits, world: World) -> None:
    page = visits.by(world.cem, at="/messages")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#main :focus")).to_have_count(1)


def test_every_place_is_reached_with_the_keyboard(visits: Visits, world: World) -> None:
    page = visits.by(world.ada)
    for name in ("Messages", "Import", "Outbox", "Phonebook", "Messenger", "Setup"):
        page.get_by_role("navigation", name="Main").get_by_role("link", name=name).focus()
        page.keyboard.press("Enter")
        place = page.get_by_role("navigation", name="Main").get_by_role("link", name=name)
        expect(place).to_have_attribute("aria-current", "page")
