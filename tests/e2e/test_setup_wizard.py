"""The setup wizard in the browser: what a choice changes is drawn at once, and nothing is in force before Finish."""

from datetime import UTC, datetime

from playwright.sync_api import Dialog, expect

from allstop.actions.sending_setup import read
from allstop.actions.setup_draft import draft_of
from allstop.rules.session_words import session_words
from tests.e2e.axe import sticks_out, violations
from tests.e2e.visits import PHONE, Visits
from tests.world import World


def test_texts_are_staggered_tried_and_finished(visits: Visits, world: World) -> None:
    """004-18 to 004-25, TX1 to TX7."""
    page = visits.by(world.ben)
    page.goto("/setup/sending")
    page.get_by_role("link", name="Open the wizard").click()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Account details")).to_be_visible()
    page.goto("/setup/sending/wizard/provider")
    finish = page.get_by_role("button", name="Finish")
    expect(finish).to_be_disabled()
    page.get_by_label("Text (SMS) provider").select_option("smpp")
    test = page.get_by_role("button", name="Test")
    expect(test).to_be_disabled()
    page.get_by_label("Practice id").fill("practice7")
    page.get_by_label("Password", exact=True).fill("pw123456")
    page.get_by_label("Server").fill("127.0.0.1")
    page.get_by_label("Encryption").select_option("none")
    page.get_by_label("Port").fill("1")
    page.get_by_label("Port").press("Tab")
    expect(test).to_be_enabled()
    test.click()
    expect(page.locator("#test-result")).to_contain_text("The test failed.")  # nobody listens there
    page.get_by_label("Text (SMS) provider").select_option("")
    expect(finish).to_be_enabled()
    page.get_by_label("Text (SMS) provider").select_option("sandbox")
    expect(finish).to_be_disabled()
    page.get_by_role("button", name="Next").click()

    page.get_by_label("Send all texts immediately").check()
    minutes = page.get_by_label("A message should be sent every")
    expect(minutes).to_be_disabled()
    page.get_by_label("Enable staggered").check()
    expect(minutes).to_be_enabled()
    page.get_by_role("link", name="+1").click()
    dialog = page.get_by_role("dialog")
    for day in ("Monday", "Wednesday"):
        dialog.get_by_label(day).check()
    dialog.get_by_label("From").fill("09:00")
    dialog.get_by_label("Until").fill("12:00")
    dialog.get_by_role("button", name="Add").click()
    expect(page.get_by_role("button", name="Delete Wednesday 09:00-12:00")).to_be_visible()
    minutes.fill("3")
    minutes.press("Tab")
    foot = page.locator(".session-foot")
    expect(foot).to_contain_text("120 texts a week can be sent (Mon 60, Wed 60).")
    minutes.fill("6")
    minutes.press("Tab")
    expect(foot).to_contain_text("60 texts a week")
    page.get_by_label("Try it with").fill("5000")
    page.get_by_label("Try it with").press("Tab")
    expect(page.get_by_text("5,000 texts take longer than the threshold")).to_be_visible()
    assert violations(page) == []
    page.set_viewport_size({"width": PHONE, "height": 800})
    assert sticks_out(page) == 0
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("button", name="Delete Wednesday 09:00-12:00").click()
    expect(foot).to_contain_text("30 texts a week")
    draft = draft_of(world.leader, datetime.now(UTC))
    assert draft is not None
    assert [session_words(one) for one in draft.settings.text.sessions] == ["Monday 09:00-12:00"]
    assert read(world.leader).settings.text.sessions == (), "nothing is in force yet"

    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.get_by_role("link", name="Inbox").click()
    expect(foot).to_be_visible()
    assert asked == ["beforeunload"], "leaving says so"
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("row", name="Texts, minutes from one to the next")).to_contain_text("6")
    finish.click()
    expect(page.get_by_text("settings are in force from now on.")).to_be_visible()
    assert [session_words(one) for one in read(world.leader).settings.text.sessions] == ["Monday 09:00-12:00"]
