"""A person says which appointment a reply is about: only one ahead, of whoever has the number that wrote (issue 8)."""

from datetime import timedelta

import pytest

from allstop.actions.actor import Forbidden, NotThere
from allstop.actions.message_plans import PlanChoice, save_plan
from allstop.actions.reply_matching import appointments_for, match_reply
from allstop.rules.facts import Channel
from allstop.rules.message_plan import Condition
from allstop.store.models import AnswerKind, AppointmentAnswer, Contact, Inbound, LedgerEntry, Message
from tests.actions.test_families import HOME
from tests.actions.test_message_plans import a_feed, comes, step
from tests.actions.test_visit_answers import says, sent
from tests.reminder_files import a_row
from tests.world import World

PLAN = (step(Channel.TEXT, 2), step(Channel.CALL, 1, Condition.UNCONFIRMED))


def test_of_several_appointments_a_person_chooses_and_what_need_not_leave_is_withdrawn(world: World) -> None:
    feed = a_feed(world, save_plan(world.leader, PlanChoice(name="Steps", steps=PLAN), world.now))
    comes(
        world,
        feed,
        a_row(1, name="Silva, Ana", at="12/15/2026 10:00", **HOME),
        a_row(2, name="Silva, Ben", at="12/15/2026 11:00", **HOME),
        a_row(3, name="Silva, Cem", at="12/16/2026 12:00", status="Cancelled", **HOME),
        a_row(4, name="Costa, Dora", at="12/15/2026 10:00"),
    )
    texts = list(Message.objects.filter(channel="text", contact__family_name="Silva").order_by("id"))
    for number, one in enumerate(texts[:2]):
        sent(world, one, f"r{number}")
    later = world.now + timedelta(minutes=1)
    says("Ben cannot", later, sender="+12125550150")
    reply = Inbound.objects.get(text="Ben cannot")
    assert not AppointmentAnswer.objects.exists(), "nothing is guessed"
    found = appointments_for(world.viewer, reply.pk, later)
    assert [(one.name, one.message_id, one.location, one.said) for one in found] == [
        ("Ana Silva", texts[0].id, "Northgate", None),
        ("Ben Silva", texts[1].id, "Northgate", None),
    ]
    with pytest.raises(Forbidden):
        match_reply(world.viewer, reply.pk, texts[1].id, AnswerKind.CANCELLED, later)
    doras = Message.objects.get(channel="text", contact__family_name="Costa")
    for who, number in ((world.member, doras.id), (world.member, texts[2].id), (world.stranger, texts[1].id)):
        with pytest.raises(NotThere):
            match_reply(who, reply.pk, number, AnswerKind.CANCELLED, later)
    done = match_reply(world.member, reply.pk, texts[1].id, AnswerKind.CANCELLED, later)
    assert (done.by, done.channel, done.inbound_id) == ("Cem Tanaka", "text", reply.pk)
    reply.refresh_from_db()
    assert reply.in_reply_to == texts[1].id
    left = {one.contact_id: one.reason for one in Message.objects.filter(channel="call", contact__family_name="Silva")}
    people = {one.given_name: one.pk for one in Contact.objects.filter(family_name="Silva")}
    assert (left[people["Ana"]], left[people["Ben"]]) == ("", "contact_cancelled")
    [entry] = LedgerEntry.objects.filter(act="match_reply")
    assert entry.after == {"inbound": reply.pk, "answer": "cancelled", "via": world.member.via}
    assert [one.said for one in appointments_for(world.viewer, reply.pk, later)] == [None, AnswerKind.CANCELLED]
    assert texts[0].appointment_at is not None
    over = appointments_for(world.viewer, reply.pk, texts[0].appointment_at)
    assert [one.name for one in over] == ["Ben Silva"]
