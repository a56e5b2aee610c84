"""Accessibility, asked of axe-core: WCAG 2.2 A and AA, and its best practices."""

from pathlib import Path

from playwright.sync_api import Page

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = 5
RUN = """async rules => {
    const frame = () => new Promise(requestAnimationFrame);
    await frame(), await frame();  // a window that was just made narrower is laid out anew
    const moving = document.getAnimations().filter(one => one.effect.getComputedTiming().iterations !== Infinity);
    await Promise.allSettled(moving.map(one => one.finished));
    const {violations} = await axe.run(document, {runOnly: rules, preload: false});
    return violations.map(one => [one.id, one.nodes.map(node => node.html)]);
}"""


def violations(page: Page) -> list[object]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: list[object] = page.evaluate(RUN, RULES)
    for _ in range(LOOKS):
        if not found:
            break
        page.wait_for_timeout(300)  # a fault stays; a colour that was still changing does not
        found = page.evaluate(RUN, RULES)
    return found


def sticks_out(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider
