"""START in the browser: a plan, not a flood. The old jobs come first, and what is removed there never sends."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Locator, Page, expect

from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.switch import is_stopped, stop_account
from allstop.store.models import Job, Status
from tests.dispatch.processes import wait_until
from tests.e2e.cast import TOMORROW, in_queue, notifications, outbox, with_status
from tests.e2e.visits import Visits
from tests.world import World, job


def stop(world: World) -> None:
    wait_until_confirmed(stop_account(world.leader, "Bad upload", datetime.now(UTC)).number)


def old_job(world: World, name: str, count: int, days: int, *, too_late: bool = False) -> Job:
    made = job(world, name)
    notifications(world, count, of=made, due=-timedelta(days=days), use_by=-timedelta(hours=1) if too_late else None)
    return made


def start_dialog(page: Page) -> Locator:
    page.locator("#lamp").click()
    dialog = page.get_by_role("dialog", name="Start sending again?")
    expect(dialog).to_be_visible()
    return dialog


def total(dialog: Locator) -> Locator:
    return dialog.locator("table.totals tfoot").first


def test_the_start_dialog_shows_totals_and_the_old_jobs_first(visits: Visits, world: World) -> None:
    """000-09, 000-11, 000-12, 000-16, TN4, TN6."""
    stop(world)
    old_job(world, "Last week", 30, 7, too_late=True)
    old_job(world, "Day before yesterday", 20, 2)
    notifications(world, 10, of=job(world, "Today"))
    notifications(world, 5, of=job(world, "Tomorrow"), due=TOMORROW)
    page = visits.by(world.ben)
    dialog = start_dialog(page)
    expect(dialog.get_by_role("table", name="START lifts this stop")).to_contain_text("Ben Weber")
    expect(dialog).to_contain_text("You may want to delete any old jobs")
    expect(dialog).to_contain_text("Automated uploads")
    expect(dialog).to_contain_text("hundreds of reminders may go out at once")
    expect(total(dialog)).to_contain_text("Total in 4 jobs")
    expect(total(dialog)).to_contain_text("65")
    assert in_queue(world) == 65
    rows = dialog.locator(".old-jobs tbody tr")
    assert [row.locator("td:not(.pick)").all_inner_texts() for row in rows.all()] == [
        ["Last week", "7 days ago", "30", "30"],
        ["Day before yesterday", "2 days ago", "20", "0"],
    ]
    expect(dialog.get_by_role("link", name="How to remove jobs")).to_have_attribute("href", "/help/remove-jobs")
    expect(dialog.get_by_role("link", name="Submit a request")).to_be_visible()


def test_leaving_the_start_dialog_leaves_the_account_stopped(visits: Visits, world: World) -> None:
    """000-10."""
    stop(world)
    notifications(world, 10, of=job(world))
    page = visits.by(world.ben)
    start_dialog(page).get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    start_dialog(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#lamp")).to_be_focused()
    expect(page.locator("#lamp")).to_have_attribute("data-state", "stopped")
    assert is_stopped(world.account.pk)
    assert outbox(world) == 0


def test_what_is_removed_in_the_start_dialog_never_sends_and_the_rest_does(visits: Visits, world: World) -> None:
    """000-10, 000-15, TN6, TN7."""
    stop(world)
    oldest = old_job(world, "Last week", 30, 7)
    old = old_job(world, "Day before yesterday", 20, 2)
    today = job(world, "Today")
    notifications(world, 10, of=today)
    page = visits.by(world.ben)
    watcher = visits.by(world.dot)
    page.bring_to_front()
    dialog = start_dialog(page)
    dialog.get_by_role("checkbox", name="Last week").check()
    dialog.get_by_role("button", name="REMOVE selected").click()
    expect(dialog.get_by_role("status")).to_contain_text("Removed 1 job with 30 notifications.")
    expect(total(dialog)).to_contain_text("Total in 2 jobs")
    expect(total(dialog)).to_contain_text("30")
    expect(dialog.locator(".old-jobs tbody tr")).to_have_count(1)
    assert is_stopped(world.account.pk)
    assert outbox(world) == 0
    dialog.get_by_role("button", name="START").click()
    for shown in (page, watcher):
        expect(shown.locator("#lamp")).to_have_attribute("data-state", "running")
    expect(page.locator("#toasts")).to_contain_text("STARTED. What is due at Northgate Dental leaves now.")
    wait_until(lambda: outbox(world) == 30, "the jobs that stand to leave")
    wait_until(lambda: with_status(world, Status.SENT) == 30, "them to be finished")
    assert with_status(world, Status.SENT, old) == 20
    assert with_status(world, Status.SENT, today) == 10
    assert with_status(world, Status.REMOVED, oldest) == 30
    assert not is_stopped(world.account.pk)


def test_old_jobs_are_chosen_and_removed_from_the_keyboard_and_enter_does_not_start(
    visits: Visits, world: World
) -> None:
    """TN7; START is one deliberate press, never the Enter of a check box."""
    stop(world)
    oldest, old = old_job(world, "Last week", 3, 7), old_job(world, "Day before yesterday", 2, 2)
    page = visits.by(world.ben)
    dialog = start_dialog(page)
    dialog.get_by_role("checkbox", name="Last week").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)  # whatever Enter had pressed would be done by now
    expect(dialog.get_by_role("checkbox", name="Last week")).to_be_checked()
    assert with_status(world, Status.WAITING, oldest) == 3
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("checkbox", name="Day before yesterday")).to_be_focused()
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="REMOVE selected")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("status")).to_contain_text("Removed 1 job with 3 notifications.")
    assert with_status(world, Status.REMOVED, oldest) == 3
    assert with_status(world, Status.WAITING, old) == 2
    assert is_stopped(world.account.pk)


def test_remove_without_a_selection_says_so_and_removes_nothing(visits: Visits, world: World) -> None:
    stop(world)
    old = old_job(world, "Last week", 3, 7)
    page = visits.by(world.ben)
    dialog = start_dialog(page)
    dialog.get_by_role("button", name="REMOVE selected").click()
    expect(dialog).to_contain_text("Nothing was removed: select a job first.")
    assert with_status(world, Status.WAITING, old) == 3
