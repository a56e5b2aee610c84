"""Import in the browser: a file is dropped, looked at, confirmed, and its messages arrive in the outbox."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import FilePayload, Page, Route, expect

from allstop.actions.switch import stop_account
from allstop.store.models import Import, Job, Message, OutboxItem, Status
from tests.dispatch.processes import wait_until
from tests.e2e.cast import never_quiet, outbox, with_status
from tests.e2e.visits import Visits
from tests.formats.notify_file import notify_csv
from tests.world import World

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).date()
BAD_ROWS = b'X1,sometime soon,NG,EXAM,DR01,"Late, Lou",,(212) 555-0123,\r\nX2,,NG,EXAM,DR01,"Nobody, Nora",,,\r\n'

CALENDAR = f"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Tests//EN
BEGIN:VEVENT
UID:one@example.org
DTSTAMP:20261101T000000Z
DTSTART:{TOMORROW:%Y%m%d}T150000Z
DTEND:{TOMORROW:%Y%m%d}T153000Z
SUMMARY:Check-up
ATTENDEE;CN=Ann Smith:mailto:ann@example.org
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n").encode()


def upload(page: Page, name: str, content: bytes, mime_type: str = "text/csv") -> None:
    page.get_by_role("link", name="Import", exact=True).click()
    page.locator("#file").set_input_files(FilePayload(name=name, mimeType=mime_type, buffer=content))
    page.get_by_role("button", name="Upload").click()


def send_at_once(page: Page) -> None:
    """What is proposed, the day before at ten, has passed at some hours of a day and at others not."""
    page.locator("[name='start'][value='now']").check()


def confirm(page: Page, rows: int) -> None:
    page.get_by_role("button", name=f"Import {rows:,} row").click()


def test_a_reminder_file_is_imported_without_touching_the_mapping(visits: Visits, world: World) -> None:
    never_quiet(world)
    page = visits.by(world.cem)
    upload(page, "Reminders.csv", notify_csv(40, TOMORROW))
    for field, column in {
        "mobile": "CellPhone",
        "email": "Email",
        "full_name": "PatName",
        "location_code": "ClinicID",
    }.items():
        chosen = page.locator(f"[name='column.{field}']").evaluate("field => field.selectedOptions[0].textContent")
        assert chosen.startswith(column), chosen
    shown = page.get_by_role("region", name="The first rows")
    expect(shown.locator("tbody tr").first).to_contain_text("Hello ")
    first = shown.locator("tbody tr").first.locator(".content").inner_text()
    send_at_once(page)
    confirm(page, 40)
    expect(page.locator("#import-progress")).to_be_visible()
    expect(page.get_by_text("Imported.")).to_be_visible()
    page.get_by_role("link", name="Open the job").click()
    expect(page.get_by_role("heading", name="Reminders", exact=True)).to_be_visible()
    made = Message.objects.filter(account=world.account).count()
    assert made >= 40
    # Some numbers of the sandbox are busy, gone or slow.
    wait_until(lambda: outbox(world) > 0.8 * made, "most messages to leave")
    assert OutboxItem.objects.filter(account=world.account, body=first.strip()).exists()
    page.get_by_role("link", name="Outbox").click()
    expect(page.get_by_role("region", name="List of what was delivered").locator("tbody tr").first).to_be_visible()


def test_rows_that_cannot_be_used_are_shown_and_can_be_downloaded(visits: Visits, world: World) -> None:
    never_quiet(world)
    page = visits.by(world.cem)
    upload(page, "Reminders.csv", notify_csv(10, TOMORROW) + BAD_ROWS)
    bad = page.get_by_role("region", name="Rows that cannot be used")
    expect(bad.locator("tbody tr")).to_have_count(2)
    expect(bad).to_contain_text("sometime soon")
    confirm(page, 12)
    expect(page.get_by_text("2 rows could not be used.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the problems").click()
    assert download.value.suggested_filename.endswith(".csv")
    lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "Row,Column,Value,Problem"
    assert [line.split(",")[0] for line in lines[1:]] == ["12", "13"]
    assert "sometime soon" in lines[1]


def test_wording_that_is_changed_shows_in_the_preview_at_once(visits: Visits, world: World) -> None:
    page = visits.by(world.cem)
    upload(page, "Reminders.csv", notify_csv(3, TOMORROW))
    shown = page.get_by_role("region", name="The first rows")
    expect(shown).to_contain_text("reminder of your appointment")
    page.locator("#text_body").fill("See you on {date}, {first_name}!")
    page.locator("#email_body").fill("See you on {date}, {first_name}!")
    page.locator("#call_body").fill("See you on {date}, {first_name}!")
    expect(shown).to_contain_text("See you on ")
    expect(shown).not_to_contain_text("reminder of your appointment")
    with visits.expecting("422"):
        page.locator("#text_body").fill("Hello {nonsense}")
        expect(page.locator("#import-preview").get_by_role("alert")).to_contain_text("nonsense")


def test_what_is_typed_while_the_preview_is_on_its_way_is_shown_in_the_end(visits: Visits, world: World) -> None:
    page = visits.by(world.cem)
    upload(page, "Reminders.csv", notify_csv(3, TOMORROW))
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if route.request.method == "POST" and not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/import/*", hold_the_first)
    wording = page.locator("#text_body")
    wording.fill("The first draft, {first_name}")
    with page.expect_request("**/import/*"):
        wording.blur()
    wording.fill("The second draft, {first_name}")
    wording.blur()
    held[0].continue_()
    expect(page.get_by_role("region", name="The first rows")).to_contain_text("The second draft")


def test_a_long_import_shows_how_far_it_is(visits: Visits, world: World) -> None:
    page = visits.by(world.cem)
    stop_account(world.member, "only the import matters here", datetime.now(UTC))
    upload(page, "Long.csv", notify_csv(4000, TOMORROW))
    confirm(page, 4000)
    bar = page.get_by_role("progressbar", name="Rows read")
    expect(bar).to_be_visible()
    expect(page.get_by_text("4,000 rows made")).to_be_visible()
    assert Job.objects.get(account=world.account).name == "Long"


def test_while_stopped_an_upload_is_accepted_and_waits(visits: Visits, world: World) -> None:
    """TN5."""
    never_quiet(world)
    stop_account(world.leader, "", datetime.now(UTC))
    page = visits.by(world.cem)
    upload(page, "Reminders.csv", notify_csv(5, TOMORROW))
    expect(page.get_by_role("region", name="The first rows")).to_contain_text("The account is STOPPED.")
    send_at_once(page)
    confirm(page, 5)
    expect(page.get_by_text("Imported.")).to_be_visible()
    page.get_by_role("link", name="Home").click()
    expect(page.locator("#jobs-grid tbody tr")).to_contain_text("held")
    waiting = with_status(world, Status.WAITING)
    assert waiting >= 5
    page.wait_for_timeout(500)
    assert outbox(world) == 0
    page.locator("#lamp").click()
    expect(page.get_by_role("dialog").locator("[data-total-notifications]")).to_have_text(str(waiting))


def test_a_calendar_is_imported(visits: Visits, world: World) -> None:
    page = visits.by(world.cem)
    upload(page, "Tuesday.ics", CALENDAR, "text/calendar")
    expect(page.get_by_role("region", name="The first rows")).to_contain_text("ann@example.org")
    send_at_once(page)
    confirm(page, 1)
    expect(page.get_by_text("Imported.")).to_be_visible()
    wait_until(lambda: outbox(world) == 1, "the reminder to leave")
    assert OutboxItem.objects.get(account=world.account).to == "ann@example.org"


def test_a_pdf_is_refused_in_words_by_the_page_and_by_the_server(visits: Visits, world: World) -> None:
    page = visits.by(world.cem)
    pdf = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"
    upload(page, "Reminders.pdf", pdf, "application/pdf")
    expect(page.locator("#file_error")).to_contain_text("Reminders.pdf is not one of .csv")
    assert page.url.endswith("/import")
    with visits.expecting("422"):
        upload(page, "Reminders.csv", pdf)
        expect(page.locator("#file_error")).to_contain_text("PDF")
    assert not Import.objects.filter(account=world.account).exists()


def test_saved_wording_is_kept_chosen_and_seen_in_the_preview(visits: Visits, world: World) -> None:
    never_quiet(world)
    page = visits.by(world.ben)
    upload(page, "Reminders.csv", notify_csv(5, TOMORROW))
    said = page.locator("#text_body")
    said.fill("See you soon, {first_name}")
    page.locator("#text_keep").fill("Short")
    page.locator("#wording-text").get_by_role("button", name="Save").click()
    chosen = page.locator("#text_template")
    expect(chosen.locator("option:checked")).to_have_text("Short")
    said.fill("Something else")
    expect(page.get_by_role("region", name="The first rows")).to_contain_text("Something else")
    chosen.select_option("")
    expect(page.locator("#text_filled")).to_have_value("")
    chosen.select_option(label="Short")
    expect(said).to_have_value("See you soon, {first_name}")
    expect(page.get_by_role("region", name="The first rows")).to_contain_text("See you soon, ")
    expect(page.locator("#wording-text")).to_have_count(1)
