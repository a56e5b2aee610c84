"""Replies are obeyed: a no with its one confirmation, START, HELP, and the unclear ones that a person settles."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection

from allstop.actions.actor import Forbidden, Invalid, NotThere
from allstop.actions.contacts import mark, unmark
from allstop.actions.receipts import verify
from allstop.actions.replies import Written, take_reply
from allstop.actions.reply_setup import change_replies, replies_of
from allstop.actions.switch import stop_account
from allstop.actions.unclear import settle_reply
from allstop.rules.facts import Channel
from allstop.rules.gate import decide
from allstop.rules.markers import MarkerKind
from allstop.rules.verdict import SEND, Hold, Refuse
from allstop.store import ledger, lists
from allstop.store.facts import facts_of
from allstop.store.models import (
    Address,
    AddressKind,
    Inbound,
    LedgerEntry,
    Marker,
    Message,
    OptOut,
    Override,
    QueueEntry,
    Settlement,
    Stop,
    UnclearReply,
)
from allstop.store.models import Hold as HoldRow
from tests.world import World, contact, texts

PAT = "+12125550123"


def says(text: str, at: datetime, *, sender: str = PAT, channel: Channel = Channel.TEXT, id_: str = "") -> None:
    assert take_reply(
        Written(
            adapter="sandbox",
            provider_id=id_ or f"{sender} {at.isoformat()} {text}",
            channel=channel,
            sender=sender,
            recipient="+12125550100",
            text=text,
            in_reply_to="",
            at=at,
        )
    )


def standing() -> list[tuple[str | None, str]]:
    return [(one.channel, one.words) for one in OptOut.objects.filter(lifted_at=None).order_by("pk")]


def holds() -> list[int | None]:
    return list(HoldRow.objects.filter(name="unclear_reply", lifted_at=None).values_list("contact_id", flat=True))


# --- a clear no


def test_a_no_is_confirmed_once_by_a_text_that_passes_it(world: World, now: datetime) -> None:
    contact(world)
    says("Please stop texting me!", now)
    assert standing() == [("text", "Please stop texting me!")]
    (sent,) = Message.objects.all()
    assert sent.body == "Northgate Dental: you will get no more texts from us. Reply START to get them again."
    assert (sent.purpose, sent.channel, sent.address, sent.use_by) == (
        "service",
        "text",
        PAT,
        now + timedelta(minutes=5),
    )
    assert decide(facts_of(world.account.pk, sent.id), now) == SEND
    overrides = Override.objects.filter(message_id=sent.id)
    assert {(one.check_name, one.by) for one in overrides} == {
        (check, "automatic answer") for check in ("opt_out", "window", "pace")
    }
    assert all("confirms an opt-out" in one.reason for one in overrides)
    inbound = Inbound.objects.get()
    assert (inbound.meaning, inbound.answered_by) == ("opt_out", sent.id)
    acts = LedgerEntry.objects.filter(account=world.account, at=now).values_list("act", "by")
    assert {("opt_out", "the contact"), ("confirm_opt_out", "automatic answer")} <= set(acts)
    assert isinstance(ledger.verify(world.account.pk), int)


def test_a_second_no_is_not_confirmed_again_and_one_after_start_is(world: World, now: datetime) -> None:
    contact(world)
    for minutes, text in enumerate(["STOP", "STOP", "I SAID STOP. STOP ALL", "stop all", "START", "STOP"]):
        says(text, now + timedelta(minutes=minutes))
    confirmed = Inbound.objects.exclude(answered_by=None).order_by("at").values_list("text", "at")
    assert list(confirmed) == [("STOP", now), ("STOP", now + timedelta(minutes=5))]


def test_the_confirmation_of_an_older_no_does_not_pass_a_newer_one(world: World, now: datetime) -> None:
    contact(world)
    says("STOP", now)
    says("START", now + timedelta(seconds=10))
    says("STOP", now + timedelta(seconds=20))
    first, second = Message.objects.order_by("id")
    later = now + timedelta(seconds=30)
    assert decide(facts_of(world.account.pk, first.id), later) == Refuse("opt_out", "opted_out_text")
    assert decide(facts_of(world.account.pk, second.id), later) == SEND


def test_every_other_text_is_refused(world: World, now: datetime) -> None:
    (waiting,) = texts(world, 1, to=contact(world))
    says("STOP", now)
    assert decide(facts_of(world.account.pk, waiting), now) == Refuse("opt_out", "opted_out_text")


def test_while_stopped_it_waits_and_expires_unsent(world: World, now: datetime) -> None:
    contact(world)
    stop_account(world.admin, "", now)
    says("STOP", now)
    sent = Message.objects.get()
    assert decide(facts_of(world.account.pk, sent.id), now) == Hold("account_stop", "stopped", None)
    later = now + timedelta(minutes=6)
    assert decide(facts_of(world.account.pk, sent.id), later) == Refuse("use_by", "too_late")


def test_a_stop_all_keeps_the_confirmation_back(world: World, now: datetime) -> None:
    person = contact(world)
    mark(world.member, [person.pk], MarkerKind.STOP_ALL, "", now)
    says("STOP", now)
    assert decide(facts_of(world.account.pk, Message.objects.get().id), now) == Refuse("contact_marker", "stop_all")


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.CALL])
def test_a_no_on_another_channel_is_not_answered_by_text(world: World, now: datetime, channel: Channel) -> None:
    contact(world)
    says("STOP", now, channel=channel)
    assert standing() == [(channel.value, "STOP")]
    assert not Message.objects.exists()


def test_stop_all_is_of_every_channel_and_is_confirmed_in_these_words(world: World, now: datetime) -> None:
    contact(world)
    says("take me off your list", now)
    assert standing() == [(None, "take me off your list")]
    assert "no more texts, calls or emails from us" in Message.objects.get().body


def test_the_receipt_of_an_opt_out_is_sound_although_it_was_confirmed(committed_world: World) -> None:
    world = committed_world
    contact(world)
    says("STOP", world.now)
    receipt = Stop.objects.get(scope="contact")
    found = verify(world.admin, receipt.number)
    assert found.is_sound, [one.words for one in found.answers]


def test_the_same_reply_at_two_doors_is_obeyed_once(committed_world: World) -> None:
    contact(committed_world)

    def deliver(_: int) -> None:
        try:
            says("STOP", committed_world.now, id_="one")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(deliver, range(4)))
    assert len(standing()) == Message.objects.count() == Inbound.objects.count() == 1


def test_two_replies_at_the_same_time_make_one_opt_out_and_one_confirmation(committed_world: World) -> None:
    contact(committed_world)
    contact(committed_world, "Sam Moreau")  # has the same number

    def deliver(which: int) -> None:
        try:
            says("STOP", committed_world.now, id_=f"no {which}")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(deliver, range(4)))
    assert len(standing()) == 2
    assert Message.objects.count() == 1
    assert Inbound.objects.count() == 4


# --- START


def test_start_lifts_only_what_the_contacts_own_word_had_set(world: World, now: datetime) -> None:
    """TN10."""
    person = contact(world)
    mark(world.member, [person.pk], MarkerKind.STOP_ALL, "asked by phone", now)
    says("STOP", now)
    says("UNSTOP", now + timedelta(minutes=1))
    assert standing() == []
    assert list(Marker.objects.values_list("kind", flat=True)) == ["stop_all"]


def test_staff_cannot_lift_a_no(world: World, now: datetime) -> None:
    """TN10, decision 9."""
    person = contact(world)
    says("STOP", now)
    for kind in MarkerKind:
        unmark(world.admin, [person.pk], kind, "they changed their mind", now)
    assert standing() == [("text", "STOP")]


# --- HELP


def test_help_is_answered_once_an_hour_with_who_we_are_and_how_to_stop(world: World, now: datetime) -> None:
    contact(world)
    for minutes in (0, 1, 59, 61):
        says("HELP", now + timedelta(minutes=minutes))
    first, second = Message.objects.order_by("id")
    assert "Northgate Dental" in first.body
    assert "STOP" in first.body
    assert (first.due_at, second.due_at) == (now, now + timedelta(minutes=61))
    assert not Override.objects.exists()


def test_help_of_somebody_who_opted_out_is_refused_by_the_gate(world: World, now: datetime) -> None:
    contact(world)
    says("STOP", now)
    says("HELP", now + timedelta(seconds=5))
    answer = Message.objects.order_by("id").last()
    assert answer is not None
    verdict = decide(facts_of(world.account.pk, answer.id), now + timedelta(seconds=6))
    assert verdict == Refuse("opt_out", "opted_out_text")


def test_what_means_nothing_changes_nothing(world: World, now: datetime) -> None:
    contact(world)
    for text in ("yes", "stop by at 5", "cancel my appointment", ""):
        says(text, now)
    assert not (OptOut.objects.exists() or Message.objects.exists() or UnclearReply.objects.exists())
    assert set(Inbound.objects.values_list("meaning", flat=True)) == {"nothing"}


# --- unclear


def test_an_unclear_reply_holds_what_would_go_to_them_and_waits_for_a_person(world: World, now: datetime) -> None:
    person = contact(world)
    (waiting,) = texts(world, 1, to=person)
    says("who is this? stop", now)
    assert standing() == []
    assert decide(facts_of(world.account.pk, waiting), now) == Hold("account_stop", "unclear_reply", None)
    (row,) = lists.unclear_replies(world.account.pk)
    assert (row.contact_id, row.text, row.sender) == (person.pk, "who is this? stop", PAT)
    stop = Stop.objects.get(scope="contact")
    entry = LedgerEntry.objects.get(act="unclear_reply")
    assert (entry.by, entry.reason, (entry.after or {})["number"]) == ("the contact", "who is this? stop", stop.number)
    assert verify(world.admin, stop.number).is_sound
    assert lists.unclear_replies(world.rival.pk) == []


@pytest.mark.parametrize(
    ("choice", "opt_outs", "verdict"),
    [
        (Settlement.THIS_CHANNEL, [("text", "please stop")], Refuse("opt_out", "opted_out_text")),
        (Settlement.EVERY_CHANNEL, [(None, "please stop")], Refuse("opt_out", "opted_out_all")),
        (Settlement.MEANT_NOTHING, [], SEND),
    ],
)
def test_a_person_settles_it(
    world: World, now: datetime, choice: Settlement, opt_outs: list[object], verdict: object
) -> None:
    (waiting,) = texts(world, 1, to=contact(world))
    says("please stop", now)
    (row,) = lists.unclear_replies(world.account.pk)
    assert settle_reply(world.member, row.id, choice, now).is_new
    assert standing() == opt_outs
    assert decide(facts_of(world.account.pk, waiting), now) == verdict
    assert (holds(), lists.count_unclear(world.account.pk)) == ([], 0)
    entry = LedgerEntry.objects.get(act="settle_reply")
    assert (entry.by, (entry.after or {})["choice"]) == ("Cem Tanaka", choice.value)
    assert Message.objects.count() == 1, "no confirmation: the five minutes are the contact's, not the reader's"


def test_the_first_answer_counts(world: World, now: datetime) -> None:
    contact(world)
    says("please stop", now)
    (row,) = lists.unclear_replies(world.account.pk)
    settle_reply(world.member, row.id, Settlement.THIS_CHANNEL, now)
    again = settle_reply(world.leader, row.id, Settlement.MEANT_NOTHING, now)
    assert (again.is_new, again.settlement) == (False, Settlement.THIS_CHANNEL)
    assert standing() == [("text", "please stop")]


def test_what_waited_leaves_again_when_it_meant_nothing(world: World, now: datetime) -> None:
    (waiting,) = texts(world, 1, to=contact(world))
    says("stop this terrible bill", now)
    QueueEntry.objects.filter(id=waiting).update(held="unclear_reply")
    (row,) = lists.unclear_replies(world.account.pk)
    settle_reply(world.member, row.id, Settlement.MEANT_NOTHING, now)
    assert QueueEntry.objects.get(id=waiting).held is None


def test_two_unclear_replies_hold_until_both_are_read(world: World, now: datetime) -> None:
    person = contact(world)
    says("please stop", now)
    says("how do I stop these?", now + timedelta(minutes=1))
    first, second = lists.unclear_replies(world.account.pk)
    settle_reply(world.member, first.id, Settlement.MEANT_NOTHING, now)
    assert holds() == [person.pk]
    settle_reply(world.member, second.id, Settlement.MEANT_NOTHING, now)
    assert holds() == []


def test_everybody_with_the_number_is_held_and_freed(world: World, now: datetime) -> None:
    both = [contact(world).pk, contact(world, "Sam Moreau").pk]
    other = contact(world, "Kim", phone="+12125550177")
    says("please stop", now)
    assert sorted(one for one in holds() if one) == both
    assert lists.unclear_of_contact(world.account.pk, both[1]) == 1
    assert lists.unclear_of_contact(world.account.pk, other.pk) == 0
    (row,) = lists.unclear_replies(world.account.pk)
    settle_reply(world.member, row.id, Settlement.THIS_CHANNEL, now)
    assert (holds(), len(standing())) == ([], 2)


@pytest.mark.parametrize(("word", "opt_outs"), [("STOP", [("text", "STOP")]), ("START", [])])
def test_a_clear_word_later_settles_it(world: World, now: datetime, word: str, opt_outs: list[object]) -> None:
    contact(world)
    says("please stop", now)
    says(word, now + timedelta(minutes=1))
    row = UnclearReply.objects.get()
    assert (row.settlement, row.settled_by) == ("own_word", "the contact")
    assert (holds(), standing()) == ([], opt_outs)


def test_the_conversation_around_it_is_shown(world: World, now: datetime) -> None:
    person = contact(world)
    (sent,) = texts(world, 1, to=person)
    Message.objects.filter(id=sent).update(status="sent", finished_at=now - timedelta(minutes=5))
    says("hi", now - timedelta(minutes=3))
    says("please stop", now)
    says("hello??", now + timedelta(minutes=3))
    (row,) = lists.unclear_replies(world.account.pk)
    lines = [(line.is_ours, line.text, line.is_it) for line in row.conversation]
    assert lines == [
        (True, "Reminder 0", False),
        (False, "hi", False),
        (False, "please stop", True),
        (False, "hello??", False),
    ]


def test_who_may_settle(world: World, now: datetime) -> None:
    contact(world)
    says("please stop", now)
    (row,) = lists.unclear_replies(world.account.pk)
    with pytest.raises(Forbidden):
        settle_reply(world.viewer, row.id, Settlement.MEANT_NOTHING, now)
    with pytest.raises(NotThere):
        settle_reply(world.stranger, row.id, Settlement.MEANT_NOTHING, now)
    with pytest.raises(Invalid):
        settle_reply(world.admin, row.id, Settlement.OWN_WORD, now)
    assert lists.count_unclear(world.account.pk) == 1


def test_a_reply_of_somebody_unknown_is_left_to_others(world: World, now: datetime) -> None:
    assert not take_reply(
        Written(
            adapter="sandbox",
            provider_id="x",
            channel=Channel.TEXT,
            sender="+12125559999",
            recipient="",
            text="please stop",
            in_reply_to="",
            at=now,
        )
    )
    assert not UnclearReply.objects.exists()


# --- the settings


def test_an_accounts_own_word_opts_out(world: World, now: datetime) -> None:
    contact(world)
    change_replies(world.leader, replace(replies_of(world.leader), words=("Geen  berichten",)), now)
    assert replies_of(world.viewer).words == ("Geen berichten",)
    assert replies_of(world.stranger).words == ()
    says("geen berichten!!", now)
    assert standing() == [("text", "geen berichten!!")]


def test_confirmation_and_help_can_be_turned_off_and_worded(world: World, now: datetime) -> None:
    contact(world)
    worded = replace(replies_of(world.admin), confirmation="{account} says: no more {what}. Bye!", answers_help=False)
    change_replies(world.admin, worded, now)
    says("HELP", now)
    says("STOP", now)
    assert [one.body for one in Message.objects.all()] == ["Northgate Dental says: no more texts. Bye!"]
    change_replies(world.admin, replace(worded, confirms=False), now)
    says("START", now + timedelta(minutes=1))
    says("STOP", now + timedelta(minutes=2))
    assert Message.objects.count() == 1


def test_a_stop_may_count_on_every_channel(world: World, now: datetime) -> None:
    contact(world)
    change_replies(world.admin, replace(replies_of(world.admin), stops_all=True), now)
    says("STOP", now)
    assert standing() == [(None, "STOP")]


def test_a_change_is_in_the_ledger_with_what_stood_before(world: World, now: datetime) -> None:
    same = replies_of(world.admin)
    change_replies(world.admin, same, now)
    assert not LedgerEntry.objects.filter(act="change_replies").exists()
    change_replies(world.admin, replace(same, words=("basta", "BASTA"), confirms=False), now)
    entry = LedgerEntry.objects.get(act="change_replies")
    assert (entry.by, entry.before) == ("Ada Okafor", {"words": [], "confirms": True})
    assert entry.after == {"words": ["BASTA"], "confirms": False, "via": "console"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"words": ("yes",)}, "words"),
        ({"words": ("start",)}, "words"),
        ({"words": tuple(f"geen {number}x" for number in range(51))}, "words"),
        ({"confirmation": ""}, "confirmation"),
        ({"confirmation": "No more texts."}, "confirmation"),
        ({"confirmation": "{account}: bye {nobody}"}, "confirmation"),
        ({"confirmation": "{account}: 20 % off at https://shop.example"}, "confirmation"),
        ({"confirmation": "{account} " + "x" * 300}, "confirmation"),
        ({"help_answer": "{account}: call us."}, "help_answer"),
        ({"help_answer": "Reply STOP."}, "help_answer"),
        ({"help_answer": "{account} on {what}: STOP"}, "help_answer"),
    ],
)
def test_what_cannot_be_used_is_named(world: World, now: datetime, changes: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        change_replies(world.admin, replace(replies_of(world.admin), **changes), now)  # type: ignore[arg-type]
    assert list(refused.value.problems) == [field]


def test_a_member_may_not_change_them(world: World, now: datetime) -> None:
    with pytest.raises(Forbidden):
        change_replies(world.member, replies_of(world.member), now)


def test_an_address_that_has_the_no_is_remembered(world: World, now: datetime) -> None:
    person = contact(world)
    assert Address.objects.filter(contact=person, kind=AddressKind.PHONE, value=PAT).exists()
    says("please stop", now)
    (row,) = lists.unclear_replies(world.account.pk)
    settle_reply(world.member, row.id, Settlement.THIS_CHANNEL, now)
    assert OptOut.objects.get().address == PAT
