"""The record of a contact: its history, notes, the form, merging and the export."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from allstop.actions.contacts import mark, record_opt_out
from allstop.actions.notes import add_note
from allstop.rules.facts import Channel
from allstop.rules.markers import MarkerKind
from allstop.store.models import Contact, Inbound, Message, Note
from tests.console.desk import HTMX, logged_in
from tests.kept_cast import the_cast
from tests.world import World, contact, texts


@pytest.fixture
def world(db: None) -> World:
    return the_cast(timezone.now())


def replied(world: World, person: Contact, text: str, number: int = 1) -> Inbound:
    return Inbound.objects.create(
        account=world.account,
        contact=person,
        channel="text",
        adapter="sandbox",
        provider_id=str(number),
        sender="+12125550123",
        recipient="",
        text=text,
        at=world.now + timedelta(seconds=number),
    )


def test_the_record_shows_messages_replies_notes_and_who_set_which_marker(world: World) -> None:
    """003-13, 003-14."""
    pat = contact(world)
    (message,) = texts(world, 1, to=pat)
    replied(world, pat, "See you then")
    add_note(world.member, pat.pk, "Prefers mornings", world.now)
    mark(world.leader, [pat.pk], MarkerKind.STOP_ALL, "asked by phone", world.now)
    record_opt_out(pat, Channel.EMAIL, "no more mail", world.now)
    words = logged_in(world.dot).get(f"/contacts/{pat.pk}").content.decode()
    for shown in (
        f'href="/messages/{message}"',
        "See you then",
        "Prefers mornings",
        "Note by Cem Tanaka",
        "<b>Stop All set</b> by Ben Weber: asked by phone",
        "no more mail",
    ):
        assert shown in words, shown


def test_a_long_history_goes_by_pages_without_gaps_or_doubles(world: World) -> None:
    pat = contact(world)
    for number in range(95):
        replied(world, pat, f"reply no. {number}.", number)
    client, seen = logged_in(world.dot), []
    address = f"/contacts/{pat.pk}"
    for _page in range(3):
        words = client.get(address).content.decode()
        seen += [number for number in range(95) if f"reply no. {number}." in words]
        address = f"/contacts/{pat.pk}?" + words.partition(f"/contacts/{pat.pk}?")[2].partition('"')[0]
    assert sorted(seen) == list(range(95))
    for odd in ("nonsense", "2026-01-01T00:00:00~note~1", "2026-01-01T00:00:00+00:00~fish~1"):
        assert client.get(f"/contacts/{pat.pk}", {"after": odd}).status_code == 404


def test_a_note_is_added_and_nothing_is_sent(world: World) -> None:
    pat = contact(world)
    client = logged_in(world.cem)
    answer = client.post(f"/contacts/{pat.pk}/notes", {"text": "Call after five"}, follow=True)
    assert "Call after five" in answer.content.decode()
    refused = client.post(f"/contacts/{pat.pk}/notes", {"text": "  "})
    assert refused.status_code == 422
    assert logged_in(world.dot).post(f"/contacts/{pat.pk}/notes", {"text": "x"}).status_code == 403
    assert client.get(f"/contacts/{pat.pk}/notes").status_code == 405
    assert Note.objects.count() == 1
    assert not Message.objects.exists()


def test_the_form_writes_and_changes_a_contact_by_the_one_parser(world: World) -> None:
    client = logged_in(world.cem)
    said = {
        "given_name": "Pat",
        "family_name": "Moreau",
        "phones": "(212) 555-0123\n\n212 555 0145",
        "emails": "pat@example.org",
        "location_id": world.north.pk,
        "assigned_to_id": world.ben.pk,
    }
    page = client.post("/contacts/new", said, follow=True).content.decode()
    pat = Contact.objects.get()
    assert "Pat Moreau is saved." in page
    assert "Ben Weber" in page
    assert list(pat.addresses.order_by("pk").values_list("value", flat=True)) == [
        "+12125550123",
        "+12125550145",
        "pat@example.org",
    ]
    form = client.get(f"/contacts/{pat.pk}/edit").content.decode()
    assert "+12125550123\n+12125550145" in form
    client.post(f"/contacts/{pat.pk}/edit", said | {"given_name": "Patricia", "phones": "", "assigned_to_id": ""})
    pat.refresh_from_db()
    assert (pat.given_name, pat.assigned_to_id) == ("Patricia", None)
    assert list(pat.addresses.values_list("value", flat=True)) == ["pat@example.org"]


def test_what_cannot_be_read_is_said_beside_its_field_and_changes_nothing(world: World) -> None:
    pat = contact(world)
    client = logged_in(world.cem)
    answer = client.post(f"/contacts/{pat.pk}/edit", {"given_name": "X", "phones": "12", "zone": "Moon/Base"})
    assert answer.status_code == 422
    assert "Moon/Base is not a time zone." in answer.content.decode()
    pat.refresh_from_db()
    assert pat.given_name == "Pat"
    foreign = {"given_name": "X", "location_id": "999999", "assigned_to_id": str(world.rae.pk)}
    assert client.post("/contacts/new", foreign).status_code == 422
    assert logged_in(world.dot).post("/contacts/new", {"given_name": "X"}).status_code == 403
    assert Contact.objects.count() == 1


def test_a_merge_is_asked_first_and_takes_over_what_the_other_had(world: World) -> None:
    pat = contact(world)
    double = contact(world, "Patrick Moreau", email="patrick@example.org")
    texts(world, 2, to=double)
    client = logged_in(world.cem)
    assert "Patrick Moreau" in client.get(f"/contacts/{pat.pk}/merge").content.decode()
    asked = client.get(f"/contacts/{pat.pk}/merge", {"other": double.pk}, headers=HTMX).content.decode()
    assert "This cannot be undone." in asked
    assert Contact.objects.count() == 2
    done = client.post(f"/contacts/{pat.pk}/merge", {"other": double.pk}, follow=True).content.decode()
    assert "Merged. 2 messages came over." in done
    assert list(Contact.objects.all()) == [pat]
    assert client.post(f"/contacts/{pat.pk}/merge", {"other": double.pk}).status_code == 404
    assert client.post(f"/contacts/{pat.pk}/merge", {"other": "x"}).status_code == 404
    assert client.post(f"/contacts/{pat.pk}/merge", {"other": pat.pk}).status_code == 404


def test_nobody_merges_with_a_contact_of_another_account(world: World) -> None:
    pat = contact(world)
    theirs = contact(world, account=world.rival)
    client = logged_in(world.cem)
    for answer in (
        client.get(f"/contacts/{pat.pk}/merge", {"other": theirs.pk}),
        client.post(f"/contacts/{pat.pk}/merge", {"other": theirs.pk}),
    ):
        assert answer.status_code == 404
    assert Contact.objects.count() == 2


def test_the_export_is_a_file_with_everything_that_is_known(world: World) -> None:
    pat = contact(world)
    texts(world, 2, to=pat)
    add_note(world.member, pat.pk, "Prefers mornings", world.now)
    answer = logged_in(world.cem).get(f"/contacts/{pat.pk}/export.json")
    assert answer["Content-Disposition"] == f'attachment; filename="contact-{pat.pk}.json"'
    known = json.loads(answer.content)
    assert [one["body"] for one in known["messages"]] == ["Reminder 0", "Reminder 1"]
    assert {one["value"] for one in known["addresses"]} == {"+12125550123", "pat@example.org"}
    assert known["notes"][0]["text"] == "Prefers mornings"
