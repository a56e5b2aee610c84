"""Why: the page of a message gives each check's answer, who set it, and the earliest time, and stays true."""

from datetime import UTC, datetime

from playwright.sync_api import expect

from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.contacts import mark
from allstop.actions.switch import start_account, stop_account
from allstop.rules.facts import Channel
from allstop.rules.markers import MarkerKind
from allstop.rules.reasons import CHECKS
from allstop.store.models import Status
from tests.dispatch.processes import wait_until
from tests.e2e.cast import TOMORROW, notifications, with_status
from tests.e2e.visits import Visits
from tests.world import World, contact, job


def sleepers_zone(now: datetime) -> str:
    """Where the clock shows two at night."""
    ahead = (2 - now.hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}"


def test_why_names_each_check_who_set_it_and_the_earliest_time(visits: Visits, world: World) -> None:
    asleep = contact(world, "Sam Sleeper", zones=(sleepers_zone(world.now),))
    wait_until_confirmed(stop_account(world.leader, "Bad upload", datetime.now(UTC)).number)
    (message,) = notifications(world, 1, of=job(world), to=asleep)
    page = visits.by(world.dot, at=f"/messages/{message}")
    expect(page.get_by_role("heading", name="Why it does not leave")).to_be_visible()
    rows = page.get_by_role("region", name="The checks").locator("tbody tr")
    assert [row.locator("td").first.inner_text() for row in rows.all()] == list(CHECKS.values())
    stopped = rows.filter(has_text=CHECKS["account_stop"])
    expect(stopped).to_contain_text("holds")
    expect(stopped).to_contain_text("Ben Weber")
    expect(stopped).to_contain_text("Bad upload")
    expect(stopped).to_contain_text("somebody changes it")
    night = rows.filter(has_text=CHECKS["quiet_hours"])
    expect(night).to_contain_text("holds")
    expect(night.locator("time")).to_be_visible()
    expect(page.get_by_text("It waits until somebody changes that.")).to_be_visible()

    start_account(world.leader, "", datetime.now(UTC))
    expect(stopped).to_contain_text("passes")
    expect(page.get_by_text("Earliest:")).to_be_visible()


def test_a_marker_is_named_with_the_person_who_set_it(visits: Visits, world: World) -> None:
    person = contact(world)
    (message,) = notifications(world, 1, to=person, due=TOMORROW)
    mark(world.member, [person.pk], MarkerKind.STOP_ALL, "Asked at the desk", datetime.now(UTC))
    page = visits.by(world.dot, at=f"/messages/{message}")
    row = page.get_by_role("region", name="The checks").locator("tbody tr").first
    expect(row).to_contain_text("refuses")
    expect(row).to_contain_text("Cem Tanaka")
    expect(row).to_contain_text("Asked at the desk")
    expect(page.get_by_text("It will never leave.")).to_be_visible()


def test_a_message_that_left_shows_its_attempt_and_its_receipt(visits: Visits, world: World) -> None:
    (message,) = notifications(world, 1, channel=Channel.EMAIL)
    page = visits.by(world.dot, at=f"/messages/{message}")
    wait_until(lambda: with_status(world, Status.SENT) == 1, "it to leave")
    expect(page.locator("section", has=page.get_by_role("heading", name="Attempts"))).to_contain_text("accepted")
    page.reload()
    expect(page.get_by_text("Receipts and replies")).to_be_visible()


def test_a_message_of_another_account_does_not_exist(visits: Visits, world: World) -> None:
    (message,) = notifications(world, 1, due=TOMORROW)
    page = visits.by(world.rae)
    with visits.expecting("404"):
        page.goto(f"/messages/{message}")
        expect(page.get_by_role("heading", name="There is nothing at this address")).to_be_visible()
