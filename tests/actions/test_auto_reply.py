"""The automatic reply: when nobody reads, once a day, through the gate."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from allstop.actions.actor import Forbidden, Invalid
from allstop.actions.auto_reply import send_due_auto_replies
from allstop.actions.contacts import mark
from allstop.actions.conversations import Answer, answer, close_conversation, read_conversation
from allstop.actions.replies import Written, take_reply
from allstop.actions.reply_setup import change_replies, replies_of
from allstop.actions.switch import stop_account
from allstop.rules.facts import Channel
from allstop.rules.gate import decide
from allstop.rules.markers import MarkerKind
from allstop.rules.verdict import SEND, Hold, Refuse
from allstop.store import ledger
from allstop.store.facts import facts_of
from allstop.store.models import Conversation, Inbound, LedgerEntry, Message, QueueEntry
from tests.world import World, contact

PAT = "+12125550123"
WORDS = "{account}: we are with patients and answer soon."
TEN = timedelta(minutes=10)


def says(world: World, text: str, at: datetime, *, sender: str = PAT, channel: Channel = Channel.TEXT) -> None:
    assert take_reply(
        Written(
            adapter="sandbox",
            provider_id=f"{sender} {at.isoformat()} {text}",
            channel=channel,
            sender=sender,
            recipient="",
            text=text,
            in_reply_to="",
            at=at,
            account_id=world.account.pk,
        )
    )


def turn_on(world: World, minutes: int = 10, words: str = WORDS) -> None:
    wanted = replace(replies_of(world.leader), auto_reply=words, auto_reply_minutes=minutes)
    change_replies(world.leader, wanted, world.now)


def test_it_is_off_until_somebody_turns_it_on(world: World, now: datetime) -> None:
    contact(world)
    says(world, "Hello?", now)
    assert send_due_auto_replies(now + timedelta(days=1)) == 0


def test_it_goes_once_when_nobody_has_read_for_so_long(world: World, now: datetime) -> None:
    person = contact(world)
    turn_on(world)
    says(world, "Hello?", now)
    says(world, "Anybody?", now + timedelta(minutes=8))
    assert send_due_auto_replies(now + TEN - timedelta(seconds=1)) == 0
    assert send_due_auto_replies(now + TEN) == 1
    assert send_due_auto_replies(now + TEN) == 0
    sent = Message.objects.get()
    assert sent.body == "Northgate Dental: we are with patients and answer soon."
    assert (sent.contact_id, sent.address, sent.purpose) == (person.pk, PAT, "service")
    assert sent.use_by == now + TEN + timedelta(hours=2)
    assert decide(facts_of(world.account.pk, sent.id), now + TEN) == SEND
    found = Conversation.objects.get()
    assert (found.state, found.unread) == ("open", 2), "it still waits for a person"
    assert Inbound.objects.get(text="Anybody?").answered_by == sent.id
    entry = LedgerEntry.objects.get(act="auto_reply")
    assert (entry.by, entry.subject) == ("automatic answer", f"message:{sent.id}")
    assert isinstance(ledger.verify(world.account.pk), int)


def test_there_is_one_in_a_day(world: World, now: datetime) -> None:
    contact(world)
    turn_on(world)
    says(world, "Hello?", now)
    send_due_auto_replies(now + TEN)
    read_conversation(world.member, Conversation.objects.get().pk, now)
    says(world, "And now?", now + timedelta(hours=20))
    assert send_due_auto_replies(now + timedelta(hours=22)) == 0
    says(world, "A day later", now + timedelta(hours=25))
    assert send_due_auto_replies(now + timedelta(hours=25) + TEN) == 1


@pytest.mark.parametrize("press", ["read", "close", "answer"])
def test_one_click_stops_the_timer(world: World, now: datetime, press: str) -> None:
    contact(world)
    turn_on(world)
    says(world, "Hello?", now)
    which = Conversation.objects.get().pk
    match press:
        case "read":
            read_conversation(world.member, which, now)
        case "close":
            close_conversation(world.member, which, now)
        case _:
            answer(world.member, which, Answer(channel=Channel.TEXT, body="Hello"), now)
    assert send_due_auto_replies(now + timedelta(hours=1)) == 0


@pytest.mark.parametrize("word", ["STOP", "please stop", "HELP", "START"])
def test_words_about_stopping_start_no_timer(world: World, now: datetime, word: str) -> None:
    contact(world)
    turn_on(world)
    says(world, word, now)
    assert Conversation.objects.get().auto_reply_due_at is None


def test_a_stop_ends_the_timer_that_runs(world: World, now: datetime) -> None:
    contact(world)
    turn_on(world)
    says(world, "Hello?", now)
    says(world, "STOP", now + timedelta(minutes=1))
    assert Conversation.objects.get().unread == 1
    assert send_due_auto_replies(now + TEN) == 0


def test_emails_and_strangers_get_none(world: World, now: datetime) -> None:
    contact(world)
    turn_on(world)
    says(world, "Hello?", now, sender="pat@example.org", channel=Channel.EMAIL)
    says(world, "Hello?", now, sender="+12125550177")
    assert Conversation.objects.count() == 2
    assert send_due_auto_replies(now + timedelta(hours=1)) == 0


@pytest.mark.parametrize("press", ["read", "close", "answer"])
def test_what_waits_while_stopped_is_taken_back_once_somebody_has_read(world: World, now: datetime, press: str) -> None:
    contact(world)
    turn_on(world)
    says(world, "Hello?", now)
    stop_account(world.member, "", now)
    assert send_due_auto_replies(now + TEN) == 1
    held = Message.objects.get()
    which, then = Conversation.objects.get().pk, now + 2 * TEN
    match press:
        case "read":
            read_conversation(world.member, which, then, seen=0)
            assert QueueEntry.objects.get().id == held.id, "what was not on the screen is not read"
            read_conversation(world.member, which, then)
        case "close":
            close_conversation(world.member, which, then)
        case _:
            answer(world.member, which, Answer(channel=Channel.TEXT, body="Hello"), then)
    held.refresh_from_db()
    assert (held.status, held.reason) == ("canceled", "read_meanwhile")
    assert not QueueEntry.objects.filter(id=held.id).exists()


def test_stop_all_refuses_it_and_stopped_holds_it(world: World, now: datetime) -> None:
    """TM3: an automatic reply is an outbound text."""
    stopped, marked = contact(world), contact(world, "Sam Ito", phone="+12125550124", email="")
    turn_on(world)
    says(world, "Hello?", now)
    says(world, "Hello?", now, sender="+12125550124")
    assert send_due_auto_replies(now + TEN) == 2
    mark(world.member, [marked.pk], MarkerKind.STOP_ALL, "", now + TEN)
    refused = Message.objects.get(contact=marked)
    assert decide(facts_of(world.account.pk, refused.id), now + TEN) == Refuse("contact_marker", "stop_all")
    stop_account(world.member, "", now + TEN)
    held = Message.objects.get(contact=stopped)
    verdict = decide(facts_of(world.account.pk, held.id), now + TEN)
    assert isinstance(verdict, Hold)
    assert verdict.reason == "stopped"
    too_late = now + TEN + timedelta(hours=3)
    assert decide(facts_of(world.account.pk, held.id), too_late) == Refuse("use_by", "too_late")


def test_what_is_turned_off_meanwhile_sends_nothing(world: World, now: datetime) -> None:
    contact(world)
    turn_on(world)
    says(world, "Hello?", now)
    turn_on(world, words="")
    assert send_due_auto_replies(now + TEN) == 0
    assert Conversation.objects.get().auto_reply_due_at is None
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"auto_reply": "Soon."}, "auto_reply"),
        ({"auto_reply": "{account} {name}"}, "auto_reply"),
        ({"auto_reply_minutes": 0}, "auto_reply_minutes"),
        ({"auto_reply_minutes": 121}, "auto_reply_minutes"),
    ],
)
def test_what_cannot_be_set_is_said(world: World, now: datetime, changes: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        change_replies(world.leader, replace(replies_of(world.leader), **changes), now)  # type: ignore[arg-type]
    assert list(wrong.value.problems) == [field]
    with pytest.raises(Forbidden):
        change_replies(world.member, replies_of(world.leader), now)


def test_many_that_look_at_the_same_time_send_each_once(committed_world: World) -> None:
    world, now = committed_world, datetime.now(UTC)
    turn_on(world)
    for number in range(12):
        contact(world, f"Pat {number}", phone=f"+121255501{number:02}", email="")
        says(world, "Hello?", now - TEN, sender=f"+121255501{number:02}")

    def look(_: int) -> int:
        try:
            return send_due_auto_replies(now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as together:
        assert sum(together.map(look, range(8))) == 12
    assert Message.objects.count() == 12
    assert Message.objects.values("contact_id").distinct().count() == 12
