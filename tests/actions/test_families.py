"""Group by family, from a file to its messages: who is told together, and what follows when one of them changes."""

from datetime import time, timedelta

from django.db import connection

from allstop.actions.erase import erase_person
from allstop.actions.families import word_anew
from allstop.actions.feed_files import take_file
from allstop.actions.feeds import FeedChoice, save_feed
from allstop.actions.import_preview import preview
from allstop.actions.import_run import run_import
from allstop.actions.message_plans import PlanChoice, save_plan
from allstop.actions.reports import make_report
from allstop.actions.standing_by import look_at_stand_bys
from allstop.actions.visits import answer_appointment
from allstop.rules.facts import Channel
from allstop.rules.message_plan import Condition, Step, Words
from allstop.store import lists
from allstop.store.models import (
    AnswerKind,
    AppointmentAnswer,
    Contact,
    FamilyVisit,
    Feed,
    FeedFile,
    FeedKind,
    Message,
    MessagePlan,
    QueueEntry,
)
from tests.reminder_files import HEADER, a_row, changed, run, taken_in
from tests.world import World

TEN, ELEVEN, NOON = "12/15/2026 10:00", "12/15/2026 11:00", "12/15/2026 12:00"
OTHER_DAY = "12/17/2026 11:00"
HOME = {"phone": "(212) 555-0150", "email": ""}


def step(channel: Channel, days: int, condition: Condition = Condition.ALWAYS, *, family: bool = True) -> Step:
    says = Words(
        body="{first_name}: {when}",
        subject="Your appointment",
        family_body="On {date}: {visits}.",
        family_subject="Your family",
    )
    return Step(channel=channel, days=days, clock=time(11), condition=condition, for_family=family, words=(says,))


PLAN = (step(Channel.TEXT, 2), step(Channel.CALL, 1, Condition.UNCONFIRMED))


def a_feed(world: World, steps: tuple[Step, ...] = PLAN) -> Feed:
    plan = save_plan(world.leader, PlanChoice(name="Families", steps=steps), world.now)
    like = changed(world, taken_in(world, a_row(99, at=TEN)), plan_id=plan.pk)
    run(world, like)
    assert MessagePlan.objects.get().pk == plan.pk
    choice = FeedChoice(name="Practice", kind=FeedKind.PUSH, settings={}, rhythm={}, like_import=like.pk)
    return save_feed(world.leader, choice, world.now)


def comes(world: World, feed: Feed, *rows: str) -> FeedFile:
    file = take_file(feed, "all.csv", "\r\n".join((HEADER, *rows)).encode(), world.now)
    assert file.source_id is not None
    run_import(file.source_id, world.now)
    word_anew(world.now)
    file.refresh_from_db()
    return file


def ana(**changes: str) -> str:
    return a_row(1, **({"name": "Silva, Ana", "at": TEN} | HOME | changes))


def ben(**changes: str) -> str:
    return a_row(2, **({"name": "Silva, Ben", "at": ELEVEN} | HOME | changes))


def cem(**changes: str) -> str:
    return a_row(3, **({"name": "Silva, Cem", "at": NOON} | HOME | changes))


def waiting(channel: str = "text") -> list[str]:
    """What will leave, in words."""
    found = Message.objects.filter(channel=channel, status="waiting", id__in=QueueEntry.objects.values("id"))
    return sorted(found.exclude(body__startswith="Pat").values_list("body", flat=True))


def test_one_message_names_all_and_every_row_is_accounted_for(world: World) -> None:
    feed = a_feed(world)
    other = a_row(4, name="Costa, Dora", at=TEN)
    file = comes(world, feed, ben(), ana(), cem(at=OTHER_DAY), other)
    together = "On Tuesday, December 15: Ana at 10:00 AM and Ben at 11:00 AM."
    alone = ["Cem: Thursday, December 17 at 11:00 AM", "Dora: Tuesday, December 15 at 10:00 AM"]
    assert waiting() == sorted([*alone, together])
    assert waiting("call") == sorted([*alone, together])
    assert (file.rows, file.waiting, file.canceled, file.errors) == (4, 4, 0, 0)
    carrier = Message.objects.get(channel="text", body=together)
    assert carrier.contact is not None and carrier.contact.given_name == "Ana"
    assert carrier.due_at == Message.objects.get(body=alone[1], channel="text").due_at
    made = make_report(world.viewer, lists.ReportBy.CHANNEL, None, None, world.now).totals
    assert (made["notifications"], made["waiting"], made["canceled"]) == (10, 10, 0)  # with the file by hand
    assert lists.told_together(world.account.pk, carrier.job_id or 0) == {"waiting": 2}
    rows = lists.messages(world.account.pk, lists.Filters(job=file.source.job_id if file.source else None))
    shown = {(one.contact_name, one.channel.value): (one.shown, one.told_by) for one in rows}
    assert shown["Ben Silva", "text"] == ("waiting", carrier.id)
    assert shown["Ana Silva", "text"] == ("waiting", None)
    detail = lists.message(world.account.pk, carrier.id)
    assert detail is not None and [one.contact_name for one in detail.family] == ["Ben Silva"]


def test_an_answer_counts_for_all_of_them(world: World) -> None:
    comes(world, a_feed(world), ana(), ben(), cem(at=OTHER_DAY))
    text = Message.objects.get(channel="text", body__startswith="On ")
    answer_appointment(world.member, text.id, AnswerKind.CONFIRMED, world.now)
    assert AppointmentAnswer.objects.filter(kind="confirmed").count() == 2
    assert waiting("call") == ["Cem: Thursday, December 17 at 11:00 AM"]  # the others have confirmed
    word_anew(world.now)
    assert waiting("call") == ["Cem: Thursday, December 17 at 11:00 AM"]
    answer_appointment(world.member, text.id, AnswerKind.CANCELLED, world.now)
    word_anew(world.now)
    assert set(AppointmentAnswer.objects.values_list("kind", flat=True)) == {"cancelled"}


def test_one_who_moves_leaves_the_others_told_and_is_told_anew(world: World) -> None:
    feed = a_feed(world)
    comes(world, feed, ana(), ben(), cem())
    due = Message.objects.get(channel="text", body__startswith="On ").due_at
    second = comes(world, feed, ana(), ben(at=OTHER_DAY), cem())
    moved = "Ben: Thursday, December 17 at 11:00 AM"
    rest = "On Tuesday, December 15: Ana at 10:00 AM and Cem at 12:00 PM."
    assert waiting() == waiting("call") == [moved, rest]
    assert Message.objects.get(channel="text", body=rest).due_at == due
    assert QueueEntry.objects.get(id=Message.objects.get(channel="text", body=rest).id).due_at == due
    assert (second.rows, second.waiting, second.canceled) == (3, 1, 2)
    comes(world, feed, ana(status="Cancelled"), ben(at=OTHER_DAY), cem())  # the one whose message it is
    alone = "Cem: Tuesday, December 15 at 12:00 PM"
    assert waiting() == waiting("call") == [moved, alone]
    comes(world, feed, ana(status="Cancelled"), ben(at=OTHER_DAY), cem(status="Cancelled"))
    assert waiting() == waiting("call") == [moved]


def test_what_has_left_has_told_of_all_of_them(world: World) -> None:
    feed = a_feed(world, (step(Channel.TEXT, 2), step(Channel.CALL, 1, Condition.FAILED)))
    first = comes(world, feed, ana(), ben())
    text = Message.objects.get(channel="text", body__startswith="On ")
    QueueEntry.objects.filter(id=text.id).delete()
    Message.objects.filter(id=text.id).update(status="failed", finished_at=world.now)
    look_at_stand_bys(text.due_at + timedelta(days=2))
    assert waiting("call") == ["On Tuesday, December 15: Ana at 10:00 AM and Ben at 11:00 AM."]  # one call, not two
    made = lists.messages(world.account.pk, lists.Filters(job=first.source.job_id if first.source else None))
    assert {(one.channel.value, one.shown) for one in made} == {("text", "failed"), ("call", "waiting")}
    comes(world, feed, ana(), ben(at=OTHER_DAY))
    assert waiting("call") == ["Ana: Tuesday, December 15 at 10:00 AM"]
    assert waiting("text") == ["Ben: Thursday, December 17 at 11:00 AM"]
    assert FamilyVisit.objects.filter(look_at__isnull=False).count() == 0


def test_whoever_is_erased_is_not_named_in_messages_to_the_others(world: World) -> None:
    feed = a_feed(world, PLAN[:1])
    comes(
        world,
        feed,
        ana(),
        ben(),
        cem(),
        *(row(at="12/18/2026 10:00", guid=guid) for row, guid in ((ana, "B1"), (ben, "B2"))),
    )
    left = Message.objects.get(channel="text", body__contains="December 18", status="waiting")
    QueueEntry.objects.filter(id=left.id).delete()
    Message.objects.filter(id=left.id).update(status="sent", finished_at=world.now)
    person = Contact.objects.get(external_id="P2")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # as they are in a transaction of its own
    of = erase_person(world.admin, person.pk, "CONFIRM", world.now)
    assert of.state == "done"
    assert waiting() == ["On Tuesday, December 15: Ana at 10:00 AM and Cem at 12:00 PM."]
    left.refresh_from_db()
    assert (left.body, left.status) == ("", "sent")
    said = [one.says | {"alone": one.alone_body} for one in FamilyVisit.objects.all()]
    assert "Ben" not in repr([said, list(Message.objects.values_list("body", flat=True))])


def test_what_will_be_told_together_is_shown_before(world: World) -> None:
    plan = save_plan(world.leader, PlanChoice(name="Families", steps=PLAN[:1]), world.now)
    taken = changed(world, taken_in(world, ben(), ana()), plan_id=plan.pk)
    rows = preview(world.viewer, taken.pk, world.now).rows
    assert [(one.name, one.messages[0].told_in_row) for one in rows] == [("Ben Silva", 3), ("Ana Silva", None)]
    assert rows[1].messages[0].body == "On Tuesday, December 15: Ana at 10:00 AM and Ben at 11:00 AM."
