"""A START with a hundred thousand messages that wait for a change: short for whoever wants to stop, and complete."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from django.db import connection

from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.switch import start_account, stop_account
from allstop.store import queue
from allstop.store.models import QueueEntry, Stop
from tests.world import World, texts

MANY = 100_000


def parked(world: World) -> None:
    texts(world, 10)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE queue SET held = 'zone_unknown'")
        cursor.execute(
            "INSERT INTO queue (account_id, id, channel, by_hand, due_at, purpose, recipients, attempt, held)"
            " SELECT account_id, 1000000 + n, channel, by_hand, due_at, purpose, 1, 0, held"
            " FROM (SELECT * FROM queue LIMIT 1) one, generate_series(11, %s) n",
            [MANY],
        )
        cursor.execute("ANALYZE queue")


def test_a_stop_is_prompt_while_a_start_releases_a_hundred_thousand(committed_world: World) -> None:
    parked(committed_world)
    now = datetime.now(UTC)
    stop_account(committed_world.admin, "", now)

    def starts() -> float:
        began = time.monotonic()
        try:
            start_account(committed_world.leader, "", now)
        finally:
            connection.close()
        return time.monotonic() - began

    with ThreadPoolExecutor(1) as aside:
        starting = aside.submit(starts)
        while not Stop.objects.filter(is_lift=True).exists():
            time.sleep(0.002)
        began = time.monotonic()
        receipt = wait_until_confirmed(stop_account(committed_world.member, "no!", datetime.now(UTC)).number)
        took = time.monotonic() - began
        held = QueueEntry.objects.exclude(held=None).count()
        started = starting.result()
    assert receipt.confirmed_at is not None
    assert held > 0, "the stop came in the middle of the release"
    assert took < 0.5 < started
    assert not QueueEntry.objects.exclude(held=None).exists(), "the release went on to its end"
    assert QueueEntry.objects.count() == MANY


def test_releasing_ends_also_while_messages_are_parked_anew(committed_world: World) -> None:
    """A worker that judges what was released, and finds another hold, must not keep the release busy for ever."""
    parked(committed_world)
    account_id, now = committed_world.account.pk, committed_world.now
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM queue_release(%s, %s, 0, %s, 2000)", [account_id, account_id, now])
        count, account, last = cursor.fetchone()
        assert (count, account) == (2000, account_id)
        cursor.execute("UPDATE queue SET held = 'stopped_location' WHERE held IS NULL")
        cursor.execute("SELECT * FROM queue_release(%s, %s, %s, %s, 2000)", [account_id, account, last, now])
        assert cursor.fetchone()[2] > last, "it goes on, not back to what was parked again"
    assert QueueEntry.objects.filter(held="stopped_location").count() == 2000


def test_a_release_takes_only_the_accounts_own(committed_world: World) -> None:
    texts(committed_world, 3)
    QueueEntry.objects.update(held="zone_unknown")
    assert queue.release(committed_world.rival.pk, committed_world.now) == 0
    assert queue.release(None, committed_world.now + timedelta(minutes=1)) == 3
    assert set(QueueEntry.objects.values_list("held", "due_at")) == {(None, committed_world.now)}
