"""Contacts and markers by the API."""

from typing import Any

import pytest

from allstop.store.models import Contact, LedgerEntry, Marker
from tests.doors.caller import caller
from tests.world import World, contact

KIM = {
    "given_name": "Kim",
    "family_name": "Marchetti",
    "phones": ["(212) 555-0199", "+44 7700 900123"],
    "emails": ["kim@Example.org"],
    "external_id": "P-7",
}


def test_a_contact_is_made_with_its_addresses_read(world: World) -> None:
    ask = caller(world, world.cem)
    made = ask("POST", "/contacts", KIM)
    assert made.status == 201
    assert made.body["phones"] == ["+12125550199", "+447700900123"]
    assert made.body["emails"] == ["kim@example.org"]
    assert made.body["zones"] == ["America/New_York", "Europe/London"]
    assert ask("GET", f"/contacts/{made.body['id']}").body == made.body
    (row,) = ask("GET", "/contacts?q=marchetti").body["items"]
    assert (row["name"], row["phone"], row["markers"]) == ("Kim Marchetti", "+12125550199", [])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"phones": ["12"]}, "phones"),
        ({"emails": ["kim"]}, "emails"),
        ({"country": "XX"}, "country"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"location_id": 999}, "location_id"),
        ({"given_name": "x" * 121}, "given_name"),
        ({"phones": "12"}, "phones"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_made(world: World, changes: dict[str, Any], field: str) -> None:
    answer = caller(world, world.ada)("POST", "/contacts", {**KIM, **changes})
    assert (answer.status, list(answer.fields)) == (422, [field])
    assert not Contact.objects.exists()


def test_an_id_of_the_source_belongs_to_one_contact(world: World) -> None:
    ask = caller(world, world.ada)
    ask("POST", "/contacts", KIM)
    again = ask("POST", "/contacts", KIM)
    assert (again.status, list(again.fields)) == (422, ["external_id"])
    assert Contact.objects.count() == 1


def test_a_change_touches_only_what_is_sent(world: World) -> None:
    pat = contact(world)
    body = caller(world, world.cem)("PATCH", f"/contacts/{pat.pk}", {"phones": ["+442079460123"]}).body
    assert (body["given_name"], body["phones"], body["emails"]) == ("Pat", ["+442079460123"], ["pat@example.org"])
    assert body["zones"] == ["Europe/London"]


def test_a_marker_is_set_once_and_taken_away(world: World) -> None:
    pat = contact(world)
    ask = caller(world, world.cem)
    for reason in ("asked us", "again"):
        marked = ask("POST", f"/contacts/{pat.pk}/markers", {"kind": "stop_promotions", "reason": reason})
        (marker,) = marked.body["markers"]
        assert (marker["kind"], marker["reason"]) == ("stop_promotions", "asked us")
    assert ask("DELETE", f"/contacts/{pat.pk}/markers/stop_promotions?reason=wrong+person").body["markers"] == []
    assert LedgerEntry.objects.get(act="clear_stop_promotions").reason == "wrong person"
    assert ask("DELETE", f"/contacts/{pat.pk}/markers/stop_promotions").body["markers"] == []
    assert not Marker.objects.exists()
    for answer in (
        ask("POST", f"/contacts/{pat.pk}/markers", {"kind": "star"}),
        ask("DELETE", f"/contacts/{pat.pk}/markers/star"),
    ):
        assert (answer.status, list(answer.fields)) == (422, ["kind"])


def test_the_list_goes_by_name_in_pages(world: World) -> None:
    for number, name in enumerate(("Zoe Adams", "Al Baker", "Bo Adams")):
        contact(world, name, phone="", email=f"{number}@example.org")
    ask = caller(world, world.dot)
    first = ask("GET", "/contacts?limit=2").body
    rest = ask("GET", f"/contacts?limit=2&after={first['next']}").body
    names = [row["name"] for page in (first, rest) for row in page["items"]]
    assert names == ["Bo Adams", "Zoe Adams", "Al Baker"]
    assert rest["next"] is None
