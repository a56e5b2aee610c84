"""Setup, saved wording: the list, and deleting."""

import pytest
from django.utils import timezone

from allstop.store.models import LedgerEntry, Template
from tests.console.desk import logged_in
from tests.kept_cast import the_cast
from tests.world import World


@pytest.fixture
def world(db: None) -> World:
    return the_cast(timezone.now())


def saved(world: World, **changes: object) -> Template:
    words: dict[str, object] = {
        "account": world.account,
        "name": "Letter",
        "channel": "email",
        "purpose": "reminder",
        "subject": "Soon",
        "body": "See you",
    }
    return Template.objects.create(**(words | changes))


def test_setup_lists_the_accounts_own_wording_beside_the_tokens(world: World) -> None:
    saved(world)
    saved(world, account=world.rival, name="Theirs")
    client = logged_in(world.dot)
    page = client.get("/setup/templates").content.decode()
    assert "Letter" in page
    assert "See you" in page
    assert "Theirs" not in page
    assert 'href="/setup/tokens"' in page
    assert 'href="/setup/templates"' in client.get("/setup/tokens").content.decode()


def test_deleting_is_asked_first_and_then_done_once(world: World) -> None:
    template = saved(world)
    client = logged_in(world.ben)
    path = f"/setup/templates/{template.pk}/delete"
    assert path in client.get("/setup/templates").content.decode()
    assert "This cannot be undone." in client.get(path).content.decode()
    assert Template.objects.exists()
    assert "The wording Letter is deleted." in client.post(path, follow=True).content.decode()
    assert not Template.objects.exists()
    assert LedgerEntry.objects.get(act="delete_template").by == "Ben Weber"
    assert client.post(path).status_code == 404


def test_a_member_reads_and_deletes_nothing(world: World) -> None:
    path = f"/setup/templates/{saved(world).pk}/delete"
    client = logged_in(world.cem)
    assert path not in client.get("/setup/templates").content.decode()
    assert client.post(path).status_code == 403
    assert Template.objects.exists()


def test_another_accounts_wording_is_not_there(world: World) -> None:
    path = f"/setup/templates/{saved(world, account=world.rival).pk}/delete"
    client = logged_in(world.ada)
    assert (client.get(path).status_code, client.post(path).status_code) == (404, 404)
    assert Template.objects.exists()
