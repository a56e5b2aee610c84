"""Scheduled stops: planned, begun and ended by themselves, by any number of workers, and never more than their own."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connections

from allstop.actions.actor import Conflict, Forbidden, Invalid, NotThere
from allstop.actions.scheduled import cancel_scheduled, run_schedule, schedule_stop
from allstop.actions.switch import is_stopped, start, start_account, stop_account
from allstop.dispatch.passing import through_the_gate
from allstop.rules.facts import Channel
from allstop.rules.gate import decide, earliest
from allstop.rules.holds import INSTALLATION, Reach, one_channel, one_location, whole_account
from allstop.rules.plans import Planned
from allstop.rules.verdict import Hold as Held
from allstop.store import ledger, lists
from allstop.store.claims import Claimed, LaneKey
from allstop.store.facts import facts_of, lane_setup
from allstop.store.models import Hold, LedgerEntry, Notice, Plan, ScheduledStop, Stop
from tests.world import World, texts

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def plan(world: World, start: float = 1, end: float = 3, reach: Reach | None = None) -> ScheduledStop:
    planned = Planned(world.now + start * HOUR, world.now + end * HOUR)
    return schedule_stop(world.leader, reach or whole_account(world.account.pk), planned, "new phones", world.now)


def state(one: ScheduledStop) -> str:
    one.refresh_from_db()
    return one.state


def test_it_begins_and_ends_by_itself_with_a_receipt_and_in_the_ledger(world: World, now: datetime) -> None:
    one = plan(world)
    assert run_schedule(now + 0.9 * HOUR) == 0
    assert not is_stopped(world.account.pk)
    assert run_schedule(now + HOUR + SECOND) == 1
    assert state(one) == Plan.STANDING
    shown = lists.switch_state(world.account.pk)
    assert (shown.state, shown.by, shown.until) == ("stopped", "Ben Weber (scheduled)", now + 3 * HOUR)
    assert shown.confirmed_at is not None
    assert run_schedule(now + HOUR + 2 * SECOND) == 0
    assert run_schedule(now + 3 * HOUR) == 1
    assert not is_stopped(world.account.pk)
    assert state(one) == Plan.OVER
    entries = LedgerEntry.objects.filter(account=world.account, subject="account").exclude(act="create_account")
    assert [(entry.act, entry.by) for entry in entries.order_by("number")] == [
        ("schedule_stop", "Ben Weber"),
        ("stop", "Ben Weber (scheduled)"),
        ("stop_confirmed", "gate"),
        ("start", "the schedule"),
    ]
    assert isinstance(ledger.verify(world.account.pk), int)
    assert not Notice.objects.exists()


def test_the_end_lifts_its_own_stop_and_not_a_persons(world: World, now: datetime) -> None:
    plan(world)
    run_schedule(now + HOUR)
    stop_account(world.member, "wrong file", now + 2 * HOUR)
    run_schedule(now + 3 * HOUR)
    shown = lists.switch_state(world.account.pk)
    assert (shown.is_running, shown.by) == (False, "Cem Tanaka")


def test_start_before_the_end_lifts_it_and_nothing_comes_back_at_the_end(world: World, now: datetime) -> None:
    one = plan(world)
    run_schedule(now + HOUR)
    start_account(world.leader, "", now + 2 * HOUR)
    assert state(one) == Plan.LIFTED
    assert run_schedule(now + 3 * HOUR) == 0
    entry = LedgerEntry.objects.get(act="start")
    assert entry.before is not None
    assert entry.before["name"] == "scheduled"


def test_messages_say_that_it_is_scheduled_and_when_it_ends(world: World, now: datetime) -> None:
    (message,) = texts(world, 1)
    plan(world)
    run_schedule(now + HOUR)
    facts = facts_of(world.account.pk, message)
    assert decide(facts, now + HOUR) == Held("account_stop", "scheduled", now + 3 * HOUR)
    assert earliest(facts, now + HOUR) == now + 3 * HOUR


def test_what_a_planned_stop_of_a_location_holds_waits_for_its_lift_and_not_for_its_end(
    world: World, now: datetime
) -> None:
    """START before the end must free it."""
    (message,) = texts(world, 1, at=world.north)
    reach = one_location(world.account.pk, world.north.pk)
    plan(world, reach=reach)
    run_schedule(now + HOUR)
    lane = LaneKey(world.account.pk, "text", False)
    claimed = Claimed(message, None, None, world.north.pk, "reminder", 1, now, None, 0, 0, [], False, 1, 0)
    setup = lane_setup(world.account.pk, Channel.TEXT)
    loaded = {message: facts_of(world.account.pk, message)}
    passed = through_the_gate(lane, [claimed], setup.facts, loaded, now + HOUR)
    assert [(back.held, back.due_at) for back in passed.back] == [("scheduled", now + 3 * HOUR)]


def test_when_no_worker_ran_it_begins_late_and_says_so(world: World, now: datetime) -> None:
    plan(world)
    run_schedule(now + 2 * HOUR)
    assert is_stopped(world.account.pk)
    entry = LedgerEntry.objects.get(act="stop")
    assert entry.after is not None
    assert entry.after["figures"]["late"] == "1 hour"
    assert Notice.objects.get().subject == "A scheduled stop began late"


def test_when_no_worker_ran_until_its_end_it_is_skipped_and_says_so(world: World, now: datetime) -> None:
    one = plan(world)
    run_schedule(now + 3 * HOUR)
    assert state(one) == Plan.SKIPPED
    assert not Stop.objects.exists()
    entry = LedgerEntry.objects.get(act="skip_scheduled")
    assert "No worker ran" in entry.reason
    assert Notice.objects.get().subject == "A scheduled stop was skipped"


def test_one_after_the_other_without_a_gap(world: World, now: datetime) -> None:
    first, second = plan(world, 1, 2), plan(world, 2, 3)
    run_schedule(now + HOUR)
    run_schedule(now + 2 * HOUR + SECOND)
    assert (state(first), state(second)) == (Plan.OVER, Plan.STANDING)
    assert Hold.objects.get(lifted_at=None).until == now + 3 * HOUR


def test_what_cannot_be_planned_is_said_at_its_field_and_changes_nothing(world: World, now: datetime) -> None:
    plan(world)
    for start_at, end_at, field in ((-1, 1, "starts_at"), (2, 1, "ends_at"), (2, 4, "starts_at")):
        with pytest.raises(Invalid) as said:
            plan(world, start_at, end_at)
        assert set(said.value.problems) == {field}
    plan(world, 2, 4, one_channel(world.account.pk, Channel.TEXT))  # another reach may overlap
    assert ScheduledStop.objects.count() == 2


def test_only_who_may_start_may_plan_and_only_operators_for_everybody(world: World, now: datetime) -> None:
    planned = Planned(now + HOUR, now + 2 * HOUR)
    mine = whole_account(world.account.pk)
    with pytest.raises(Forbidden, match="admin or leader"):
        schedule_stop(world.member, mine, planned, "", now)
    with pytest.raises(NotThere):
        schedule_stop(world.stranger, mine, planned, "", now)
    with pytest.raises(NotThere):
        schedule_stop(world.stranger, one_location(world.rival.pk, world.north.pk), planned, "", now)
    with pytest.raises(Forbidden, match="no operator"):
        schedule_stop(world.admin, INSTALLATION, planned, "", now)
    schedule_stop(replace(world.viewer, is_operator=True), INSTALLATION, planned, "", now)
    run_schedule(now + HOUR)
    assert lists.switch_state(world.rival.pk).whole_installation


def test_cancelled_before_it_begins_it_never_does(world: World, now: datetime) -> None:
    one = plan(world)
    with pytest.raises(NotThere):
        cancel_scheduled(world.stranger, one.pk, now)
    with pytest.raises(Forbidden):
        cancel_scheduled(world.member, one.pk, now)
    cancel_scheduled(world.leader, one.pk, now)
    cancel_scheduled(world.leader, one.pk, now)
    assert run_schedule(now + 2 * HOUR) == 0
    assert LedgerEntry.objects.filter(act="cancel_scheduled").count() == 1


def test_one_that_stands_is_not_cancelled_but_started(world: World, now: datetime) -> None:
    one = plan(world)
    run_schedule(now + HOUR)
    with pytest.raises(Conflict, match="Press START"):
        cancel_scheduled(world.leader, one.pk, now)
    start(world.leader, whole_account(world.account.pk), "", now)
    with pytest.raises(Conflict, match="over already"):
        cancel_scheduled(world.leader, one.pk, now)


def test_several_workers_begin_and_end_it_once(committed_world: World) -> None:
    world = committed_world
    one = plan(world)
    for asked in (world.now + HOUR, world.now + 3 * HOUR):

        def look(at: datetime = asked) -> None:
            run_schedule(at)
            connections.close_all()

        threads = [threading.Thread(target=look) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert state(one) == Plan.OVER
    assert LedgerEntry.objects.filter(act__in=["stop", "start"]).count() == 2
    assert Stop.objects.filter(is_lift=False).count() == 1
