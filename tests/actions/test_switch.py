"""STOP and START as actions: who may, what changes, what is written down."""

from dataclasses import replace
from datetime import datetime, timedelta

import psycopg
import pytest

from allstop.actions.actor import Conflict, Forbidden
from allstop.actions.switch import is_stopped, start_account, stop_account, wait_until_confirmed
from allstop.rules.facts import Channel
from allstop.store import ledger, queue
from allstop.store.models import Hold, Lane, LedgerEntry, Stop, Worker
from tests.world import World, texts


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


def test_a_silent_worker_is_fenced_and_buried_after_one_lease(committed_world: World, now: datetime) -> None:
    dead = Worker.objects.create(host="here", pid=1, started_at=now, lease_until=now, acked=0)
    receipt = wait_until_confirmed(stop_account(committed_world.admin, "", now).number)
    assert receipt.confirmed_at is not None
    assert receipt.workers == 1
    assert not Worker.objects.filter(pk=dead.pk).exists()


def test_a_confirmation_is_heard_by_whoever_listens(committed_world: World, now: datetime) -> None:
    """Screens then need not ask again and again whether every worker has obeyed."""
    receipt = stop_account(committed_world.admin, "", now)
    with psycopg.connect(**queue.connection_params(), autocommit=True) as listener:
        listener.execute("LISTEN gate")
        wait_until_confirmed(receipt.number)
        assert [notice.channel for notice in listener.notifies(timeout=5, stop_after=1)] == ["gate"]
        wait_until_confirmed(receipt.number)
        assert not list(listener.notifies(timeout=0.2))  # nothing new to say
