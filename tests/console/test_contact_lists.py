"""Recall lists in the console: made, looked at, ticked, put into TO: of the Messenger."""

import pytest
from django.utils import timezone

from allstop.actions.contact_lists import ListChoice, save_list
from allstop.store.models import ContactList, ContactListTick, Message
from tests.console.desk import logged_in
from tests.console.test_messenger import in_to, page_of, tokens
from tests.kept_cast import the_cast
from tests.world import World, contact


@pytest.fixture
def world(db: None) -> World:
    return the_cast(timezone.now())


def test_a_list_is_made_ticked_messaged_and_deleted(world: World) -> None:
    pat, sam = contact(world), contact(world, "Sam Ito", phone="+12125550124", email="sam@example.org")
    client = logged_in(world.cem)
    assert "No lists yet" in client.get("/contacts/lists").content.decode()
    assert client.post("/contacts/lists/new", {"name": "", "back_after_months": 6}).status_code == 422
    made = client.post("/contacts/lists/new", {"name": "Quiet", "not_written_days": 30, "back_after_months": 6})
    kept = ContactList.objects.get(account=world.account)
    path = f"/contacts/lists/{kept.pk}"
    assert (made.status_code, made["Location"]) == (302, path)
    page = client.get(path).content.decode()
    assert "Moreau, Pat" in page and "Ito, Sam" in page
    client.post(f"{path}/tick", {"contact": sam.pk})
    shown = client.get(path)
    assert "Ito, Sam" not in shown.content.decode()
    client.post("/messenger/start", {"all": "1", "filter": shown.context["query"]})
    assert in_to(page_of(client)) == tokens([pat.pk])
    begun = client.post(
        "/messenger/start", {"all": "1", "filter": shown.context["query"], "list": kept.pk}, follow=True
    )
    assert "Tick as complete on Quiet whoever gets it" in begun.content.decode()
    to_send = {"to": tokens([pat.pk]), "channel": "text", "purpose": "personal", "body": "Hello", "when": "now"}
    key = begun.context["key"]
    client.post("/messenger", to_send | {"key": key, "list": kept.pk, "ticks": "on"})
    assert set(ContactListTick.objects.filter(list=kept).values_list("contact_id", flat=True)) == {pat.pk, sam.pk}
    ContactListTick.objects.filter(contact=pat).delete()
    Message.objects.filter(account=world.account).delete()
    assert "1 contact is ticked." in client.post(f"{path}/tick", {"contact": "all"}, follow=True).content.decode()
    assert client.post(f"{path}/tick", {"contact": "nobody"}).status_code == 404
    assert client.get(f"{path}/edit").status_code == 200
    more = {"assigned_to": "-1", "opted_out": "on", "location": str(world.north.pk), "q": "moreau"}
    client.post(f"{path}/edit", {"name": "Renamed", "back_after_months": 2, **more})
    kept.refresh_from_db()
    wanted = {"assigned_to": -1, "opted_out": True, "location": world.north.pk, "q": "moreau"}
    assert kept.filter == wanted
    assert 'value="moreau"' in client.get(f"{path}/edit").content.decode()
    assert "Renamed" in client.get("/contacts/lists").content.decode()
    client.post(f"{path}/delete")
    assert not ContactList.objects.filter(account=world.account).exists()


def test_viewers_only_look_and_strangers_see_nothing(world: World) -> None:
    kept = save_list(world.member, ListChoice(name="Recall"), world.now)
    path = f"/contacts/lists/{kept.pk}"
    for member, looks, does in ((world.dot, 200, 403), (world.rae, 404, 404)):
        client = logged_in(member)
        assert client.get(path).status_code == looks
        said = {"name": "Mine", "back_after_months": 2, "contact": "all"}
        for what in ("edit", "tick", "delete"):
            assert client.post(f"{path}/{what}", said).status_code == does
