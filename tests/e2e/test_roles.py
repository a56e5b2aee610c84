"""Roles: what a person may not do is shut with the reason beside it, and refused by the server all the same."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from allstop.actions.switch import is_stopped, stop_account
from allstop.store.models import Job
from tests.e2e.cast import TOMORROW, notifications
from tests.e2e.visits import Visits
from tests.world import World, job

POST = """async ([path, fields]) => {
    const token = JSON.parse(document.body.getAttribute("hx-headers:inherited"))["X-CSRFToken"];
    const body = new URLSearchParams(fields);
    return (await fetch(path, {method: "POST", headers: {"X-CSRFToken": token}, body})).status;
}"""


def post(page: Page, path: str, fields: dict[str, str]) -> int:
    status: int = page.evaluate(POST, [path, fields])
    return status


def test_a_viewer_sees_the_state_but_cannot_stop(visits: Visits, world: World) -> None:
    page = visits.by(world.dot)
    page.locator("#lamp").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="STOP")).to_be_disabled()
    expect(dialog).to_contain_text("You are a viewer here")
    with visits.expecting("403"):
        assert post(page, "/switch/stop", {"reason": ""}) == 403
    assert not is_stopped(world.account.pk)


def test_a_viewer_cannot_start_remove_or_upload(visits: Visits, world: World) -> None:
    stop_account(world.leader, "", datetime.now(UTC))
    one = job(world)
    notifications(world, 2, of=one, due=-TOMORROW * 3)
    page = visits.by(world.dot)
    page.locator("#lamp").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="START")).to_be_disabled()
    expect(dialog.get_by_role("button", name="REMOVE selected")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(page.locator("#jobs").get_by_role("button", name="REMOVE")).to_have_count(0)
    with visits.expecting("403"):
        assert post(page, "/switch/start", {}) == 403
        assert post(page, "/switch/remove-old-jobs", {"id": str(one.pk)}) == 403
        assert post(page, "/jobs/remove", {"id": str(one.pk)}) == 403
    page.goto("/import")
    expect(page.get_by_role("button", name="Upload")).to_be_disabled()
    assert is_stopped(world.account.pk)
    assert Job.objects.get(pk=one.pk).removed_at is None


def test_a_member_may_stop_but_not_start(visits: Visits, world: World) -> None:
    page = visits.by(world.cem)
    page.locator("#lamp").click()
    page.get_by_role("dialog").get_by_role("button", name="STOP").click()
    expect(page.locator("#lamp")).to_have_attribute("data-state", "stopped")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.locator("#lamp").click()
    dialog = page.get_by_role("dialog", name="Start sending again?")
    expect(dialog.get_by_role("button", name="START")).to_be_disabled()
    expect(dialog).to_contain_text("You are a member here; this needs the role admin or leader.")
    with visits.expecting("403"):
        assert post(page, "/switch/start", {}) == 403
    assert is_stopped(world.account.pk)


@pytest.mark.parametrize("path", ["/switch/stop", "/switch/start", "/jobs/remove"])
def test_nothing_changes_without_the_safety_token(visits: Visits, world: World, path: str) -> None:
    page = visits.by(world.ada)
    with visits.expecting("403"):
        status = page.evaluate("async path => (await fetch(path, {method: 'POST'})).status", path)
    assert status == 403
    assert not is_stopped(world.account.pk)
