"""Forecasts and windows of lists by the API."""

from datetime import UTC, datetime, timedelta

import pytest

from allstop.store.models import ChannelSetup, JobWindow
from tests.doors.caller import Caller, caller
from tests.kept_cast import the_cast
from tests.world import World, contact, texts


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: the API reads the clock."""
    return the_cast(datetime.now(UTC))


def send(world: World, ask: Caller, **more: object) -> int:
    to = {"contacts": [{"contact_id": contact(world).pk}]}
    said = {"to": to, "channel": "text", "purpose": "personal", "body": "Hello", **more}
    return ask("POST", "/sends", said).status


def test_the_whole_queue_a_rehearsal_and_a_list_with_a_window_of_its_own(world: World) -> None:
    ChannelSetup.objects.filter(account=world.account, channel="text").update(provider="sandbox")
    texts(world, 3, due_at=world.now + timedelta(minutes=5))
    ask = caller(world, world.cem)
    found = ask("GET", "/forecast").body
    assert (found["messages"], found["is_running"], found["channels"][0]["messages"]) == (3, True, 3)
    tried = ask("POST", "/forecast/rehearse", {"changes": [{"channel": "text", "per_minute": 2, "sessions": []}]})
    assert (tried.status, tried.body["a_week"]) == (200, {"text": 20_160})
    for wrong in ([{"channel": "text", "sessions": ["noon"]}], [{"channel": "text"}, {"channel": "text"}]):
        assert ask("POST", "/forecast/rehearse", {"changes": wrong}).status == 422
    assert send(world, ask, window={"straight_away": True}) == 201
    assert send(world, ask, window={"every_minutes": 5}) == 201
    assert sorted(JobWindow.objects.filter(channel="text").values_list("pace_ms", flat=True)) == [0, 300_000]
    assert send(world, ask, window={"straight_away": True, "every_minutes": 5}) == 422
    assert send(world, ask, window={"sessions": ["Monday"]}) == 422
