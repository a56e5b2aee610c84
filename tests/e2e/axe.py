"""Accessibility, asked of axe-core: WCAG 2.2 A and AA, and its best practices."""

from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Page

from tests.e2e.visits import DESK, PHONE, Theme

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = 5
Faults = dict[str, object]
Violation = tuple[str, list[str]]  # its rule, and the parts of the page
RUN = """async ([rules, coloursAlone]) => {
    const frame = () => new Promise(requestAnimationFrame);
    await frame(), await frame();  // a window that was just made narrower is laid out anew
    const moving = document.getAnimations().filter(one => one.effect.getComputedTiming().iterations !== Infinity);
    await Promise.allSettled(moving.map(one => one.finished));
    const ofColours = axe.getRules(rules).filter(rule => rule.tags.includes("cat.color")).map(rule => rule.ruleId);
    const runOnly = coloursAlone ? ofColours : rules;
    const {violations} = await axe.run(document, {runOnly, resultTypes: ["violations"], preload: false});
    return violations.map(one => [one.id, one.nodes.map(node => node.html)]);
}"""


def faults(page: Page, name: str) -> Faults:
    """At a desk and on a phone, in both themes. The page is left as wide as on a desk, in the light theme."""
    found: Faults = {}
    looks: tuple[tuple[int, tuple[Theme, ...]], ...] = ((PHONE, ("light", "dark")), (DESK, ("dark", "light")))
    for width, themes in looks:  # a window is redrawn when its theme changes, so the dark one stays for both widths
        page.set_viewport_size({"width": width, "height": 800})
        if too_wide := sticks_out(page):
            found[f"{name} at {width}"] = f"sticks out by {too_wide} pixels"
        if barriers := in_themes(page, themes):
            found[f"{name} at {width}"] = barriers
    return found


def in_both_themes(page: Page) -> list[tuple[Theme, Violation]]:
    """Violations of the page as it stands. It is left in the light theme."""
    return in_themes(page, ("dark", "light"))


def in_themes(page: Page, themes: Iterable[Theme]) -> list[tuple[Theme, Violation]]:
    """All rules are asked in the light theme; in the dark one those of colours, since nothing else is different there:
    tests/console/test_themes.py."""
    found: list[tuple[Theme, Violation]] = []
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light dark", "it can change"
        found += [(theme, violation) for violation in violations(page, colours_alone=theme == "dark")]
    return found


def violations(page: Page, *, colours_alone: bool = False) -> list[Violation]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: list[Violation] = page.evaluate(RUN, [RULES, colours_alone])
    for _ in range(LOOKS):
        if not found:
            break
        page.wait_for_timeout(300)  # a fault stays; a colour that was still changing does not
        found = page.evaluate(RUN, [RULES, colours_alone])
    return found


def sticks_out(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider
