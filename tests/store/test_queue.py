"""The queue's SQL, function by function: what is claimed, in what order, what a stop closes, what counts."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

import pytest
from django.db import connection

from allstop.actions.switch import start_account, stop_account
from allstop.rules.facts import Channel, Purpose
from allstop.rules.pacing import Pace, next_slot
from allstop.rules.retry import Outcome
from allstop.store import claims, queue
from allstop.store.claims import Claimed, Claims, Fenced, Finished, LaneKey, PutBack, Tried
from allstop.store.models import Attempt, ChannelSetup, Lane, LedgerEntry, Message, QueueEntry, Status, Stop, Worker
from tests.world import World, contact, texts

T = TypeVar("T")


def on_claims(world: World, do: Callable[[Claims], Awaitable[T]]) -> T:
    """Runs `do` as a registered worker."""

    async def run() -> T:
        line = await claims.connect()
        worker_id, _ = await claims.register(line, "test", 1, world.now, timedelta(seconds=2))
        try:
            return await do(Claims(line, worker_id))
        finally:
            await line.close()

    return asyncio.run(run())


async def aside(do: Callable[..., T], *args: object, **kwargs: object) -> T:
    """Something that uses Django's connection, on a thread whose connection is closed again."""

    def run() -> T:
        try:
            return do(*args, **kwargs)
        finally:
            connection.close()

    return await asyncio.to_thread(run)


def lane(world: World, channel: Channel = Channel.TEXT, by_hand: bool = False) -> LaneKey:
    return LaneKey(world.account.pk, channel.value, by_hand)


async def claim(of: Claims, world: World, burst: int = 50, at: datetime | None = None) -> list[Claimed]:
    await of.fold()
    return await of.step(at or world.now, lane(world), burst)


def the_lane(world: World) -> Lane:
    return Lane.objects.get(account_id=world.account.pk, channel=Channel.TEXT, by_hand=False)


def finished(world: World, id_: int, status: Status = Status.SENT) -> Finished:
    return Finished(world.account.pk, id_, status, "", tried(world, Outcome.ACCEPTED))


def tried(world: World, outcome: Outcome) -> Tried:
    return Tried(outcome, world.now, world.now, "sandbox", "", "sandbox:accepted", "")


def test_messages_are_claimed_in_the_order_of_their_due_times(committed_world: World) -> None:
    late = texts(committed_world, 2, due_at=committed_world.now - timedelta(minutes=1))
    early = texts(committed_world, 2, due_at=committed_world.now - timedelta(hours=1))
    ahead = texts(committed_world, 1, due_at=committed_world.now + timedelta(hours=1))
    got = on_claims(committed_world, lambda c: claim(c, committed_world))
    assert [one.id for one in got] == early + late
    assert the_lane(committed_world).next_due_at == committed_world.now + timedelta(hours=1)
    assert QueueEntry.objects.get(worker_id=None).id == ahead[0]


def test_a_drained_lane_has_no_due_time_and_starves_nobody(committed_world: World) -> None:
    """GREATEST(NULL, 0) is 0 in PostgreSQL: a drained lane once got a due time of 0 and was first in line for ever."""
    texts(committed_world, 3)
    on_claims(committed_world, lambda c: claim(c, committed_world))
    assert the_lane(committed_world).next_due_at is None


def test_an_earlier_message_that_comes_later_is_still_found(committed_world: World) -> None:
    """The lane's cursor moves back when something due before it is queued."""

    texts(committed_world, 2)

    async def twice(c: Claims) -> list[Claimed]:
        await claim(c, committed_world)
        await aside(texts, committed_world, 1, due_at=committed_world.now - timedelta(days=2))
        return await claim(c, committed_world)

    assert len(on_claims(committed_world, twice)) == 1


def test_a_closed_lane_gives_nothing_and_an_open_one_gives_everything_again(committed_world: World) -> None:
    texts(committed_world, 2)
    stop_account(committed_world.admin, "", committed_world.now)
    assert on_claims(committed_world, lambda c: claim(c, committed_world)) == []
    start_account(committed_world.admin, "", committed_world.now)
    assert len(on_claims(committed_world, lambda c: claim(c, committed_world))) == 2


def test_a_claim_made_before_a_stop_has_a_lower_number_and_one_after_start_has_not(committed_world: World) -> None:
    texts(committed_world, 2)
    before = on_claims(committed_world, lambda c: claim(c, committed_world, 1))
    number = stop_account(committed_world.admin, "", committed_world.now).number
    start_account(committed_world.admin, "", committed_world.now)
    after = on_claims(committed_world, lambda c: claim(c, committed_world, 1))
    assert before[0].number < number <= after[0].number


def test_a_fenced_worker_gets_nothing_and_cannot_renew(committed_world: World) -> None:
    texts(committed_world, 1)

    async def do(c: Claims) -> None:
        await aside(Worker.objects.update, fenced=True)
        with pytest.raises(Fenced):
            await claim(c, committed_world)
        line = await claims.connect()
        with pytest.raises(Fenced):
            await claims.beat(line, c.worker_id, committed_world.now, 0, timedelta(seconds=2))
        await line.close()

    on_claims(committed_world, do)


def test_finishing_writes_status_attempt_and_tally_and_twice_is_harmless(committed_world: World) -> None:
    texts(committed_world, 1)

    async def do(c: Claims) -> int:
        (one,) = await claim(c, committed_world)
        await c.finish(committed_world.now, [finished(committed_world, one.id)])
        await c.finish(committed_world.now, [finished(committed_world, one.id)])
        return one.id

    id_ = on_claims(committed_world, do)
    assert Message.objects.get(id=id_).status == Status.SENT
    assert Attempt.objects.get().number == 1
    assert tallies() == {"sent": 1}
    assert not QueueEntry.objects.exists()


def tallies() -> dict[str, int]:
    """Status -> messages, as tally and tally_change together say."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status, sum(count) FROM (SELECT status, count FROM tally UNION ALL SELECT status, count"
            " FROM tally_change) x GROUP BY 1 HAVING sum(count) <> 0"
        )
        return {status: int(count) for status, count in cursor.fetchall()}


def test_tallies_are_the_same_before_and_after_folding(committed_world: World) -> None:
    texts(committed_world, 5)

    async def do(c: Claims) -> None:
        got = await claim(c, committed_world, 3)
        await c.finish(committed_world.now, [finished(committed_world, one.id) for one in got])

    on_claims(committed_world, do)
    assert tallies() == {"waiting": 2, "sent": 3}
    with connection.cursor() as cursor:
        cursor.execute("SELECT queue_fold_tally()")
        cursor.execute("SELECT count(*) FROM tally_change")
        assert cursor.fetchone() == (0,)
    assert tallies() == {"waiting": 2, "sent": 3}


def test_what_the_gate_refused_is_in_the_ledger(committed_world: World) -> None:
    texts(committed_world, 1)

    async def do(c: Claims) -> None:
        (one,) = await claim(c, committed_world)
        await c.finish(committed_world.now, [Finished(committed_world.account.pk, one.id, Status.REFUSED, "stop_all")])

    on_claims(committed_world, do)
    entry = LedgerEntry.objects.get(act="refused")
    assert (entry.by, entry.reason, entry.subject) == ("gate", "stop_all", f"message:{Message.objects.get().id}")
    assert not Attempt.objects.exists(), "nothing was tried"


def back(world: World, one: Claimed, due_at: datetime, held: str | None, attempt: Tried | None = None) -> PutBack:
    return PutBack(world.account.pk, one.id, one.number, due_at, held, held or "quiet_hours", attempt)


def test_a_message_put_back_for_a_time_comes_again_then_and_keeps_its_attempts(committed_world: World) -> None:
    """A held retry keeps its attempt number (TN3)."""
    texts(committed_world, 1)
    later = committed_world.now + timedelta(hours=2)

    async def do(c: Claims) -> list[Claimed]:
        (one,) = await claim(c, committed_world)
        again = tried(committed_world, Outcome.REJECTED)
        await c.put_back(committed_world.now, [back(committed_world, one, later, None, again)])
        assert await claim(c, committed_world) == []
        (one,) = await claim(c, committed_world, at=later)
        assert one.attempt == 1
        await c.put_back(later, [back(committed_world, one, later, None)])
        return await claim(c, committed_world, at=later)

    (one,) = on_claims(committed_world, do)
    assert one.attempt == 1, "a hold is not an attempt"


def test_a_message_that_waits_for_a_change_is_due_again_after_a_lift(committed_world: World) -> None:
    texts(committed_world, 1)

    async def do(c: Claims) -> list[Claimed]:
        (one,) = await claim(c, committed_world)
        await c.put_back(committed_world.now, [back(committed_world, one, committed_world.now, "zone_unknown")])
        assert await claim(c, committed_world) == []
        await aside(queue.lift, None, committed_world.account.pk, "contact", committed_world.now)
        assert await claim(c, committed_world) == []
        assert await aside(queue.release, committed_world.account.pk, committed_world.now) == 1
        return await claim(c, committed_world)

    assert len(on_claims(committed_world, do)) == 1


def test_a_lift_between_the_claim_and_the_putting_back_is_not_missed(committed_world: World) -> None:
    """The message was judged on facts from before the lift: it must not wait for a change that has been made."""
    texts(committed_world, 1)

    async def do(c: Claims) -> list[Claimed]:
        (one,) = await claim(c, committed_world)
        await aside(queue.lift, None, committed_world.account.pk, "contact", committed_world.now)
        await c.put_back(committed_world.now, [back(committed_world, one, committed_world.now, "zone_unknown")])
        return await claim(c, committed_world)

    assert len(on_claims(committed_world, do)) == 1


def test_handing_back_makes_it_claimable_and_counts_for_the_stop(committed_world: World) -> None:
    texts(committed_world, 2)
    receipt: list[int] = []

    async def do(c: Claims) -> list[Claimed]:
        got = await claim(c, committed_world)
        stop = await aside(stop_account, committed_world.admin, "", committed_world.now)
        assert stop.in_flight == 2
        await c.hand_back([(committed_world.account.pk, one.id) for one in got], stop.number)
        receipt.append(stop.number)
        await aside(start_account, committed_world.admin, "", committed_world.now)
        return await claim(c, committed_world)

    assert len(on_claims(committed_world, do)) == 2
    assert Stop.objects.get(pk=receipt[0]).handed_back == 2


def test_what_a_buried_worker_held_is_unknown_and_never_queued_again(committed_world: World) -> None:
    texts(committed_world, 3)
    on_claims(committed_world, lambda c: claim(c, committed_world, 2))
    Worker.objects.update(fenced=True)
    lost = queue.bury(list(Worker.objects.values_list("pk", flat=True)), committed_world.now)
    assert lost == 2
    assert tallies() == {"waiting": 1, "unknown": 2}
    assert Message.objects.filter(status=Status.UNKNOWN, reason="worker_lost").count() == 2
    assert QueueEntry.objects.count() == 1


def test_the_claims_pacing_is_that_of_the_rules(committed_world: World) -> None:
    """One every 3 minutes: at each second of an hour, SQL and rules/pacing.py agree whether a message may leave."""
    pace = Pace.every(timedelta(minutes=3))
    ChannelSetup.objects.filter(account=committed_world.account, channel=Channel.TEXT).update(pace_ms=180_000)
    queue.setup_changed(committed_world.account.pk, Channel.TEXT, 180_000, committed_world.now)
    texts(committed_world, 30)
    seconds = (0, 1, 179, 180, 181, 361, 540.5, 900, 901, 1200, 3600)
    moments = [committed_world.now + timedelta(seconds=s) for s in seconds]

    async def do(c: Claims) -> list[int]:
        return [len(await claim(c, committed_world, at=at)) for at in moments]

    expected, tat = [], None
    for at in moments:
        slot = next_slot(pace, tat, at)
        expected.append(1 if slot.may_send else 0)
        tat = slot.tat
    assert on_claims(committed_world, do) == expected


def test_slots_that_refused_messages_had_taken_are_returned(committed_world: World) -> None:
    """Pace is the last check: only a message that may leave takes a slot."""
    ChannelSetup.objects.filter(account=committed_world.account, channel=Channel.TEXT).update(pace_ms=180_000)
    queue.setup_changed(committed_world.account.pk, Channel.TEXT, 180_000, committed_world.now)
    texts(committed_world, 2)

    async def do(c: Claims) -> list[Claimed]:
        await claim(c, committed_world)
        assert await claim(c, committed_world) == []
        await c.return_slots(lane(committed_world), 1)
        return await claim(c, committed_world)

    assert len(on_claims(committed_world, do)) == 1


def test_a_lane_is_not_deferred_after_its_setup_has_changed(committed_world: World) -> None:
    texts(committed_world, 1)

    async def do(c: Claims) -> list[Claimed]:
        await c.fold()
        (due,), _ = await c.due_lanes(committed_world.now)
        await aside(queue.setup_changed, committed_world.account.pk, Channel.TEXT, 0, committed_world.now)
        await c.defer(due, committed_world.now + timedelta(days=3))
        return await claim(c, committed_world)

    assert len(on_claims(committed_world, do)) == 1


def test_against_a_marked_contact_a_message_is_not_plain(committed_world: World) -> None:
    from allstop.actions.contacts import mark
    from allstop.rules.markers import MarkerKind

    marked, free = contact(committed_world, "Mo Marked"), contact(committed_world, "Flo Free")
    texts(committed_world, 1, to=marked)
    texts(committed_world, 1, to=free)
    mark(committed_world.member, [marked.pk], MarkerKind.STOP_ALL, "asked", committed_world.now)
    mark(committed_world.member, [free.pk], MarkerKind.FLAG, "", committed_world.now)
    got = on_claims(committed_world, lambda c: claim(c, committed_world))
    assert {one.contact_id: one.plain for one in got} == {marked.pk: False, free.pk: True}


def test_enqueuing_does_not_lock_the_lane_a_stop_needs(committed_world: World) -> None:
    """An import that stays open cannot delay a stop."""
    import threading

    from django.db import transaction

    begun, over = threading.Event(), threading.Event()

    def import_slowly() -> None:
        with transaction.atomic():
            texts(committed_world, 10)
            begun.set()
            over.wait(10)
        connection.close()

    thread = threading.Thread(target=import_slowly)
    thread.start()
    try:
        assert begun.wait(10)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")  # any wait for the import would fail here
            stop_account(committed_world.admin, "", committed_world.now)
            cursor.execute("SET lock_timeout = 0")
    finally:
        over.set()
        thread.join()
    assert tallies() == {"waiting": 10}
    assert on_claims(committed_world, lambda c: claim(c, committed_world)) == []


def test_messages_of_one_account_are_never_claimed_through_another(committed_world: World) -> None:
    texts(committed_world, 1)
    key = LaneKey(committed_world.rival.pk, Channel.TEXT.value, False)

    async def do(c: Claims) -> list[Claimed]:
        await c.fold()
        return await c.step(committed_world.now, key, 50)

    assert on_claims(committed_world, do) == []


def test_a_message_that_is_recorded_as_refused_never_enters_the_queue(world: World, now: datetime) -> None:
    message = queue.NewMessage(
        account_id=world.account.pk,
        channel=Channel.EMAIL,
        purpose=Purpose.PROMOTION,
        address="pat@example.org",
        body="Offer",
        due_at=now,
        status=Status.REFUSED,
        reason="stop_promotions",
    )
    (id_,) = queue.enqueue([message], now)
    assert Message.objects.get(id=id_).finished_at == now
    assert not QueueEntry.objects.exists()
