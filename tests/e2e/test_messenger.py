"""The Messenger in a browser: the keyboard alone, pasting, underlines, who stays behind, two windows, a phone."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from allstop.actions.contacts import mark, record_opt_out
from allstop.actions.groups import add_to_group, create_group
from allstop.actions.switch import stop_account
from allstop.rules.facts import Channel
from allstop.rules.markers import MarkerKind
from allstop.store.lists import attachments_of
from allstop.store.models import Contact, Message, MessengerDraft, MessengerSend
from tests.dispatch.processes import wait_until
from tests.e2e.axe import in_both_themes, sticks_out
from tests.e2e.visits import DESK, PHONE, Visits
from tests.world import World, contact

NAMES = ("Ada Abel", "Bo Brand", "Cy Chen", "Di Dorn", "Ed Eck", "Fay Ford")


def cast(world: World) -> list[int]:
    return [contact(world, name, phone=f"+1212555010{n}").pk for n, name in enumerate(NAMES)]


def opened(visits: Visits, world: World, *, width: int = DESK) -> Page:
    return visits.by(world.cem, width=width, at="/messenger")


def field(page: Page) -> Locator:
    return page.get_by_role("combobox", name="TO:")


def in_to(page: Page) -> list[str]:
    return page.locator("#to-tokens .token-name").all_inner_texts()


def paste(page: Page, text: str) -> None:
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text", text);
            const pasted = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
            document.getElementById("to-input").dispatchEvent(pasted);
        }""",
        text,
    )


def proposals(page: Page) -> Locator:
    return page.locator("#to-options [role=option]")


def line(page: Page) -> Locator:
    return page.locator("#to-count")


def messages(world: World) -> set[int | None]:
    return set(Message.objects.filter(account=world.account).values_list("contact_id", flat=True))


def test_the_keyboard_alone_fills_to_and_sends(visits: Visits, world: World) -> None:
    ids = cast(world)
    page = opened(visits, world)
    field(page).focus()
    page.keyboard.type("abel")
    expect(proposals(page)).to_have_count(1)
    expect(field(page)).to_have_attribute("aria-activedescendant", "to-option-1")
    page.keyboard.press("Enter")
    expect(page.locator(".token")).to_have_count(1)
    page.keyboard.type("555 01")
    expect(proposals(page)).to_have_count(6)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#to-options [aria-selected=true]")).to_contain_text("Chen, Cy")
    page.keyboard.press("Enter")
    expect(page.locator(".token")).to_have_count(2)
    page.keyboard.type("brand")
    page.keyboard.press("Enter")  # sooner than the proposals
    expect(page.locator(".token")).to_have_count(3)
    assert in_to(page) == ["Abel, Ada", "Chen, Cy", "Brand, Bo"]
    page.keyboard.type("xyz")
    page.keyboard.press("Escape")
    for _ in "xyz":
        page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")  # in the empty field: to the last token
    expect(page.get_by_role("button", name="Remove Brand, Bo")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("button", name="Remove Chen, Cy")).to_be_focused()
    page.keyboard.press("Delete")
    expect(page.locator(".token")).to_have_count(2)
    expect(page.get_by_role("button", name="Remove Brand, Bo")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(field(page)).to_be_focused()
    expect(line(page)).to_have_text("2 people: all will get it.")
    page.get_by_label("Message", exact=True).focus()
    page.keyboard.type("Hello {first_name}")
    expect(page.locator("#messenger-parts")).to_contain_text("18 characters: 1 text for each person.")
    page.get_by_role("button", name="Send now").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("2 messages")
    assert messages(world) == {ids[0], ids[1]}
    assert in_to(page) == []


def test_the_marked_stay_behind_underlined_and_message_clears_them(visits: Visits, world: World) -> None:
    """003-15..17, 003-21, TM4, TM5."""
    ids = cast(world)
    mark(world.member, ids[:1], MarkerKind.STOP_ALL, "", world.now)
    mark(world.member, ids[:2], MarkerKind.STOP_PROMOTIONS, "", world.now)
    page = opened(visits, world)
    paste(page, "\n".join(NAMES))
    expect(page.locator(".token")).to_have_count(6)
    expect(line(page)).to_have_text(
        "6 people: 4 will get it, 1 is stopped, 1 is left out of promotions because this is a group send."
    )

    def drawn(name: str) -> str:
        found: str = (
            page.locator(".token", has_text=name)
            .locator(".token-name > span")
            .evaluate(
                "one => getComputedStyle(one).textDecorationLine + ' ' + getComputedStyle(one).textDecorationStyle"
            )
        )
        return found

    assert (drawn("Abel"), drawn("Brand"), drawn("Chen")) == ("underline wavy", "underline solid", "none solid")
    expect(page.get_by_role("button", name="Remove Abel, Ada. Stop All is set")).to_be_visible()
    page.get_by_label("Message", exact=True).fill("Hello")
    page.get_by_role("button", name="Send now").click()
    expect(page.locator("#toasts")).to_contain_text("2 stay in TO: and got nothing.")
    assert in_to(page) == ["Abel, Ada", "Brand, Bo"]
    assert messages(world) == set(ids[2:])
    page.get_by_role("button", name=re.compile("^Message ?: empty TO:")).click()
    expect(page.locator(".token")).to_have_count(0)
    page.reload()
    assert in_to(page) == []


def test_pasting_explains_what_is_not_known(visits: Visits, world: World) -> None:
    ids = cast(world)
    record_opt_out(Contact.objects.get(pk=ids[0]), Channel.TEXT, "STOP", world.now)
    page = opened(visits, world)
    field(page).focus()
    paste(page, "Brand, Bo; 212 555 0777, cy@nowhere\nAda Abel")
    expect(page.locator(".token")).to_have_count(4)
    assert in_to(page) == ["Brand, Bo", "+1 212-555-0777", "cy@nowhere", "Ada Abel"]
    expect(page.locator(".to-unknown")).to_contain_text("cy@nowhere is not an email address")
    expect(page.locator(".to-unknown")).to_contain_text("Nobody in the Phonebook is called Ada Abel.")  # TM10
    expect(line(page)).to_have_text("2 people: all will get it. 2 entries are not known.")
    field(page).fill("abel")
    page.wait_for_timeout(600)
    expect(proposals(page)).to_have_count(0)


def test_an_override_is_an_act_of_its_own(visits: Visits, world: World) -> None:
    """003-20."""
    ids = cast(world)
    mark(world.member, ids[:1], MarkerKind.STOP_PROMOTIONS, "", world.now)
    page = opened(visits, world)
    paste(page, ";".join(NAMES))
    page.get_by_label("Message", exact=True).fill("We are closed tomorrow")
    despite = page.get_by_label("Send it to those with Stop Promotions all the same")
    despite.check()
    expect(line(page)).to_have_text("6 people: all will get it.")
    expect(despite).to_be_focused()
    page.get_by_role("button", name="Send now").click()  # the browser asks for the reason
    assert not MessengerSend.objects.filter(account=world.account).exists()
    page.get_by_label("Why", exact=True).fill("Burst pipe")
    page.get_by_role("button", name="Send now").click()
    expect(page.locator("#toasts")).to_contain_text("6 messages")
    assert messages(world) == set(ids)


def test_the_channel_of_one_and_the_draft_survive_a_reload(visits: Visits, world: World) -> None:
    cast(world)
    page = opened(visits, world)
    paste(page, "Ada Abel;Bo Brand")
    page.get_by_text("How each of them gets it").click()
    page.get_by_label("Abel, Ada", exact=True).select_option("email")
    expect(page.get_by_label("Subject")).to_be_visible()
    page.get_by_label("Subject").fill("Hello")
    page.get_by_label("Message", exact=True).fill("See you")
    typed = MessengerDraft.objects.filter(account=world.account, subject="Hello", body="See you")
    wait_until(typed.exists, "the draft to be kept")
    page.reload()
    assert in_to(page) == ["Abel, Ada", "Brand, Bo"]
    expect(page.get_by_label("Subject")).to_have_value("Hello")
    expect(page.get_by_label("Message", exact=True)).to_have_value("See you")
    page.get_by_role("button", name="Send now").click()
    expect(page.locator("#toasts")).to_contain_text("2 messages")
    assert set(Message.objects.filter(account=world.account).values_list("channel", flat=True)) == {"email", "text"}


def test_two_windows_that_press_send_send_once(visits: Visits, world: World) -> None:
    cast(world)
    page = opened(visits, world)
    paste(page, "Ada Abel;Bo Brand")
    page.get_by_label("Message", exact=True).fill("Hello")
    typed = MessengerDraft.objects.filter(account=world.account, body="Hello")
    wait_until(typed.exists, "the draft to be kept")
    other = page.context.new_page()
    other.goto("/messenger")
    assert in_to(other) == ["Abel, Ada", "Brand, Bo"]
    page.get_by_role("button", name="Send now").dblclick()
    expect(page.locator("#toasts")).to_contain_text("2 messages")
    other.get_by_role("button", name="Send now").click()
    expect(other.locator("#toasts")).to_contain_text("This was sent already: nothing more was sent.")
    assert Message.objects.filter(account=world.account).count() == 2


def test_from_the_phonebook_with_a_filter_and_a_group(visits: Visits, world: World) -> None:
    """003-09."""
    ids = cast(world)
    mark(world.member, ids[:3], MarkerKind.FLAG, "", world.now)
    group = create_group(world.member, "Recall", False, world.now)
    add_to_group(world.member, group.pk, ids[3:], world.now)
    page = visits.by(world.cem, at="/contacts?flag=on")
    page.locator("tbody tr[data-id]").first.focus()
    page.keyboard.press("ControlOrMeta+a")
    page.get_by_role("button", name="Message", exact=True).click()
    expect(page.get_by_role("heading", name="Messenger")).to_be_visible()
    assert in_to(page) == ["Abel, Ada", "Brand, Bo", "Chen, Cy"]
    page.goto("/contacts")
    page.get_by_role("link", name="Rename or delete Recall").click()
    page.get_by_role("dialog").get_by_role("button", name="Message").click()
    expect(page.get_by_role("heading", name="Messenger")).to_be_visible()
    assert in_to(page)[-1].split() == ["Recall", "(3)"]
    expect(line(page)).to_have_text("6 people: all will get it.")


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_no_barrier_and_nothing_sticks_out(visits: Visits, world: World, width: int) -> None:
    ids = cast(world)
    now = datetime.now(UTC)
    mark(world.member, ids[:1], MarkerKind.STOP_ALL, "", now)
    mark(world.member, ids[1:2], MarkerKind.STOP_PROMOTIONS, "", now)
    stop_account(world.member, "", now)
    page = opened(visits, world, width=width)
    paste(page, "; ".join([*NAMES, "nobody at all"]))
    expect(page.locator(".token")).to_have_count(7)
    page.get_by_text("How each of them gets it").click()
    page.get_by_text("Send later").click()
    expect(page.get_by_text("Messages that you send now wait until START.")).to_be_visible()
    assert (sticks_out(page), in_both_themes(page)) == (0, [])
    field(page).fill("fo")
    expect(proposals(page)).not_to_have_count(0)
    assert (sticks_out(page), in_both_themes(page)) == (0, [])
    page.get_by_label("Message", exact=True).fill("Hello")
    page.get_by_role("button", name="Send now").click()
    expect(page.locator("#toasts")).to_contain_text("wait. The account is STOPPED.")
    page.locator("aside a").first.click()
    expect(page.get_by_role("heading", name="Left behind")).to_be_visible()
    assert (sticks_out(page), in_both_themes(page)) == (0, [])
    page.goto("/setup/messenger")
    assert (sticks_out(page), in_both_themes(page)) == (0, [])


def test_files_are_attached_with_their_size_taken_out_by_the_keyboard_and_sent(visits: Visits, world: World) -> None:
    contact(world, "Ada Abel")
    page = opened(visits, world, width=PHONE)
    expect(page.locator("#messenger-files")).to_be_hidden()
    page.get_by_role("radio", name="Email").check(force=True)
    chooser = page.get_by_label("Attach files")
    expect(chooser).to_be_visible()
    chosen: list[FilePayload] = [
        {"name": "Merkblatt für Gäste.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7" * 500},
        {"name": "setup.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"},
        {"name": "map.png", "mimeType": "image/png", "buffer": b"\x89PNG"},
    ]
    chooser.set_input_files(chosen)
    files = page.locator("#attached li")
    expect(files).to_have_count(2)
    expect(files.first).to_contain_text("3.9 KB")
    expect(page.get_by_role("alert").filter(has_text="setup.exe is a file that runs")).to_be_visible()
    assert in_both_themes(page) == []
    assert sticks_out(page) <= 0
    page.get_by_role("button", name="Remove map.png").focus()
    page.keyboard.press("Enter")
    expect(files).to_have_count(1)
    expect(page.get_by_role("button", name="Remove Merkblatt für Gäste.pdf")).to_be_focused()
    field(page).fill("abel")
    field(page).press("Enter")
    expect(page.locator(".token")).to_have_count(1)
    page.get_by_label("Subject").fill("Your form")
    page.get_by_label("Message", exact=True).fill("Here it is.")
    page.get_by_role("button", name="Send now").click()
    expect(files).to_have_count(0)
    sent = Message.objects.get(account=world.account)
    assert [one.name for one in attachments_of(world.account.pk, [sent.id])[sent.id]] == ["Merkblatt für Gäste.pdf"]
    page.goto(f"/messages/{sent.id}")
    with page.expect_download() as saving:
        page.get_by_role("link", name="Merkblatt für Gäste.pdf").click()
    assert saving.value.suggested_filename == "Merkblatt für Gäste.pdf"
