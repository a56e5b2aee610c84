"""Replies to read: Home leads to them, a person settles them; and the setup of replies."""

from datetime import timedelta

import pytest
from django.utils import timezone

from allstop.actions.replies import Written, take_reply
from allstop.actions.reply_setup import replies_of
from allstop.rules.facts import Channel, Purpose
from allstop.store import lists, queue
from allstop.store.models import AppointmentAnswer, Conversation, OptOut, UnclearReply
from tests.console.desk import HTMX, logged_in
from tests.kept_cast import the_cast
from tests.world import World, contact

SETUP = {
    "words": "basta\n\n Geen  berichten ",
    "confirms": "on",
    "confirmation": "{account}: no more {what}.",
    "help_answer": "{account}: reply STOP to get no more texts.",
    "auto_reply": "",
    "auto_reply_minutes": "15",
    "calls_instead": "on",
    "call_words": "{account}: {visits}",
}


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    return the_cast(timezone.now())


@pytest.fixture
def reply(world: World) -> UnclearReply:
    contact(world)
    says(world, "who is this? <b>stop</b>")
    return UnclearReply.objects.get()


def says(world: World, text: str) -> None:
    assert take_reply(
        Written(
            adapter="sandbox",
            provider_id=text,
            channel=Channel.TEXT,
            sender="+12125550123",
            recipient="",
            text=text,
            in_reply_to="",
            at=world.now,
        )
    )


def test_home_counts_them_and_leads_to_them(world: World, reply: UnclearReply) -> None:
    client = logged_in(world.cem)
    assert '<a href="/replies">Replies to read</a>' in client.get("/").content.decode()
    assert lists.figures(world.account.pk, world.now).unclear == 1
    page = client.get("/replies").content.decode()
    assert "who is this? &lt;b&gt;stop&lt;/b&gt;" in page
    assert f"/replies/{reply.pk}/settle?choice=this_channel" in page
    record = client.get(f"/contacts/{reply.contact_id}").content.decode()
    assert "They may have said no." in record


def test_it_first_asks_and_changes_nothing(world: World, reply: UnclearReply) -> None:
    client = logged_in(world.cem)
    words = client.get(f"/replies/{reply.pk}/settle?choice=this_channel", headers=HTMX).content.decode()
    assert "You cannot take this back." in words
    assert "No more texts?" in words
    assert (
        "Did they mean no opt-out?" in client.get(f"/replies/{reply.pk}/settle?choice=meant_nothing").content.decode()
    )
    assert lists.count_unclear(world.account.pk) == 1


@pytest.mark.parametrize(
    ("choice", "channels", "words"),
    [
        ("this_channel", ["text"], "They get no more texts."),
        ("every_channel", [None], "They get nothing more from you."),
        ("meant_nothing", [], "leaves when the gate lets it"),
    ],
)
def test_a_choice_settles_it(
    world: World, reply: UnclearReply, choice: str, channels: list[str | None], words: str
) -> None:
    answer = logged_in(world.cem).post(f"/replies/{reply.pk}/settle", {"choice": choice}, follow=True)
    assert answer.redirect_chain == [("/replies", 302)]
    shown = answer.content.decode()
    assert words in shown
    assert "Nothing to read" in shown
    assert list(OptOut.objects.values_list("channel", flat=True)) == channels
    assert "They may have said no." not in logged_in(world.cem).get(f"/contacts/{reply.contact_id}").content.decode()


def test_settled_twice_is_settled_once(world: World, reply: UnclearReply) -> None:
    client = logged_in(world.cem)
    client.post(f"/replies/{reply.pk}/settle", {"choice": "meant_nothing"})
    again = client.post(f"/replies/{reply.pk}/settle", {"choice": "this_channel"}, follow=True)
    assert "This reply was settled already." in again.content.decode()
    assert not OptOut.objects.exists()
    asked = client.get(f"/replies/{reply.pk}/settle?choice=this_channel").content.decode()
    assert "settled already, by Cem Tanaka" in asked


def test_a_viewer_sees_no_buttons_and_is_refused(world: World, reply: UnclearReply) -> None:
    client = logged_in(world.dot)
    assert "/settle" not in client.get("/replies").content.decode()
    assert client.post(f"/replies/{reply.pk}/settle", {"choice": "this_channel"}).status_code == 403
    assert not OptOut.objects.exists()


def test_another_accounts_reply_is_not_there(world: World, reply: UnclearReply) -> None:
    client = logged_in(world.rae)
    path = f"/replies/{reply.pk}/settle"
    assert client.get(f"{path}?choice=this_channel").status_code == 404
    assert client.post(path, {"choice": "this_channel"}).status_code == 404
    assert "stop" not in client.get("/replies").content.decode().partition("<main")[2].lower().partition("like stop")[0]
    assert not OptOut.objects.exists()


@pytest.mark.parametrize("choice", ["", "burn", "own_word"])
def test_what_is_no_choice_is_not_there(world: World, reply: UnclearReply, choice: str) -> None:
    client = logged_in(world.ada)
    assert client.get(f"/replies/{reply.pk}/settle?choice={choice}")["Location"] == "/replies"
    assert client.post(f"/replies/{reply.pk}/settle", {"choice": choice}).status_code == 404


def test_many_are_read_page_by_page(world: World) -> None:
    contact(world)
    for number in range(21):
        says(world, f"please stop! who is this {number}")
    client = logged_in(world.cem)
    first = client.get("/replies").content.decode()
    last = UnclearReply.objects.order_by("pk")[19].pk
    assert f"/replies?after={last}" in first
    assert "who is this 20" in client.get(f"/replies?after={last}").content.decode()


def test_the_setup_is_shown_and_saved(world: World) -> None:
    client = logged_in(world.ben)
    page = client.get("/setup/replies").content.decode()
    assert "you will get no more {what} from us" in page
    answer = client.post("/setup/replies", SETUP, follow=True)
    assert "Saved. It counts from the next reply on." in answer.content.decode()
    stands = replies_of(world.leader)
    assert (stands.words, stands.confirms, stands.answers_help) == (("basta", "Geen berichten"), True, False)
    assert (stands.calls_instead, stands.call_words) == (True, "{account}: {visits}")
    assert (stands.stops_all, stands.confirmation) == (False, "{account}: no more {what}.")
    assert "basta\nGeen berichten</textarea>" in client.get("/setup/replies").content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"words": "yes"}, "what people answer to other questions"),
        ({"confirmation": "bye"}, "Say who writes"),
        ({"help_answer": "{account}"}, "with the word STOP"),
        ({"call_words": "Hello"}, "Name who comes and when"),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_field(world: World, changes: dict[str, str], words: str) -> None:
    answer = logged_in(world.ben).post("/setup/replies", SETUP | changes)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert replies_of(world.leader).words == ()


def test_a_member_may_look_and_not_change(world: World) -> None:
    client = logged_in(world.cem)
    assert "this needs the role" in client.get("/setup/replies").content.decode()
    assert client.post("/setup/replies", SETUP).status_code == 403


def test_a_reply_is_matched_with_an_appointment_from_both_pages(world: World, reply: UnclearReply) -> None:
    ids = queue.enqueue(
        [
            queue.NewMessage(
                account_id=world.account.pk,
                channel=Channel.TEXT,
                purpose=Purpose.REMINDER,
                address="+12125550123",
                body="Soon",
                due_at=world.now,
                appointment_at=world.now + timedelta(days=days),
                contact_id=reply.contact_id,
            )
            for days in (2, 3)
        ],
        world.now,
    )
    client, url = logged_in(world.cem), f"/inbound/{reply.inbound_id}/appointment"
    thread = f"/inbox/{Conversation.objects.get(contact=reply.contact).pk}"
    for shown in ("/replies", thread):
        words = client.get(shown).content.decode()
        assert [f'<option value="{one}">' in words for one in ids] == [True, True]
        assert url in words
    there = thread.rpartition("/")[2]
    for wrong in ({}, {"message": "x", "answer": "confirmed"}, {"message": ids[0], "answer": "?"}, {"message": 0}):
        assert client.post(url, wrong).status_code == 404
    assert client.get(url).status_code == 405
    done = client.post(url, {"message": ids[0], "answer": "confirmed"}, follow=True)
    assert "Noted: confirmed." in done.content.decode() and done.redirect_chain[-1][0] == "/replies"
    done = client.post(url, {"message": ids[1], "answer": "cancelled", "conversation": there}, follow=True)
    assert done.redirect_chain[-1][0] == thread and "(does not come)" in done.content.decode()
    assert dict(AppointmentAnswer.objects.values_list("message_id", "kind")) == {
        ids[0]: "confirmed",
        ids[1]: "cancelled",
    }
    assert UnclearReply.objects.get().settled_at is None, "whether they want no more is another question"
