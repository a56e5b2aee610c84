"""Takes the pictures of the documentation: .venv/bin/python -m tools.screenshots [folder]

Starts Allstop with the demo account in a folder of its own, on a free port, looks at it with Debian's Chromium, and
leaves nothing behind but docs/pictures/*.png. The pages are real; nothing is painted over. Needs the packages of
requirements-dev.lock.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, FloatRect, Page, expect, sync_playwright

from allstop.cli.sample_reminders import reminder_file
from allstop.cli.welcome import DEMO_ADMIN

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
PASSWORD = "northgate demo"
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESK = (1280, 800)
PHONE = (390, 844)
TOP: FloatRect = {"x": 0, "y": 0, "width": 1280, "height": 600}
MIDDLE: FloatRect = {"x": 200, "y": 0, "width": 880, "height": 800}  # with a dialog in it
SECONDS_TO_START = 120
WORKDAYS = "Monday Tuesday Wednesday Thursday Friday"
FILES = (
    ("Southgate Sunday", 40),
    ("Hygiene Sunday", 90),
    ("Checkups Sunday", 60),
)  # imported in turn: the plot has a shape

REPLIES = """
from datetime import UTC, datetime
from allstop.actions.replies import Written, take_reply
from allstop.rules.facts import Channel
from allstop.store.models import Address
numbers = Address.objects.filter(kind="phone").order_by("pk").values_list("value", flat=True)
for number, text in zip(numbers, ("Who is this? Stop", "stop texting me at work")):
    take_reply(Written(adapter="sandbox", provider_id=number, channel=Channel.TEXT, sender=number, recipient="",
                       text=text, in_reply_to="", at=datetime.now(UTC)))
"""

PEOPLE = """First Name,Last Name,Mobile Phone,Business Phone,E-mail Address,Categories,Do not call
André,Lefèvre,(917) 555-0141,(212) 555-0140,andre@example.com,Recall,
Beth,O'Neil,(212) 555-0142,,beth@example.com,Recall;VIP,yes
Chidi,Okonkwo,+44 7700 900150,,chidi@example.org,,
Dee,Park,212-55,,,,
"""


LEADS = """Name,Phone,Email,Notes
Lee Ortiz,(917) 555-0166,lee@example.com,Is there a place on Tuesday?
Kim Haddad,(917) 555-0167,,
Noor Bakker,(917) 555-0168,noor@example.com,What does a check-up cost?
Tom Iversen,(917) 555-0169,,
Ana Kowalska,(917) 555-0170,,Two children as well
Ravi Menon,(917) 555-0171,ravi@example.com,
"""


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    with installation() as address, chromium() as browser:
        page = logged_in(browser, address, DESK, "light")
        take_import(page, folder)
        take_outbox(page, folder)
        take_phonebook(page, folder)
        take_messenger(page, folder)
        take_inbox(page, folder)
        take_people(page, folder)
        take_leads(page, folder)
        take_setup(page, folder)
        take_home(page, folder)
        take_feeds(page, folder)
        take_pages(page, folder)
        take_list_plan(page, folder)
        take_billing(page, folder)
        snap(logged_in(browser, address, PHONE, "light"), folder / "home-phone.png")
        take_replies(page, folder)
        take_switch(page, logged_in(browser, address, DESK, "dark"), folder)
    for picture in sorted(folder.glob("*.png")):
        print(f"{picture.stat().st_size:>8,} bytes  {picture}")


@contextmanager
def installation() -> Iterator[str]:
    home = Path(tempfile.mkdtemp(prefix="allstop-pictures-"))
    home.chmod(0o755)  # as root, the database runs as another user
    port = free_port()
    environ = {**os.environ, "ALLSTOP_HOME": str(home), "ALLSTOP_PORT": str(port), "PYTHONPATH": str(ROOT)}
    environ.pop("DATABASE_URL", None)
    serving = subprocess.Popen([sys.executable, "-m", "allstop", "serve", "--demo"], env=environ, cwd=ROOT)
    try:
        address = f"http://127.0.0.1:{port}"
        await_answer(serving, f"{address}/accounts/login/")
        command = [sys.executable, "-m", "allstop", "django", "shell", "-c", REPLIES]
        subprocess.run(command, env=environ, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        yield address
    finally:
        serving.send_signal(signal.SIGINT)
        serving.wait(timeout=60)
        shutil.rmtree(home)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def await_answer(serving: "subprocess.Popen[bytes]", url: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if serving.poll() is not None:
            raise SystemExit(f"Allstop ended with code {serving.returncode}.")
        with suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.2)
    raise SystemExit(f"Allstop has not answered for {SECONDS_TO_START} seconds.")


@contextmanager
def chromium() -> Iterator[Browser]:
    as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *as_root])
        yield browser
        browser.close()


def logged_in(browser: Browser, address: str, size: tuple[int, int], theme: str) -> Page:
    """As the demo's admin, on Home."""
    width, height = size
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
        locale="en-US",
        timezone_id="America/New_York",  # the demo's own
    )
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Email").fill(DEMO_ADMIN)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#lamp")).to_be_visible()
    page.goto("/")  # without the words about the log-in
    return page


def snap(page: Page, file: Path, clip: FloatRect | None = None) -> None:
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(300)
    page.screenshot(path=file, clip=clip)


def upload(page: Page, name: str, rows: int) -> None:
    page.goto("/import")
    content = reminder_file(rows, datetime.now(UTC)).encode()
    page.locator("#file").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("#import-preview")).to_be_visible()


def confirm(page: Page) -> None:
    page.get_by_role("button", name="Import ").click()
    expect(page.get_by_role("link", name="Open the job")).to_be_visible(timeout=30_000)


def take_import(page: Page, folder: Path) -> None:
    upload(page, "Northgate Sunday.csv", 200)
    snap(page, folder / "import-mapping.png", TOP)
    page.locator("#import-preview").screenshot(path=folder / "import-preview.png")
    confirm(page)


def take_outbox(page: Page, folder: Path) -> None:
    page.goto("/outbox")
    snap(page, folder / "outbox.png", TOP)


def take_phonebook(page: Page, folder: Path) -> None:
    page.goto("/contacts")
    rows = page.locator("tbody tr[data-id]")
    rows.nth(2).locator("td").nth(2).click()
    rows.nth(5).locator("td").nth(2).click(modifiers=["Shift"])
    page.get_by_role("button", name="Flag on/off").click()
    expect(page.locator(".change-words")).to_contain_text("Flagged 4 contacts")
    page.locator("[data-toast-close]").last.click()
    snap(page, folder / "phonebook.png", {**TOP, "height": 560})


def take_messenger(page: Page, folder: Path) -> None:
    for query, number in (("", 4), ("?stop_promotions=on", 2), ("?stop_all=on", 1)):
        page.goto(f"/contacts{query}")
        for place in range(number):
            page.locator("tbody tr[data-id]").nth(place).locator(".pick").click()
        page.get_by_role("button", name="Message", exact=True).click()
        expect(page.get_by_role("heading", name="Messenger")).to_be_visible()
    page.get_by_label("Message", exact=True).fill("Hello {first_name}, we are open on Saturday this week.")
    expect(page.locator("#messenger-parts")).to_contain_text("54 characters")
    snap(page, folder / "messenger.png", {**TOP, "height": 860})
    page.locator("[data-clear]").click()


def take_inbox(page: Page, folder: Path) -> None:
    page.goto("/inbox")
    page.get_by_role("link", name="Can I come at 3").click()
    page.get_by_placeholder("Your answer").fill("Yes, at 3 is fine. See you tomorrow!")
    page.get_by_text("SMS part").wait_for()
    snap(page, folder / "inbox.png", {**TOP, "height": 690})


def take_people(page: Page, folder: Path) -> None:
    page.goto("/contacts/import")
    file = {"name": "outlook.csv", "mimeType": "text/csv", "buffer": PEOPLE.encode()}
    page.set_input_files("input[type=file]", file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", name="What it will do")).to_be_visible()
    snap(page, folder / "contacts-import.png", {**TOP, "height": 900})


def take_leads(page: Page, folder: Path) -> None:
    page.goto("/leads/import")
    file = {"name": "fair.csv", "mimeType": "text/csv", "buffer": LEADS.encode()}
    page.set_input_files("input[type=file]", file)  # type: ignore[arg-type]
    page.get_by_label("Kind").fill("buyer")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("6 of 6 rows became leads.")).to_be_visible()
    page.goto("/leads/board")
    for name, status in (("Lee Ortiz", "qualified"), ("Kim Haddad", "qualified"), ("Tom Iversen", "unqualified")):
        page.locator(".leads-card", has_text=name).locator(f"[data-to={status}]").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name=status.removesuffix("ed")[:-1] + "y").click()
        expect(page.locator(f"[data-column={status}] .leads-card", has_text=name)).to_be_visible()
    page.mouse.move(0, 0)
    page.goto("/leads/board")
    snap(page, folder / "leads-board.png", {**TOP, "height": 700})


def take_setup(page: Page, folder: Path) -> None:
    page.goto("/setup/sending/wizard")
    page.get_by_role("button", name="Next").click()
    page.goto("/setup/sending/wizard/texts")
    page.get_by_label("Enable staggered").check()
    for days, starts, ends in ((WORKDAYS, "09:00", "12:00"), (WORKDAYS, "14:00", "18:30")):
        page.get_by_role("link", name="+1").click()
        for day in days.split():
            page.get_by_role("dialog").get_by_label(day).check()
        page.get_by_role("dialog").get_by_label("From").fill(starts)
        page.get_by_role("dialog").get_by_label("Until").fill(ends)
        page.get_by_role("dialog").get_by_role("button", name="Add").click()
        expect(page.get_by_role("button", name=f"Delete Monday {starts}-{ends}")).to_be_visible()
    page.get_by_label("A message should be sent").fill("3")
    page.get_by_label("Try it with").fill("1000")
    page.get_by_label("Try it with").press("Tab")
    expect(page.get_by_text("What would be enough")).to_be_visible()
    page.evaluate("document.querySelectorAll('.toast').forEach(one => one.remove()); scrollTo(0, 0)")
    page.set_viewport_size({"width": DESK[0], "height": 1440})
    snap(page, folder / "setup-wizard.png", {**TOP, "y": 210, "height": 1000})
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    page.get_by_role("button", name="Leave without saving").click()


def take_home(page: Page, folder: Path) -> None:
    for name, rows in FILES:
        page.wait_for_timeout(6000)
        upload(page, f"{name}.csv", rows)
        confirm(page)
    page.goto("/")
    page.wait_for_timeout(4000)
    snap(page, folder / "home.png")
    page.goto("/forecast")
    expect(page.locator("#forecast-figures")).to_contain_text("last one leaves")
    snap(page, folder / "forecast.png", TOP)


def take_feeds(page: Page, folder: Path) -> None:
    """After an import by hand, which the feed reads like."""
    page.goto("/setup/feeds/new?kind=push")
    page.get_by_label("Name").fill("Practice system")
    page.get_by_label("Read its files like").select_option(index=1)
    page.set_viewport_size({"width": DESK[0], "height": 1420})
    page.evaluate("document.querySelectorAll('.toast').forEach(one => one.remove()); scrollTo(0, 0)")
    snap(page, folder / "feed.png", {**TOP, "y": 200, "height": 1130})
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})


def take_pages(page: Page, folder: Path) -> None:
    """Pages that need nothing done on them."""
    for address, name, height in (
        ("/setup/email", "email-setup", 900),
        ("/setup/playbook", "playbook", 760),
        ("/setup/connections", "connections", 1400),
        ("/operator/accounts/1", "account", 900),
        ("/setup/plans/1", "message-plan", 1100),
        ("/reports", "report", 900),
        ("/contacts/lists/new", "recall-list", 760),
    ):
        page.set_viewport_size({"width": DESK[0], "height": height})
        page.goto(address)
        snap(page, folder / f"{name}.png", {**TOP, "height": height})
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})


def take_list_plan(page: Page, folder: Path) -> None:
    """As a plan for lists is proposed, to the people of one location."""
    page.goto("/setup/plans/new?for=list")
    page.get_by_label("Name of the plan").fill("Please come back")
    page.locator("button[value=save]").click()
    page.goto("/contacts/lists/new")
    page.get_by_label("Name", exact=True).fill("Time for a check-up")
    page.get_by_label("Location").select_option(index=1)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Send a plan").click()
    expect(page.get_by_role("region", name="What leaves on which day").locator("tbody tr").first).to_be_visible()
    page.evaluate("document.querySelectorAll('.toast').forEach(one => one.remove()); scrollTo(0, 0)")
    snap(page, folder / "list-plan.png", {**TOP, "height": 736})


def take_billing(page: Page, folder: Path) -> None:
    """A package is sold a month ago, and billed by a run."""
    page.goto("/operator/packages/new")
    page.get_by_label("Name").fill("Front desk")
    page.get_by_label("Price").fill("30.00")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto("/operator/accounts/1")
    page.get_by_role("link", name="Packages and balance").click()
    page.get_by_label("Package", exact=True).select_option(index=1)
    page.get_by_label("From").fill((datetime.now(UTC) - timedelta(days=20)).date().isoformat())
    page.get_by_role("button", name="Add").click()
    page.get_by_role("link", name="Bill runs").click()
    page.get_by_role("button", name="Bill all that are due").click()
    expect(page.get_by_role("heading", name="It is done")).to_be_visible()
    page.goto("/operator/accounts/1")
    page.get_by_role("link", name="Packages and balance").click()
    page.set_viewport_size({"width": DESK[0], "height": 1000})
    snap(page, folder / "billing.png", {**TOP, "height": 1000})
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})


def take_replies(page: Page, folder: Path) -> None:
    page.goto("/replies")
    snap(page, folder / "replies.png", TOP)


def take_switch(page: Page, dark: Page, folder: Path) -> None:
    lamp, dialog = page.locator("#lamp"), page.locator("dialog[open]")
    lamp.click()
    dialog.get_by_label("Reason").fill("Wrong file uploaded")
    snap(page, folder / "stop-dialog.png", MIDDLE)
    dialog.get_by_role("button", name="STOP").click()
    expect(dark.locator("#lamp")).to_contain_text("STOPPED")  # in the other window, without a reload
    dark.goto("/")
    snap(dark, folder / "home-stopped.png")
    expect(dialog).to_contain_text("STOPPED.")
    snap(page, folder / "receipt-dialog.png", MIDDLE)
    dialog.get_by_role("button", name="Close").click()
    page.goto("/stops")
    snap(page, folder / "stops.png")
    page.goto("/")
    dark.close()
    page.get_by_role("link", name="Appointment reminders").first.click()
    page.goto(f"{page.url}?status=waiting")
    page.locator("main table a").first.click()
    expect(page.locator("#why-title")).to_be_visible()
    snap(page, folder / "message-why.png")
    lamp.click()
    expect(dialog.get_by_role("button", name="START")).to_be_visible()
    dialog.locator(".old-jobs input").first.check()
    snap(page, folder / "start-dialog.png", MIDDLE)
    dialog.get_by_role("link", name="Choose what leaves").click()
    page.get_by_label("A slow start").check()
    page.locator("#start-preview").get_by_text("leave now").wait_for()
    page.wait_for_timeout(1000)
    page.evaluate("scrollTo(0, 0)")
    snap(page, folder / "start-plan.png", TOP)


if __name__ == "__main__":
    main()
