from datetime import UTC, datetime
from playwright.sync_api import expect
from tests.e2e.visits import Visits
from tests.e2e.test_pages import inhabited
from tests.world import World
def test_look(visits: Visits, world: World) -> None:
    paths = inhabited(world)
    for theme, width in (("light",1280),("dark",390)):
        page = visits.by(world.ada, theme=theme, width=width)
        for p in paths[:-1]:
            page.goto(p)
            page.wait_for_timeout(300)
            page.screenshot(path=f"/tmp/shots/{theme}{p.replace('/','_')}.png", full_page=True)
            print(p, page.locator("#lamp").count())
