"""The page that erases a person, and the receipt."""

import pytest
from django.urls import reverse
from django.utils import timezone

from allstop.actions.contacts import record_opt_out
from allstop.actions.notes import add_note
from allstop.store.models import Contact, Erasure
from tests.console.desk import logged_in
from tests.kept_cast import the_cast
from tests.world import World, contact, texts


@pytest.fixture
def world(db: None) -> World:
    return the_cast(timezone.now())


def test_the_record_leads_there_for_who_may(world: World) -> None:
    pat = contact(world)
    address = reverse("erase-contact", args=[pat.pk])
    record = reverse("contact", args=[pat.pk])
    assert address in logged_in(world.ben).get(record).content.decode()
    assert address not in logged_in(world.cem).get(record).content.decode()


def test_it_says_what_goes_and_what_stays_in_numbers(world: World) -> None:
    pat = contact(world)
    texts(world, 3, to=pat)
    add_note(world.member, pat.pk, "Prefers mornings", world.now)
    words = logged_in(world.ada).get(reverse("erase-contact", args=[pat.pk])).content.decode()
    assert "Erase Pat Moreau?" in words
    assert "Phone numbers and email addresses: <b>2</b>" in words
    assert "what the provider said of them: <b>3</b>" in words
    assert "Notes of the staff: <b>1</b>" in words
    assert "<b>3</b> messages still to leave" in words
    assert "keyed digest" in words


@pytest.mark.parametrize("typed", ["", "Pat", "confirm"])
def test_without_the_name_nothing_happens(world: World, typed: str) -> None:
    pat = contact(world)
    answer = logged_in(world.ada).post(reverse("erase-contact", args=[pat.pk]), {"confirm": typed})
    assert answer.status_code == 422
    assert Contact.objects.filter(pk=pat.pk).exists()
    assert not Erasure.objects.exists()


def test_the_name_erases_and_leads_to_a_receipt_of_numbers(world: World) -> None:
    pat = contact(world)
    texts(world, 3, to=pat)
    record_opt_out(pat, None, "no more", world.now, "+12125550123")
    client = logged_in(world.ben)
    answer = client.post(reverse("erase-contact", args=[pat.pk]), {"confirm": "Pat Moreau"})
    made = Erasure.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("erasure", args=[made.pk]))
    receipt = client.get(answer["Location"]).content.decode()
    assert "<b>3</b> messages withdrawn before leaving" in receipt
    assert "A keyed digest of <b>2</b> addresses" in receipt
    assert "every 2s" not in receipt
    for trace in ("Pat", "Moreau", "5550123", "pat@example.org", "no more"):
        assert trace not in receipt
    assert client.get(reverse("contact", args=[pat.pk])).status_code == 404


def test_while_something_is_under_way_the_receipt_looks_again(world: World) -> None:
    pat = contact(world)
    made = Erasure.objects.create(
        account=world.account,
        contact_id=pat.pk,
        by="Ada Okafor",
        via="console",
        asked_at=world.now,
        stop_number=1,
        state="stopping",
    )
    words = logged_in(world.dot).get(reverse("erasure", args=[made.pk])).content.decode()
    assert "every 2s" in words
    assert "Nothing leaves to them any more" in words


def test_a_member_may_not(world: World) -> None:
    pat = contact(world)
    client = logged_in(world.cem)
    assert "this needs the role admin or leader" in client.get(reverse("erase-contact", args=[pat.pk])).content.decode()
    assert client.post(reverse("erase-contact", args=[pat.pk]), {"confirm": "CONFIRM"}).status_code == 403
    assert Contact.objects.filter(pk=pat.pk).exists()


def test_pages_about_their_messages_still_open(world: World) -> None:
    pat = contact(world)
    [message] = texts(world, 1, to=pat)
    client = logged_in(world.ada)
    client.post(reverse("erase-contact", args=[pat.pk]), {"confirm": "CONFIRM"})
    words = client.get(reverse("message", args=[message])).content.decode()
    assert "erased" in words
    assert client.get(reverse("messages")).status_code == 200
    stops = client.get(reverse("stops") + "?scope=contact")
    assert "Erasing of a person" in stops.content.decode()
