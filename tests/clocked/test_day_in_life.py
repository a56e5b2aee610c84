"""Days in the life of a practice, on a clock of the test's own and at the browser: files come, one day is stopped,
START is planned.

Exactly the right messages leave, and the report adds up (issue 8; TN3, TN5, TN6, TN12). The program is the real one, as
`allstop serve` runs it; the same days step by step: tests/actions/test_day_in_life.py.
"""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from playwright.sync_api import FilePayload, Page, expect

from allstop.actions.switch import is_stopped
from allstop.actions.tokens import create_token
from allstop.store.models import Feed, FeedFile, Member, Message, OutboxItem, PlanStep, User, Worker
from tests.actions.test_day_in_life import a_feed
from tests.actions.test_visit_answers import says
from tests.clocked.moving import Clock
from tests.dispatch.processes import PATIENCE, wait_until
from tests.e2e.chromium import chromium
from tests.e2e.program import serving
from tests.e2e.visits import Visits
from tests.kept_cast import the_cast
from tests.reminder_files import HEADER, a_row
from tests.world import PASSWORD, World

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = 24, 25, 26, 27


def new_york(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2036, 11, day, hour + 5, minute, tzinfo=UTC)


def at(day: int, clock: str) -> str:
    return f"11/{day}/2036 {clock}"


def comes(page: Page, feed: Feed, token: str, *rows: str) -> None:
    """A program hands a file in, and some worker imports it."""
    content = "\r\n".join((HEADER, *rows)).encode()
    file = FilePayload(name="practice.csv", mimeType="text/csv", buffer=content)
    heads = {"Authorization": f"Bearer {token}"}
    answer = page.request.post(f"/api/v1/feeds/{feed.pk}/files", multipart={"file": file}, headers=heads)
    assert answer.status == 201, answer.text()
    wait_until(lambda: not FeedFile.objects.filter(feed=feed, state="taken").exists(), "the file to be imported")


def left() -> Counter[str]:
    """What has arrived: channel and last digit of the phone."""
    return Counter(f"{one.channel} {one.to[-1]}" for one in OutboxItem.objects.all())


def leaves(*whats: str) -> None:
    """And nothing else. A message that has arrived is written down as sent a moment later. Whether a step is needed may
    be looked at again a minute later, and a busy machine makes it two."""
    sent = Message.objects.filter(status="sent")
    wait_until(lambda: left() == Counter(whats) and sent.count() == len(whats), f"{whats} to leave", 4 * PATIENCE)


@pytest.fixture
def world(committed_db: None) -> World:
    world = the_cast(new_york(MONDAY, 9))
    slow = make_password(PASSWORD, hasher=Argon2PasswordHasher())  # the tests' fast hashing is not known to the program
    User.objects.filter(memberships__in=Member.objects.filter(account=world.account)).update(password=slow)
    return world


def test_three_days_of_files_one_of_them_stopped(
    world: World, database_url: str, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright has an event loop in this thread
    feed = a_feed(world)
    _, token = create_token(world.admin, "Practice", world.now, world.ada.user_id)
    clock.is_at(new_york(MONDAY, 12))
    with serving(database_url, tmp_path / "log", 1, clock.environ) as program, chromium() as browser:
        wait_until(lambda: Worker.objects.filter(fenced=False).count() == 2, "the workers")
        visits = Visits(browser, program.address, {})
        page = visits.by(world.ben)
        expect(page.locator("#lamp")).to_have_attribute("data-state", "running")

        comes(page, feed, token, a_row(1, at=at(TUESDAY, "15:00")), a_row(2, at=at(TUESDAY, "15:30")))
        assert not left()
        clock.is_at(new_york(MONDAY, 14, 5))
        leaves("text 1", "text 2")
        says("Yes", new_york(MONDAY, 15), sender="+12125550101")
        clock.is_at(new_york(MONDAY, 16, 5))
        monday = ("text 1", "text 2", "call 2")
        leaves(*monday)

        clock.is_at(new_york(TUESDAY, 9))
        page.goto("/")
        page.locator("#lamp").click()
        page.get_by_role("dialog").get_by_role("button", name="STOP").click()
        expect(page.locator("#lamp")).to_have_attribute("data-state", "stopped")
        assert is_stopped(world.account.pk)
        comes(page, feed, token, a_row(3, at=at(WEDNESDAY, "15:00")), a_row(4, at=at(WEDNESDAY, "10:00")))
        clock.is_at(new_york(TUESDAY, 16, 5))

        clock.is_at(new_york(WEDNESDAY, 13))
        moved = a_row(3, at=at(28, "15:00"))
        comes(page, feed, token, moved, *(a_row(number, at=at(THURSDAY, "15:00")) for number in (5, 6)))
        assert left() == Counter(monday)  # nothing of Tuesday
        page.goto("/")
        page.locator("#lamp").click()
        page.get_by_role("dialog").get_by_role("link", name="Choose what leaves").click()
        expect(page.locator("#start-preview")).to_contain_text("0 leave now, 6 later, 2 are dropped.")
        page.get_by_role("button", name="START").click()
        expect(page.locator("#lamp")).to_have_attribute("data-state", "running")

        clock.is_at(new_york(WEDNESDAY, 14, 5))
        leaves(*monday, "text 5", "text 6")
        says("no", new_york(WEDNESDAY, 15), sender="+12125550105")
        clock.is_at(new_york(WEDNESDAY, 16, 5))
        wednesday = (*monday, "text 5", "text 6", "call 6")
        leaves(*wednesday)
        clock.is_at(new_york(THURSDAY, 14, 5))
        leaves(*wednesday, "text 3")  # first: else whether the call is needed is looked at again a minute later
        clock.is_at(new_york(THURSDAY, 16, 5))
        leaves(*wednesday, "text 3", "call 3")
        assert not PlanStep.objects.filter(look_at__isnull=False).exists()

        page.goto("/reports")
        table = page.get_by_role("region", name="The report in numbers")
        heads = table.locator("thead th").all_inner_texts()[1:]
        numbers = table.locator("tfoot td").all_inner_texts()
        assert dict(zip(heads, map(int, numbers), strict=True)) == {
            "Notifications": 15,
            "Sent": 8,
            "Waiting": 0,
            "Refused": 0,
            "Canceled by rules": 5,
            "Errors": 0,
            "Removed": 2,
            "Confirmed": 1,
            "Cancelled (NO)": 1,
            "Wrong number": 0,
            "Replied": 0,
        }
        visits.end()
        assert visits.complaints == []
        assert program.errors() == []
