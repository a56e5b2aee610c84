"""The Phonebook's pages: filters, what a press does, who may, twice, and what strangers get."""

from datetime import datetime

import pytest
from django.utils import timezone

from allstop.actions.contacts import mark, record_opt_out
from allstop.actions.groups import create_group
from allstop.rules.facts import Channel
from allstop.rules.markers import MarkerKind
from allstop.store.assigning import assign
from allstop.store.models import BulkChange, Contact, Deletion, Group, Marker
from tests.console.desk import HTMX, logged_in
from tests.kept_cast import the_cast
from tests.world import World, contact


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    return the_cast(timezone.now())


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def people(world: World) -> list[int]:
    return [contact(world, name, phone="", email="").pk for name in ("Ada Abel", "Bo Brand", "Cy Chen")]


def test_filters_combine_and_unsubscribed_ones_are_only_found_by_a_search(world: World) -> None:
    """003-07, 003-23, TM10."""
    ids = people(world)
    mark(world.member, ids[:2], MarkerKind.FLAG, "", world.now)
    assign({ids[1]: world.ben.pk})
    record_opt_out(Contact.objects.get(pk=ids[0]), Channel.TEXT, "STOP", world.now)
    client = logged_in(world.cem)

    def shown(query: str) -> list[str]:
        html = client.get(f"/contacts{query}").content.decode()
        return [name for name in ("Abel", "Brand", "Chen") if f"{name}, " in html]

    assert shown("") == ["Brand", "Chen"]
    page = client.get("/contacts").content.decode()
    assert 'aria-label="Search"' in page.partition('id="contacts-q"')[2].partition("</form>")[0]  # not by Enter alone
    assert (
        "Put yourself and your colleagues in the Stop Promotions Group too." in client.get("/contacts").content.decode()
    )
    assert shown("?flag=on") == ["Brand"]
    assert shown(f"?flag=on&assigned_to={world.ben.pk}") == ["Brand"]
    assert shown(f"?flag=on&assigned_to={world.ada.pk}") == []
    assert shown("?q=abel") == ["Abel"]
    assert shown("?opted_out=on") == ["Abel"]
    assert shown("?letter=C") == ["Chen"]
    assert client.get("/contacts/count?flag=on").json() == {"count": 1}
    assert client.get("/contacts?group=abc").status_code == 404


def test_a_press_changes_at_once_and_a_second_one_nothing(world: World) -> None:
    ids = people(world)
    client = logged_in(world.cem)
    for words in ("Stop All is in force for 2 contacts.", "2 were so already."):
        answer = client.post("/contacts/change", {"kind": "stop_all", "id": ids[:2]}, headers=HTMX)
        assert (answer.status_code, words in answer.headers["HX-Trigger"]) == (200, True)
    assert set(Marker.objects.values_list("contact_id", flat=True)) == set(ids[:2])
    assert client.get("/contacts/change").status_code == 405


@pytest.mark.parametrize("kind", ["delete", "ok_for_sales"])
def test_grave_matters_and_all_that_match_are_asked_first(world: World, kind: str) -> None:
    """003-22: the advice is part of the question."""
    ids = people(world)
    client = logged_in(world.cem)
    asked = client.post("/contacts/change", {"kind": kind, "id": ids[:1]}, headers=HTMX).content.decode()
    assert ("new customer who asks" in asked) is (kind == "ok_for_sales")
    assert BulkChange.objects.count() == 0
    every = client.post("/contacts/change", {"kind": "flag_on_off", "all": "1", "filter": ""}, headers=HTMX)
    assert "Flag 3 contacts?" in every.content.decode()
    yes = {"kind": "delete", "id": ids[:1], "confirmed": "1"}
    client.post("/contacts/change", yes)
    assert [one.contact_id for one in Deletion.objects.all()] == ids[:1]


def test_an_undo_is_offered_and_works_once(world: World) -> None:
    ids = people(world)
    client = logged_in(world.cem)
    client.post("/contacts/change", {"kind": "flag", "id": ids})
    change = BulkChange.objects.get()
    line = client.get("/contacts/changes", headers=HTMX).content.decode()
    assert f"/contacts/changes/{change.pk}/undo" in line
    assert "Abel, Ada" in client.get(f"/contacts/changes/{change.pk}").content.decode()
    assert client.post(f"/contacts/changes/{change.pk}/undo").status_code == 302
    assert Marker.objects.count() == 0
    assert client.post(f"/contacts/changes/{change.pk}/undo").status_code == 409


def test_a_viewer_is_refused_and_a_stranger_finds_nothing(world: World) -> None:
    ids = people(world)
    group = create_group(world.member, "Recall", False, world.now)
    press = {"kind": "flag", "id": ids}
    assert logged_in(world.dot).post("/contacts/change", press).status_code == 403
    assert logged_in(world.rae).post("/contacts/change", press).status_code == 404
    assert logged_in(world.rae).get(f"/contacts?group={group.pk}").status_code == 404
    assert logged_in(world.dot).post(f"/groups/{group.pk}/delete").status_code == 403
    assert logged_in(world.rae).post(f"/groups/{group.pk}/delete").status_code == 404
    assert 'draggable="true"' not in logged_in(world.dot).get("/contacts").content.decode()
    assert Marker.objects.count() == 0
    assert Group.objects.count() == 1


def test_a_group_needs_a_name_of_its_own(world: World) -> None:
    create_group(world.member, "Recall", False, world.now)
    client = logged_in(world.cem)
    answer = client.post("/groups/new", {"name": "recall"}, headers=HTMX)
    assert (answer.status_code, "There is a group recall already." in answer.content.decode()) == (422, True)
    client.post("/groups/new", {"name": "Offers", "is_sales": "on"})
    assert list(Group.objects.order_by("name").values_list("name", "is_sales")) == [("Offers", True), ("Recall", False)]
