"""Sends of the Messenger: who gets one, who stays in TO: and why, once per press, whatever ends in the middle."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connections

from allstop.actions import messenger, messenger_run
from allstop.actions.actor import Conflict, Forbidden, Invalid, NotThere
from allstop.actions.contacts import mark, record_opt_in, record_opt_out
from allstop.actions.groups import add_to_group, create_group
from allstop.actions.jobs import remove_jobs
from allstop.actions.messenger import Letter, One, Pressed, To, ask_for_send, count_to, send, send_of
from allstop.rules import gate
from allstop.rules.facts import Channel, Purpose
from allstop.rules.markers import MarkerKind
from allstop.rules.verdict import SEND, Refuse
from allstop.store import facts, ledger, lists
from allstop.store.assigning import assign
from allstop.store.models import (
    Account,
    Address,
    Assignment,
    Contact,
    Job,
    LedgerEntry,
    LeftBehind,
    Message,
    MessengerSend,
    Override,
    QueueEntry,
)
from tests.world import World, contact

HELLO = Letter(channel=Channel.TEXT, purpose=Purpose.PERSONAL, body="Hello")


def people(world: World, count: int) -> list[int]:
    return [contact(world, f"Pat Moreau{n:03}", phone=f"+1212555{n:04}").pk for n in range(count)]


def to(*ids: int) -> To:
    return To(ones=tuple(One(contact_id=pk) for pk in ids))


def sent(world: World, ids: list[int], letter: Letter = HELLO, key: str = "") -> MessengerSend:
    return send(world.member, to(*ids), letter, world.now, key).send


def left(made: MessengerSend) -> dict[int, str]:
    return dict(LeftBehind.objects.filter(send=made).values_list("contact_id", "reason"))


def reached() -> set[int | None]:
    return set(Message.objects.filter(status="waiting").values_list("contact_id", flat=True))


def marked(world: World, ids: list[int], kind: MarkerKind) -> None:
    mark(world.member, ids, kind, "", world.now)


def test_each_gets_one_message_and_its_own_words(world: World) -> None:
    ids = people(world, 2)
    Contact.objects.filter(pk=ids[0]).update(location=world.north)
    letter = Letter(channel=Channel.TEXT, purpose=Purpose.PERSONAL, body="Hi {first_name} {last_name}, {location}")
    made = sent(world, ids, letter)
    assert (made.state, made.total, made.accepted, made.stayed, made.job) == ("done", 2, 2, 0, None)
    messages = Message.objects.order_by("id")
    assert [one.body for one in messages] == ["Hi Pat Moreau000, Northgate", "Hi Pat Moreau001, Northgate Dental"]
    assert [one.address for one in messages] == ["+12125550000", "+12125550001"]
    assert {(one.recipients, one.purpose, one.location_id) for one in messages} == {
        (2, "personal", world.north.pk),
        (2, "personal", None),
    }
    assert made.message_ids == [one.id for one in messages]
    assert QueueEntry.objects.count() == 2


def test_stop_all_stays_at_any_size(world: World) -> None:
    """003-16, TM3."""
    ids = people(world, 2)
    marked(world, ids[:1], MarkerKind.STOP_ALL)
    made = sent(world, ids)
    assert left(made) == {ids[0]: "stop_all"}
    assert reached() == {ids[1]}
    assert left(sent(world, ids[:1])) == {ids[0]: "stop_all"}


def test_five_with_stop_promotions_get_it_and_of_six_one_stays(world: World) -> None:
    """003-19, TM5."""
    ids = people(world, 6)
    marked(world, ids[:1], MarkerKind.STOP_PROMOTIONS)
    assert (sent(world, ids[:5]).accepted, left(sent(world, ids[:5]))) == (5, {})
    six = sent(world, ids)
    assert (six.accepted, left(six)) == (5, {ids[0]: "stop_promotions"})
    promotion = Letter(channel=Channel.TEXT, purpose=Purpose.PROMOTION, body="Half price")
    assert left(sent(world, ids[:2], promotion)) == {ids[0]: "stop_promotions"}


def test_those_who_stay_are_counted_so_a_group_send_remains_one(world: World) -> None:
    """SYSTEMS 4: the count is of contacts in TO: before skipping. Both markers: red wins."""
    ids = people(world, 6)
    marked(world, ids[:2], MarkerKind.STOP_ALL)
    marked(world, ids[1:3], MarkerKind.STOP_PROMOTIONS)
    assert left(sent(world, ids)) == {ids[0]: "stop_all", ids[1]: "stop_all", ids[2]: "stop_promotions"}


def test_an_override_is_explicit_recorded_and_lifts_stop_promotions_only(world: World) -> None:
    """003-20."""
    ids = people(world, 7)
    marked(world, ids[:2], MarkerKind.STOP_PROMOTIONS)
    marked(world, ids[1:2], MarkerKind.STOP_ALL)
    despite = Letter(
        channel=Channel.TEXT,
        purpose=Purpose.PERSONAL,
        body="The clinic is closed tomorrow",
        despite_stop_promotions=True,
        reason="Burst pipe",
    )
    made = sent(world, ids, despite)
    assert left(made) == {ids[1]: "stop_all"}
    (override,) = Override.objects.all()
    message = Message.objects.get(contact_id=ids[0])
    assert (override.message_id, override.check_name, override.by) == (message.id, "contact_marker", "Cem Tanaka")
    assert override.reason == "Burst pipe"
    assert gate.decide(facts.facts_of(world.account.pk, message.id), world.now) == SEND
    (entry,) = LedgerEntry.objects.filter(subject=f"messenger_send:{made.pk}")
    assert (entry.act, entry.by, entry.reason) == ("send_despite_stop_promotions", "Cem Tanaka", "Burst pipe")
    assert isinstance(ledger.verify(world.account.pk), int)


@pytest.mark.parametrize("kind", [MarkerKind.STOP_ALL, MarkerKind.STOP_PROMOTIONS])
def test_a_marker_set_after_send_holds_when_the_message_leaves(world: World, kind: MarkerKind) -> None:
    """Also against an override: nobody decided it for somebody who had no marker then."""
    ids = people(world, 6)
    despite = Letter(
        channel=Channel.TEXT, purpose=Purpose.PERSONAL, body="Hello", despite_stop_promotions=True, reason="why not"
    )
    sent(world, ids, despite)
    marked(world, ids[:1], kind)
    message = Message.objects.get(contact_id=ids[0])
    verdict = gate.decide(facts.facts_of(world.account.pk, message.id), world.now)
    assert verdict == Refuse("contact_marker", kind.value)


def test_an_override_needs_a_reason_and_something_to_override(world: World) -> None:
    ids = people(world, 6)
    with pytest.raises(Invalid, match="Say why"):
        sent(world, ids, replace(HELLO, despite_stop_promotions=True))
    with pytest.raises(Invalid, match="nothing to override"):
        sent(world, ids[:5], replace(HELLO, despite_stop_promotions=True, reason="x"))
    with pytest.raises(Invalid, match="only kept"):
        sent(world, ids, replace(HELLO, reason="x"))
    assert not MessengerSend.objects.exists()


def test_the_contacts_own_no_and_a_missing_address_are_named(world: World) -> None:
    ids = people(world, 4)
    record_opt_out(Contact.objects.get(pk=ids[0]), Channel.TEXT, "STOP", world.now)
    record_opt_out(Contact.objects.get(pk=ids[1]), None, "STOP all", world.now)
    Address.objects.filter(contact_id=ids[2], kind="phone").update(value="+442079460000")  # a landline
    Contact.objects.filter(pk=ids[3]).update(given_name="")
    named = Letter(channel=Channel.TEXT, purpose=Purpose.PERSONAL, body="Hello {first_name}")
    made = sent(world, ids, named)
    assert left(made) == {
        ids[0]: "opted_out_text",
        ids[1]: "opted_out_all",
        ids[2]: "no_mobile",
        ids[3]: "name_missing",
    }
    assert count_to(world.member, to(*ids), named, world.now).why == left(made)
    assert not Message.objects.exists()


def test_a_channel_can_be_chosen_for_one(world: World) -> None:
    ids = people(world, 3)
    Address.objects.filter(contact_id=ids[2], kind="email").delete()
    ones = (
        One(contact_id=ids[0]),
        One(contact_id=ids[1], channel=Channel.EMAIL),
        One(contact_id=ids[2], channel=Channel.EMAIL),
    )
    with pytest.raises(Invalid, match="subject"):
        send(world.member, To(ones=ones), HELLO, world.now)
    letter = Letter(channel=Channel.TEXT, purpose=Purpose.PERSONAL, body="Hello", subject="From {account}")
    made = send(world.member, To(ones=ones), letter, world.now).send
    assert left(made) == {ids[2]: "no_email"}
    assert sorted(Message.objects.values_list("channel", "address", "subject")) == [
        ("email", "pat@example.org", "From Northgate Dental"),
        ("text", "+12125550000", ""),
    ]


def test_an_address_that_nobody_has_becomes_a_contact(world: World) -> None:
    (known,) = people(world, 1)
    ones = (One(address="212 555 0000"), One(contact_id=known), One(address="(212) 555-0777"))
    made = send(world.member, To(ones=ones), HELLO, world.now).send
    assert (made.total, made.accepted) == (2, 2)
    assert set(Message.objects.values_list("address", flat=True)) == {"+12125550000", "+12125550777"}
    assert Contact.objects.count() == 2
    with pytest.raises(Invalid, match="not a phone number"):
        send(world.member, To(ones=(One(address="nobody"),)), HELLO, world.now)


def test_a_group_is_who_the_phonebook_shows_in_it_and_nobody_gets_two(world: World) -> None:
    ids = people(world, 8)
    group = create_group(world.member, "Recall", False, world.now)
    add_to_group(world.member, group.pk, ids[:6], world.now)
    record_opt_out(Contact.objects.get(pk=ids[0]), Channel.TEXT, "STOP", world.now)  # unsubscribed: TM10
    marked(world, ids[1:2], MarkerKind.STOP_PROMOTIONS)
    marked(world, ids[6:], MarkerKind.FLAG)
    flagged = lists.Many(filter=lists.ContactFilter(flag=True), without=(ids[7],))
    asked = To(ones=(One(contact_id=ids[2]),), groups=(group.pk,), filters=(flagged,))
    counted = count_to(world.member, asked, HELLO, world.now)
    assert (counted.people, counted.left) == (6, {"stop_promotions": 1})
    made = send(world.member, asked, HELLO, world.now).send
    assert (made.total, left(made)) == (6, {ids[1]: "stop_promotions"})
    assert reached() == {ids[2], ids[3], ids[4], ids[5], ids[6]}
    assert Message.objects.count() == 5


def test_flagged_contacts_found_by_the_filter_are_messaged_as_a_group(world: World) -> None:
    """003-09."""
    ids = people(world, 7)
    marked(world, ids[:6], MarkerKind.FLAG)
    made = send(world.member, To(filters=(lists.Many(filter=lists.ContactFilter(flag=True)),)), HELLO, world.now).send
    assert (made.total, reached()) == (6, set(ids[:6]))
    job = Job.objects.get()
    assert (job.name, job.source, job.created_by, made.job) == ("Message to 6 people", "send", "Cem Tanaka", job)


def test_what_is_counted_is_what_becomes_of_them(world: World) -> None:
    ids = people(world, 9)
    marked(world, ids[:2], MarkerKind.STOP_ALL)
    marked(world, ids[1:4], MarkerKind.STOP_PROMOTIONS)
    record_opt_out(Contact.objects.get(pk=ids[4]), Channel.EMAIL, "no mail", world.now)
    Address.objects.filter(contact_id=ids[5], kind="email").delete()
    Contact.objects.filter(pk=ids[6]).update(family_name="")
    group = create_group(world.member, "All", False, world.now)
    add_to_group(world.member, group.pk, ids, world.now)
    letter = Letter(channel=Channel.EMAIL, purpose=Purpose.PERSONAL, body="Dear {last_name}", subject="Hello")
    by_name = count_to(world.member, to(*ids), letter, world.now)
    by_group = count_to(world.member, To(groups=(group.pk,)), letter, world.now)
    assert by_group.left == by_name.left
    assert by_name.left == {
        "stop_all": 2,
        "stop_promotions": 2,
        "opted_out_email": 1,
        "no_email": 1,
        "name_missing": 1,
    }
    made = send(world.member, To(groups=(group.pk,)), letter, world.now).send
    assert left(made) == by_name.why
    assert (made.accepted, made.stayed, made.done, made.total) == (2, 7, 9, 9)


def test_five_or_fewer_become_the_senders_and_six_do_not(world: World) -> None:
    """TM13."""
    ids = people(world, 6)
    marked(world, ids[:1], MarkerKind.STOP_ALL)
    assign({ids[1]: world.ben.pk})
    sent(world, ids)
    assert set(Assignment.objects.values_list("member", flat=True)) == {None, world.ben.pk}
    sent(world, ids[:5])
    owners = dict(Assignment.objects.values_list("contact", "member"))
    assert owners == {ids[0]: None, ids[5]: None, **dict.fromkeys(ids[1:5], world.cem.pk)}  # who got nothing stays
    entry = LedgerEntry.objects.get(act="take_ownership", subject=f"contact:{ids[1]}")
    assert entry.before == {"assigned_to": world.ben.pk}
    Account.objects.update(takes_ownership=False)
    send(world.leader, to(ids[1]), HELLO, world.now)
    assert Contact.objects.get(pk=ids[1]).assigned_to == world.cem


def test_one_for_later_is_due_then_and_a_job_that_can_be_removed(world: World) -> None:
    (one,) = people(world, 1)
    later = world.now + timedelta(days=1)
    made = sent(world, [one], replace(HELLO, due_at=later))
    message = Message.objects.get()
    assert (message.due_at, message.status) == (later, "waiting")
    assert made.job is not None
    remove_jobs(world.member, [made.job.pk], world.now)
    assert Message.objects.get().status == "removed"
    for at, words in ((world.now - timedelta(minutes=1), "still to come"), (world.now + timedelta(400), "a year")):
        with pytest.raises(Invalid, match=words):
            sent(world, [one], replace(HELLO, due_at=at))


def test_the_same_key_sends_once_and_never_something_else(world: World) -> None:
    ids = people(world, 2)
    first = send(world.member, to(*ids), HELLO, world.now, "press 1")
    again = send(world.member, to(*ids), HELLO, world.now, "press 1")
    assert (again.send.pk, again.is_repeat, Message.objects.count()) == (first.send.pk, True, 2)
    with pytest.raises(Conflict, match="sent already"):
        send(world.member, to(ids[0]), HELLO, world.now, "press 1")
    assert not send(world.stranger, To(ones=(One(address="+447700900123"),)), HELLO, world.now, "press 1").is_repeat


def test_two_presses_at_the_same_moment_send_once(committed_world: World) -> None:
    world = committed_world
    ids = people(world, 3)
    pressed: list[Pressed] = []

    def press() -> None:
        pressed.append(send(world.member, to(*ids), HELLO, world.now, "both tabs"))
        connections.close_all()

    threads = [Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.is_repeat for one in pressed) == [False, True, True, True]
    assert len({one.send.pk for one in pressed}) == 1
    assert Message.objects.count() == 3


def test_a_run_that_ends_in_the_middle_goes_on_where_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = people(world, 7)
    marked(world, ids[3:4], MarkerKind.STOP_PROMOTIONS)
    monkeypatch.setattr(messenger_run, "SLICE", 2)
    made = ask_for_send(world.member, to(*ids), HELLO, world.now).send
    assert messenger_run.RUNS.take(made.pk, world.now)
    assert messenger_run._next_slice(made.pk)
    assert Message.objects.count() == 2
    assert messenger_run.RUNS.after_death(made.pk, world.now)
    done = messenger_run.run_here(made.pk)
    assert (done.state, done.accepted, done.stayed, done.done) == ("done", 6, 1, 7)
    assert reached() == {*ids} - {ids[3]}
    assert Message.objects.count() == 6
    assert messenger_run.run_here(made.pk).accepted == 6


def test_one_that_dies_twice_fails_with_words(world: World) -> None:
    made = ask_for_send(world.member, to(*people(world, 1)), HELLO, world.now).send
    messenger_run.RUNS.take(made.pk, world.now)
    assert messenger_run.RUNS.after_death(made.pk, world.now)
    assert not messenger_run.RUNS.after_death(made.pk, world.now)
    made.refresh_from_db()
    assert (made.state, made.failure) == ("failed", messenger_run.DIED_TWICE)


def test_a_job_that_is_removed_meanwhile_makes_no_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = people(world, 6)
    monkeypatch.setattr(messenger_run, "SLICE", 2)
    made = ask_for_send(world.member, to(*ids), HELLO, world.now).send
    messenger_run.RUNS.take(made.pk, world.now)
    messenger_run._next_slice(made.pk)
    assert made.job is not None
    remove_jobs(world.member, [made.job.pk], world.now)
    done = messenger_run.run_here(made.pk)
    assert (done.state, done.failure) == ("failed", messenger_run.REMOVED)
    assert set(Message.objects.values_list("status", flat=True)) == {"removed"}
    assert Message.objects.count() == 2


def test_a_contact_that_is_made_after_the_press_was_not_meant(world: World) -> None:
    people(world, 1)
    made = ask_for_send(world.member, To(filters=(lists.Many(filter=lists.ContactFilter()),)), HELLO, world.now).send
    contact(world, "Late Comer", phone="+12125559999")
    assert messenger_run.run_here(made.pk).accepted == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda: {"body": " "}, "Write what the message says"),
        (lambda: {"body": "a" * 40_000}, "A text has at most 255 parts"),
        (lambda: {"body": "{when}"}, "no placeholder"),
        (lambda: {"body": "{"}, "never closed"),
        (lambda: {"channel": Channel.EMAIL}, "Write the subject"),
        (lambda: {"subject": "Hello"}, "Only emails have a subject"),
    ],
)
def test_what_cannot_be_sent_is_said_and_nothing_is_made(
    world: World, change: Callable[[], dict[str, Any]], words: str
) -> None:
    ids = people(world, 1)
    with pytest.raises(Invalid, match=words):
        sent(world, ids, replace(HELLO, **change()))
    assert not MessengerSend.objects.exists()


def test_nobody_in_to_another_accounts_contacts_and_roles(world: World) -> None:
    ids = people(world, 1)
    with pytest.raises(Invalid, match=r"Nobody is in TO:"):
        sent(world, [])
    with pytest.raises(Invalid, match="at most 1,000"):
        send(world.member, To(ones=tuple(One(contact_id=n) for n in range(messenger.MOST_ONES + 1))), HELLO, world.now)
    with pytest.raises(NotThere):
        send(world.stranger, to(*ids), HELLO, world.now)
    group = create_group(world.member, "Recall", False, world.now)
    with pytest.raises(NotThere):
        send(world.stranger, To(groups=(group.pk,)), HELLO, world.now)
    with pytest.raises(NotThere):
        filters = (lists.Many(filter=lists.ContactFilter(group=group.pk)),)
        send(world.stranger, To(filters=filters), HELLO, world.now)
    with pytest.raises(Forbidden):
        send(world.viewer, to(*ids), HELLO, world.now)
    made = sent(world, ids)
    assert send_of(world.viewer, made.pk) == made
    with pytest.raises(NotThere):
        send_of(world.stranger, made.pk)


def test_whoever_lifted_the_own_no_gets_it_again(world: World) -> None:
    ids = people(world, 1)
    person = Contact.objects.get(pk=ids[0])
    record_opt_out(person, Channel.TEXT, "STOP", world.now)
    assert left(sent(world, ids)) == {ids[0]: "opted_out_text"}
    record_opt_in(person, Channel.TEXT, "START", world.now)
    assert left(sent(world, ids)) == {}


def test_a_name_is_found_in_both_ways_of_writing(world: World) -> None:
    ada = contact(world, "Ada van Abbott").pk
    gone = contact(world, "Bo Brand")
    record_opt_out(gone, Channel.TEXT, "STOP", datetime.now(UTC))
    Contact.objects.filter(pk=ada).update(given_name="Ada", family_name="van Abbott")
    for words in ("Ada van Abbott", "van Abbott, Ada", "ADA  VAN ABBOTT"):
        assert lists.contacts_named(world.account.pk, words) == [ada], words
    assert lists.contacts_named(world.account.pk, "Ada") == []
    assert lists.contacts_named(world.account.pk, "Bo Brand") == []  # TM10
    assert lists.contacts_named(world.rival.pk, "Ada van Abbott") == []
