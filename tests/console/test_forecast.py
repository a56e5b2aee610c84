"""What leaves when: the page, its figures, the rehearsal, and the forecast of a list before it is sent."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from allstop.actions.switch import stop_account
from allstop.console.views import forecast as views
from allstop.store.models import ChannelSetup, DeliverySession, Import, JobWindow, QueueEntry
from tests.console.desk import HTMX, logged_in
from tests.kept_cast import the_cast
from tests.reminder_files import a_row, taken_in
from tests.world import World, contact, texts


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    made = the_cast(timezone.now())
    ChannelSetup.objects.filter(account=made.account, channel="text").update(provider="sandbox", pace_ms=3_600_000)
    texts(made, 5, due_at=made.now + timedelta(minutes=1))
    return made


def words_of(client: Client, address: str, said: Mapping[str, object] | None = None) -> str:
    answer = client.get(address, headers=HTMX) if said is None else client.post(address, said, headers=HTMX)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_says_when_the_last_one_leaves_and_plots_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = logged_in(world.dot)
    words = viewer.get("/forecast").content.decode()
    assert "5 messages wait" in words
    assert "The last one leaves" in words
    assert "<rect " in words
    assert "style=" not in words
    assert "Nothing leaves now" not in words
    assert "Nothing waits" in logged_in(world.rae).get("/forecast").content.decode()
    stop_account(world.admin, "", world.now)
    assert "Nothing leaves now. This is as if" in viewer.get("/forecast").content.decode()
    monkeypatch.setattr(views, "MANY", 2)
    words = viewer.get("/forecast").content.decode()
    assert 'hx-get="/forecast/figures" hx-trigger="load"' in words
    assert "The last one leaves" not in words
    assert "The last one leaves" in words_of(viewer, "/forecast/figures")
    assert "The last one leaves" in viewer.get("/forecast?all=1").content.decode()
    assert viewer.get("/forecast/figures").url == "/forecast"  # type: ignore[attr-defined]


def test_a_rehearsal_shows_both_and_saves_nothing(world: World) -> None:
    before = list(ChannelSetup.objects.values()), list(DeliverySession.objects.values()), QueueEntry.objects.count()
    viewer = logged_in(world.dot)
    fields = {"rehearse.channel": "text", "rehearse.prefix": "t."}
    faster = words_of(viewer, "/forecast/rehearse", fields | {"t.every_minutes": "1"})
    assert "In the coming seven days 10,080 can leave" in faster
    assert "With the change" in faster
    assert 'class="series-1"' in faster
    assert "Nothing is saved by this" in faster
    week = [f"{day} 09:00-12:00" for day in ("Monday", "tue", "Wed")]
    assert "In the coming seven days 9 can leave" in words_of(
        viewer, "/forecast/rehearse", fields | {"t.session": week, "t.every_minutes": "60"}
    )
    assert "any number can leave" in words_of(viewer, "/forecast/rehearse", fields | {"t.immediate": "on"})
    for wrong, said in (
        ({"t.session": "always"}, "like Monday 09:00-12:00"),
        ({"t.every_minutes": "often"}, "is no number"),
        ({"rehearse.channel": "fax"}, "Say which channel"),
    ):
        assert said in words_of(viewer, "/forecast/rehearse", fields | wrong)
    assert (
        list(ChannelSetup.objects.values()),
        list(DeliverySession.objects.values()),
        QueueEntry.objects.count(),
    ) == before
    assert viewer.get("/forecast/rehearse").status_code == 405


def test_a_list_is_foreseen_before_it_is_sent(world: World) -> None:
    member = logged_in(world.cem)
    person = contact(world)
    letter = {"to": f"contact||{person.pk}", "channel": "text", "purpose": "personal", "body": "Hello"}
    waiting = QueueEntry.objects.count()
    words = words_of(member, "/messenger/forecast", letter)
    assert "<b>1</b> leave, the last" in words
    assert "all that waits already" in words
    assert "Nothing was sent." in member.post("/messenger/forecast", letter).content.decode()
    soon = f"{world.now + timedelta(days=30):%m/%d/%Y} 16:00"
    taken = taken_in(world, a_row(1, at=soon), a_row(2, at=soon))
    assert f'hx-get="/import/{taken.pk}/forecast"' in member.get(f"/import/{taken.pk}").content.decode()
    assert "<b>2</b> leave, the last" in words_of(member, f"/import/{taken.pk}/forecast")
    assert member.get(f"/import/{taken.pk}/forecast").url == f"/import/{taken.pk}"  # type: ignore[attr-defined]
    assert logged_in(world.rae).get(f"/import/{taken.pk}/forecast", headers=HTMX).status_code == 404
    assert QueueEntry.objects.count() == waiting


def test_a_list_may_have_a_window_of_its_own_for_this_sending_only(world: World) -> None:
    """TX8."""
    member = logged_in(world.cem)
    before = list(ChannelSetup.objects.values()), list(DeliverySession.objects.values())
    people = [contact(world, f"Pat {letter}") for letter in "AB"]
    letter = {"to": [f"contact||{one.pk}" for one in people], "channel": "text", "purpose": "personal", "body": "Hello"}
    own = {"window": "own", "window_sessions": "", "window_every": "30"}
    assert "A message every so many minutes" in member.get("/messenger").content.decode()
    wrong = member.post("/messenger", letter | own | {"window_sessions": "at noon", "when": "now", "key": "a"})
    assert wrong.status_code == 422
    assert "like Monday 09:00-12:00" in wrong.content.decode()
    assert member.post("/messenger", letter | own | {"when": "now", "key": "a"}).status_code == 302
    kept = JobWindow.objects.get(account=world.account, channel="text")
    assert (kept.sessions, kept.pace_ms) == (None, 1_800_000)
    assert QueueEntry.objects.filter(job_id=kept.job_id, by_hand=True).count() == 2
    soon = f"{world.now + timedelta(days=30):%m/%d/%Y} 16:00"
    taken = taken_in(world, a_row(1, at=soon))
    page = f"/import/{taken.pk}"
    form = {"name": "A", "purpose": "reminder", "channels": "text", "route": "first", "start": "now"}
    columns = {f"column.{name}": str(index) for name, index in taken.options["columns"].items()}
    words = {"text_body": "See you on {when}."}
    assert member.post(page, form | columns | words | {"window": "at_once"}, headers=HTMX).status_code == 200
    assert Import.objects.get(pk=taken.pk).options["window"] == {"sessions": [], "every_ms": 0}
    shown = member.get(page).content.decode()
    assert 'value="at_once" checked' in shown
    refused = member.post(page, form | columns | words | {"window": "own", "window_sessions": "x"}, headers=HTMX)
    assert refused.status_code == 422
    assert "like Monday 09:00-12:00" in refused.content.decode()
    assert (list(ChannelSetup.objects.values()), list(DeliverySession.objects.values())) == before
