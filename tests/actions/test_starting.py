"""Every START drops what is stale: of one stop, of a part, of all accounts, and at the end of a schedule."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allstop.actions.accounts import create_account
from allstop.actions.actor import Conflict, Forbidden, Invalid, Machine, NotThere
from allstop.actions.carrying_on import finish_left, started
from allstop.actions.plan import Target, plan_under_way, start_as_planned
from allstop.actions.scheduled import run_schedule, schedule_stop
from allstop.actions.starting import start_one, start_reach, start_stopped
from allstop.actions.switch import is_stopped, stop, stop_account
from allstop.dispatch.passing import until_lifted
from allstop.rules.facts import Channel
from allstop.rules.gate import decide
from allstop.rules.holds import BRAKE, INSTALLATION, Reach, Scope, one_channel, one_location, whole_account
from allstop.rules.plan import DROP, Plan
from allstop.rules.plans import Planned
from allstop.rules.ramp import RampChoice
from allstop.rules.verdict import Hold as Held
from allstop.store import ledger, plans, queue
from allstop.store.facts import facts_of
from allstop.store.models import (
    Hold,
    LedgerEntry,
    Message,
    PlanState,
    QueueEntry,
    Ramp,
    ScheduledStop,
    StartPlan,
    StartPlanItem,
    Stop,
)
from allstop.store.models import Plan as Schedule
from tests.store.test_backlog import message
from tests.world import World, contact, job, texts

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
THE_BRAKE = Machine("the brake", "brake")


def doubles(world: World, **changes: object) -> tuple[int, int]:
    """Two texts with the same words to one contact; the older is stale."""
    person = contact(world)
    older, newer = queue.enqueue([message(world, contact_id=person.pk, **changes)] * 2, world.now)
    return older, newer


def became(*ids: int) -> list[tuple[str, str]]:
    found = {row[0]: row[1:] for row in Message.objects.filter(id__in=ids).values_list("id", "status", "reason")}
    return [found[one] for one in ids]


DROPPED, WAITS = ("removed", "duplicate"), ("waiting", "")


def test_one_stop_of_the_account_by_its_number_or_its_row(world: World) -> None:
    """From POST /stops/N/start, and from the page of what stands."""
    first = doubles(world)
    receipt = stop_account(world.member, "", world.now)
    made = start_stopped(world.leader, receipt.number, "fixed", world.now)
    assert (made.state, made.counts.duplicates, made.counts.send) == (PlanState.STARTED, 1, 1)
    assert became(*first) == [DROPPED, WAITS]
    second = doubles(world, body="Other words")
    stop(THE_BRAKE, whole_account(world.account.pk), "12 of 20 failed", world.now, name=BRAKE)
    hold, outcome = start_one(world.leader, Hold.objects.get(lifted_at=None).pk, "", world.now)
    assert (hold.name, outcome and outcome.counts.drop) == (BRAKE, 1)
    assert became(*second) == [DROPPED, WAITS]
    assert not is_stopped(world.account.pk)
    entry = LedgerEntry.objects.filter(act="start").order_by("number").last()
    assert entry is not None
    assert entry.after is not None
    assert (entry.after["plan"]["duplicates"], entry.before and entry.before["name"]) == (1, BRAKE)
    assert isinstance(ledger.verify(world.account.pk), int)


def test_a_part_drops_what_is_stale_in_it_and_nothing_else(world: World) -> None:
    mine = doubles(world, location_id=world.north.pk)
    other = doubles(world, location_id=world.south.pk)
    calls = doubles(world, channel=Channel.CALL, location_id=world.north.pk, body="Called")
    reach = one_location(world.account.pk, world.north.pk)
    stop(world.member, reach, "", world.now)
    made = start_reach(world.leader, reach, "", world.now)
    assert (made.counts.drop, made.counts.send) == (2, 2)
    assert became(*mine, *calls) == [DROPPED, WAITS, DROPPED, WAITS]
    assert became(*other) == [WAITS, WAITS]
    stop(world.member, one_channel(world.account.pk, Channel.TEXT), "", world.now)
    start_reach(world.leader, one_channel(world.account.pk, Channel.TEXT), "", world.now)
    assert became(*other) == [DROPPED, WAITS]


def test_what_the_brake_stopped_of_a_job_is_started_without_the_stale(world: World) -> None:
    recall = job(world, "Recall")
    mine, other = doubles(world, job_id=recall.pk), doubles(world)
    reach = Reach(scope=Scope.JOB, account_id=world.account.pk, job_id=recall.pk)
    stop(THE_BRAKE, reach, "12 of 20 failed", world.now, name=BRAKE)
    start_one(world.leader, Hold.objects.get().pk, "", world.now)
    assert became(*mine) == [DROPPED, WAITS]
    assert became(*other) == [WAITS, WAITS]


def test_a_hold_that_keeps_nothing_from_leaving_is_lifted_and_drops_nothing(world: World) -> None:
    both = doubles(world)
    Hold.objects.create(
        name="own", scope="account", account=world.account, blocks=["intake"], by="x", reason="", at=world.now,
        lifted_by="",
    )  # fmt: skip
    hold, outcome = start_one(world.leader, Hold.objects.get().pk, "", world.now)
    hold.refresh_from_db()
    assert (outcome, hold.lifted_by) == (None, "Ben Weber")
    assert became(*both) == [WAITS, WAITS]


def schedule(world: World, reach: Reach) -> ScheduledStop:
    return schedule_stop(world.leader, reach, Planned(world.now + HOUR, world.now + 2 * HOUR), "", world.now)


def test_the_end_of_a_schedule_drops_what_is_stale_and_says_so(world: World) -> None:
    both = doubles(world)
    (late,) = queue.enqueue([message(world, use_by=world.now + 90 * timedelta(minutes=1))], world.now)
    one = schedule(world, whole_account(world.account.pk))
    run_schedule(world.now + HOUR)
    assert run_schedule(world.now + 2 * HOUR) == 1
    assert became(*both, late) == [DROPPED, WAITS, ("removed", "too_late")]
    one.refresh_from_db()
    assert one.state == Schedule.OVER
    entry = LedgerEntry.objects.get(act="start")
    assert entry.after is not None
    assert (entry.by, entry.after["plan"]["drop"], entry.after["via"]) == ("the schedule", 2, "schedule")


def test_a_schedule_that_takes_long_is_gone_on_with_and_ends_its_own_stop_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts(world, 30)
    QueueEntry.objects.update(use_by=world.now)
    schedule(world, whole_account(world.account.pk))
    run_schedule(world.now + HOUR)
    stop_account(world.member, "wrong file", world.now + HOUR)
    monkeypatch.setattr(plans, "AT_ONCE", 10)
    target = Target(whole_account(world.account.pk), Hold.objects.get(name="scheduled").pk)
    begun = start_as_planned(
        Machine("the schedule", "schedule"), now=world.now + 2 * HOUR, target=target, patience=timedelta(0)
    )
    assert (begun.state, begun.done) == (PlanState.APPLYING, 10)
    assert run_schedule(world.now + 2 * HOUR) == 1
    assert started(begun.plan_id).done == 30
    assert [hold.name for hold in Hold.objects.filter(lifted_at=None)] == ["stopped"]


def test_a_stop_of_a_location_holds_beyond_its_planned_end_until_it_is_lifted(world: World) -> None:
    """Otherwise what is stale would leave while the worker that ends it is on its way."""
    (message,) = texts(world, 1, at=world.north)
    schedule(world, one_location(world.account.pk, world.north.pk))
    run_schedule(world.now + HOUR)
    facts = facts_of(world.account.pk, message)
    later = world.now + 3 * HOUR
    assert decide(facts, world.now + HOUR) == Held("account_stop", "scheduled", world.now + 2 * HOUR)
    assert decide(until_lifted(facts, later), later) == Held("account_stop", "scheduled", None)
    run_schedule(later)
    facts = facts_of(world.account.pk, message)
    assert until_lifted(facts, later) is facts


def test_every_account_is_started_without_its_stale_ones_and_each_ledger_says_so(world: World) -> None:
    mine = doubles(world)
    rival_person = contact(world, account=world.rival)
    theirs = queue.enqueue([message(world, account_id=world.rival.pk, contact_id=rival_person.pk)] * 3, world.now)
    operator = replace(world.admin, is_operator=True)
    stop(operator, INSTALLATION, "wrong build", world.now)
    with pytest.raises(Forbidden):
        start_reach(world.leader, INSTALLATION, "", world.now)
    with pytest.raises(Invalid, match="whole account"):
        start_as_planned(operator, Plan(messages={mine[0]: DROP}), now=world.now, target=Target(INSTALLATION))
    made = start_reach(operator, INSTALLATION, "fixed", world.now)
    assert (made.state, made.counts.drop, made.counts.send) == (PlanState.STARTED, 3, 2)
    assert became(*mine) == [DROPPED, WAITS]
    assert became(*theirs) == [DROPPED, DROPPED, WAITS]
    assert not Hold.objects.filter(lifted_at=None).exists()
    for account, dropped in ((world.account, 1), (world.rival, 2)):
        entry = LedgerEntry.objects.get(account=account, act="drop_stale")
        assert (entry.by, entry.after and entry.after["duplicates"]) == (operator.name, dropped)
        assert isinstance(ledger.verify(account.pk), int)
    entry = LedgerEntry.objects.get(account=None, act="start")
    assert entry.after is not None
    assert (entry.after["plan"]["drop"], entry.after["waiting"]) == (3, 2)


def test_a_start_of_every_account_that_is_left_half_way_is_finished_by_a_worker(world: World) -> None:
    both = doubles(world)
    operator = replace(world.admin, is_operator=True)
    stop(operator, INSTALLATION, "", world.now)
    begun = start_as_planned(operator, now=world.now, target=Target(INSTALLATION), patience=timedelta(0))
    assert begun.state is PlanState.APPLYING
    assert StartPlan.objects.get().drawn_to == world.account.pk
    assert plan_under_way(None) is not None
    assert plan_under_way(world.account.pk) is None
    finish_left(world.now)
    assert started(begun.plan_id).state is PlanState.STARTED
    assert became(*both) == [DROPPED, WAITS]
    assert not StartPlanItem.objects.exists()
    assert not Hold.objects.filter(lifted_at=None).exists()


def test_a_start_of_every_account_looks_only_into_those_in_which_something_waits(world: World) -> None:
    """A second for each hundred that wait for nothing: the START of a thousand was left to a worker."""
    doubles(world)
    operator = replace(world.admin, is_operator=True)
    for number in range(20):
        create_account(f"Empty {number}", "UTC", "GB", world.now)
    stop(operator, INSTALLATION, "", world.now)
    with CaptureQueriesContext(connection) as asked:
        assert start_reach(operator, INSTALLATION, "", world.now).counts.drop == 1
    assert sum("INTO start_plan_item" in one["sql"] for one in asked) == 1


def test_a_stop_of_the_same_part_cancels_its_start_and_one_of_another_does_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts(world, 30)
    QueueEntry.objects.update(use_by=world.now - HOUR)
    reach = one_channel(world.account.pk, Channel.TEXT)
    stop(world.member, reach, "", world.now)
    monkeypatch.setattr(plans, "AT_ONCE", 10)
    begun = start_as_planned(world.leader, now=world.now, target=Target(reach), patience=timedelta(0))
    stop_account(world.member, "", world.now)
    assert started(begun.plan_id).state is PlanState.APPLYING
    with pytest.raises(Conflict, match="START by Ben Weber is under way"):
        start_as_planned(world.admin, now=world.now)
    stop(world.member, reach, "wait", world.now)
    assert started(begun.plan_id).state is PlanState.CANCELLED


def test_a_part_has_no_choices_and_leaves_the_ramp_alone(world: World) -> None:
    stop_account(world.admin, "", world.now)
    start_as_planned(world.leader, now=world.now, ramp=RampChoice(10, 15))
    reach = one_channel(world.account.pk, Channel.TEXT)
    stop(world.member, reach, "", world.now)
    with pytest.raises(Invalid, match="not for a part"):
        start_as_planned(world.leader, now=world.now, target=Target(reach), ramp=RampChoice(1, 1))
    start_reach(world.leader, reach, "", world.now)
    assert Ramp.objects.get().ended_at is None


def test_who_may_not_start_starts_no_part_and_drops_nothing(world: World) -> None:
    both = doubles(world)
    reach = one_channel(world.account.pk, Channel.TEXT)
    number = stop(world.member, reach, "", world.now).number
    for somebody, refusal in ((world.member, Forbidden), (world.viewer, Forbidden), (world.stranger, NotThere)):
        with pytest.raises(refusal):
            start_reach(somebody, reach, "", world.now)
        with pytest.raises(refusal):
            start_stopped(somebody, number, "", world.now)
    assert became(*both) == [WAITS, WAITS]
    assert Stop.objects.filter(is_lift=True).count() == 0
