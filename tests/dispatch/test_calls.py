"""Calls with a real worker process and a real network (SIPp): what is written, what a STOP and a kill -9 leave."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from allstop.actions.setup import ChannelChoice, set_channel
from allstop.actions.switch import stop_account
from allstop.dispatch.burial import bury_dead, this_machine
from allstop.rules.facts import Channel, Purpose
from allstop.store import queue
from allstop.store.models import (
    Attempt,
    CallStep,
    ChannelSetup,
    Inbound,
    LedgerEntry,
    Message,
    OptOut,
    QueueEntry,
    Receipt,
    Status,
)
from tests.dispatch.processes import wait_until, workers
from tests.peers.sipp import Phones, phones
from tests.world import World, contact

SHORT = "Hello."
LONG = "This is a long message. " * 3


@pytest.fixture(scope="module")
def network() -> Iterator[Phones]:
    with phones() as peer:
        yield peer


@pytest.fixture
def world(committed_world: World, network: Phones, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("ALLSTOP_CALLS_FROM", "127.0.0.1")
    config = {
        "host": "127.0.0.1",
        "port": network.port,
        "wait_seconds": 1,
        "ring_seconds": 5,
        "closing": "",
        "lines": 2,
    }
    choice = ChannelChoice(provider="sip", config=config, sender="+12125550100", sender_name="Northgate")
    set_channel(committed_world.admin, Channel.CALL, choice, datetime.now(UTC))
    return committed_world


def call(world: World, number: str, body: str = SHORT) -> int:
    now = datetime.now(UTC)
    person = contact(world, f"Pat {number}", phone=f"+1212555{number}", email="")
    [made] = queue.enqueue(
        [
            queue.NewMessage(
                account_id=world.account.pk,
                channel=Channel.CALL,
                purpose=Purpose.REMINDER,
                address=f"+1212555{number}",
                body=body,
                due_at=now,
                contact_id=person.pk,
            )
        ],
        now,
    )
    return made


def steps(message: int) -> list[str]:
    return list(CallStep.objects.filter(message_id=message).order_by("at", "id").values_list("kind", flat=True))


def status(message: int) -> str:
    return Message.objects.get(id=message).status


def test_each_ending_is_written_and_keys_reach_the_contact(world: World, database_url: str) -> None:
    """TN8: what nobody takes comes again in 15 minutes; a person who picks up ends it. TN10: key 9 is the contact's own
    stop, in force at once."""
    heard, busy, nobody = call(world, "0001"), call(world, "1001"), call(world, "2001")
    yes, no_more = call(world, "6001"), call(world, "7001")
    with workers(database_url, 1, "--channels", "call"):
        wait_until(lambda: Attempt.objects.count() == 5, "all calls to be over")
        wait_until(lambda: Message.objects.get(id=yes).receipt == "answered", "the receipt to be matched")
    assert steps(heard) == ["dialled", "ringing", "answered", "speech_done", "hangup"]
    assert [status(one) for one in (heard, busy, nobody)] == [Status.SENT, Status.WAITING, Status.FAILED]
    again = QueueEntry.objects.get(id=busy)
    tried = Attempt.objects.get(message_id=busy)
    assert tried.ended_at is not None
    assert (again.attempt, again.due_at - tried.ended_at) == (1, timedelta(minutes=15))
    assert (tried.code, tried.detail) == ("sip:486", "busy")

    assert [status(one) for one in (yes, no_more)] == [Status.SENT] * 2
    replies = {one.in_reply_to: one.text for one in Inbound.objects.all()}
    assert replies == {yes: "Pressed 1 (confirm)", no_more: "Pressed 9 (no more calls)"}
    opt_out = OptOut.objects.get()
    assert (opt_out.channel, opt_out.words) == (Channel.CALL, "pressed 9")
    ended = Attempt.objects.get(message_id=no_more).ended_at
    assert ended is not None
    assert opt_out.at < ended, "while the call was still up"
    assert Receipt.objects.filter(state="answered").count() == 3


def test_a_stop_cuts_no_call_and_lets_none_be_dialled(world: World, database_url: str, network: Phones) -> None:
    """000-03, TN2, TN3: the call that is up is heard to its end; what waits for a line is not dialled."""
    before = network.answered()
    up = [call(world, f"01{number:02}", LONG) for number in range(2)]
    waits = [call(world, f"02{number:02}", LONG) for number in range(3)]
    with workers(database_url, 1, "--channels", "call", "--patience", "30"):
        wait_until(lambda: all("answered" in steps(one) for one in up), "both lines to be taken")
        assert QueueEntry.objects.exclude(worker_id=None).count() == 2, "no more is claimed than there are lines"
        stopped_at = datetime.now(UTC)
        stop_account(world.admin, "wrong list", stopped_at)
        wait_until(lambda: not QueueEntry.objects.exclude(worker_id=None).exists(), "both to be over")
    for one in up:
        assert status(one) == Status.SENT
        assert "speech_done" in steps(one)
        assert Attempt.objects.filter(message_id=one, ended_at__gt=stopped_at, outcome="accepted").exists()
    assert [status(one) for one in waits] == [Status.WAITING] * 3
    assert set(network.answered() - before) == {"+12125550100", "+12125550101"}


def test_a_worker_that_is_killed_in_the_middle_loses_nothing(world: World, database_url: str) -> None:
    """What was being spoken is unknown, what had been heard is sent, and what was never dialled is dialled."""
    ChannelSetup.objects.filter(channel=Channel.CALL).update(
        config={**ChannelSetup.objects.get(account=world.account, channel=Channel.CALL).config, "lines": 3}
    )
    spoken, cut = call(world, "0301", SHORT), call(world, "0302", LONG)
    with workers(database_url, 1, "--channels", "call") as [first]:
        wait_until(lambda: "answered" in steps(cut), "the call to be up")
        wait_until(lambda: "speech_done" in steps(spoken), "the short one to be spoken")
        first.kill()
        first.wait()
    undialled = call(world, "0303", SHORT)
    dead = QueueEntry.objects.exclude(worker_id=None).values_list("worker_id", flat=True)[0]
    QueueEntry.objects.filter(id=undialled).update(worker_id=dead)  # claimed a moment before it died
    lost = set(QueueEntry.objects.filter(worker_id=dead).values_list("id", flat=True))
    bury_dead(this_machine(), first.pid, datetime.now(UTC))
    assert {one: status(one) for one in lost} == dict.fromkeys(lost, Status.UNKNOWN)
    assert {cut, undialled} <= lost

    with workers(database_url, 1, "--channels", "call"):
        wait_until(lambda: status(undialled) == Status.SENT, "the one that was never dialled to be dialled")
        wait_until(lambda: status(spoken) == Status.SENT, "the one that was heard to be known as sent")
    assert (status(cut), steps(cut)[:3]) == (Status.UNKNOWN, ["dialled", "ringing", "answered"])
    assert CallStep.objects.filter(message_id=cut, kind="dialled").count() == 1, "it is not dialled again by itself"
    assert LedgerEntry.objects.filter(act="provider_lacks_it", subject=f"message:{undialled}").exists()
