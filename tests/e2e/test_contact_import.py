"""A file of contacts in a browser: dropped, corrected, imported by a worker, taken back; and an export."""

from pathlib import Path

from playwright.sync_api import Page, expect

from allstop.store.models import Contact
from tests.e2e.axe import violations
from tests.e2e.visits import PHONE, Visits
from tests.formats.people import FILES, people
from tests.world import World, contact

SLOW = 30_000  # ms; a process starts, or the server is busy
CSV = "Alpha,Mobile,Email\nAnn Lee,212 555 0101,ann@example.org\nBob Ray,123,\n"


def drop(page: Page, content: str) -> None:
    """As a person drags a file onto the field."""
    page.goto("/contacts/import")
    file = page.evaluate_handle(
        "text => { const it = new DataTransfer(); it.items.add(new File([text], 'people.csv')); return it; }",
        content,
    )
    page.locator("[data-dropzone]").dispatch_event("drop", {"dataTransfer": file})
    expect(page.locator("[data-drop-name]")).to_have_text("people.csv")
    page.get_by_role("button", name="Upload").click()


def test_a_file_is_dropped_corrected_imported_and_taken_back(visits: Visits, world: World) -> None:
    page = visits.by(world.cem, at="/contacts")
    page.get_by_role("link", name="Import contacts").first.click()
    drop(page, CSV)
    expect(page.get_by_role("heading", name="What it will do")).to_be_visible()
    expect(page.get_by_text("123 has too few digits")).to_be_visible()
    page.get_by_label("Alpha").select_option("full_name")
    expect(page.get_by_role("region", name="The first rows").get_by_text("Ann Lee")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("2 rows: 1 new, 0 completed, 0 there already, 1 refused.")).to_be_visible(timeout=SLOW)
    assert violations(page) == []
    assert Contact.objects.get(account=world.account).name == "Ann Lee"
    with page.expect_download(timeout=SLOW) as refused:
        page.get_by_role("link", name="Download the refused rows").click()
    assert b"Bob Ray,123" in Path(refused.value.path()).read_bytes()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("1 removed, 0 as they were.")).to_be_visible()
    assert not Contact.objects.filter(account=world.account).exists()


def test_a_phones_file_works_at_a_phones_width_with_the_keyboard(visits: Visits, world: World) -> None:
    page = visits.by(world.cem, theme="dark", width=PHONE, at="/contacts/import")
    page.set_input_files("input[type=file]", FILES / "icloud.vcf")
    assert violations(page) == []
    page.get_by_role("button", name="Upload").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What it will do")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    page.get_by_role("button", name="Import", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 rows: 1 new, 0 completed, 0 there already, 1 refused.")).to_be_visible(timeout=SLOW)


def test_a_leader_exports_what_is_selected(visits: Visits, world: World) -> None:
    contact(world, "Ann Lee", phone="+12125550101", email="")
    contact(world, "Bob Ray", phone="+12125550102", email="")
    page = visits.by(world.ben, at="/contacts")
    page.get_by_role("button", name="Export").click()
    assert violations(page) == []
    with page.expect_download(timeout=SLOW) as everybody:
        page.get_by_role("button", name="vCard 3.0").click()
    assert len(people(Path(everybody.value.path()).read_bytes())) == 2
    page.locator("tbody tr[data-id]", has_text="Ray, ").locator("td").nth(2).click()
    page.get_by_role("button", name="Export").click()
    with page.expect_download(timeout=SLOW) as one:
        page.get_by_role("button", name="CSV").click()
    (row,) = people(Path(one.value.path()).read_bytes(), "a.csv")
    assert row.given_name == "Bob"
    other = visits.by(world.cem, at="/contacts")
    expect(other.get_by_role("button", name="Export")).to_have_count(0)
