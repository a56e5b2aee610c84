"""The end of the program: within three seconds, also while browsers hold the event stream."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.e2e.axe import violations
from tests.e2e.cast import TOMORROW, notifications
from tests.e2e.program import serving
from tests.e2e.visits import Visits
from tests.world import World

A_LONG_TIME = (
    15  # seconds; it takes three at most, and a machine that is busy is slower. A stream would hold it for ever.
)


def test_it_stops_within_three_seconds_and_open_pages_say_that_they_are_not_live(
    world: World, browser: Browser, program_database: str, tmp_path: Path
) -> None:
    with serving(program_database, tmp_path / "log", workers=1) as another:
        visits = Visits(browser, another.address, {})
        pages = [visits.by(world.ada), visits.by(world.ben), visits.by(world.ada)]
        notifications(world, 3, due=TOMORROW)
        for page in pages:
            expect(page.locator("[data-live='figures.waiting']")).to_have_text("3")  # the stream is open
        assert another.stop() < A_LONG_TIME
        assert another.process.returncode == 0
        for page in pages:
            expect(page.locator("#offline-note")).to_be_visible()
            expect(page.locator("#lamp")).to_contain_text("not live")
        assert violations(pages[0]) == []
        visits.end()
