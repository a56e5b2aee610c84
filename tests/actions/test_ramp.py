"""The ramp: lanes keep to it, their own pace comes back, and it stops the account when things go wrong."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from django.db import connection

from allstop.actions.actor import Conflict, Forbidden
from allstop.actions.carrying_on import Started
from allstop.actions.plan import start_as_planned
from allstop.actions.ramp import send_all_now, watch_ramps
from allstop.actions.setup import ChannelChoice, set_channel
from allstop.actions.switch import is_stopped, stop_account
from allstop.dispatch.setups import mark_broken
from allstop.rules.facts import Channel
from allstop.rules.pacing import Pace
from allstop.rules.ramp import RampChoice
from allstop.store import lists, queue
from allstop.store.facts import lane_setup
from allstop.store.models import (
    ChannelSetup,
    Hold,
    Lane,
    LedgerEntry,
    Message,
    OptOut,
    QueueEntry,
    Ramp,
    RampState,
    Status,
)
from tests.world import World, contact, texts

MINUTE = timedelta(minutes=1)
TEN = RampChoice(per_minute=10, minutes=15)


def set_pace(world: World, channel: Channel, pace_ms: int) -> None:
    ChannelSetup.objects.filter(account=world.account, channel=channel).update(pace_ms=pace_ms)
    queue.setup_changed(world.account.pk, channel, pace_ms, world.now)


def paces(world: World, *, by_hand: bool = False) -> dict[str, int]:
    lanes = Lane.objects.filter(account_id=world.account.pk, by_hand=by_hand)
    return dict(lanes.values_list("channel", "pace_ms"))


def begin(world: World, choice: RampChoice = TEN) -> Started:
    stop_account(world.admin, "", world.now)
    return start_as_planned(world.leader, now=world.now, ramp=choice)


def finish(world: World, ids: Iterable[int], status: Status) -> None:
    QueueEntry.objects.filter(id__in=list(ids)).delete()
    Message.objects.filter(id__in=list(ids)).update(status=status, finished_at=world.now + MINUTE)


def ramp(world: World) -> Ramp:
    return Ramp.objects.get(account=world.account)


def test_a_ramp_slows_every_lane_but_those_by_hand_and_never_speeds_one_up(world: World) -> None:
    set_pace(world, Channel.CALL, 60_000)
    started = begin(world)
    assert paces(world) == {"text": 6000, "email": 6000, "call": 60_000}
    assert paces(world, by_hand=True) == {"text": 0, "email": 0, "call": 0}
    assert lane_setup(world.account.pk, Channel.TEXT).facts.pace == Pace.every(timedelta(seconds=6))
    assert lane_setup(world.account.pk, Channel.CALL).facts.pace == Pace.every(MINUTE)
    assert lane_setup(world.rival.pk, Channel.TEXT).facts.pace is None
    view = lists.running_ramp(world.account.pk)
    assert view is not None
    assert (view.start_number, view.by, view.per_minute, view.ends_at) == (started.number, "Ben Weber", 10, None)
    entry = LedgerEntry.objects.get(account=world.account, act="start")
    assert entry.after is not None
    assert entry.after["ramp"] == {"per_minute": 10, "minutes": 15, "failures": 20, "opt_outs": 5}


def test_a_claim_takes_no_more_than_the_ramp_lets_go(world: World) -> None:
    texts(world, 30)
    begin(world)

    def claimed(after: timedelta) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT queue_fold()")
            cursor.execute(
                "INSERT INTO worker (host, pid, started_at, lease_until, acked, fenced)"
                " VALUES ('h', 1, now(), now(), 99, false) RETURNING id"
            )
            row = cursor.fetchone()
            assert row is not None
            values = [row[0], world.now + after, world.account.pk]
            cursor.execute(
                "SELECT count(*) FROM queue_step(%s, %s, ARRAY[%s]::bigint[], '{text}', '{f}', 50,"
                " '{}', '{}', now(), '{}', '{}', '{}', '{}', '{}', '{}')",
                values,
            )
            row = cursor.fetchone()
            assert row is not None
            return int(row[0])

    assert [claimed(timedelta(seconds=s)) for s in (0, 5, 6, 12, 18)] == [1, 0, 1, 1, 1]


def test_a_change_of_the_setup_during_the_ramp_is_neither_lost_nor_breaks_it(world: World) -> None:
    begin(world)
    set_pace(world, Channel.TEXT, 1000)
    set_pace(world, Channel.EMAIL, 90_000)
    set_channel(
        world.admin,
        Channel.CALL,
        ChannelChoice(provider="sandbox", config={}, sender="", sender_name=""),
        world.now,
    )
    mark_broken(world.account.pk, "call", "no line", world.now)
    assert paces(world) == {"text": 6000, "email": 90_000, "call": 6000}
    send_all_now(world.leader, world.now)
    assert paces(world) == {"text": 1000, "email": 90_000, "call": 0}


def test_its_time_begins_with_the_first_message_and_then_everything_may_leave(world: World) -> None:
    ids = texts(world, 5)
    begin(world)
    watch_ramps(world.now + timedelta(days=1))
    assert ramp(world).state == RampState.RUNNING, "nothing has left yet"
    finish(world, ids[:2], Status.SENT)
    watch_ramps(world.now + 15 * MINUTE)
    assert ramp(world).state == RampState.RUNNING
    watch_ramps(world.now + 16 * MINUTE)
    ended = ramp(world)
    assert (ended.state, ended.ended_at) == (RampState.DONE, world.now + 16 * MINUTE)
    assert ended.figures == {"sent": 2, "failed": 0, "unknown": 0, "opted_out": 0}
    assert set(paces(world).values()) == {0}
    assert lane_setup(world.account.pk, Channel.TEXT).facts.pace is None
    watch_ramps(world.now + 17 * MINUTE)
    assert LedgerEntry.objects.filter(account=world.account, act="ramp_done").count() == 1


def test_too_many_failures_stop_the_account_with_the_figures_in_the_reason(world: World) -> None:
    ids = texts(world, 30)
    begin(world)
    finish(world, ids[:4], Status.FAILED)
    watch_ramps(world.now + MINUTE)
    assert not is_stopped(world.account.pk)
    finish(world, ids[4:6], Status.UNKNOWN)
    watch_ramps(world.now + 2 * MINUTE)
    assert is_stopped(world.account.pk)
    hold = Hold.objects.get(account=world.account, lifted_at=None)
    assert hold.by == "ramp"
    assert "6 of 6 messages failed or have an unknown outcome (limit: 20 %)" in hold.reason
    assert ramp(world).state == RampState.TRIPPED
    assert set(paces(world).values()) == {0}
    entry = LedgerEntry.objects.filter(account=world.account, act="stop").latest("number")
    assert entry.after is not None
    assert (entry.by, entry.after["via"]) == ("ramp", "ramp")


def test_too_many_who_say_no_stop_the_account_and_old_ones_do_not_count(world: World) -> None:
    def say_no(after: timedelta) -> None:
        OptOut.objects.create(
            account=world.account, contact=contact(world), channel=None, address="", words="STOP", at=world.now + after
        )

    for _ in range(9):
        say_no(-MINUTE)
    finish(world, texts(world, 20), Status.SENT)
    begin(world)
    for _ in range(2):
        say_no(MINUTE)
    watch_ramps(world.now + 2 * MINUTE)
    assert not is_stopped(world.account.pk)
    say_no(MINUTE)
    watch_ramps(world.now + 2 * MINUTE)
    assert "3 contacts said no after 20 messages" in Hold.objects.get(account=world.account, lifted_at=None).reason


def test_a_stop_ends_the_ramp_and_the_next_start_has_none(world: World) -> None:
    begin(world)
    stop_account(world.member, "", world.now + MINUTE)
    watch_ramps(world.now + MINUTE)
    assert ramp(world).state == RampState.STOPPED
    assert set(paces(world).values()) == {0}
    start_as_planned(world.leader, now=world.now + 2 * MINUTE)
    assert lists.running_ramp(world.account.pk) is None


def test_a_start_right_after_a_stop_puts_its_own_ramp_in_the_place_of_the_old_one(world: World) -> None:
    begin(world)
    stop_account(world.member, "", world.now + MINUTE)
    start_as_planned(world.leader, now=world.now + MINUTE, ramp=RampChoice(60, 5))
    assert set(paces(world).values()) == {1000}
    assert set(Ramp.objects.values_list("per_minute", "state")) == {(10, "ended"), (60, "running")}


def test_send_all_now_needs_who_may_start_and_a_ramp(world: World) -> None:
    with pytest.raises(Conflict, match="No ramp runs"):
        send_all_now(world.leader, world.now)
    begin(world)
    with pytest.raises(Forbidden):
        send_all_now(world.member, world.now)
    assert ramp(world).state == RampState.RUNNING
    send_all_now(world.admin, world.now)
    ended = ramp(world)
    assert (ended.state, ended.ended_by) == (RampState.ENDED, "Ada Okafor")
    assert set(paces(world).values()) == {0}
    assert LedgerEntry.objects.filter(account=world.account, act="end_ramp", by="Ada Okafor").count() == 1
