"""Message plans from a file to its messages: steps, conditions, welcomes, what a newer file or an answer withdraws."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from allstop.actions.actor import Conflict, Forbidden, Invalid, NotThere
from allstop.actions.contacts import record_opt_out
from allstop.actions.feed_files import take_file
from allstop.actions.feeds import FeedChoice, save_feed
from allstop.actions.import_preview import preview
from allstop.actions.import_run import run_import
from allstop.actions.imports import options_of
from allstop.actions.message_plans import PlanChoice, delete_plan, plan_of, rehearse, save_plan, steps_of
from allstop.actions.standing_by import look_at_stand_bys
from allstop.actions.visits import answer_appointment
from allstop.rules.facts import Channel
from allstop.rules.message_plan import Condition, Step, Words
from allstop.store.models import (
    AnswerKind,
    Feed,
    FeedFile,
    FeedKind,
    Import,
    LedgerEntry,
    Message,
    MessagePlan,
    PlanStep,
    QueueEntry,
    Tally,
    TallyChange,
    Worker,
)
from tests.reminder_files import HEADER, a_row, changed, run, taken_in
from tests.world import World

IN_DECEMBER = "12/15/2026 10:30"  # a Tuesday, three weeks ahead
MOVED = "12/17/2026 11:00"


def step(channel: Channel, days: int, condition: Condition = Condition.ALWAYS, **words: str) -> Step:
    says = Words(body=words.pop("body", f"{channel} on {{when}}"), subject="Your appointment", **words)  # type: ignore[arg-type]
    return Step(channel=channel, days=days, clock=time(11), condition=condition, words=(says,))


USUAL = (step(Channel.EMAIL, 14), step(Channel.TEXT, 2), step(Channel.CALL, 1, Condition.UNCONFIRMED))
FALLBACK = (step(Channel.TEXT, 2), step(Channel.CALL, 1, Condition.FAILED))


def a_plan(world: World, steps: tuple[Step, ...] = USUAL, **choices: object) -> MessagePlan:
    said = {"name": "Three steps", "steps": steps} | choices
    return save_plan(world.leader, PlanChoice(**said), world.now)  # type: ignore[arg-type]


def imported(world: World, plan: MessagePlan, *rows: str) -> Import:
    taken = changed(world, taken_in(world, *rows), plan_id=plan.pk)
    run(world, taken)
    taken.refresh_from_db()
    return taken


def sent_as(taken: Import) -> list[tuple[str, str, str, str]]:
    found = Message.objects.filter(job=taken.job).order_by("id")
    return [(one.channel, f"{one.due_at:%m-%d %H:%M}", one.status, one.reason) for one in found]


def accounted(world: World, taken: Import) -> None:
    """rows = what became of them + errors, and the tallies say what the messages say."""
    counted: dict[str, int] = {}
    for rows in (Tally, TallyChange):
        for status, count in rows.objects.filter(job_id=taken.job_id or 0).values_list("status", "count"):
            counted[status] = counted.get(status, 0) + count
    found = list(Message.objects.filter(job=taken.job).values_list("status", flat=True))
    assert {status: count for status, count in counted.items() if count} == {one: found.count(one) for one in found}


def test_a_row_gets_a_message_for_each_step_counted_back_from_its_appointment(world: World) -> None:
    plan = a_plan(world)
    taken = imported(
        world, plan, a_row(1, at=IN_DECEMBER), a_row(2, at=IN_DECEMBER, email=""), a_row(3, phone="", email="")
    )
    assert sent_as(taken) == [
        ("email", "12-01 16:00", "waiting", ""),
        ("text", "12-13 16:00", "waiting", ""),
        ("call", "12-14 16:00", "waiting", ""),
        ("text", "12-13 16:00", "waiting", ""),  # nobody's email is known
        ("call", "12-14 16:00", "waiting", ""),
    ]
    assert taken.rows_refused == 1  # nothing reaches the third
    first = Message.objects.filter(job=taken.job).order_by("id").first()
    assert first is not None and first.use_by == datetime(2026, 12, 15, 15, 30, tzinfo=UTC)
    assert [(one.number, one.condition) for one in PlanStep.objects.filter(visit=first.id).order_by("number")] == [
        (1, "always"),
        (2, "always"),
        (3, "unconfirmed"),
    ]
    accounted(world, taken)
    shown = preview(
        world.viewer, changed(world, taken_in(world, a_row(4, at=IN_DECEMBER)), plan_id=plan.pk).pk, world.now
    )
    assert [one.channel for one in shown.rows[0].messages] == [Channel.EMAIL, Channel.TEXT, Channel.CALL]


def test_a_row_with_a_text_of_too_many_parts_is_a_problem_by_a_plan_as_well(world: World) -> None:
    plan = a_plan(world, (step(Channel.TEXT, 2, body="With {provider} on {when}"),))
    taken = imported(world, plan, a_row(1, at=IN_DECEMBER), a_row(2, at=IN_DECEMBER, provider="D" * 40_000))
    assert (len(sent_as(taken)), taken.rows_refused) == (1, 1)


def test_what_was_confirmed_is_not_asked_again_and_what_is_cancelled_is_not_told_at_all(world: World) -> None:
    """TN12: a yes and a no give their result; the steps that were only for the others leave the queue at once."""
    taken = imported(world, a_plan(world), a_row(1, at=IN_DECEMBER), a_row(2, at=IN_DECEMBER), a_row(3, at=IN_DECEMBER))
    ids = list(Message.objects.filter(job=taken.job).order_by("id").values_list("id", flat=True))
    answer = answer_appointment(world.member, ids[1], AnswerKind.CONFIRMED, world.now)
    assert (answer.kind, answer.by) == ("confirmed", "Cem Tanaka")
    answer_appointment(world.member, ids[3], AnswerKind.CANCELLED, world.now)
    answer_appointment(world.member, ids[6], AnswerKind.OTHER, world.now)  # TX15: changes nothing by itself
    assert [(status, reason) for _, _, status, reason in sent_as(taken)] == [
        ("waiting", ""),
        ("waiting", ""),
        ("canceled", "appointment_confirmed"),
        *[("canceled", "contact_cancelled")] * 3,
        *[("waiting", "")] * 3,
    ]
    assert set(QueueEntry.objects.filter(job_id=taken.job_id or 0).values_list("id", flat=True)) == {*ids[:2], *ids[6:]}
    entry = LedgerEntry.objects.filter(act="answer_appointment").order_by("pk").first()
    assert entry is not None and entry.after == {"answer": "confirmed", "withdrawn": 1, "via": "console"}
    accounted(world, taken)
    with pytest.raises(NotThere):
        answer_appointment(world.stranger, ids[0], AnswerKind.CONFIRMED, world.now)
    with pytest.raises(Forbidden):
        answer_appointment(world.viewer, ids[0], AnswerKind.CONFIRMED, world.now)


def test_a_step_for_a_failure_waits_until_the_one_before_has_failed_for_good(world: World) -> None:
    """TN11: a text that may not leave becomes a call."""
    taken = imported(world, a_plan(world, FALLBACK), *(a_row(number, at=IN_DECEMBER) for number in range(1, 6)))
    text, call = Message.objects.filter(job=taken.job).order_by("id")[:2]
    assert (call.status, call.reason) == ("canceled", "stands_by")
    texts = Message.objects.filter(job=taken.job, channel="text").order_by("id")
    outcomes = [
        ("failed", "", "failed"),
        ("sent", "delivered", ""),
        ("sent", "undeliverable", ""),
        ("refused", "", "opted"),
    ]
    for one, (status, receipt, reason) in zip(texts, outcomes, strict=False):
        QueueEntry.objects.filter(id=one.id).delete()
        Message.objects.filter(account_id=one.account_id, id=one.id).update(
            status=status, receipt=receipt, reason=reason, finished_at=world.now
        )
    look_at_stand_bys(world.now)  # not yet: the call is for the day after
    assert Message.objects.filter(job=taken.job, reason="stands_by").count() == 5
    due = call.due_at + timedelta(seconds=1)
    look_at_stand_bys(due)
    calls = Message.objects.filter(job=taken.job, channel="call").order_by("id")
    assert [(one.status, one.reason) for one in calls] == [
        ("waiting", ""),
        ("canceled", "not_needed"),
        ("waiting", ""),
        ("waiting", ""),
        ("canceled", "stands_by"),  # its text still waits
    ]
    assert QueueEntry.objects.get(id=call.id).due_at == due
    look_at_stand_bys(due)
    assert QueueEntry.objects.filter(job_id=taken.job_id or 0, channel="call").count() == 3  # each once
    assert text.status == "waiting"


def test_a_text_that_is_refused_at_once_is_followed_by_the_call(world: World) -> None:
    first = imported(world, a_plan(world, FALLBACK), a_row(1, at=IN_DECEMBER))
    person = Message.objects.filter(job=first.job).order_by("id")[0].contact
    assert person is not None
    record_opt_out(person, Channel.TEXT, "STOP", world.now, "+12125550101")
    second = imported(world, MessagePlan.objects.get(), a_row(2, at=MOVED, patient="P1", phone="(212) 555-0101"))
    assert [status for _, _, status, _ in sent_as(second)] == ["refused", "canceled"]
    look_at_stand_bys(world.now + timedelta(days=30))
    assert [status for _, _, status, _ in sent_as(second)] == ["refused", "waiting"]


def test_the_first_message_ever_to_a_contact_may_be_a_welcome(world: World) -> None:
    steps = (
        step(Channel.EMAIL, 14, body="See you {when}", new_body="Welcome, {first_name}"),
        step(Channel.TEXT, 2, new_body="Welcome by text"),
    )
    plan = a_plan(world, steps)
    first = imported(world, plan, a_row(1, at=IN_DECEMBER))
    bodies = list(Message.objects.filter(job=first.job).order_by("id").values_list("body", flat=True))
    assert bodies == ["Welcome, Pat", "text on Tuesday, December 15 at 10:30 AM"]
    again = imported(world, plan, a_row(1, guid="B1", at=MOVED))
    bodies = list(Message.objects.filter(job=again.job).order_by("id").values_list("body", flat=True))
    assert bodies[0].startswith("See you Thursday, December 17")


def a_feed(world: World, plan: MessagePlan) -> Feed:
    like = imported(world, plan, a_row(99, at=IN_DECEMBER))
    choice = FeedChoice(name="Practice", kind=FeedKind.PUSH, settings={}, rhythm={}, like_import=like.pk)
    return save_feed(world.leader, choice, world.now)


def comes(world: World, feed: Feed, *rows: str) -> FeedFile:
    file = take_file(feed, "all.csv", "\r\n".join((HEADER, *rows)).encode(), world.now)
    assert file.source_id is not None
    run_import(file.source_id, world.now)
    file.refresh_from_db()
    return file


def of(file: FeedFile) -> list[tuple[str, str]]:
    assert file.source is not None
    return [(status, reason) for _, _, status, reason in sent_as(file.source)]


def test_an_appointment_of_a_feed_takes_all_its_steps_along(world: World) -> None:
    """TX11 and SYSTEMS 1: moved rows are told anew, cancelled ones not at all, the same again is not told twice."""
    feed = a_feed(world, a_plan(world, (*USUAL[:2], step(Channel.CALL, 1, Condition.FAILED))))
    first = comes(world, feed, *(a_row(number, at=IN_DECEMBER) for number in (1, 2, 3)))
    assert (first.rows, first.waiting) == (3, 3)
    job = first.source.job if first.source else None
    left = Message.objects.filter(job=job, channel="email")  # two weeks ahead: they have left when the next file comes
    QueueEntry.objects.filter(id__in=left.values("id")).delete()
    left.update(status="sent", finished_at=world.now)
    second = comes(
        world, feed, a_row(1, at=MOVED), a_row(2, at=IN_DECEMBER, status="Cancelled"), a_row(3, at=IN_DECEMBER)
    )
    assert (second.rows, second.waiting, second.canceled, second.withdrawn) == (3, 1, 2, 2)
    assert of(first) == [
        ("sent", ""),
        ("canceled", "appointment_moved"),
        ("canceled", "not_needed"),
        ("sent", ""),
        ("canceled", "appointment_cancelled"),
        ("canceled", "not_needed"),
        ("sent", ""),
        ("waiting", ""),
        ("canceled", "stands_by"),
    ]
    assert of(second)[-2:] == [("canceled", "appointment_cancelled"), ("canceled", "unchanged")]
    look_at_stand_bys(world.now + timedelta(days=60))
    assert not QueueEntry.objects.filter(
        job_id=job.pk if job else 0, channel="call"
    ).exists()  # the text of the third still waits


def test_a_plan_is_saved_by_leaders_and_kept_while_something_needs_it(world: World) -> None:
    plan = a_plan(world)
    assert steps_of(plan) == USUAL
    assert rehearse(world.account, USUAL, datetime(2026, 12, 15, 15, 30, tzinfo=UTC), world.now)[0].number == 1
    for begun in (world.now, world.now - timedelta(days=2)):
        assert rehearse(world.account, USUAL, begun, world.now) == ()
    for actor, mistake in ((world.member, Forbidden), (world.stranger, NotThere)):
        with pytest.raises(mistake):
            save_plan(actor, PlanChoice(name="Other", steps=USUAL), world.now, plan.pk)
    wrong = (Step(channel=Channel.TEXT, days=1, clock=time(9), words=(Words(body="a"), Words(body="b", location=0))),)
    for choice, field in (
        (PlanChoice(name="three STEPS", steps=USUAL), "name"),
        (PlanChoice(name=" ", steps=USUAL), "name"),
        (PlanChoice(name="New", steps=()), "steps"),
        (PlanChoice(name="New", steps=wrong), "step1_body"),
    ):
        with pytest.raises(Invalid) as refused:
            save_plan(world.admin, choice, world.now)
        assert list(refused.value.problems) == [field]
    renamed = save_plan(world.admin, PlanChoice(name="Renamed", steps=USUAL[:1]), world.now, plan.pk)
    assert (renamed.pk, len(steps_of(renamed))) == (plan.pk, 1)
    feed = a_feed(world, plan)
    with pytest.raises(Conflict, match="The feed Practice"):
        delete_plan(world.leader, plan.pk, world.now)
    feed.delete()
    delete_plan(world.leader, plan.pk, world.now)
    with pytest.raises(NotThere):
        plan_of(world.leader, plan.pk)
    waits = taken_in(world, a_row(1))
    with pytest.raises(Invalid) as refused:
        changed(world, waits, plan_id=plan.pk)
    assert list(refused.value.problems) == ["plan_id"]
    assert replace(options_of(waits), plan_id=None) == options_of(waits)
    assert Worker.objects.filter(acked__lt=0).count() == 0
