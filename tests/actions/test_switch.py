"""STOP and START as actions: who may, what changes, what is written down."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta

import psycopg
import pytest
from django.db import connection, transaction

from allstop.actions.actor import Actor, Conflict, Forbidden, Machine, NotThere, Operator
from allstop.actions.confirming import finish_forgotten, wait_until_confirmed
from allstop.actions.jobs import remove_jobs
from allstop.actions.starting import end_stop, start_one
from allstop.actions.switch import is_stopped, start, start_account, stop, stop_account
from allstop.rules.facts import Channel
from allstop.rules.gate import decide
from allstop.rules.holds import BRAKE, INSTALLATION, SCHEDULED, Reach, Scope, one_channel, one_location, whole_account
from allstop.rules.verdict import SEND
from allstop.rules.verdict import Hold as Held
from allstop.store import ledger, lists, queue
from allstop.store.facts import facts_of
from allstop.store.models import Hold, Lane, LedgerEntry, QueueEntry, Stop, Worker
from tests.world import World, job, texts


def test_a_new_account_is_running_and_stop_covers_every_channel_at_once(world: World, now: datetime) -> None:
    """000-01, 000-02, TN1: one switch over calls, texts and emails."""
    assert not is_stopped(world.account.pk)
    assert Lane.objects.filter(account_id=world.account.pk, is_open=True).count() == 2 * len(Channel)
    receipt = stop_account(world.member, "wrong file", now)
    assert is_stopped(world.account.pk)
    assert not Lane.objects.filter(account_id=world.account.pk, is_open=True).exists()
    assert (receipt.by, receipt.reason, receipt.effective_at) == ("Cem Tanaka", "wrong file", now)


def test_stopping_one_account_leaves_the_others_running(world: World, now: datetime) -> None:
    stop_account(world.admin, "", now)
    assert not is_stopped(world.rival.pk)
    assert Lane.objects.filter(account_id=world.rival.pk, is_open=True).count() == 2 * len(Channel)


def test_a_second_stop_changes_nothing_and_returns_the_first_receipt(world: World, now: datetime) -> None:
    first = stop_account(world.admin, "first", now)
    entries = LedgerEntry.objects.count()
    second = stop_account(world.member, "second", now + timedelta(minutes=1))
    assert second == first
    assert Stop.objects.count() == 1
    assert LedgerEntry.objects.count() == entries


def test_start_opens_every_lane_again_and_what_waited_is_due(world: World, now: datetime) -> None:
    """000-10, TN6."""
    texts(world, 3)
    stop_account(world.admin, "", now)
    start_account(world.leader, "all clear", now + timedelta(hours=1))
    assert not is_stopped(world.account.pk)
    assert Lane.objects.filter(account_id=world.account.pk, is_open=True).count() == 2 * len(Channel)
    hold = Hold.objects.get()
    assert (hold.lifted_by, hold.lifted_at) == ("Ben Weber", now + timedelta(hours=1))


def test_starting_a_running_account_says_that_it_runs(world: World, now: datetime) -> None:
    with pytest.raises(Conflict, match="RUNNING already"):
        start_account(world.admin, "", now)


def test_a_viewer_may_not_stop_and_a_member_may_not_start(world: World, now: datetime) -> None:
    with pytest.raises(Forbidden, match="Dot Fontaine is a viewer here"):
        stop_account(world.viewer, "", now)
    assert not is_stopped(world.account.pk)
    stop_account(world.member, "", now)
    with pytest.raises(Forbidden, match="admin or leader"):
        start_account(world.member, "", now)
    assert is_stopped(world.account.pk)


def test_start_leaves_another_hold_standing(world: World, now: datetime) -> None:
    """Holds OR together: lifting yours never lifts another's."""
    Hold.objects.create(
        name="suspended",
        scope="account",
        account=world.account,
        blocks=["sending", "recurring_billing"],
        by="operator",
        reason="past due",
        at=now,
        lifted_by="",
    )
    stop_account(world.admin, "", now)
    start_account(world.admin, "", now)
    assert not is_stopped(world.account.pk)
    assert not Lane.objects.filter(account_id=world.account.pk, is_open=True).exists()


def test_stop_and_start_are_in_the_ledger_with_who_and_why(world: World, now: datetime) -> None:
    receipt = stop_account(world.member, "wrong file", now)
    number = start_account(replace(world.leader, via="api"), "fixed", now)
    entries = list(LedgerEntry.objects.filter(account=world.account, act__in=["stop", "start"]).order_by("number"))
    assert [(e.act, e.by, e.reason) for e in entries] == [
        ("stop", "Cem Tanaka", "wrong file"),
        ("start", "Ben Weber", "fixed"),
    ]
    assert entries[0].after == {"state": "stopped", "number": receipt.number, "via": "console"}
    assert entries[1].after == {"state": "running", "number": number, "via": "api"}
    assert isinstance(ledger.verify(world.account.pk), int)


def test_a_stop_without_workers_is_confirmed_at_once(committed_world: World, now: datetime) -> None:
    receipt = stop_account(committed_world.admin, "", now)
    assert receipt.confirmed_at is None
    confirmed = wait_until_confirmed(receipt.number)
    assert confirmed.confirmed_at is not None
    assert confirmed.workers == 0
    assert LedgerEntry.objects.filter(act="stop_confirmed").count() == 1


def test_all_who_press_at_one_time_get_the_receipt_of_one_stop(committed_world: World, now: datetime) -> None:
    def press(actor: Actor) -> int:
        try:
            return stop_account(actor, "the same fire", now).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        numbers = set(pool.map(press, [committed_world.admin, committed_world.leader, committed_world.member] * 4))
    assert numbers == {Stop.objects.get().pk}
    assert Hold.objects.filter(lifted_at=None).count() == 1
    assert LedgerEntry.objects.filter(act="stop").count() == 1


@pytest.mark.parametrize("inside", [nullcontext, transaction.atomic])
@pytest.mark.parametrize("what", ["account", "lane"])
def test_whoever_hangs_holding_what_a_stop_needs_is_ended(
    committed_world: World,
    database_url: str,
    now: datetime,
    what: str,
    inside: Callable[[], AbstractContextManager[None]],
) -> None:
    with psycopg.connect(database_url) as hanging:
        hanging.execute(f"SELECT FROM {what} FOR UPDATE")
        with inside():
            stop_account(committed_world.admin, "now", now)
        with pytest.raises(psycopg.OperationalError):
            hanging.execute("SELECT 1")
    assert is_stopped(committed_world.account.pk)


def test_a_silent_worker_is_fenced_and_buried_after_one_lease(committed_world: World, now: datetime) -> None:
    dead = Worker.objects.create(host="here", pid=1, started_at=now, lease_until=now, acked=0)
    receipt = wait_until_confirmed(stop_account(committed_world.admin, "", now).number)
    assert receipt.confirmed_at is not None
    assert receipt.workers == 1
    assert not Worker.objects.filter(pk=dead.pk).exists()


def test_a_stop_waits_for_the_longest_lease_of_those_that_are_silent(committed_world: World, now: datetime) -> None:
    """Workers of several versions or settings may run: each has said when it began how long it goes on alone."""
    for lease_ms in (300, 2600):
        Worker.objects.create(host="here", pid=1, started_at=now, lease_until=now, acked=0, lease_ms=lease_ms)
    begun = time.monotonic()
    receipt = wait_until_confirmed(stop_account(committed_world.admin, "", now).number)
    assert (receipt.confirmed_at is not None, receipt.workers) == (True, 2)
    assert time.monotonic() - begun >= 2.6 * 1.05
    assert not Worker.objects.exists()


def test_a_confirmation_is_heard_by_whoever_listens(committed_world: World, now: datetime) -> None:
    """Screens then need not ask again and again whether every worker has obeyed."""
    receipt = stop_account(committed_world.admin, "", now)
    with psycopg.connect(**queue.connection_params(), autocommit=True) as listener:
        listener.execute("LISTEN gate")
        wait_until_confirmed(receipt.number)
        assert [notice.channel for notice in listener.notifies(timeout=5, stop_after=1)] == ["gate"]
        wait_until_confirmed(receipt.number)
        assert not list(listener.notifies(timeout=0.2))  # nothing new to say


def opened(account_id: int) -> set[tuple[str, bool]]:
    return set(Lane.objects.filter(account_id=account_id, is_open=True).values_list("channel", "by_hand"))


def test_stopping_a_channel_closes_its_lanes_and_no_other(world: World, now: datetime) -> None:
    reach = one_channel(world.account.pk, Channel.TEXT)
    receipt = stop(world.member, reach, "the provider doubles texts", now)
    assert receipt.reach == reach
    assert opened(world.account.pk) == {(one, by_hand) for one in ("call", "email") for by_hand in (True, False)}
    assert len(opened(world.rival.pk)) == 2 * len(Channel)
    assert not is_stopped(world.account.pk)
    start(world.leader, reach, "", now)
    assert len(opened(world.account.pk)) == 2 * len(Channel)


def test_stopping_a_location_holds_its_messages_at_the_gate_and_no_others(world: World, now: datetime) -> None:
    here = texts(world, 1, at=world.north)[0]
    there = texts(world, 1, at=world.south)[0]
    stop(world.member, one_location(world.account.pk, world.north.pk), "", now)
    assert decide(facts_of(world.account.pk, here), now) == Held("account_stop", "stopped_location", None)
    assert decide(facts_of(world.account.pk, there), now) == SEND


def test_only_an_operator_stops_the_whole_installation_and_starts_it_again(world: World, now: datetime) -> None:
    with pytest.raises(Forbidden, match="no operator"):
        stop(world.admin, INSTALLATION, "", now)
    operator = replace(world.viewer, is_operator=True)  # of one account they see everything and change nothing
    receipt = stop(operator, INSTALLATION, "all stop", now)
    assert opened(world.account.pk) == opened(world.rival.pk) == set()
    assert stop(Operator("another", "command"), INSTALLATION, "", now) == receipt
    with pytest.raises(Conflict, match=r"Every account is stopped, by Dot Fontaine: .* allstop start --everywhere"):
        start_account(world.admin, "", now)
    with pytest.raises(Forbidden, match="no operator"):
        start(world.admin, INSTALLATION, "", now)
    start(operator, INSTALLATION, "", now)
    assert len(opened(world.account.pk)) == len(opened(world.rival.pk)) == 2 * len(Channel)
    entries = LedgerEntry.objects.filter(account=None).order_by("number").values_list("act", "subject", "by")
    assert list(entries) == [("stop", "installation", "Dot Fontaine"), ("start", "installation", "Dot Fontaine")]


def test_lifting_one_stop_lifts_no_other(world: World, now: datetime) -> None:
    """Holds OR together, whoever set them."""
    channel = one_channel(world.account.pk, Channel.EMAIL)
    stop(Operator("the operator", "command"), INSTALLATION, "", now)
    stop_account(world.admin, "", now)
    stop(world.admin, channel, "", now)
    start(Operator("the operator", "command"), INSTALLATION, "", now)
    assert opened(world.account.pk) == set()
    start_account(world.admin, "", now)
    assert {lane for lane, _ in opened(world.account.pk)} == {"text", "call"}
    start(world.admin, channel, "", now)
    assert len(opened(world.account.pk)) == 2 * len(Channel)


def test_what_belongs_to_another_account_cannot_be_stopped(world: World, now: datetime) -> None:
    for reach in (
        whole_account(world.account.pk),
        one_channel(world.account.pk, Channel.TEXT),
        one_location(world.account.pk, world.north.pk),
        one_location(world.rival.pk, world.north.pk),
    ):
        with pytest.raises(NotThere):
            stop(world.stranger, reach, "", now)
    assert not Stop.objects.exists()


def test_starting_what_is_not_stopped_says_so(world: World, now: datetime) -> None:
    with pytest.raises(Conflict, match="texts are RUNNING already"):
        start(world.admin, one_channel(world.account.pk, Channel.TEXT), "", now)
    with pytest.raises(Conflict, match="location stands"):
        start(world.admin, one_location(world.account.pk, world.north.pk), "", now)


THE_BRAKE = Machine("the brake", "brake")
THE_SCHEDULE = Machine("the schedule", "schedule")


def test_stops_of_one_reach_by_a_person_the_schedule_and_the_brake_stand_side_by_side(
    world: World, now: datetime
) -> None:
    reach = whole_account(world.account.pk)
    stop(THE_BRAKE, reach, "too many failures", now, name=BRAKE, figures={"bad": 12})
    stop(THE_SCHEDULE, reach, "maintenance", now, name=SCHEDULED, until=now + timedelta(hours=1))
    assert lists.switch_state(world.account.pk).name == "brake"  # the other one has an end
    stop_account(world.member, "wrong file", now)
    state = lists.switch_state(world.account.pk)
    assert (state.name, state.by, state.until) == ("stopped", "Cem Tanaka", None)
    assert Hold.objects.filter(lifted_at=None).count() == Stop.objects.count() == 3
    entry = LedgerEntry.objects.filter(act="stop").order_by("number")[0]
    assert entry.after == {"state": "stopped", "number": 1, "via": "brake", "name": "brake", "figures": {"bad": 12}}
    scheduled = Hold.objects.get(name=SCHEDULED)
    end_stop(THE_SCHEDULE, scheduled, "", now)
    assert is_stopped(world.account.pk)
    with pytest.raises(Conflict):
        end_stop(THE_SCHEDULE, scheduled, "", now)
    assert opened(world.account.pk) == set()
    start_account(world.leader, "", now)
    assert not is_stopped(world.account.pk)
    assert len(opened(world.account.pk)) == 2 * len(Channel)
    assert isinstance(ledger.verify(world.account.pk), int)


def test_start_of_one_standing_stop_leaves_the_others_of_its_reach(world: World, now: datetime) -> None:
    reach = one_channel(world.account.pk, Channel.TEXT)
    stop(world.member, reach, "", now)
    stop(THE_BRAKE, reach, "too many failures", now, name=BRAKE)
    brake = Hold.objects.get(name=BRAKE)
    with pytest.raises(Forbidden, match="admin or leader"):
        start_one(world.member, brake.pk, "", now)
    with pytest.raises(NotThere):
        start_one(world.stranger, brake.pk, "", now)
    start_one(world.leader, brake.pk, "", now)
    assert [hold.name for hold in Hold.objects.filter(lifted_at=None)] == ["stopped"]
    with pytest.raises(NotThere, match="meanwhile"):
        start_one(world.leader, brake.pk, "", now)


def test_a_start_releases_everything_that_waits_and_is_confirmed_when_it_has(world: World, now: datetime) -> None:
    ids = texts(world, 5, at=world.north)
    QueueEntry.objects.filter(id__in=ids).update(held="stopped_location")
    reach = one_location(world.account.pk, world.north.pk)
    stop(world.member, reach, "", now)
    number = start(world.leader, reach, "", now)
    assert not QueueEntry.objects.exclude(held=None).exists()
    assert Stop.objects.get(pk=number).confirmed_at is not None


def test_a_lift_that_died_half_way_is_finished_by_whoever_looks_after_it(
    committed_world: World, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is lost: the lift stands unconfirmed until every message was released."""
    ids = texts(committed_world, 5)
    QueueEntry.objects.filter(id__in=ids).update(held="stopped")
    stop_account(committed_world.admin, "", now)
    monkeypatch.setattr(queue, "RELEASED_AT_ONCE", 2)
    slices: list[int] = []

    def dies_after_one(account_id: int | None, at: datetime) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT released FROM queue_release(%s, %s, 0, %s, 2)", [account_id, account_id, at])
            slices.append(cursor.fetchone()[0])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(queue, "release", dies_after_one)
        start_account(committed_world.admin, "", now)
    assert slices == [2]
    assert not is_stopped(committed_world.account.pk)
    assert QueueEntry.objects.exclude(held=None).count() == 3
    lift = Stop.objects.get(is_lift=True)
    assert lift.confirmed_at is None
    finish_forgotten(now + timedelta(seconds=2))
    assert Stop.objects.get(pk=lift.pk).confirmed_at is not None
    assert not QueueEntry.objects.exclude(held=None).exists()
    assert QueueEntry.objects.count() == 5


def test_a_hold_of_the_accounts_own_is_lifted_alone_and_a_removed_job_never(world: World, now: datetime) -> None:
    one = job(world, "Price list")
    reach = Reach(scope=Scope.JOB, account_id=world.account.pk, job_id=one.pk)
    Hold.objects.create(
        name="price list", scope="job", account=world.account, job=one, blocks=["sending"], by="Ben", at=now
    )
    (message,) = texts(world, 1, of=one)
    assert decide(facts_of(world.account.pk, message), now) == Held("account_stop", "price list", None)
    with pytest.raises(Conflict):
        start(world.leader, reach, "", now)  # it is no stop
    start_one(world.leader, Hold.objects.get().pk, "", now)
    assert decide(facts_of(world.account.pk, message), now) == SEND
    remove_jobs(world.member, [one.pk], now)
    with pytest.raises(NotThere):
        start_one(world.leader, Hold.objects.get(lifted_at=None).pk, "", now)
