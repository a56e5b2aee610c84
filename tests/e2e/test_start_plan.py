"""Planning a START in the browser: groups, single messages, the live preview, and exactly what it said."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.switch import is_stopped, stop_account
from allstop.rules.facts import Channel
from allstop.store.models import Status
from tests.dispatch.processes import wait_until
from tests.e2e.axe import faults
from tests.e2e.cast import TOMORROW, notifications, outbox, set_up, with_status
from tests.e2e.visits import Visits
from tests.world import World, contact, job


@pytest.fixture
def stopped(world: World) -> World:
    wait_until_confirmed(stop_account(world.leader, "Bad upload", datetime.now(UTC)).number)
    return world


def group(page: Page, name: str) -> Locator:
    return page.locator("tbody[data-group]").filter(has_text=name)


def plan_page(visits: Visits, world: World) -> Page:
    page = visits.by(world.ben)
    page.locator("#lamp").click()
    page.get_by_role("dialog").get_by_role("link", name="Choose what leaves").click()
    expect(page.get_by_role("heading", name="Plan this START")).to_be_visible()
    return page


def test_forty_of_three_hundred_are_picked_and_exactly_forty_leave(visits: Visits, stopped: World) -> None:
    world = stopped
    recall, today = job(world, "Recall list"), job(world, "Today")
    notifications(world, 60, of=recall)
    notifications(world, 5, of=today)
    page = plan_page(visits, world)
    seen = page.locator("#start-preview")
    expect(seen).to_contain_text("65 leave now, 0 later, 0 are dropped.")
    expect(seen.locator("svg rect")).not_to_have_count(0)
    group(page, "Recall list").get_by_text("Choose").click()
    boxes = group(page, "Recall list").get_by_role("checkbox")
    expect(boxes).to_have_count(60)
    expect(seen).to_contain_text("5 leave now, 0 later, 60 are dropped.")
    boxes.nth(0).click()
    boxes.nth(37).click(modifiers=["Shift"])
    boxes.nth(50).click(modifiers=["Control"])
    boxes.nth(51).focus()
    page.keyboard.press("Space")
    expect(group(page, "Recall list")).to_contain_text("40 of the 60 shown ticked")
    expect(seen).to_contain_text("45 leave now, 0 later, 20 are dropped.")
    assert is_stopped(world.account.pk)
    page.get_by_role("button", name="START").click()
    expect(page.locator("#toasts")).to_contain_text("STARTED. What is due at Northgate Dental leaves now. 20 were")
    wait_until(lambda: with_status(world, Status.SENT) == 45, "those to leave")
    assert with_status(world, Status.SENT, recall) == 40
    assert with_status(world, Status.REMOVED, recall) == 20
    assert outbox(world) == 45


def test_all_of_a_group_are_ticked_from_the_keyboard_and_enter_does_not_start(visits: Visits, stopped: World) -> None:
    world = stopped
    notifications(world, 6, of=job(world, "Recall list"))
    page = plan_page(visits, world)
    group(page, "Recall list").get_by_role("radio", name="Send").focus()
    page.keyboard.press("ArrowRight")
    expect(group(page, "Recall list").get_by_role("radio", name="Choose")).to_be_checked()
    boxes = group(page, "Recall list").get_by_role("checkbox")
    boxes.nth(0).focus()
    page.keyboard.press("Control+a")
    expect(group(page, "Recall list")).to_contain_text("6 of the 6 shown ticked")
    expect(page.locator("#start-preview")).to_contain_text("6 leave now, 0 later, 0 are dropped.")
    page.keyboard.press("Enter")
    page.get_by_label("a minute on each channel").press("Enter")
    assert is_stopped(world.account.pk)
    expect(page.get_by_role("heading", name="Plan this START")).to_be_visible()


def test_what_came_meanwhile_is_shown_before_anything_leaves(visits: Visits, stopped: World) -> None:
    world = stopped
    notifications(world, 3, of=job(world, "Monday"))
    page = plan_page(visits, world)
    notifications(world, 4, of=job(world, "Late upload"))
    with visits.expecting("409"):
        page.get_by_role("button", name="START").click()
        expect(page.get_by_role("alert")).to_contain_text("Now 7 would be sent")
    expect(group(page, "Late upload")).to_be_visible()
    assert outbox(world) == 0
    page.get_by_role("button", name="START").click()
    wait_until(lambda: with_status(world, Status.SENT) == 7, "all to leave")


def test_a_slow_start_is_shown_and_send_all_now_ends_it(visits: Visits, stopped: World) -> None:
    world = stopped
    notifications(world, 30, of=job(world, "Monday"))
    page = plan_page(visits, world)
    page.get_by_label("A slow start").check()
    expect(page.locator("#start-preview svg rect").nth(2)).to_be_attached()
    page.get_by_role("button", name="START").click()
    panel = page.locator("#switch-panel")
    expect(panel).to_contain_text("Slow start. 10 a minute on each channel")
    wait_until(lambda: outbox(world) >= 1, "the first to leave")
    assert outbox(world) < 10
    panel.get_by_role("button", name="Send all now").click()
    expect(panel).not_to_contain_text("Slow start")
    wait_until(lambda: outbox(world) == 30, "all to leave")


def test_the_page_has_no_barriers_and_fits_a_phone(visits: Visits, stopped: World) -> None:
    world = stopped
    set_up(world, Channel.EMAIL, pace_ms=6000)
    notifications(world, 9, of=job(world, "Recall list"), at=world.north)
    notifications(world, 9, of=job(world, "Billing"), channel=Channel.EMAIL, due=-timedelta(days=3), at=world.south)
    notifications(world, 2, of=job(world, "Late"), use_by=-timedelta(hours=1))
    notifications(world, 2, of=job(world, "Tomorrow"), due=TOMORROW, to=contact(world, "Kim Lee"))
    page = visits.by(world.ben, at="/start")
    group(page, "Recall list").get_by_text("Choose").click()
    expect(group(page, "Recall list").get_by_role("checkbox")).to_have_count(9)
    group(page, "Billing").get_by_text("Later").click()
    expect(page.locator("#start-preview")).to_contain_text("Give the new day and time")
    assert faults(page, "plan") == {}
    group(page, "Billing").locator("input[type=datetime-local]").fill("2031-01-15T09:00")
    expect(page.locator("#start-preview")).to_contain_text("9 get another day.")
