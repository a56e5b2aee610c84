"""Home: jobs are selected and removed by mouse and keyboard, and its figures move while messages leave."""

from playwright.sync_api import Locator, Page, expect

from allstop.rules.facts import Channel
from allstop.store.models import Job, Status
from tests.dispatch.processes import wait_until
from tests.e2e.cast import TOMORROW, notifications, outbox, set_up, with_status
from tests.e2e.visits import Visits
from tests.world import World, job


def jobs_of(world: World, count: int) -> list[Job]:
    """In the order of the list, newest first."""
    made = [job(world, f"Job {number}") for number in range(count)]
    for one in made:
        notifications(world, 2, of=one, due=TOMORROW)
    return made[::-1]


def row(page: Page, of: Job) -> Locator:
    return page.locator(f"#job-{of.pk}")


def selected(page: Page) -> set[str]:
    found: list[str] = page.evaluate("[...document.querySelectorAll('tr[aria-selected=true]')].map(r => r.dataset.id)")
    return set(found)


def ids(*jobs: Job) -> set[str]:
    return {str(one.pk) for one in jobs}


def is_removed(one: Job) -> bool:
    return Job.objects.get(pk=one.pk).removed_at is not None


def test_jobs_are_selected_by_click_shift_click_and_ctrl_click_and_removed(visits: Visits, world: World) -> None:
    """000-14, 000-15, TN7."""
    jobs = jobs_of(world, 6)
    page = visits.by(world.cem)
    remove = page.locator("#jobs").get_by_role("button", name="REMOVE")
    expect(remove).to_be_disabled()
    row(page, jobs[1]).locator("td").nth(3).click()
    assert selected(page) == ids(jobs[1])
    row(page, jobs[3]).locator("td").nth(3).click(modifiers=["Shift"])
    assert selected(page) == ids(*jobs[1:4])
    row(page, jobs[5]).locator("td").nth(3).click(modifiers=["Control"])
    row(page, jobs[2]).locator("td").nth(3).click(modifiers=["Control"])
    assert selected(page) == ids(jobs[1], jobs[3], jobs[5])
    expect(page.locator("[data-selected-count]")).to_have_text("3 selected")

    remove.click()
    dialog = page.get_by_role("dialog", name="Remove 3 jobs?")
    expect(dialog).to_contain_text("6 notifications pending or scheduled will never leave")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    assert not any(is_removed(one) for one in jobs)
    assert selected(page) == ids(jobs[1], jobs[3], jobs[5])

    remove.click()
    dialog.get_by_role("button", name="REMOVE").click()
    expect(page.locator("#toasts")).to_contain_text("Removed 3 jobs. 6 notifications will never leave.")
    for one in (jobs[1], jobs[3], jobs[5]):
        expect(row(page, one)).to_have_count(0)
        assert is_removed(one)
    for one in (jobs[0], jobs[2], jobs[4]):
        expect(row(page, one)).to_be_visible()
        assert not is_removed(one)
    assert with_status(world, Status.REMOVED) == with_status(world, Status.WAITING) == 6
    expect(remove).to_be_disabled()


def test_jobs_are_selected_and_removed_from_the_keyboard(visits: Visits, world: World) -> None:
    """000-14, TN7."""
    jobs = jobs_of(world, 5)
    page = visits.by(world.cem)
    row(page, jobs[0]).focus()
    page.keyboard.press("ArrowDown")
    expect(row(page, jobs[1])).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowDown")
    assert selected(page) == ids(jobs[1], jobs[2])
    page.keyboard.press("Control+a")
    assert selected(page) == ids(*jobs)
    page.keyboard.press("Escape")
    assert selected(page) == set()
    page.keyboard.press("Space")
    assert selected(page) == ids(jobs[2])
    remove = page.locator("#jobs").get_by_role("button", name="REMOVE")
    remove.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Remove 1 job?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(row(page, jobs[2])).to_have_count(0)
    assert [is_removed(one) for one in jobs] == [False, False, True, False, False]


def test_select_all_means_every_job_also_those_of_the_next_page(visits: Visits, world: World) -> None:
    jobs = [job(world, f"Job {number}") for number in range(60)]
    page = visits.by(world.cem)
    row(page, jobs[-1]).focus()
    page.keyboard.press("Control+a")
    expect(page.locator("[data-selected-count]")).to_have_text("All 60 selected")
    row(page, jobs[-1]).locator("td").nth(3).click(modifiers=["Control"])
    page.locator("#jobs").get_by_role("button", name="REMOVE").click()
    dialog = page.get_by_role("dialog", name="Remove 59 jobs?")
    dialog.get_by_role("button", name="REMOVE").click()
    expect(page.locator("#toasts")).to_contain_text("Removed 59 jobs.")
    expect(page.locator("#jobs-grid tbody tr")).to_have_count(1)
    assert [one.pk for one in jobs if not is_removed(one)] == [jobs[-1].pk]


def test_a_selection_survives_the_refreshes_of_a_job_that_is_sending(visits: Visits, world: World) -> None:
    set_up(world, Channel.TEXT, pace_ms=50)
    quiet, busy = job(world, "Quiet"), job(world, "Busy")
    notifications(world, 2, of=quiet, due=TOMORROW)
    page = visits.by(world.cem)
    row(page, quiet).locator("td").nth(3).click()
    notifications(world, 200, of=busy)
    expect(row(page, busy)).to_contain_text("sending")
    drawn = row(page, busy).inner_text()
    expect(row(page, busy)).not_to_have_text(drawn)
    assert selected(page) == ids(quiet)
    expect(row(page, quiet)).to_be_focused()


def test_figures_progress_and_plot_move_while_messages_leave(visits: Visits, world: World) -> None:
    """Live within a second, without a reload; the plot's numbers stand in a table as well."""
    set_up(world, Channel.TEXT, pace_ms=20)
    busy = job(world, "Busy")
    page = visits.by(world.dot)
    sent = page.locator("[data-live='figures.sent']")
    rate = page.locator("[data-plot-value]").first
    expect(sent).to_have_text("0")
    expect(page.locator(".plot-canvas canvas")).to_be_visible()
    notifications(world, 150, of=busy)
    expect(sent).not_to_have_text("0")
    expect(rate).not_to_have_text("0")
    expect(row(page, busy).get_by_role("progressbar")).to_be_visible()
    wait_until(lambda: outbox(world) == 150, "all to leave")
    expect(sent).to_have_text("150")
    expect(page.locator("[data-live='figures.waiting']")).to_have_text("0")
    expect(row(page, busy)).to_contain_text("150 / 150")
    expect(row(page, busy)).to_contain_text("done")
    page.get_by_text("Show as a table").click()
    cells = page.get_by_role("region", name="Throughput, last two minutes, as a table").locator("td.n")
    assert any(text not in ("", "0") for text in cells.all_inner_texts())
