"""The ways through the Phonebook that test_phonebook.py leaves out: dragged selections, over pages, by the
keyboard alone from the row to the receipt, and on a phone."""

from playwright.sync_api import expect

from allstop.actions.bulk import Selection, Wish, change_contacts
from allstop.actions.groups import add_to_group, create_group
from allstop.store.models import ChangeKind, Contact, Erasure, GroupContact
from tests.e2e.axe import faults, violations
from tests.e2e.test_phonebook import cast, marked, opened, phone_cell, picked, row
from tests.e2e.visits import PHONE, Visits
from tests.world import World, contact


def in_group(group: int) -> set[int]:
    return set(GroupContact.objects.filter(group_id=group).values_list("contact_id", flat=True))


def test_a_selection_is_dragged_into_stop_promotions_and_one_outside_it_goes_alone(
    visits: Visits, world: World
) -> None:
    ids = cast(world)
    page = opened(visits, world)
    phone_cell(page, "Ada Abel").click()
    phone_cell(page, "Cy Chen").click(modifiers=["Shift"])
    target = page.get_by_role("link", name="Stop Promotions Group")
    phone_cell(page, "Bo Brand").drag_to(target)
    expect(row(page, "Cy Chen").get_by_label("Stop Promotions")).to_be_visible()
    assert marked(world, "stop_promotions") == set(ids[:3])
    phone_cell(page, "Ada Abel").click()
    phone_cell(page, "Fay Ford").drag_to(target)
    expect(row(page, "Fay Ford").get_by_label("Stop Promotions")).to_be_visible()
    assert marked(world, "stop_promotions") == {*ids[:3], ids[5]}


def test_what_is_selected_can_reach_over_the_next_page(visits: Visits, world: World) -> None:
    for n in range(70):
        contact(world, f"Pat Moreau{n:03}", phone=f"+1212555{n:04}", email="")
    page = opened(visits, world)
    phone_cell(page, "Pat Moreau002").click()
    page.locator(".more-row").scroll_into_view_if_needed()
    expect(page.locator("tbody tr[data-id]")).to_have_count(70)
    phone_cell(page, "Pat Moreau060").click(modifiers=["Shift"])
    expect(page.locator("output")).to_have_text("59 selected")
    assert len(picked(page)) == 59


def test_stop_promotions_and_out_of_a_group_by_the_keyboard_alone(visits: Visits, world: World) -> None:
    """003-03: the keyboard's way for what a drag does, and its opposite."""
    ids = cast(world)
    group = create_group(world.member, "Recall", False, world.now)
    add_to_group(world.member, group.pk, ids[:2], world.now)
    page = opened(visits, world)
    page.locator("tbody tr[data-id]").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowDown")
    page.get_by_role("button", name="Stop Promotions", exact=True).press("Enter")
    expect(row(page, "Bo Brand").get_by_label("Stop Promotions")).to_be_visible()
    assert marked(world, "stop_promotions") == set(ids[:2])
    page.get_by_role("link", name="Recall", exact=True).press("Enter")
    expect(page.locator("tbody tr[data-id]")).to_have_count(2)
    page.locator("tbody tr[data-id]").first.focus()
    page.keyboard.press("Space")
    assert picked(page) == ["Abel"]
    page.get_by_role("region", name="Contacts").get_by_role("button", name="More").press("Enter")
    page.locator("#more-tools").get_by_role("button", name="Remove from group", exact=True).press("Enter")
    expect(page.locator(".change-words")).to_contain_text("Removed 1 contact from the group.")
    assert in_group(group.pk) == {ids[1]}
    expect(page.locator("tbody tr[data-id]")).to_have_count(2)  # nobody's row goes away under the hand
    page.reload()
    expect(page.locator("tbody tr[data-id]")).to_have_count(1)


def test_the_circles_menu_opens_acts_and_closes_by_the_keyboard(visits: Visits, world: World) -> None:
    ids = cast(world)
    page = opened(visits, world)
    row(page, "Bo Brand").focus()
    page.keyboard.press("m")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert page.evaluate("document.activeElement.closest('tr')?.dataset.id") == str(ids[1])
    page.keyboard.press("m")
    dialog.get_by_role("button", name="Flag").press("Enter")
    expect(row(page, "Bo Brand").get_by_label("Flag")).to_be_visible()
    assert marked(world, "flag") == {ids[1]}
    row(page, "Bo Brand").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Bo Brand")).to_be_visible()


def test_a_phone_selects_stops_and_adds_to_a_group(visits: Visits, world: World) -> None:
    ids = cast(world)
    group = create_group(world.member, "Recall", False, world.now)
    page = opened(visits, world, width=PHONE)
    row(page, "Ada Abel").locator(".pick").click()
    row(page, "Cy Chen").locator(".pick").click()
    expect(page.locator("output")).to_have_text("2 selected")
    page.get_by_role("button", name="Stop All", exact=True).click()
    expect(row(page, "Cy Chen").locator(".stop-all")).to_be_visible()
    assert marked(world, "stop_all") == {ids[0], ids[2]}
    page.get_by_role("region", name="Contacts").get_by_role("button", name="More").click()
    page.locator("#more-tools").get_by_role("button", name="Add to group", exact=True).click()
    expect(page.locator(".change-words")).to_contain_text("Added 2 contacts to the group.")
    assert in_group(group.pk) == {ids[0], ids[2]}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []


def test_a_person_is_erased_by_the_keyboard_and_the_pages_break_no_rule(visits: Visits, world: World) -> None:
    ids = cast(world)
    change_contacts(world.member, Selection(ids=ids[:1]), Wish(kind=ChangeKind.STOP_ALL), world.now)
    page = visits.by(world.ben, at=f"/contacts/{ids[1]}/erase")
    assert faults(page, "erase") == {}
    page.goto(f"/contacts/{ids[0]}")
    page.get_by_role("link", name="Erase").press("Enter")
    expect(page.get_by_role("heading", name="Erase Ada Abel?")).to_be_visible()
    typed = page.get_by_label("Their name, or CONFIRM")
    typed.focus()
    page.keyboard.type("Ada")
    with visits.expecting("422"):
        page.keyboard.press("Enter")
        expect(page.get_by_text("Type Ada Abel or CONFIRM")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Their name, or CONFIRM").fill("Ada Abel")
    page.get_by_role("button", name="Erase for good").press("Enter")
    expect(page.get_by_role("heading", name="Receipt of an erasing")).to_be_visible()
    expect(page.locator("#erasure")).to_contain_text("A keyed digest of 1 address")
    assert violations(page) == []
    assert not Contact.objects.filter(pk=ids[0]).exists()
    assert Erasure.objects.get().state == "done"
