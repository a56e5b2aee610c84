"""Failed messages in the console: selected, asked about, reset or deleted."""

import pytest
from django.utils import timezone

from allstop.store.models import Message
from tests.actions.test_failed import failed
from tests.console.desk import HTMX, logged_in
from tests.kept_cast import the_cast
from tests.world import World

LIST = "/messages?status=failed"


@pytest.fixture
def world(db: None) -> World:
    return the_cast(timezone.now())


def test_they_are_selected_asked_about_and_decided_on(world: World) -> None:
    ids = failed(world, 3)
    client = logged_in(world.cem)
    page = client.get(LIST).content.decode()
    assert "Reset failed" in page and all(f'data-id="{one}"' in page for one in ids)
    assert "Reset failed" not in logged_in(world.dot).get(LIST).content.decode()
    asked = client.post("/messages/failed/ask", {"id": ids[:2], "choice": "reset"}, headers=HTMX).content.decode()
    assert "Reset 2 failed messages?" in asked
    said = client.post("/messages/failed", {"id": ids[:2], "choice": "reset"}, follow=True).content.decode()
    assert "2 messages will be tried again" in said
    own = client.get(f"/messages/{ids[2]}").content.decode()
    assert "Reset failed" in own
    client.post("/messages/failed", {"id": ids[2], "choice": "delete", "on": "message"})
    statuses = Message.objects.filter(account=world.account).order_by("id").values_list("status", flat=True)
    assert list(statuses) == ["waiting", "waiting", "removed"]
    assert (
        "decided on them already"
        in client.post("/messages/failed", {"id": ids[2], "choice": "delete"}, follow=True).content.decode()
    )
    assert client.post("/messages/failed", {"id": ids[2], "choice": "send"}).status_code == 404
    assert logged_in(world.dot).post("/messages/failed", {"id": ids, "choice": "reset"}).status_code == 403
    assert logged_in(world.rae).post("/messages/failed", {"id": ids, "choice": "reset"}).status_code == 404
