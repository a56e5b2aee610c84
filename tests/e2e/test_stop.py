"""STOP in the browser: the dialog is exact, nothing happens before it is pressed, and then at once everywhere."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from allstop.actions.jobs import remove_jobs
from allstop.actions.switch import is_stopped
from allstop.rules.facts import Channel
from allstop.store.models import Status
from tests.dispatch.processes import wait_until
from tests.e2e.cast import TOMORROW, in_queue, notifications, outbox, set_up, with_status
from tests.e2e.visits import Visits
from tests.world import World, job


def rows_of(page: Page, table: int) -> list[list[str]]:
    rows = page.get_by_role("dialog").locator("table.totals").nth(table).locator("tbody tr, tfoot tr")
    return [row.locator("td").all_inner_texts() for row in rows.all()]


def test_the_lamp_opens_a_warning_with_exact_totals_and_changes_nothing(visits: Visits, world: World) -> None:
    """000-05, 000-06, 000-08, TN4: removed, refused and finished ones are not counted."""
    cleaning, checkup, recall, removed = (job(world, name) for name in ("Cleaning", "Check-up", "Recall", "Removed"))
    notifications(world, 12, of=cleaning, at=world.north, due=TOMORROW)
    notifications(world, 7, of=checkup, at=world.south, channel=Channel.CALL, due=TOMORROW)
    notifications(world, 5, of=recall, at=world.north, channel=Channel.EMAIL, due=TOMORROW)
    notifications(world, 3, due=TOMORROW)
    notifications(world, 9, of=removed, at=world.south, due=TOMORROW)
    remove_jobs(world.member, [removed.pk], datetime.now(UTC))
    notifications(world, 4, of=cleaning, status=Status.REFUSED)
    notifications(world, 6, of=cleaning)
    wait_until(lambda: with_status(world, Status.SENT) == 6, "what is due now to be finished")
    page = visits.by(world.cem)
    page.locator("#lamp").click()
    dialog = page.get_by_role("dialog", name="Stop all communications?")
    expect(dialog).to_contain_text("stops all messages, at all locations, of all clinics in the account")
    assert rows_of(page, 0) == [["Text", "15"], ["Call", "7"], ["Email", "5"], ["Total in 3 jobs", "27"]]
    assert rows_of(page, 1) == [["No location", "3"], ["Northgate", "17"], ["Southgate", "7"]]
    assert in_queue(world) == with_status(world, Status.WAITING) == 27
    assert not is_stopped(world.account.pk)
    expect(page.locator("#lamp")).to_have_attribute("data-state", "running")


@pytest.mark.parametrize("way_out", ["Escape", "Cancel"])
def test_leaving_the_warning_leaves_the_account_running(visits: Visits, world: World, way_out: str) -> None:
    """000-07."""
    page = visits.by(world.cem)
    page.locator("#lamp").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    if way_out == "Escape":
        page.keyboard.press("Escape")
    else:
        dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    expect(page.locator("#lamp")).to_be_focused()
    expect(page.locator("#lamp")).to_have_attribute("data-state", "running")
    assert not is_stopped(world.account.pk)


def test_stop_shows_in_every_tab_of_the_account_and_in_no_other(visits: Visits, world: World) -> None:
    """000-01, 000-07, 000-04: word, second line and shape; live in the tab of somebody else."""
    elsewhere = visits.by(world.ben)
    elsewhere.goto("/messages")
    rival = visits.by(world.rae)
    page = visits.by(world.cem)
    second_tab = page.context.new_page()
    second_tab.goto("/contacts")
    for shown in (page, second_tab, elsewhere, rival):
        expect(shown.locator("#lamp .lens-running")).to_be_visible()
    page.bring_to_front()
    page.locator("#lamp").click()
    page.get_by_label("Reason").fill("Wrong clinic in the file")
    page.get_by_role("dialog").get_by_role("button", name="STOP").click()
    expect(page.locator("#lamp")).to_have_attribute("data-state", "stopped")
    for shown in (page, second_tab, elsewhere):
        lamp = shown.locator("#lamp")
        expect(lamp).to_have_attribute("data-state", "stopped", timeout=3000)
        expect(lamp).to_contain_text("STOPPED")
        expect(lamp).to_contain_text("Cem Tanaka, just now")
        expect(lamp.locator(".lens-stopped")).to_be_visible()
        expect(lamp.locator(".lens-running")).to_be_hidden()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#lamp")).to_be_focused()
    expect(page.locator("#toasts")).to_contain_text("STOPPED. Nothing new leaves Northgate Dental.")
    receipt = page.locator("#switch-panel")
    expect(receipt).to_contain_text("STOPPED by Cem Tanaka")
    expect(receipt).to_contain_text("Wrong clinic in the file")
    expect(receipt).to_contain_text("confirmed by 2 workers")
    expect(rival.locator("#lamp")).to_have_attribute("data-state", "running")
    assert is_stopped(world.account.pk)


def test_once_the_page_says_stopped_nothing_more_leaves(visits: Visits, world: World) -> None:
    """000-02, TN3: pressed while messages are leaving."""
    set_up(world, Channel.TEXT, pace_ms=10)
    page = visits.by(world.cem)
    notifications(world, 1000, of=job(world))
    page.locator("#lamp").click()
    wait_until(lambda: outbox(world) > 0, "some texts to leave")
    page.get_by_role("dialog").get_by_role("button", name="STOP").click()
    expect(page.locator("#toasts")).to_contain_text("STOPPED")
    left = outbox(world)
    page.wait_for_timeout(1000)
    assert outbox(world) == left < 1000
    expect(page.locator("[data-live='figures.sent']")).to_have_text(str(left))
    expect(page.locator("[data-live='figures.waiting']")).to_have_text(str(1000 - left))
