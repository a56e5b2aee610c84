"""The Inbox: the list beside one conversation, what is done with it, and what stands in the navigation."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from allstop.actions.contacts import mark
from allstop.actions.conversations import assign_conversation
from allstop.actions.play import play_inbound
from allstop.actions.switch import stop_account
from allstop.actions.templates import save_template
from allstop.rules.facts import Channel
from allstop.rules.markers import MarkerKind
from allstop.store.models import Contact, Conversation, Inbound, Member, Message, Note, Template
from tests.console.desk import HTMX, logged_in
from tests.kept_cast import the_cast
from tests.world import World, contact

PAT, STRANGER = "+12125550123", "+12125550177"


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    return the_cast(timezone.now())


def says(world: World, text: str, sender: str = PAT, minutes: int = 0) -> None:
    play_inbound(world.leader, Channel.TEXT, sender, text, world.now + timedelta(minutes=minutes))


@pytest.fixture
def talk(world: World) -> Conversation:
    contact(world)
    says(world, "Can I come at <b>3</b>?")
    return Conversation.objects.get()


def test_the_list_shows_who_waits_and_the_navigation_counts_them(world: World, talk: Conversation) -> None:
    says(world, "Do you take new patients?", STRANGER, minutes=1)
    client = logged_in(world.cem)
    page = client.get("/inbox").content.decode()
    assert "Can I come at &lt;b&gt;3&lt;/b&gt;?" in page
    assert page.index("+1 212-555-0177") < page.index("Pat Moreau")
    assert 'data-unread="2"' in client.get("/").content.decode()
    place = client.get("/inbox/count?current", headers=HTMX).content.decode()
    assert 'aria-current="page"' in place
    assert ">2<" in place
    assert client.get("/inbox/count")["Location"] == "/inbox"


def test_the_count_is_the_persons_own_and_what_is_nobodys_if_they_take_that(world: World, talk: Conversation) -> None:
    says(world, "Hello", STRANGER)
    assign_conversation(world.member, talk.pk, world.ben.pk, world.now)
    assert 'data-unread="2"' in logged_in(world.ben).get("/").content.decode()
    client = logged_in(world.cem)
    assert 'data-unread="1"' in client.get("/").content.decode()
    assert client.post("/inbox/unassigned", {})["Location"] == "/inbox"
    assert not Member.objects.get(pk=world.cem.pk).takes_unassigned
    assert 'data-unread=""' in client.get("/").content.decode()
    assert 'data-unread=""' in logged_in(world.rae).get("/").content.decode()


def test_the_filters_stay_from_one_conversation_to_the_next(world: World, talk: Conversation) -> None:
    says(world, "Hello", STRANGER)
    assign_conversation(world.member, talk.pk, world.cem.pk, world.now)
    client = logged_in(world.cem)
    mine = client.get("/inbox?whose=mine").content.decode()
    assert f"/inbox/{talk.pk}?whose=mine" in mine
    assert "+1 212-555-0177" not in mine
    assert "Pat Moreau" not in client.get("/inbox?whose=unassigned").content.decode()
    assert "No conversations here" in client.get("/inbox?show=closed").content.decode()
    assert "Pat Moreau" in client.get("/inbox?show=unread&whose=everybody").content.decode()
    assert "Pat Moreau" in client.get("/inbox?q=moreau&show=closed").content.decode()
    assert "Pat Moreau" in client.get("/inbox?whose=burn&show=burn").content.decode(), "what is no filter is none"
    assert client.get("/inbox?after=burn").status_code == 404


def test_long_lists_go_page_by_page(world: World) -> None:
    for number in range(42):
        says(world, f"Question {number}", f"+121255501{number:02}", minutes=number)
    client = logged_in(world.cem)
    first = client.get("/inbox").content.decode()
    assert "Question 41" in first
    assert "Question 1<" not in first
    older = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "Question 1<" in client.get(older).content.decode()


def test_a_conversation_shows_what_was_said_and_how_it_ended(world: World, talk: Conversation) -> None:
    person = Contact.objects.get()
    Note.objects.create(
        account=world.account,
        contact=person,
        by="Cem Tanaka",
        at=world.now + timedelta(minutes=1),
        text="Prefers mornings",
    )
    client = logged_in(world.cem)
    client.post(f"/inbox/{talk.pk}/answer", {"channel": "text", "body": "Yes, see you then."})
    mark(world.member, [person.pk], MarkerKind.STOP_ALL, "", world.now)
    client.post(f"/inbox/{talk.pk}/answer", {"channel": "text", "body": "Are you coming?"})
    page = client.get(f"/inbox/{talk.pk}").content.decode()
    assert "Yes, see you then." in page
    assert "Note by Cem Tanaka, never sent" in page
    assert "Stop All is set on the contact" in page
    assert page.index("Can I come at") < page.index("Prefers mornings")
    refused = Message.objects.get(body="Are you coming?")
    assert f'href="/messages/{refused.id}"' in page
    assert f'href="/contacts/{person.pk}"' in page
    assert f'href="/inbox/{talk.pk}"' in client.get(f"/contacts/{person.pk}").content.decode()


def test_an_answer_closes_it_and_makes_it_the_persons(world: World, talk: Conversation) -> None:
    client = logged_in(world.cem)
    answer = client.post(f"/inbox/{talk.pk}/answer?whose=unassigned", {"channel": "text", "body": "Yes."})
    assert answer["Location"] == f"/inbox/{talk.pk}?whose=unassigned"
    talk.refresh_from_db()
    assert (talk.state, talk.unread, talk.assigned_to_id) == ("closed", 0, world.cem.pk)
    assert Message.objects.get().body == "Yes."


@pytest.mark.parametrize(
    "said",
    [{}, {"channel": "text", "body": " "}, {"channel": "call", "body": "Hi"}, {"channel": "pigeon", "body": "Hi"}],
)
def test_an_answer_that_cannot_be_sent_stays_in_the_box(world: World, talk: Conversation, said: dict[str, str]) -> None:
    answer = logged_in(world.cem).post(f"/inbox/{talk.pk}/answer", said)
    assert answer.status_code == 422
    assert not Message.objects.exists()


def test_an_email_without_a_subject_is_told_so_and_keeps_its_words(world: World, talk: Conversation) -> None:
    answer = logged_in(world.cem).post(f"/inbox/{talk.pk}/answer", {"channel": "email", "body": "Good day to you"})
    assert answer.status_code == 422
    words = answer.content.decode()
    assert "Write the subject of the email." in words
    assert "Good day to you</textarea>" in words


def test_what_the_gate_would_say_stands_beside_send(world: World, talk: Conversation) -> None:
    client = logged_in(world.cem)
    path = f"/inbox/{talk.pk}/check"
    said = client.post(path, {"channel": "text", "body": "ж" * 71}).content.decode()
    assert "may leave" in said
    assert "2 SMS parts, 71 characters, UCS-2" in said
    assert "SMS part" not in client.post(path, {"channel": "email", "body": "Hello"}).content.decode()
    stop_account(world.member, "", world.now)
    stopped = client.post(path, {"channel": "text", "body": "Hi"}).content.decode()
    assert "The account is STOPPED." in stopped
    assert "waits until START" in stopped
    mark(world.member, [Contact.objects.get().pk], MarkerKind.STOP_ALL, "", world.now)
    assert "never leaves" in client.post(path, {"channel": "text", "body": "Hi"}).content.decode()


def test_an_unclear_reply_is_said_beside_send(world: World, talk: Conversation) -> None:
    says(world, "please stop", minutes=1)
    page = logged_in(world.cem).get(f"/inbox/{talk.pk}").content.decode()
    assert "They may have said no." in page
    beside = page.partition('id="answer-check"')[2].partition("</form>")[0]
    assert ">waits<" in beside.replace("</svg>", ">")
    assert "waits until START" not in beside


def test_saved_wording_comes_with_their_name(world: World, talk: Conversation) -> None:
    hello = Template(name="Hello", channel="text", purpose="personal", subject="", body="Hello {first_name}!")
    dated = Template(name="Dated", channel="text", purpose="reminder", subject="", body="See you on {date}.")
    ids = [save_template(world.leader, one, world.now).pk for one in (hello, dated)]
    client = logged_in(world.cem)
    page = client.get(f"/inbox/{talk.pk}").content.decode()
    assert ">Hello</option>" in page
    assert ">Dated</option>" not in page
    said = client.get(f"/inbox/{talk.pk}/wording?wording={ids[0]}").content.decode()
    assert ">Hello Pat!</textarea>" in said
    assert "></textarea>" in client.get(f"/inbox/{talk.pk}/wording?wording={ids[1]}").content.decode()


def test_reading_is_one_press_and_only_for_what_was_shown(world: World, talk: Conversation) -> None:
    seen = Inbound.objects.get().pk
    says(world, "And?", minutes=1)
    client = logged_in(world.cem)
    assert client.get(f"/inbox/{talk.pk}/read").status_code == 405
    assert client.post(f"/inbox/{talk.pk}/read", {"seen": seen}, headers=HTMX).status_code == 204
    assert Conversation.objects.get().unread == 1
    assert client.post(f"/inbox/{talk.pk}/read")["Location"] == f"/inbox/{talk.pk}"
    assert Conversation.objects.get().unread == 0
    assert "data-read-at-once" not in client.get(f"/inbox/{talk.pk}").content.decode()


def test_it_is_assigned_closed_and_reopened_twice_as_once(world: World, talk: Conversation) -> None:
    client = logged_in(world.cem)
    for _ in range(2):
        client.post(f"/inbox/{talk.pk}/assign", {"member": world.ben.pk})
        assert Conversation.objects.get().assigned_to_id == world.ben.pk
        client.post(f"/inbox/{talk.pk}/close")
        assert Conversation.objects.get().state == "closed"
    client.post(f"/inbox/{talk.pk}/reopen")
    assert Conversation.objects.get().state == "open"
    client.post(f"/inbox/{talk.pk}/assign", {"member": "0"})
    assert Conversation.objects.get().assigned_to_id is None
    assert client.post(f"/inbox/{talk.pk}/assign", {"member": world.rae.pk}).status_code == 409


def test_a_viewer_looks_and_changes_nothing(world: World, talk: Conversation) -> None:
    client = logged_in(world.dot)
    page = client.get(f"/inbox/{talk.pk}").content.decode()
    assert "this needs the role" in page
    assert "data-read-at-once" not in page
    for act in ("read", "close", "reopen", "assign"):
        assert client.post(f"/inbox/{talk.pk}/{act}", {"member": world.dot.pk}).status_code == 403, act
    assert client.post(f"/inbox/{talk.pk}/answer", {"channel": "text", "body": "Hi"}).status_code == 403
    assert Conversation.objects.get().unread == 1


def test_somebody_says_who_a_stranger_is(world: World, talk: Conversation) -> None:
    says(world, "Do you take new patients?", STRANGER)
    says(world, "It is Pat", "+12125550178")
    client = logged_in(world.cem)
    new, pats = Conversation.objects.filter(contact=None).order_by("pk")
    assert "Say who it is" in client.get(f"/inbox/{new.pk}").content.decode()
    assert "A new contact" in client.get(f"/inbox/{new.pk}/sender").content.decode()
    made = client.post(f"/inbox/{new.pk}/sender", {"given_name": "Stan", "family_name": "Ito"})
    stan = Contact.objects.get(given_name="Stan")
    assert made["Location"] == f"/inbox/{Conversation.objects.get(contact=stan).pk}"
    found = client.get(f"/inbox/{pats.pk}/sender?q=moreau").content.decode()
    pat = talk.contact_id
    assert f'name="contact" value="{pat}"' in found
    client.post(f"/inbox/{pats.pk}/sender", {"contact": pat})
    assert Inbound.objects.filter(contact_id=pat or 0).count() == 2
    assert client.get(f"/inbox/{talk.pk}/sender")["Location"] == f"/inbox/{talk.pk}"


def test_the_blue_circle_has_the_same_menu_in_record_and_conversation(world: World, talk: Conversation) -> None:
    """003-05, 003-14."""
    client = logged_in(world.cem)
    person = Contact.objects.get()
    menu = f"/contacts/{person.pk}/menu"
    for path in (f"/contacts/{person.pk}", f"/inbox/{talk.pk}"):
        assert f'hx-get="{menu}"' in client.get(path).content.decode(), path
    words = client.get(menu, headers=HTMX).content.decode()
    section = words.partition("Add to Sales Group")[2]
    assert "Stop Promotions Group" in section
    for words_of_it in ("Flag", "Stop All", "Add Note"):
        assert words_of_it in words
    answer = client.post(f"/contacts/{person.pk}/notes", {"text": "Prefers mornings"}, headers=HTMX)
    assert "contacts:changed" in json.loads(answer["HX-Trigger"])
    assert Note.objects.get().text == "Prefers mornings"
    assert client.post(f"/contacts/{person.pk}/notes", {"text": " "}, headers=HTMX).status_code == 409
    assert "this needs the role" in logged_in(world.dot).get(menu).content.decode()


def test_anybody_is_played_from_the_outbox(world: World) -> None:
    client = logged_in(world.ben)
    assert "Play somebody who writes to you" in client.get("/outbox").content.decode()
    said = {"channel": "text", "sender": "212 555 0177", "text": "Hello?"}
    assert client.post("/outbox/play", said)["Location"] == "/outbox"
    assert Conversation.objects.get().address == STRANGER
    assert client.post("/outbox/play", {"channel": "text"}).status_code == 409
    assert client.post("/outbox/play", said | {"sender": "nobody"}).status_code == 409
    member = logged_in(world.cem)
    assert "Play somebody who writes to you" not in member.get("/outbox").content.decode()
    assert member.post("/outbox/play", said).status_code == 403
