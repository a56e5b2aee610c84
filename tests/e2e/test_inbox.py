"""The Inbox in a browser: what comes in is there without a reload, is counted, read, answered, and leaves."""

import re
from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from allstop.actions.contacts import mark
from allstop.actions.play import play_inbound
from allstop.actions.switch import stop_account
from allstop.rules.facts import Channel
from allstop.rules.markers import MarkerKind
from allstop.store.models import Contact, Conversation, Inbound, Message, Note, OutboxItem
from tests.dispatch.processes import wait_until
from tests.e2e.axe import Faults, faults
from tests.e2e.cast import never_quiet
from tests.e2e.visits import PHONE, Visits
from tests.world import World, contact

PAT, SAM, STRANGER = "+12125550141", "+12125550142", "+12125550177"
SOON = 2_500  # ms


def says(world: World, text: str, sender: str = PAT) -> None:
    play_inbound(world.leader, Channel.TEXT, sender, text, datetime.now(UTC))


def rows(page: Page) -> list[str]:
    return [row.replace("1 unread", "").strip() for row in page.locator(".inbox-who b").all_inner_texts()]


def test_a_text_arrives_without_a_reload_and_is_answered(visits: Visits, world: World) -> None:
    never_quiet(world)
    person = contact(world, "Pat Moreau", phone=PAT, email="")
    page = visits.by(world.cem)
    expect(page).to_have_title("Home, Allstop")
    page.get_by_role("link", name="Inbox").click()
    expect(page.get_by_text("No conversations here")).to_be_visible()
    says(world, "Can I come at 3?")
    expect(page.get_by_role("link", name=re.compile("Pat Moreau"))).to_be_visible(timeout=SOON)
    expect(page.locator("#inbox-place .badge")).to_have_text("1 unread", timeout=SOON)
    expect(page).to_have_title("(1) Inbox, Allstop", timeout=SOON)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    thread = page.get_by_role("region", name="What was said")
    expect(thread).to_contain_text("Can I come at 3?")
    expect(page.locator("#inbox-place .badge")).to_have_count(0)  # opened is read
    expect(page).to_have_title("Pat Moreau, Inbox, Allstop")
    assert Conversation.objects.get(contact=person).unread == 0
    box = page.get_by_placeholder("Your answer")
    box.fill("Yes, see you at 3.")
    expect(page.locator("#answer-check")).to_contain_text("1 SMS part, 18 characters")
    expect(page.locator("#answer-check")).to_contain_text("may leave")
    page.get_by_role("button", name="Send").click()
    expect(thread).to_contain_text("Yes, see you at 3.")
    expect(thread.get_by_text("delivered")).to_be_visible()  # drawn again when it has left
    assert OutboxItem.objects.get(account=world.account).body == "Yes, see you at 3."
    expect(page.locator("#thread-head")).to_contain_text("closed")
    expect(page.locator("#assign-to")).to_have_value(str(world.cem.pk))


def test_what_comes_in_while_one_looks_stays_unread_until_read(visits: Visits, world: World) -> None:
    contact(world, "Pat Moreau", phone=PAT, email="")
    says(world, "One")
    page, colleague = visits.by(world.cem), visits.by(world.ben)
    page.goto(f"/inbox/{Conversation.objects.get(account=world.account).pk}")
    expect(page.locator("#thread")).to_contain_text("One")
    expect(page.locator("#inbox-place .badge")).to_have_count(0)
    page.get_by_placeholder("Your answer").fill("Half an ans")
    says(world, "Two")
    expect(page.locator("#thread")).to_contain_text("Two", timeout=SOON)
    expect(page.get_by_placeholder("Your answer")).to_have_value("Half an ans")
    expect(colleague.locator("#inbox-place .badge")).to_have_text("1 unread", timeout=SOON)
    page.get_by_role("button", name="Read", exact=True).click()
    expect(page.locator("#inbox-place .badge")).to_have_count(0)
    expect(colleague.locator("#inbox-place .badge")).to_have_count(0)


def test_the_list_goes_by_keys(visits: Visits, world: World) -> None:
    for name, sender in (("Pat Moreau", PAT), ("Sam Ito", SAM)):
        contact(world, name, phone=sender, email="")
        says(world, "Hello", sender)
    page = visits.by(world.cem, at="/inbox")
    assert rows(page) == ["Sam Ito", "Pat Moreau"]
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-inbox-rows] a").nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("[data-inbox-rows] a").nth(0)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#thread-title")).to_have_text("Sam Ito")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#thread-title")).to_have_text("Pat Moreau")


def test_a_stranger_is_written_down_and_answered(visits: Visits, world: World) -> None:
    page = visits.by(world.cem, at="/inbox")
    says(world, "Do you take new patients?", STRANGER)
    page.get_by_role("link", name=re.compile("212-555-0177")).click()
    page.get_by_role("link", name="Say who it is").click()
    page.get_by_label("Given name").fill("Stan")
    page.get_by_label("Family name").fill("Ito")
    page.get_by_role("button", name="Add to the Phonebook").click()
    expect(page.locator("#thread-title")).to_have_text("Stan Ito")
    expect(page.locator("#thread")).to_contain_text("Do you take new patients?")
    person = Contact.objects.get(account=world.account)
    assert Inbound.objects.get(account=world.account).contact_id == person.pk


def test_the_blue_circle_sets_markers_and_notes(visits: Visits, world: World) -> None:
    """003-05: the same menu in the conversation and in the record."""
    person = contact(world, "Pat Moreau", phone=PAT, email="")
    says(world, "Hello")
    page = visits.by(world.cem, at=f"/inbox/{Conversation.objects.get(account=world.account).pk}")
    circle = page.get_by_role("link", name="Flag, Stop All, note and groups for Pat Moreau")
    circle.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Add Note").fill("Prefers mornings")
    dialog.get_by_role("button", name="Add Note").click()
    expect(page.locator("#thread .note")).to_contain_text("Prefers mornings")
    expect(dialog).to_have_count(0)
    circle.click()
    dialog.get_by_role("button", name="Stop All").click()
    expect(page.locator("#answer-check")).to_contain_text("never leaves")
    assert Note.objects.get(account=world.account).text == "Prefers mornings"
    page.goto(f"/contacts/{person.pk}")
    circle.click()
    dialog.get_by_role("button", name="OK to Send").click()
    expect(page.get_by_role("region", name="What stands against writing to them")).to_contain_text("Nothing.")
    page.get_by_role("link", name="Conversation").click()
    expect(page.locator("#thread-title")).to_have_text("Pat Moreau")


def test_a_stop_is_seen_beside_send_and_the_answer_waits(visits: Visits, world: World) -> None:
    never_quiet(world)
    contact(world, "Pat Moreau", phone=PAT, email="")
    says(world, "Hello")
    page = visits.by(world.cem, at=f"/inbox/{Conversation.objects.get(account=world.account).pk}")
    expect(page.locator("#answer-check")).to_contain_text("may leave")
    stop_account(world.leader, "fire drill", datetime.now(UTC))
    expect(page.locator("#answer-check")).to_contain_text("The account is STOPPED.", timeout=SOON)
    page.get_by_placeholder("Your answer").fill("Hello to you")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("It waits. The account is STOPPED.")).to_be_visible()
    expect(page.locator("#thread").get_by_role("link", name="Why it waits")).to_be_visible()
    wait_until(lambda: Message.objects.filter(account=world.account, status="waiting").count() == 1, "the answer")
    assert not OutboxItem.objects.filter(account=world.account).exists()


def test_on_a_phone_the_list_and_the_conversation_are_a_page_each(visits: Visits, world: World) -> None:
    contact(world, "Pat Moreau", phone=PAT, email="")
    says(world, "Hello")
    page = visits.by(world.cem, width=PHONE, at="/inbox")
    page.get_by_role("link", name=re.compile("Pat Moreau")).click()
    expect(page.locator("#inbox-list")).to_be_hidden()
    expect(page.locator("#thread")).to_contain_text("Hello")
    page.locator(".inbox-back").click()
    expect(page.locator("#inbox-list")).to_be_visible()
    expect(page.locator("#thread")).to_have_count(0)


def test_the_pages_have_no_barrier(visits: Visits, world: World) -> None:
    person = contact(world, "Pat Moreau", phone=PAT)
    says(world, "Hello")
    says(world, "please stop")
    says(world, "Do you take new patients?", STRANGER)
    mark(world.member, [person.pk], MarkerKind.STOP_ALL, "", datetime.now(UTC))
    known = Conversation.objects.get(account=world.account, contact=person).pk
    stranger = Conversation.objects.get(account=world.account, contact=None).pk
    page = visits.by(world.cem)
    found: Faults = {}
    for path in ("/inbox", f"/inbox/{known}", f"/inbox/{stranger}", f"/inbox/{stranger}/sender?q=moreau", "/inbox?q=x"):
        page.goto(path)
        found |= faults(page, path)
    page.goto(f"/contacts/{person.pk}")
    page.locator(".circle.act").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert found | faults(page, "menu") == {}
