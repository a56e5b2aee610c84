"""The Phonebook in a browser: each way to select, the toolbar, the circle, groups by mouse and by keyboard, undo."""

from playwright.sync_api import Locator, Page, expect

from allstop.actions.bulk import Selection, Wish, change_contacts
from allstop.actions.contacts import record_opt_out
from allstop.actions.groups import add_to_group, create_group
from allstop.rules.facts import Channel
from allstop.store.models import ChangeKind, Contact, Deletion, GroupContact, Marker
from tests.e2e.axe import in_both_themes
from tests.e2e.visits import PHONE, Visits
from tests.world import World, contact

NAMES = ("Ada Abel", "Bo Brand", "Cy Chen", "Di Dorn", "Ed Eck", "Fay Ford")


def cast(world: World) -> list[int]:
    return [contact(world, name, phone=f"+1212555010{n}", email="").pk for n, name in enumerate(NAMES)]


def opened(visits: Visits, world: World, *, width: int = 1280) -> Page:
    return visits.by(world.cem, width=width, at="/contacts")


def row(page: Page, name: str) -> Locator:
    family = name.split()[1]
    return page.locator("tbody tr[data-id]", has_text=f"{family}, ")


def picked(page: Page) -> list[str]:
    texts = page.locator("tbody tr[aria-selected=true] td.lead a:last-child").all_inner_texts()
    return [text.split(",")[0] for text in texts]


def phone_cell(page: Page, name: str) -> Locator:
    return row(page, name).locator("td").nth(2)


def marked(world: World, kind: str) -> set[int]:
    return set(Marker.objects.filter(account=world.account, kind=kind).values_list("contact_id", flat=True))


def test_click_ctrl_shift_and_the_box_select(visits: Visits, world: World) -> None:
    cast(world)
    page = opened(visits, world)
    phone_cell(page, "Bo Brand").click()
    assert picked(page) == ["Brand"]
    phone_cell(page, "Di Dorn").click(modifiers=["Shift"])
    assert picked(page) == ["Brand", "Chen", "Dorn"]
    phone_cell(page, "Cy Chen").click(modifiers=["ControlOrMeta"])
    assert picked(page) == ["Brand", "Dorn"]
    row(page, "Fay Ford").locator(".pick").click()
    assert picked(page) == ["Brand", "Dorn", "Ford"]
    expect(page.locator("output")).to_have_text("3 selected")


def test_the_keyboard_alone_selects_flags_and_undoes(visits: Visits, world: World) -> None:
    """003-02, 003-08."""
    ids = cast(world)
    page = opened(visits, world)
    page.locator("tbody tr[data-id]").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    assert picked(page) == ["Brand", "Chen", "Dorn"]
    page.keyboard.press("Escape")
    assert picked(page) == []
    page.keyboard.press("Space")
    assert picked(page) == ["Dorn"]
    flag = page.get_by_role("button", name="Flag on/off")
    flag.focus()
    page.keyboard.press("Enter")
    expect(row(page, "Di Dorn").get_by_label("Flag")).to_be_visible()
    assert marked(world, "flag") == {ids[3]}
    undo = page.get_by_role("button", name="Undo")
    undo.focus()
    page.keyboard.press("Enter")
    expect(row(page, "Di Dorn").get_by_label("Flag")).to_have_count(0)
    assert marked(world, "flag") == set()


def test_select_all_is_all_that_match_and_the_number_is_said_first(visits: Visits, world: World) -> None:
    many = [contact(world, f"Pat Moreau{n:03}", phone="", email="").pk for n in range(70)]
    other = contact(world, "Zoe Zeller", phone="", email="").pk
    page = opened(visits, world)
    page.get_by_placeholder("Name, number or email").fill("moreau")
    page.keyboard.press("Enter")
    page.locator("tbody tr[data-id]").first.focus()
    page.keyboard.press("ControlOrMeta+a")
    expect(page.locator("output")).to_have_text("All 70 selected")
    page.locator("tbody tr[data-id]").nth(1).locator(".pick").click()
    expect(page.locator("output")).to_have_text("69 selected")
    page.get_by_role("button", name="Stop All").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Stop All for 69 contacts?")
    assert marked(world, "stop_all") == set()
    dialog.get_by_label("Reason").fill("they asked")
    dialog.get_by_role("button", name="Stop All").click()
    expect(page.locator(".change-words")).to_contain_text("Stop All is in force for 69 contacts.")
    assert marked(world, "stop_all") == set(many) - {many[1]}
    assert other not in marked(world, "stop_all")


def test_the_list_goes_on_as_it_is_scrolled_and_letters_jump(visits: Visits, world: World) -> None:
    for n in range(120):
        contact(world, f"Pat Moreau{n:03}", phone="", email="")
    contact(world, "Zoe Zeller", phone="", email="")
    page = opened(visits, world)
    expect(page.locator("tbody tr[data-id]")).to_have_count(50)
    page.locator(".more-row").scroll_into_view_if_needed()
    expect(page.locator("tbody tr[data-id]")).to_have_count(100)
    page.locator(".more-row").scroll_into_view_if_needed()
    expect(page.locator("tbody tr[data-id]")).to_have_count(121)
    page.get_by_role("navigation", name="Jump to a letter").get_by_role("link", name="Z", exact=True).click()
    expect(page.locator("tbody tr[data-id]")).to_have_count(1)


def test_dragging_onto_a_group_adds_the_selection_or_the_one_that_is_dragged(visits: Visits, world: World) -> None:
    """003-03."""
    ids = cast(world)
    group = create_group(world.member, "Recall", False, world.now)
    page = opened(visits, world)
    phone_cell(page, "Ada Abel").click()
    phone_cell(page, "Bo Brand").click(modifiers=["Shift"])
    target = page.get_by_role("link", name="Recall", exact=True)
    phone_cell(page, "Bo Brand").drag_to(target)
    expect(page.locator(".change-words")).to_contain_text("Added 2 contacts to the group.")
    assert set(GroupContact.objects.filter(group=group).values_list("contact_id", flat=True)) == set(ids[:2])
    phone_cell(page, "Ed Eck").drag_to(page.get_by_role("link", name="Stop Promotions Group"))
    expect(row(page, "Ed Eck").get_by_label("Stop Promotions")).to_be_visible()
    assert marked(world, "stop_promotions") == {ids[4]}


def test_all_that_match_are_dragged_onto_a_group_and_taken_out_of_it_again(visits: Visits, world: World) -> None:
    """003-03. The list that shows the group lets them go at once, and an undo brings them back."""
    for n in range(60):
        contact(world, f"Pat Moreau{n:03}", phone="", email="")
    contact(world, "Zoe Zeller", phone="", email="")
    group = create_group(world.member, "Recall", False, world.now)
    page = opened(visits, world)
    page.get_by_placeholder("Name, number or email").fill("moreau")
    page.keyboard.press("Enter")
    page.locator("tbody tr[data-id]").first.focus()
    page.keyboard.press("ControlOrMeta+a")
    expect(page.locator("output")).to_have_text("All 60 selected")
    target = page.get_by_role("link", name="Recall", exact=True)
    page.locator("tbody tr[data-id]").nth(1).locator("td").nth(2).drag_to(target)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_contain_text("60 contacts")
    assert not GroupContact.objects.filter(group=group).exists()
    dialog.get_by_role("button", name="Add").click()
    expect(page.locator(".change-words")).to_contain_text("Added 60 contacts to the group.")
    assert GroupContact.objects.filter(group=group).count() == 60

    target.click()
    shown = page.locator("tbody tr[data-id]:visible")
    expect(shown).to_have_count(50)
    shown.first.focus()
    page.keyboard.press("Space")
    page.get_by_role("region", name="Contacts").get_by_role("button", name="More").press("Enter")
    page.locator("#more-tools").get_by_role("button", name="Remove from group").press("Enter")
    expect(shown.first).to_contain_text("Moreau001, Pat")
    expect(page.locator("output")).to_have_text("None selected")
    page.get_by_role("button", name="Undo").click()
    expect(shown.first).to_contain_text("Moreau000, Pat")


def test_more_adds_assigns_and_deletes_from_the_keyboard(visits: Visits, world: World) -> None:
    ids = cast(world)
    group = create_group(world.member, "Offers", True, world.now)
    change_contacts(world.member, Selection(ids=ids[:1]), Wish(kind=ChangeKind.STOP_PROMOTIONS), world.now)
    page = opened(visits, world)

    def more(name: str) -> None:
        page.get_by_role("region", name="Contacts").get_by_role("button", name="More").press("Enter")
        button = page.locator("#more-tools").get_by_role("button", name=name, exact=True)
        button.focus()
        button.press("Enter")

    page.locator("tbody tr[data-id]").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowDown")
    more("Add to group")
    expect(page.locator(".change-words")).to_contain_text("1 not added: they have Stop Promotions")
    assert list(GroupContact.objects.filter(group=group).values_list("contact_id", flat=True)) == ids[1:2]
    page.locator("#tool-member").evaluate("(list, name) => list.value = name", str(world.ben.pk))
    more("Assign")
    expect(row(page, "Ada Abel")).to_contain_text("Ben Weber")
    more("Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").press("Enter")
    expect(page.locator(".change-words")).to_contain_text("Deleted 2 contacts")
    assert set(Deletion.objects.filter(account=world.account).values_list("contact_id", flat=True)) == set(ids[:2])


def test_the_circle_marks_one_contact_and_tells_who_has_set_what(visits: Visits, world: World) -> None:
    """003-04, 003-13; TM11 as DESIGN 8.9 has it."""
    ids = cast(world)
    record_opt_out(Contact.objects.get(pk=ids[0]), Channel.CALL, "9", world.now)
    page = opened(visits, world)
    page.get_by_label("Markers of Ada Abel").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Only they can take that back")
    dialog.get_by_role("button", name="Stop All").click()
    expect(row(page, "Ada Abel").locator(".stop-all")).to_be_visible()
    expect(row(page, "Ada Abel")).to_contain_text("by Cem Tanaka")
    row(page, "Ada Abel").focus()
    page.keyboard.press("m")
    expect(dialog).to_contain_text("Stop All, set by Cem Tanaka")
    dialog.get_by_role("button", name="OK to Send").click()
    expect(row(page, "Ada Abel").locator(".stop-all")).to_have_count(0)
    assert marked(world, "stop_all") == set()
    assert Contact.objects.get(pk=ids[0]).opt_outs.filter(lifted_at=None).exists()


def test_what_a_colleague_marks_is_drawn_at_once(visits: Visits, world: World) -> None:
    """TM1."""
    ids = cast(world)
    page = opened(visits, world)
    page.wait_for_timeout(1500)  # the live stream is open
    change_contacts(world.admin, Selection(ids=ids[:1]), Wish(kind=ChangeKind.FLAG), world.now)
    expect(row(page, "Ada Abel").get_by_label("Flag")).to_be_visible()


def test_groups_are_made_renamed_and_deleted(visits: Visits, world: World) -> None:
    ids = cast(world)
    page = opened(visits, world)
    page.get_by_role("link", name="New group").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Spring offers")
    page.get_by_role("dialog").get_by_label("A sales group").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Spring offers sales")).to_be_visible()
    add_to_group(world.member, world.account.groups.get().pk, ids[:2], world.now)
    page.get_by_label("Rename or delete Spring offers").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Summer offers")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Summer offers sales").click()
    expect(page.locator("tbody tr[data-id]")).to_have_count(2)
    page.get_by_label("Rename or delete Summer offers").click()
    page.get_by_role("button", name="Delete group").click()
    expect(page.get_by_role("link", name="Summer offers sales")).to_have_count(0)
    expect(page.locator("tbody tr[data-id]")).to_have_count(6)


def test_no_page_of_it_breaks_a_rule_of_accessibility_or_is_wider_than_a_phone(visits: Visits, world: World) -> None:
    ids = cast(world)
    create_group(world.member, "Offers", True, world.now)
    for kind in (ChangeKind.FLAG, ChangeKind.STOP_ALL, ChangeKind.STOP_PROMOTIONS):
        change_contacts(world.member, Selection(ids=ids[:3]), Wish(kind=kind), world.now)
    for width in (1280, PHONE):
        page = visits.by(world.cem, width=width, at="/contacts")
        phone_cell(page, "Bo Brand").click()
        assert in_both_themes(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_label("Markers of Ada Abel").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert in_both_themes(page) == []
        page.keyboard.press("Escape")
        page.get_by_role("link", name="Who").click()
        assert in_both_themes(page) == []
