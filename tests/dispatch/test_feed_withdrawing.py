"""A file takes back messages of earlier files: also those that a worker holds, and never one that is leaving."""

import threading
import time
from datetime import UTC, datetime, timedelta

from django.db import connection

from allstop.actions.feed_files import take_file
from allstop.actions.import_run import run_import
from allstop.store import withdrawing
from allstop.store.models import Message, QueueEntry, Tally, TallyChange, Worker
from tests.actions.test_feeds import a_feed, comes, file_of, of_feed
from tests.reminder_files import LATER, a_row
from tests.world import World

ANOTHER_TIME = "11/25/2036 09:00"


def a_worker(now: datetime) -> Worker:
    return Worker.objects.create(host="h", pid=1, started_at=now, lease_until=now + timedelta(hours=1), acked=0)


def obeys(worker: Worker, held: list[tuple[int, int]], seen: list[tuple[str, datetime | None]]) -> None:
    """As a worker does: it hears of the stop, gives back what it has not started, and says so."""
    try:
        with connection.cursor() as cursor:
            number = 0
            while not number:
                cursor.execute("SELECT number FROM gate")
                number = (cursor.fetchone() or (0,))[0]
                time.sleep(0.001)
            for account, message in held:
                row = QueueEntry.objects.get(account_id=account, id=message)
                seen.append((Message.objects.get(account_id=account, id=message).status, row.use_by))
            accounts, ids = [one for one, _ in held], [one for _, one in held]
            cursor.execute("SELECT queue_hand_back(%s, %s, %s, %s)", [worker.pk, accounts, ids, number])
            cursor.execute("SELECT queue_beat(%s, now(), %s, '1 hour')", [worker.pk, number])
    finally:
        connection.close()


def waiting_by_tally(world: World) -> int:
    kept = Tally.objects.filter(account_id=world.account.pk, status="waiting").values_list("count", flat=True)
    changes = TallyChange.objects.filter(account_id=world.account.pk, status="waiting").values_list("count", flat=True)
    return sum(kept) + sum(changes)


def test_what_a_worker_holds_is_taken_back_as_a_stop_takes_it_back(committed_world: World) -> None:
    world, now = committed_world, datetime.now(UTC)
    feed = a_feed(world, rhythm={}, expected_at=None)
    comes(world, feed, a_row(1, at=LATER), a_row(2, at=LATER))
    held, free = of_feed(feed)
    worker = a_worker(now)
    QueueEntry.objects.filter(id=held.id).update(worker_id=worker.pk)
    before = waiting_by_tally(world)
    seen: list[tuple[str, datetime | None]] = []
    thread = threading.Thread(target=obeys, args=(worker, [(world.account.pk, held.id)], seen))
    thread.start()
    file = take_file(feed, "2.csv", file_of(*(a_row(row, at=ANOTHER_TIME) for row in (1, 2))), now)
    run_import(file.source_id or 0, now)
    thread.join()
    [(status, use_by)] = seen  # when the worker hears of it, nobody can start it any more, whenever it comes back
    assert status == "waiting" and use_by is not None and use_by < now
    file.refresh_from_db()
    assert (file.waiting, file.withdrawn) == (2, 2)
    assert [one.status for one in of_feed(feed)] == ["canceled", "canceled", "waiting", "waiting"]
    assert not QueueEntry.objects.filter(id__in=(held.id, free.id)).exists()
    assert waiting_by_tally(world) == before


def test_what_is_leaving_is_left_to_its_end(committed_world: World) -> None:
    world, now = committed_world, datetime.now(UTC)
    feed = a_feed(world, rhythm={}, expected_at=None)
    comes(world, feed, a_row(1, at=LATER))
    [leaving] = of_feed(feed)
    worker = a_worker(now)
    QueueEntry.objects.filter(id=leaving.id).update(worker_id=worker.pk)
    thread = threading.Thread(target=obeys, args=(worker, [], []))  # it keeps what it has started
    thread.start()
    file = comes(world, feed, a_row(1, status="Cancelled", at=LATER))
    thread.join()
    assert file.withdrawn == 0
    assert Message.objects.get(id=leaving.id).status == "waiting"  # until its worker says what became of it
    assert QueueEntry.objects.get(id=leaving.id).worker_id == worker.pk


def test_many_leave_the_queue_a_part_at_a_time_and_once(world: World) -> None:
    feed = a_feed(world, rhythm={}, expected_at=None)
    comes(world, feed, *(a_row(row, at=LATER) for row in range(7)))
    ids = [one.id for one in of_feed(feed)]
    assert withdrawing.withdraw_free(world.account.pk, ids, "appointment_moved", world.now) == 7
    assert withdrawing.withdraw_free(world.account.pk, ids, "appointment_moved", world.now) == 0
    assert withdrawing.withdraw_free(world.rival.pk, ids, "appointment_moved", world.now) == 0
