"""A domain in letters beyond ASCII is shown in its letters on every page, whatever it is kept as."""

import html
from dataclasses import replace
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from allstop.actions.contact_imports import upload
from allstop.actions.contacts import details_of, mark
from allstop.actions.messages import Draft, send_message
from allstop.actions.play import play_inbound
from allstop.rules.facts import Channel, Purpose
from allstop.rules.markers import MarkerKind
from allstop.store.models import (
    Address,
    AddressKind,
    Contact,
    Conversation,
    Inbound,
    Message,
    OptOut,
    OutboxItem,
    Status,
    UnclearReply,
    User,
)
from tests.console.desk import logged_in
from tests.console.test_pages import addresses, one_of_each
from tests.kept_cast import the_cast
from tests.world import World, contact, lose

KEPT = "info@xn--bcher-kva.example"
SHOWN = "info@bücher.example"
EMAIL = Draft(channel=Channel.EMAIL, purpose=Purpose.PERSONAL, subject="Hello", body="Good day")
SEARCHES = ("/contacts", "/messages", "/inbox", "/leads", "/outbox", "/messenger/suggest")


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    return the_cast(timezone.now())


@pytest.fixture
def client(world: World) -> Client:
    User.objects.filter(pk=world.ada.user_id).update(is_operator=True)
    return logged_in(world.ada)


def text_of(client: Client, path: str) -> str:
    return html.unescape(b"".join(client.get(path)).decode(errors="replace"))  # a file comes in pieces


def written_by_email(world: World, *, is_named: bool) -> set[str]:
    """Everybody of Northgate has one email and no more, and it is all over their pages."""
    ids = one_of_each(world)
    people = [contact(world, phone="", email=KEPT).pk for _ in range(2)]
    Address.objects.filter(kind=AddressKind.EMAIL).update(value=KEPT)
    Address.objects.filter(kind=AddressKind.PHONE).exclude(contact__leads=None).delete()
    if not is_named:
        Address.objects.filter(kind=AddressKind.PHONE).delete()
        Contact.objects.update(given_name="", family_name="")
    for person in Contact.objects.filter(leads__isnull=False):
        Address.objects.create(account=world.account, contact=person, kind=AddressKind.EMAIL, value=KEPT, position=0)
    lost, failed, _ = [send_message(world.member, replace(EMAIL, contact_id=people[0]), world.now).id for _ in range(3)]
    lose(world, [lost])
    Message.objects.filter(id=failed).update(status=Status.FAILED, finished_at=world.now, reason="expired")
    for words in ("please maybe stop these", "STOP"):
        play_inbound(world.leader, Channel.EMAIL, SHOWN, words, world.now)
    play_inbound(world.leader, Channel.EMAIL, "who@bücher.example", "Do you take new patients?", world.now)
    mark(world.member, people[:1], MarkerKind.STOP_ALL, "", world.now)
    OutboxItem.objects.update(to=KEPT, sender=KEPT)
    Inbound.objects.exclude(sender="who@xn--bcher-kva.example").update(channel="email", sender=KEPT)
    OptOut.objects.update(address=KEPT)
    Message.objects.update(address=KEPT, channel="email")
    User.objects.filter(pk=world.ben.user_id).update(email="ben@xn--bcher-kva.example")
    rows = [{}, *({"contact_id": pk} for pk in people)]
    rows += [{"reply_id": one.pk, "inbound_id": one.inbound_id} for one in UnclearReply.objects.all()]
    rows += [{"conversation_id": one.pk} for one in Conversation.objects.all()]
    rows += [{"message_id": one.id} for one in Message.objects.all()]
    found = {path for row in rows for path, _ in addresses({**ids, **row})}
    stranger = Conversation.objects.get(address="who@xn--bcher-kva.example").pk
    more = (f"/contacts/{people[0]}/merge?other={people[1]}", f"/inbox/{stranger}/sender?q=info")
    return found | set(more) | {f"{one}?q={quote('bücher')}" for one in SEARCHES}


@pytest.mark.parametrize("is_named", [True, False])
def test_no_page_shows_a_domain_as_it_goes_over_the_wire(world: World, client: Client, is_named: bool) -> None:
    paths = written_by_email(world, is_named=is_named)
    data = {path for path in paths if path.endswith("/export.json")}  # what is kept of a person, as it is kept
    pages = {path: text_of(client, path) for path in sorted(paths - data)}
    shown = [(path, page[page.index("xn--") - 60 :][:90]) for path, page in pages.items() if "xn--" in page]
    assert not shown, shown
    assert sum("bücher.example" in page for page in pages.values()) > 20


def test_a_search_finds_a_domain_by_its_letters(world: World, client: Client) -> None:
    written_by_email(world, is_named=False)
    for path in SEARCHES:
        assert "@bücher.example" in text_of(client, f"{path}?q={quote('bücher')}"), path
        assert "@bücher.example" in text_of(client, f"{path}?q={quote('@BÜCHER.example')}"), path
        assert "@bücher.example" not in text_of(client, f"{path}?q={quote('büchern')}"), path
    assert "who@bücher.example" in text_of(client, f"/inbox?q={quote('who@bücher')}")


def test_a_local_part_beyond_ascii_is_still_found(world: World, client: Client) -> None:
    one_of_each(world)
    play_inbound(world.leader, Channel.EMAIL, "jürgen@lee.example", "Do you take new patients?", world.now)
    OutboxItem.objects.update(to="jürgen@lee.example")
    for path in ("/inbox", "/outbox"):
        assert "jürgen@lee.example" in text_of(client, f"{path}?q={quote('jürgen')}"), path


def test_an_email_that_is_saved_as_it_is_shown_stays_the_same(world: World, client: Client) -> None:
    person = contact(world, email=KEPT)
    page = text_of(client, f"/contacts/{person.pk}/edit")
    assert SHOWN in page
    said = {"given_name": "Pat", "family_name": "Moreau", "phones": "+12125550123", "emails": SHOWN}
    assert client.post(f"/contacts/{person.pk}/edit", said).status_code == 302
    assert details_of(world.member, person.pk).emails == (KEPT,)


def test_a_file_of_contacts_is_looked_at_with_domains_in_letters(world: World, client: Client) -> None:
    file = b"Name,Email\nBob Lee,bob@xn--bcher-kva.example\n"
    source = upload(world.member, "people.csv", [file], world.now)
    assert '<td data-label="Emails">bob@bücher.example</td>' in text_of(client, f"/contacts/import/{source.pk}")
