"""What contacts reply to reminders: clear words act, others wait for a person (TN12, TX15; SYSTEMS 1 and 5)."""

from datetime import datetime, timedelta

import pytest

from allstop.actions.message_plans import PlanChoice, save_plan
from allstop.actions.replies import Written, take_key, take_reply
from allstop.actions.visits import answer_appointment
from allstop.rules.facts import Channel
from allstop.rules.visit_thanks import Thanks
from allstop.store.models import (
    AnswerKind,
    AppointmentAnswer,
    Attempt,
    Contact,
    Conversation,
    LedgerEntry,
    Message,
    QueueEntry,
    UnclearReply,
)
from tests.actions.test_message_plans import FALLBACK, USUAL, imported
from tests.reminder_files import a_row
from tests.world import World

AT = "12/15/2026 10:30"
PHONE = "+12125550101"


def thanks() -> list[tuple[str, str, str]]:
    found = Message.objects.filter(purpose="service").order_by("id")
    return [(one.channel, one.address, one.body) for one in found]


def sent(world: World, message: Message, ref: str) -> None:
    """It has left a moment ago."""
    QueueEntry.objects.filter(id=message.id).delete()
    Message.objects.filter(account_id=message.account_id, id=message.id).update(status="sent", finished_at=world.now)
    Attempt.objects.create(
        account_id=message.account_id,
        message_id=message.id,
        number=1,
        worker_id=1,
        adapter="sandbox",
        started_at=world.now,
        ended_at=world.now,
        outcome="accepted",
        ref=ref,
        code="",
        detail="",
    )


def says(text: str, at: datetime, *, ref: str = "", sender: str = PHONE) -> None:
    assert take_reply(
        Written(
            adapter="sandbox",
            provider_id=f"{sender} {text} {at}",
            channel=Channel.TEXT,
            sender=sender,
            recipient="+12125550100",
            text=text,
            in_reply_to=ref,
            at=at,
        )
    )


def reminded(world: World) -> tuple[Message, Message]:
    """Of an appointment, by text; the call to those who have not confirmed waits."""
    plan = save_plan(world.leader, PlanChoice(name="Steps", steps=USUAL), world.now)
    taken = imported(world, plan, a_row(1, at=AT))
    _, text, call = Message.objects.filter(job=taken.job).order_by("id")
    sent(world, text, "r1")
    return text, call


def answers() -> list[tuple[str, str]]:
    return list(AppointmentAnswer.objects.order_by("pk").values_list("kind", "by"))


@pytest.mark.parametrize("ref", ["r1", ""])  # some wires do not say what a text answers
def test_a_yes_confirms_and_waits_for_nobody(world: World, ref: str) -> None:
    text, call = reminded(world)
    says("Yes!", world.now + timedelta(minutes=1), ref=ref)
    assert answers() == [("confirmed", "the contact")]
    call.refresh_from_db()
    assert (call.status, call.reason) == ("canceled", "appointment_confirmed")
    assert Conversation.objects.get(contact=text.contact).state == "closed"
    says("thanks!", world.now + timedelta(minutes=2), ref=ref)
    assert answers() == [("confirmed", "the contact")]


def test_a_no_withdraws_what_waits_and_stays_in_the_inbox(world: World) -> None:
    text, _ = reminded(world)
    says("no", world.now + timedelta(minutes=1))
    assert answers() == [("cancelled", "the contact")]
    left = Message.objects.filter(account=world.account, job=text.job).exclude(id=text.id)
    assert set(left.values_list("reason", flat=True)) == {"contact_cancelled"}
    assert Conversation.objects.get(contact=text.contact).state == "open"


def test_what_is_not_clear_changes_nothing(world: World) -> None:
    text, call = reminded(world)
    says("NO WORRIES MATE", world.now + timedelta(minutes=1))
    assert answers() == [("other", "the contact")]
    call.refresh_from_db()
    assert call.status == "waiting"
    assert Conversation.objects.get(contact=text.contact).state == "open"
    says("wrong number", world.now + timedelta(minutes=2))  # it may be a no as well: a person reads it
    assert answers() == [("wrong", "the contact")]
    assert UnclearReply.objects.filter(contact=text.contact).count() == 1


def test_of_two_appointments_ahead_nobody_guesses_which_is_meant(world: World) -> None:
    text, _ = reminded(world)
    plan = save_plan(world.leader, PlanChoice(name="Other", steps=FALLBACK), world.now)
    second = imported(world, plan, a_row(1, guid="B1", at="12/16/2026 10:30"))
    other = Message.objects.filter(job=second.job).order_by("id")[0]
    sent(world, other, "r2")
    says("yes", world.now + timedelta(minutes=1))
    assert answers() == []
    assert Conversation.objects.get(contact=text.contact).state == "open"
    says("yes", world.now + timedelta(minutes=2), ref="r2")
    assert AppointmentAnswer.objects.get().message_id == other.id


def test_keys_of_a_call_confirm_and_cancel(world: World) -> None:
    text, call = reminded(world)
    sent(world, call, "c1")
    assert take_key("sandbox", "c1", "7", world.now)
    assert answers() == []
    assert take_key("sandbox", "c1", "1", world.now)
    assert answers() == [("confirmed", "the contact")]
    assert take_key("sandbox", "c1", "2", world.now)
    assert answers() == [("cancelled", "the contact")]
    assert not QueueEntry.objects.filter(account_id=world.account.pk).exists()
    assert text.contact is not None


def test_a_yes_is_acknowledged_once_for_each_appointment_and_only_where_the_plan_says_so(world: World) -> None:
    words = (Thanks("{account}: Thank you.", ""), Thanks("{account}: Gracias.", "", "es"))
    plan = save_plan(world.leader, PlanChoice(name="Three", steps=USUAL, thanks=words), world.now)
    taken = imported(world, plan, a_row(1, at=AT), a_row(2, at=AT))
    texts = list(Message.objects.filter(job=taken.job, channel="text").order_by("id"))
    for number, text in enumerate(texts):
        sent(world, text, f"t{number}")
    says("Yes please", world.now, ref="t0")
    says("No", world.now + timedelta(minutes=1), ref="t0")  # nothing is written for a no
    says("Yes", world.now + timedelta(minutes=2), ref="t0")  # the same appointment
    assert thanks() == [("text", PHONE, "Northgate Dental: Thank you.")]
    message = Message.objects.get(purpose="service")
    assert QueueEntry.objects.filter(id=message.id).exists()  # the gate looks at it like at any other
    other = texts[1].contact
    assert other is not None
    Contact.objects.filter(pk=other.pk).update(language="es")
    says("no worries mate", world.now, ref="t1", sender=texts[1].address)
    assert len(thanks()) == 1
    says("Si", world.now + timedelta(minutes=1), ref="t1", sender=texts[1].address)
    assert thanks()[1:] == [("text", texts[1].address, "Northgate Dental: Gracias.")]
    answer_appointment(world.member, texts[0].id, AnswerKind.CONFIRMED, world.now)  # a member wrote it down
    assert len(thanks()) == 2
    assert LedgerEntry.objects.filter(act="thank_for_answer").count() == 2
