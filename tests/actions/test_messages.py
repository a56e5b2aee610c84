"""One message to one person: accepted or refused at once, by hand, and never twice for one key."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection

from allstop.actions.actor import Conflict, Forbidden, Invalid, NotThere
from allstop.actions.contacts import mark, record_opt_out
from allstop.actions.messages import Draft, send_message
from allstop.actions.switch import start_account, stop_account
from allstop.rules.facts import Channel, Purpose
from allstop.rules.gate import explain
from allstop.rules.markers import MarkerKind
from allstop.rules.verdict import Hold, Refuse, Send
from allstop.store import lists, queue
from allstop.store.facts import facts_of
from allstop.store.models import (
    Contact,
    DeliverySession,
    LedgerEntry,
    Message,
    Override,
    QueueEntry,
    RequestKey,
    Status,
)
from tests.world import World, contact

EMAIL = Draft(channel=Channel.EMAIL, purpose=Purpose.PERSONAL, subject="Hello", body="Good day", address="a@b.example")
TEXT = Draft(channel=Channel.TEXT, purpose=Purpose.PERSONAL, body="Good day", address="+1 212 555 0123")


def test_a_message_to_a_contact_waits_in_the_queue_for_now(world: World, now: datetime) -> None:
    pat = contact(world)
    accepted = send_message(world.member, replace(TEXT, address="", contact_id=pat.pk), now)
    assert (accepted.status, accepted.verdict, accepted.earliest) == (Status.WAITING, Send(), now)
    entry = QueueEntry.objects.get(id=accepted.id)
    assert (entry.contact_id, entry.due_at, entry.recipients, entry.by_hand) == (pat.pk, now, 1, False)
    message = Message.objects.get(id=accepted.id)
    assert (message.address, message.body, message.purpose) == ("+12125550123", "Good day", "personal")
    assert lists.totals(world.account.pk).messages == 1


def test_an_address_finds_its_contact_however_it_is_written(world: World, now: datetime) -> None:
    pat = contact(world)
    accepted = send_message(world.member, replace(TEXT, address="(212) 555-0123"), now)
    assert Message.objects.get(id=accepted.id).contact_id == pat.pk
    assert Contact.objects.filter(account=world.account).count() == 1


def test_an_unknown_address_becomes_a_contact_with_its_zones(world: World, now: datetime) -> None:
    accepted = send_message(world.member, TEXT, now)
    made = Contact.objects.get(account=world.account)
    assert Message.objects.get(id=accepted.id).contact_id == made.pk
    assert made.zones == ["America/New_York"]


def test_an_address_that_said_no_is_refused_without_naming_its_contact(world: World, now: datetime) -> None:
    """A no follows the address."""
    pat = contact(world)
    record_opt_out(pat, Channel.TEXT, "STOP", now, "+12125550123")
    accepted = send_message(world.member, TEXT, now)
    assert accepted.verdict == Refuse("opt_out", "opted_out_text")


def test_a_contact_of_another_account_is_not_there(world: World, now: datetime) -> None:
    theirs = contact(world, account=world.rival)
    with pytest.raises(NotThere):
        send_message(world.member, replace(TEXT, address="", contact_id=theirs.pk), now)
    accepted = send_message(world.member, TEXT, now)
    assert Message.objects.get(id=accepted.id).contact_id != theirs.pk


def test_an_address_that_is_not_the_contacts_is_refused(world: World, now: datetime) -> None:
    pat = contact(world)
    with pytest.raises(Invalid, match="does not belong to this contact"):
        send_message(world.member, replace(TEXT, contact_id=pat.pk, address="+12125550199"), now)


def test_a_viewer_may_not_send(world: World, now: datetime) -> None:
    with pytest.raises(Forbidden):
        send_message(world.viewer, TEXT, now)
    assert not Message.objects.exists()


def test_stop_all_refuses_and_records_it(world: World, now: datetime) -> None:
    pat = contact(world)
    mark(world.admin, [pat.pk], MarkerKind.STOP_ALL, "asked us", now)
    accepted = send_message(world.member, TEXT, now)
    assert (accepted.status, accepted.reason, accepted.earliest) == (Status.REFUSED, "stop_all", None)
    message = Message.objects.get(id=accepted.id)
    assert (message.status, message.reason, message.finished_at) == ("refused", "stop_all", now)
    assert not QueueEntry.objects.exists()
    entry = LedgerEntry.objects.get(act="refused")
    assert (entry.by, entry.subject, entry.reason) == ("gate", f"message:{accepted.id}", "stop_all")


def test_while_stopped_it_is_accepted_and_held(world: World, now: datetime) -> None:
    """000-05: nothing is refused for being stopped."""
    stop_account(world.admin, "", now)
    accepted = send_message(world.member, EMAIL, now)
    assert accepted.status is Status.WAITING
    assert accepted.verdict == Hold("account_stop", "stopped", None)
    assert accepted.earliest is None
    start_account(world.admin, "", now)
    assert send_message(world.member, EMAIL, now).verdict == Send()


def test_a_text_at_night_waits_for_the_contacts_morning(world: World, now: datetime) -> None:
    night = now.replace(hour=5)  # midnight in New York
    accepted = send_message(world.member, TEXT, night)
    assert accepted.verdict == Hold("quiet_hours", "quiet_hours", now.replace(hour=14))
    assert accepted.earliest == now.replace(hour=14)
    assert send_message(world.member, EMAIL, night).verdict == Send()


def test_a_later_time_is_kept(world: World, now: datetime) -> None:
    later = now + timedelta(hours=2)
    accepted = send_message(world.member, replace(EMAIL, due_at=later), now)
    assert QueueEntry.objects.get(id=accepted.id).due_at == later
    assert accepted.earliest == later


def test_what_is_too_late_already_is_refused(world: World, now: datetime) -> None:
    accepted = send_message(world.member, replace(EMAIL, use_by=now - timedelta(hours=1)), now)
    assert (accepted.status, accepted.reason) == (Status.REFUSED, "too_late")


def close_the_window(world: World, now: datetime) -> None:
    """Sundays only, and a pace of one an hour."""
    DeliverySession.objects.create(account=world.account, channel=Channel.EMAIL, weekday=6, starts=600, ends=720)
    world.account.channel_setups.filter(channel=Channel.EMAIL).update(pace_ms=3_600_000)
    queue.setup_changed(world.account.pk, Channel.EMAIL, 3_600_000, now)


def test_by_hand_skips_window_and_pace_and_says_who(world: World, now: datetime) -> None:
    close_the_window(world, now)
    assert send_message(world.member, EMAIL, now).reason == "window_closed"
    accepted = send_message(world.member, replace(EMAIL, by_hand=True, reason="she is waiting"), now)
    assert accepted.verdict == Send()
    assert QueueEntry.objects.get(id=accepted.id).by_hand
    said = {(one.check_name, one.by, one.reason) for one in Override.objects.filter(message_id=accepted.id)}
    assert said == {(check, "Cem Tanaka", "she is waiting") for check in ("window", "pace")}
    entry = LedgerEntry.objects.get(act="send_by_hand")
    assert (entry.by, entry.subject) == ("Cem Tanaka", f"message:{accepted.id}")
    answers = {one.check: one for one in explain(facts_of(world.account.pk, accepted.id), now)}
    assert answers["window"].verdict == Send()
    overridden = answers["window"].overridden
    assert overridden is not None
    assert overridden.by == "Cem Tanaka"


def test_by_hand_skips_nothing_else(world: World, now: datetime) -> None:
    pat = contact(world)
    night = now.replace(hour=5)
    by_hand = replace(TEXT, by_hand=True)
    assert send_message(world.member, by_hand, night).reason == "quiet_hours"
    stop_account(world.admin, "", now)
    assert send_message(world.member, by_hand, now).reason == "stopped"
    mark(world.admin, [pat.pk], MarkerKind.STOP_ALL, "", now)
    assert send_message(world.member, by_hand, now).reason == "stop_all"


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (replace(TEXT, address=""), "to"),
        (replace(TEXT, address="12"), "to"),
        (replace(EMAIL, address="nobody"), "to"),
        (replace(TEXT, address="+442079460123"), "to"),  # a landline in London
        (replace(TEXT, body="  "), "body"),
        (replace(TEXT, body="a" * 40_000), "body"),
        (replace(TEXT, subject="Hello"), "subject"),
        (replace(EMAIL, subject=""), "subject"),
        (replace(EMAIL, subject="one\r\nBcc: all@b.example"), "subject"),
        (replace(TEXT, reason="why"), "reason"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_made(
    world: World, now: datetime, draft: Draft, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        send_message(world.member, draft, now)
    assert list(refused.value.problems) == [field]
    assert not Message.objects.exists()
    assert not Contact.objects.exists()


def test_times_that_cannot_be_are_named(world: World, now: datetime) -> None:
    hour = timedelta(hours=1)
    for draft, field in (
        (replace(EMAIL, due_at=now + timedelta(days=400)), "due_at"),
        (replace(EMAIL, due_at=now + 2 * hour, use_by=now + hour), "use_by"),
        (replace(EMAIL, due_at=now + 2 * hour, appointment_at=now + hour), "appointment_at"),
        (replace(EMAIL, appointment_at=now), "appointment_at"),
    ):
        with pytest.raises(Invalid) as refused:
            send_message(world.member, draft, now)
        assert list(refused.value.problems) == [field]


def test_the_same_key_makes_one_message(world: World, now: datetime) -> None:
    first = send_message(world.member, EMAIL, now, "order 7")
    again = send_message(world.member, EMAIL, now + timedelta(minutes=1), "order 7")
    assert again.is_repeat
    assert (again.id, again.status) == (first.id, first.status)
    assert Message.objects.count() == 1
    assert send_message(world.member, EMAIL, now, "order 8").id != first.id


def test_the_same_key_for_another_message_is_a_conflict(world: World, now: datetime) -> None:
    send_message(world.member, EMAIL, now, "order 7")
    with pytest.raises(Conflict, match="another request"):
        send_message(world.member, replace(EMAIL, body="Other words"), now, "order 7")
    assert Message.objects.count() == 1


def test_a_repeated_refusal_says_why_again(world: World, now: datetime) -> None:
    mark(world.admin, [contact(world).pk], MarkerKind.STOP_ALL, "", now)
    send_message(world.member, TEXT, now, "k")
    again = send_message(world.member, TEXT, now, "k")
    assert (again.status, again.verdict) == (Status.REFUSED, Refuse("contact_marker", "stop_all"))


def test_a_key_belongs_to_its_account_and_is_forgotten_after_a_week(world: World, now: datetime) -> None:
    first = send_message(world.member, EMAIL, now, "k")
    theirs = send_message(world.stranger, EMAIL, now, "k")
    assert theirs.id != first.id
    later = send_message(world.member, EMAIL, now + timedelta(days=8), "k")
    assert later.id != first.id
    assert RequestKey.objects.count() == 2


def test_of_two_requests_with_one_key_at_the_same_time_one_makes_the_message(
    committed_world: World, now: datetime
) -> None:
    def ask() -> int:
        try:
            return send_message(committed_world.member, EMAIL, now, "order 7").id
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        ids = {done.result() for done in [pool.submit(ask) for _ in range(8)]}
    assert len(ids) == 1
    assert Message.objects.count() == 1


def test_a_message_never_leaves_after_its_appointment_unless_its_use_by_says_otherwise(
    world: World, now: datetime
) -> None:
    at = now + timedelta(hours=2)
    for use_by in (None, now + timedelta(hours=1)):
        made = send_message(world.member, replace(EMAIL, appointment_at=at, use_by=use_by), now)
        message = Message.objects.get(id=made.id)
        row = QueueEntry.objects.get(id=made.id)
        assert (message.appointment_at, message.use_by) == (row.appointment_at, row.use_by) == (at, use_by or at)
