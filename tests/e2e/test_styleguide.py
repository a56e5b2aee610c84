"""The styleguide in a real Chromium: every part readable by everybody, in both themes, at a desk and on a phone."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import in_both_themes, sticks_out, violations
from tests.e2e.visits import Visits


@pytest.fixture
def page(visits: Visits) -> Page:
    """It belongs to no account: nobody needs to log in."""
    opened = visits.by_nobody()
    opened.goto("/styleguide")
    return opened


@pytest.mark.parametrize("width", [1280, 390, 360])
def test_every_part_is_accessible_and_no_wider_than_the_screen(visits: Visits, width: int) -> None:
    page = visits.by_nobody(width=width)
    page.goto("/styleguide")
    page.wait_for_selector(".plot-canvas canvas")
    assert sticks_out(page) <= 0
    assert in_both_themes(page) == []


def test_a_barrier_is_found_in_the_theme_that_has_it(page: Page) -> None:
    """The control: words that are dark in the dark theme too."""
    page.evaluate("document.querySelector('h1').style.color = 'light-dark(#111, #333)'")
    assert [(theme, rule) for theme, (rule, _) in in_both_themes(page)] == [("dark", "color-contrast")]


def test_the_stop_dialog_is_accessible_and_gives_the_focus_back(page: Page) -> None:
    """000-07: closing the dialog leaves everything as it was."""
    page.locator("#lamp").click()
    page.wait_for_selector("dialog[open]")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    expect(page.locator("#lamp")).to_be_focused()


def test_jobs_are_selected_by_click_shift_click_and_ctrl_click(page: Page) -> None:
    """000-14."""
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


def test_jobs_are_selected_from_the_keyboard(page: Page) -> None:
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


def test_the_theme_is_remembered(page: Page) -> None:
    page.locator(".who").click()
    page.get_by_text("Dark", exact=True).click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_only_the_exact_word_opens_the_button(page: Page) -> None:
    """001-08: `confirm`, `Confirm` and empty are refused."""
    page.get_by_role("button", name="Typed CONFIRM").click()
    button = page.get_by_role("button", name="Pause account")
    for word, is_open in {"confirm": False, "Confirm": False, "": False, "CONFIRM": True}.items():
        page.fill("#confirm-word", word)
        assert button.is_enabled() is is_open
