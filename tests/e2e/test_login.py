"""Log-in: by password, with a second step for those who turn it on, and out again."""

import base64
import hmac
import re
import struct
import time
from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from allstop.actions.accounts import add_member
from allstop.actions.contact_lists import ListChoice, save_list
from allstop.rules.roles import Role
from allstop.store.models import User
from tests.e2e.axe import sticks_out, violations
from tests.e2e.visits import Visits, log_in
from tests.world import PASSWORD, World


def code_now(secret: str) -> str:
    """RFC 6238 as every authenticator app has it: 30 seconds, SHA-1, six digits."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1")
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def enter_code(page: Page, label: str, secret: str, button: str) -> None:
    if time.time() % 30 > 27:
        page.wait_for_timeout(3500)  # a code that ends while it is on its way proves nothing
    page.get_by_label(label).fill(code_now(secret))
    page.get_by_role("button", name=button).click()


def test_a_wrong_password_is_told_and_the_right_one_opens_the_page_that_was_asked_for(
    visits: Visits, world: World
) -> None:
    page = visits.by_nobody()
    page.goto("/outbox")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    page.get_by_label("Email").fill(world.ada.user.email)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("not correct")
    page.get_by_label("Email").fill(world.ada.user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Outbox")).to_be_visible()


def test_what_was_typed_when_the_session_had_ended_is_found_again_by_back(visits: Visits, world: World) -> None:
    """By Chromium: it fills in again what was typed into a page that is fetched anew, with a fresh safety token."""
    kept = save_list(world.member, ListChoice(name="Recall"), world.now)
    page = visits.by_nobody()
    log_in(page, world.cem.user.email)
    page.goto(f"/contacts/lists/{kept.pk}/edit")
    name = page.get_by_label("Name", exact=True)
    name.fill("Six months without a visit")
    page.context.clear_cookies(name=re.compile("session"))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("after the log-in, press Back until you see it")
    save_list(world.leader, ListChoice(name="Ben's recall"), world.now, kept.pk)
    page.get_by_label("Email").fill(world.cem.user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(name).to_have_value("Ben's recall")  # what stands is shown first
    page.go_back()  # the log-in, which leads on as long as somebody is logged in
    expect(name).to_have_value("Ben's recall")
    page.go_back()
    expect(name).to_have_value("Six months without a visit")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Six months without a visit")).to_be_visible()


def test_logging_out_closes_every_page(visits: Visits, world: World) -> None:
    page = visits.by_nobody()
    log_in(page, world.ben.user.email)
    page.locator(".who").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_a_second_step_is_turned_on_and_asked_for(visits: Visits, world: World, slow_password: str) -> None:
    eve = add_member(world.admin, "eve@northgate.example", "Eve Lind", Role.MEMBER, None, datetime.now(UTC)).user
    User.objects.filter(pk=eve.pk).update(password=slow_password)
    page = visits.by_nobody()
    log_in(page, eve.email)
    page.locator(".who").click()
    page.get_by_role("link", name="Two-step log-in").click()
    page.get_by_role("link", name="Turn on").click()
    expect(page.get_by_text("your password is asked again")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    assert violations(page) == []
    assert sticks_out(page) <= 0
    secret = page.locator(".id code").inner_text()
    page.get_by_label("Code from the app").fill("000000")
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_text("Incorrect code")).to_be_visible()
    enter_code(page, "Code from the app", secret, "Turn on")
    expect(page.get_by_text("unused").first).to_be_visible()
    assert violations(page) == []

    other = visits.by_nobody()
    log_in(other, eve.email)
    expect(other.get_by_role("heading", name="Second step")).to_be_visible()
    assert violations(other) == []
    other.goto("/")
    expect(other.get_by_role("heading", name="Second step")).to_be_visible()
    enter_code(other, "Code", secret, "Log in")
    expect(other.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()
