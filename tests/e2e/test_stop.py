"""STOP in the browser: the dialog is exact, nothing happens before it is pressed, and then at once everywhere."""

import os
import signal
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from allstop.actions.jobs import remove_jobs
from allstop.actions.switch import is_stopped, stop
from allstop.rules.facts import Channel
from allstop.rules.holds import one_location
from allstop.store.models import Status, User, Worker
from tests.dispatch.processes import wait_until
from tests.e2e.axe import faults
from tests.e2e.cast import TOMORROW, in_queue, notifications, outbox, set_up, with_status
from tests.e2e.program import WORKERS
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
    elsewhere = visits.by(world.ben, at="/messages")
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
        expect(lamp).to_have_attribute("data-state", "stopped")
        expect(lamp).to_contain_text("STOPPED")
        expect(lamp).to_contain_text("Cem Tanaka, just now")
        expect(lamp.locator(".lens-stopped")).to_be_visible()
        expect(lamp.locator(".lens-running")).to_be_hidden()
    dialog = page.get_by_role("dialog", name="STOP of Northgate Dental")
    for words in (
        "STOPPED. Nothing new leaves.",
        "Cem Tanaka",
        "Wrong clinic in the file",
        f"by {WORKERS} workers after",
    ):
        expect(dialog).to_contain_text(words)
    dialog.get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#lamp")).to_be_focused()
    receipt = page.locator("#switch-panel")
    expect(receipt).to_contain_text("STOPPED by Cem Tanaka")
    expect(receipt).to_contain_text("Wrong clinic in the file")
    expect(receipt).to_contain_text(f"confirmed by {WORKERS} workers")
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
    expect(page.locator("#stop-outcome")).to_contain_text("STOPPED.")
    left = outbox(world)
    page.wait_for_timeout(1000)
    assert outbox(world) == left < 1000
    expect(page.locator("[data-live='figures.sent']")).to_have_text(str(left))
    expect(page.locator("[data-live='figures.waiting']")).to_have_text(str(1000 - left))


def test_while_a_worker_is_silent_every_tab_shows_stopping_and_then_the_receipt(visits: Visits, world: World) -> None:
    """000-07: live, without a reload, in the dialog and in the tab of somebody else."""
    wait_until(lambda: Worker.objects.filter(fenced=False).count() == WORKERS, "all workers to be there")
    elsewhere = visits.by(world.ben)
    page = visits.by(world.cem)
    frozen = Worker.objects.order_by("pk").first()
    assert frozen is not None
    os.kill(frozen.pid, signal.SIGSTOP)
    try:
        page.locator("#lamp").click()
        page.get_by_role("dialog").get_by_role("button", name="STOP").click()
        outcome = page.locator("#stop-outcome")
        expect(outcome).to_contain_text("STOPPING.")
        for shown in (page, elsewhere):
            expect(shown.locator("#lamp")).to_have_attribute("data-state", "stopping")
        expect(elsewhere.locator("#switch-panel")).to_contain_text("STOPPING by Cem Tanaka")
        expect(outcome).to_contain_text("STOPPED. Nothing new leaves.")
        expect(outcome).to_contain_text(f"by {WORKERS} workers after")
        for shown in (page, elsewhere):
            expect(shown.locator("#lamp")).to_have_attribute("data-state", "stopped")
        expect(elsewhere.locator("#switch-panel")).to_contain_text(f"confirmed by {WORKERS} workers")
    finally:
        os.kill(frozen.pid, signal.SIGCONT)
    page.get_by_role("link", name="Receipt, and verify it").click()
    page.get_by_role("button", name="Verify").click()
    expect(page.locator("main")).to_contain_text("Verified: the receipt is true.")
    wait_until(lambda: Worker.objects.filter(fenced=False).count() == WORKERS, "the frozen worker to be started again")


def test_one_channel_is_stopped_and_started_from_the_board(visits: Visits, world: World) -> None:
    """000-02: a narrower stop leaves the lamp RUNNING, and its second line says so in every tab."""
    notifications(world, 3, due=TOMORROW)
    elsewhere = visits.by(world.dot)
    page = visits.by(world.ben, at="/stops")
    row = page.locator("[data-switch='channel:text']")
    expect(row).to_contain_text("RUNNING")
    row.get_by_role("link", name="Stop texts").click()
    dialog = page.get_by_role("dialog", name="Stop texts of Northgate Dental?")
    expect(dialog).to_be_visible()
    assert rows_of(page, 0) == [["Text", "3"], ["Total in 0 jobs", "3"]]
    dialog.get_by_label("Reason").fill("The provider doubles them")
    dialog.get_by_role("button", name="STOP").click()
    expect(page.locator("#stop-outcome")).to_contain_text("STOPPED.")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(row).to_contain_text("STOPPED")
    expect(row).to_contain_text("The provider doubles them")
    for shown in (page, elsewhere):
        expect(shown.locator("#lamp")).to_have_attribute("data-state", "running")
        expect(shown.locator("#lamp")).to_contain_text("Texts are stopped")
    expect(elsewhere.locator("#switch-panel")).to_contain_text("Texts are STOPPED by Ben Weber")
    row.get_by_role("link", name="Start texts").click()
    page.get_by_role("dialog").get_by_role("button", name="START").click()
    expect(page.locator("#toasts")).to_contain_text("STARTED texts of Northgate Dental.")
    expect(page.locator("[data-switch='channel:text']")).to_contain_text("RUNNING")
    expect(elsewhere.locator("#lamp")).to_contain_text("Messages may leave")


def test_all_stop_is_an_operators_button_and_reaches_every_account(visits: Visits, world: World) -> None:
    User.objects.filter(pk=world.ada.user_id).update(is_operator=True)
    try:
        rival = visits.by(world.rae)
        page = visits.by(world.ada, at="/stops")
        page.get_by_role("link", name="All stop").click()
        dialog = page.get_by_role("dialog", name="Stop every account?")
        expect(dialog).to_contain_text("every account of this installation")
        dialog.get_by_role("button", name="ALL STOP").click()
        expect(page.locator("#stop-outcome")).to_contain_text("STOPPED.")
        for shown in (page, rival):
            expect(shown.locator("#lamp")).to_have_attribute("data-state", "stopped")
        expect(rival.locator("#switch-panel")).to_contain_text("for the whole installation")
        page.get_by_role("dialog").get_by_role("button", name="Close").click()
        page.get_by_role("link", name="Start Every account").click()
        page.get_by_role("dialog").get_by_role("button", name="START").click()
        for shown in (page, rival):  # what waits is looked through account by account first
            expect(shown.locator("#lamp")).to_have_attribute("data-state", "running")
    finally:
        User.objects.filter(pk=world.ada.user_id).update(is_operator=False)


def test_the_board_and_its_dialogs_have_no_barrier(visits: Visits, world: World) -> None:
    """000-04: never by colour alone; in both themes, also at the width of a phone."""
    User.objects.filter(pk=world.ada.user_id).update(is_operator=True)
    try:
        stop(world.member, one_location(world.account.pk, world.north.pk), "Flooded", datetime.now(UTC))
        page = visits.by(world.ada)
        found = faults(page, "home with a narrower stop")
        page.goto("/stops")
        found |= faults(page, "board")
        page.get_by_role("link", name="All stop").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        found |= faults(page, "all stop")
        page.keyboard.press("Escape")
        page.get_by_role("link", name="Start Northgate").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        found |= faults(page, "start of a location")
        page.keyboard.press("Escape")
        page.get_by_role("link", name="Stop texts").click()
        page.get_by_role("dialog").get_by_role("button", name="STOP").click()
        expect(page.locator("#stop-outcome")).to_be_visible()
        found |= faults(page, "outcome")
        assert found == {}
    finally:
        User.objects.filter(pk=world.ada.user_id).update(is_operator=False)
