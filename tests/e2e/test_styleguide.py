"""The styleguide in a real Chromium: every part readable by everybody, in both themes, at a desk and on a phone."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.urls import include, path
from playwright.sync_api import Browser, Page, sync_playwright

from allstop.console.views.styleguide import styleguide

pytestmark = [pytest.mark.browser, pytest.mark.urls(__name__)]

urlpatterns = [path("styleguide", styleguide, name="styleguide"), path("accounts/", include("allauth.urls"))]

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "async rules => (await axe.run(document, {runOnly: rules})).violations.map(v => [v.id, v.nodes.map(n => n.html)])"
CHROMIUM = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync"


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/styleguide"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM.split())
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


@pytest.mark.parametrize("width", [1280, 390, 360])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_part_is_accessible_and_no_wider_than_the_screen(
    page: Page, address: str, theme: str, width: int
) -> None:
    complaints: list[str] = []
    page.on("console", lambda note: complaints.append(note.text) if note.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{address}?theme={theme}")
    page.wait_for_selector(".plot-canvas canvas")
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(AXE)
    assert page.evaluate(RUN, RULES) == []


def test_the_stop_dialog_is_accessible_and_gives_the_focus_back(page: Page, address: str) -> None:
    """000-07: closing the dialog leaves everything as it was."""
    page.goto(address)
    page.locator("#lamp").click()
    page.wait_for_selector("dialog[open]")
    page.wait_for_timeout(300)  # it fades in, and half-faded words have too little contrast
    page.evaluate(AXE)
    assert page.evaluate(RUN, RULES) == []
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    assert page.evaluate("document.activeElement.id") == "lamp"


def test_jobs_are_selected_by_click_shift_click_and_ctrl_click(page: Page, address: str) -> None:
    """000-14."""
    page.goto(address)
    rows = page.locator("#jobs-grid tbody tr")
    count = page.locator("[data-selected-count]")
    rows.nth(1).click()
    assert count.inner_text() == "1 selected"
    rows.nth(3).click(modifiers=["Shift"])
    assert count.inner_text() == "3 selected"
    rows.nth(5).click(modifiers=["Control"])
    assert count.inner_text() == "4 selected"
    rows.nth(2).click(modifiers=["Control"])
    marked = page.evaluate("[...document.querySelectorAll('tr[aria-selected=true]')].map(row => row.dataset.id)")
    assert marked == ["1", "3", "5"]
    rows.nth(0).click()
    assert count.inner_text() == "1 selected"


def test_jobs_are_selected_from_the_keyboard(page: Page, address: str) -> None:
    page.goto(address)
    count = page.locator("[data-selected-count]")
    page.locator("#jobs-grid tbody tr").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    assert count.inner_text() == "3 selected"
    page.keyboard.press("Control+a")
    assert count.inner_text() == "6 selected"
    page.keyboard.press("Escape")
    assert count.inner_text() == "None selected"
    assert page.locator("#jobs").get_by_role("button", name="REMOVE").is_disabled()


def test_the_theme_is_remembered(page: Page, address: str) -> None:
    page.goto(address)
    page.locator(".who").click()
    page.get_by_text("Dark", exact=True).click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_only_the_exact_word_opens_the_button(page: Page, address: str) -> None:
    """001-08: `confirm`, `Confirm` and empty are refused."""
    page.goto(address)
    page.get_by_role("button", name="Typed CONFIRM").click()
    button = page.get_by_role("button", name="Pause account")
    for word, is_open in {"confirm": False, "Confirm": False, "": False, "CONFIRM": True}.items():
        page.fill("#confirm-word", word)
        assert button.is_enabled() is is_open
