"""A reminder by text to whoever has said no to texts goes out as a call, where the account says so (issue 8)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection

from allstop.actions.actor import Invalid
from allstop.actions.calls_instead import call_instead
from allstop.actions.contacts import record_opt_out
from allstop.actions.jobs import remove_jobs
from allstop.actions.reply_setup import change_replies, replies_of
from allstop.actions.visits import answer_appointment
from allstop.rules.facts import Channel
from allstop.rules.message_plan import Condition
from allstop.store import lists
from allstop.store.models import AnswerKind, CallInstead, Contact, FamilyVisit, LedgerEntry, Message, QueueEntry
from tests.actions.test_families import ana, ben
from tests.actions.test_families import step as family_step
from tests.actions.test_message_plans import IN_DECEMBER, MOVED, a_feed, a_plan, comes, imported, step
from tests.reminder_files import a_row
from tests.world import World

PLAN = (step(Channel.TEXT, 2, body="Reply YES. {when}"), step(Channel.EMAIL, 1, Condition.UNCONFIRMED))
SAYS = "This is Northgate Dental. We remind you of an appointment on Tuesday, December 15: "


@pytest.fixture
def on(world: World) -> World:
    change_replies(world.leader, replace(replies_of(world.leader), calls_instead=True), world.now)
    return world


def no_to_texts(world: World, number: int = 1, channel: Channel | None = Channel.TEXT) -> None:
    record_opt_out(Contact.objects.get(external_id=f"P{number}"), channel, "STOP", world.now)


def refused(text: Message, reason: str, now: datetime) -> None:
    """As the worker writes it down when the text is due."""
    nothing = [[None]] * 7
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT queue_finish(NULL, %s, %s, %s, %s, %s, %s::text[], %s::timestamptz[], %s::timestamptz[],"
            " %s::text[], %s::text[], %s::text[], %s::text[])",
            [now, [text.account_id], [text.id], ["refused"], [reason], *nothing],
        )


def made(world: World, channel: str) -> list[Message]:
    later = Message.objects.filter(account=world.account, channel=channel, appointment_at__gt=world.now)
    return list(later.exclude(contact__external_id="P99").order_by("id"))


def test_a_text_that_is_refused_when_it_is_due_is_called(on: World) -> None:
    world = on
    feed = a_feed(world, a_plan(world, PLAN))
    comes(world, feed, *(a_row(n, at=IN_DECEMBER) for n in (1, 2, 3, 4)))
    first, *others = made(world, "text")
    for number, channel in ((1, Channel.TEXT), (2, Channel.TEXT), (3, None)):
        no_to_texts(world, number, channel)
    no_to_texts(world, 2, Channel.CALL)
    refused(first, "opted_out_text", first.due_at)
    refused(others[0], "opted_out_text", first.due_at)
    refused(others[1], "opted_out_all", first.due_at)
    refused(others[2], "use_by_past", first.due_at)
    for _ in range(2):
        call_instead(first.due_at)
    [call] = made(world, "call")
    assert (call.contact_id, call.address, call.status) == (first.contact_id, first.address, "waiting")
    assert call.body == f"{SAYS}Pat at 10:30 AM."
    assert (call.due_at, call.use_by, call.job_id) == (first.due_at, first.use_by, first.job_id)
    assert not QueueEntry.objects.get(id=call.id).by_hand, "it waits for the hours of calls"
    assert CallInstead.objects.filter(look_at__isnull=False).count() == 0
    [entry] = LedgerEntry.objects.filter(act="call_instead")
    assert (entry.subject, entry.after) == (f"message:{call.id}", {"of": first.id})
    words = [why.words for why in (lists.why(world.account.pk, one.id, first.due_at) for one in (first, call)) if why]
    assert f"A call goes instead: message {call.id}." in words[0]
    assert f"instead of the text {first.id}" in words[1]
    # what is said to the call counts for the appointment as the text's would have
    email = made(world, "email")[0]
    answer_appointment(world.member, call.id, AnswerKind.CONFIRMED, first.due_at)
    email.refresh_from_db()
    assert email.reason == "appointment_confirmed"
    comes(world, feed, a_row(1, at=MOVED), *(a_row(n, at=IN_DECEMBER) for n in (2, 3, 4)))
    call.refresh_from_db()
    assert (call.status, call.reason) == ("canceled", "appointment_moved")


def test_a_text_that_is_refused_when_it_is_made_is_called_when_it_would_have_left(on: World) -> None:
    world = on
    feed = a_feed(world, a_plan(world, (replace(PLAN[0], days=1),)))
    comes(world, feed, a_row(1, at=MOVED), a_row(2, at=MOVED))
    no_to_texts(world)
    file = comes(world, feed, a_row(1, at=IN_DECEMBER), a_row(2, at=IN_DECEMBER))
    assert file.source is not None
    call_instead(world.now)
    [call] = made(world, "call")
    [text] = [one for one in made(world, "text") if one.status == "refused"]
    assert (call.due_at, call.body) == (text.due_at, f"{SAYS}Pat at 10:30 AM.")
    assert file.source.job_id is not None
    remove_jobs(world.member, [file.source.job_id], world.now)
    call.refresh_from_db()
    assert call.status == "removed"


def test_a_family_is_called_together_and_a_plan_with_a_step_for_it_keeps_to_its_plan(on: World) -> None:
    world = on
    feed = a_feed(world, a_plan(world, (family_step(Channel.TEXT, 2),)))
    comes(world, feed, ana(), ben())
    [carrier, of_ben] = made(world, "text")
    no_to_texts(world)
    refused(carrier, "opted_out_text", world.now)
    call_instead(world.now)
    [call] = made(world, "call")
    assert call.body == f"{SAYS}Ana at 10:00 AM and Ben at 11:00 AM."
    assert set(FamilyVisit.objects.values_list("message_id", "carrier_id")) == {
        (call.id, call.id),
        (of_ben.id, call.id),
    }
    leans = a_plan(world, (PLAN[0], step(Channel.EMAIL, 1, Condition.FAILED)), name="Leans")
    imported(world, leans, a_row(5, at=IN_DECEMBER))
    [text] = [one for one in made(world, "text") if one.address == "+12125550105"]
    no_to_texts(world, 5)
    refused(text, "opted_out_text", world.now)
    call_instead(world.now)
    assert made(world, "call") == [call]


def test_nothing_is_called_where_it_is_not_set_or_too_late(world: World) -> None:
    comes(world, a_feed(world, a_plan(world, PLAN)), a_row(1, at=IN_DECEMBER), a_row(2, at=IN_DECEMBER))
    first, second = made(world, "text")
    no_to_texts(world)
    no_to_texts(world, 2)
    refused(first, "opted_out_text", world.now)
    assert not CallInstead.objects.exists()
    stands = replies_of(world.leader)
    with pytest.raises(Invalid):
        change_replies(world.leader, replace(stands, calls_instead=True, call_words="Hello"), world.now)
    change_replies(world.leader, replace(stands, calls_instead=True, call_words=""), world.now)
    refused(second, "opted_out_text", world.now)
    assert second.appointment_at is not None
    call_instead(second.appointment_at + timedelta(minutes=1))
    assert (made(world, "call"), CallInstead.objects.get().call_id) == ([], None)
