"""The way to queue.sql for actions: enqueue, stop, lift, withdraw, and what a stopper waits for.

The worker's side (claim, finish, hand back, beat) is claims.py. Every function runs in the caller's transaction unless
it says otherwise.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from allstop.rules.facts import Channel, Purpose
from allstop.store.models import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message as it is accepted. Only a waiting one enters the queue; the others are recorded with their reason."""

    account_id: int
    channel: Channel
    purpose: Purpose
    address: str
    body: str
    due_at: datetime
    subject: str = ""
    contact_id: int | None = None
    job_id: int | None = None
    location_id: int | None = None
    recipients: int = 1
    use_by: datetime | None = None
    by_hand: bool = False
    status: Status = Status.WAITING
    reason: str = ""


def create_lanes(account_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO lane (account_id, channel, by_hand, is_open, number, setup_number, pace_ms,"
            " slot_at, head_due_at, head_id)"
            " SELECT %s, c, h, queue_lane_open(%s, c), 0, 0, 0, 'epoch', 'epoch', 0"
            " FROM unnest(%s::text[]) c, unnest(ARRAY[false, true]) h",
            [account_id, account_id, [channel.value for channel in Channel]],
        )


def reserve_ids(count: int) -> list[int]:
    """Ids for new messages, rising."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('message_id') FROM generate_series(1, %s)", [count])
        return [row[0] for row in cursor.fetchall()]


def enqueue(messages: Sequence[NewMessage], now: datetime) -> list[int]:
    """Add messages and return their ids in order. Locks no lane, so an import that stays open delays no stop."""
    ids = reserve_ids(len(messages))
    pairs = list(zip(ids, messages, strict=True))
    waiting = [(i, m) for i, m in pairs if m.status is Status.WAITING]
    _copy(
        "message (account_id, id, job_id, contact_id, location_id, channel, purpose, address, subject, body,"
        " recipients, due_at, use_by, created_at, status, reason, receipt, finished_at)",
        (
            (
                *(m.account_id, i, m.job_id, m.contact_id, m.location_id, m.channel.value, m.purpose.value, m.address),
                *(m.subject, m.body, m.recipients, m.due_at, m.use_by, now, m.status.value, m.reason, ""),
                None if m.status is Status.WAITING else now,
            )
            for i, m in pairs
        ),
    )
    _copy(
        "queue (account_id, id, channel, by_hand, due_at, use_by, purpose, recipients,"
        " contact_id, job_id, location_id, attempt)",
        (
            (
                *(m.account_id, i, m.channel.value, m.by_hand, m.due_at, m.use_by, m.purpose.value, m.recipients),
                *(m.contact_id, m.job_id, m.location_id, 0),
            )
            for i, m in waiting
        ),
    )
    _copy("wake (account_id, channel, by_hand, due_at)", _wakes(m for _, m in waiting))
    _copy("tally_change (account_id, job_id, location_id, channel, status, count)", _tallies(messages))
    if waiting:
        with connection.cursor() as cursor:  # one for the whole call: each takes a global lock at the commit
            cursor.execute("SELECT pg_notify('wake', '')")
    return ids


def _wakes(messages: Iterable[NewMessage]) -> Iterator[tuple[Any, ...]]:
    first: dict[tuple[int, str, bool], datetime] = {}
    for m in messages:
        lane = (m.account_id, m.channel.value, m.by_hand)
        first[lane] = min(m.due_at, first.get(lane, m.due_at))
    return ((*lane, due_at) for lane, due_at in first.items())


def _tallies(messages: Iterable[NewMessage]) -> Iterator[tuple[Any, ...]]:
    counts: defaultdict[tuple[Any, ...], int] = defaultdict(int)
    for m in messages:
        counts[(m.account_id, m.job_id, m.location_id, m.channel.value, m.status.value)] += 1
    return ((*key, count) for key, count in counts.items())


def _copy(target: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _scalar(sql: str, values: Sequence[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
        assert row is not None
        return row[0]


def stop(hold_id: int, now: datetime) -> int:
    """Close what the hold (added in this transaction) closes; the stop's number. Call it late: it locks lanes."""
    return int(_scalar("SELECT queue_stop(%s, %s)", [hold_id, now]))


def notify_gate() -> None:
    """For what a listener would otherwise have to ask for: a stop was confirmed. Heard when the transaction commits."""
    _scalar("SELECT pg_notify('gate', '')", [])


def announce_contact(account_id: int, contact_id: int, now: datetime) -> int:
    """A marker or an opt-out was added to the contact in this transaction: workers drop what they hold for it."""
    return int(
        _scalar(
            "SELECT queue_announce(NULL, 'contact', %s, NULL, NULL, NULL, %s, %s)",
            [account_id, contact_id, now],
        )
    )


def lift(hold_id: int | None, account_id: int | None, scope: str, now: datetime) -> int:
    """After a hold was lifted, or a fact was set that messages wait for: open what is free and ask the gate again."""
    return int(_scalar("SELECT queue_lift(%s, %s, %s, %s)", [hold_id, account_id, scope, now]))


def withdraw(account_id: int, job_ids: Sequence[int], status: Status, now: datetime) -> int:
    return int(
        _scalar("SELECT queue_withdraw(%s, %s::bigint[], %s, %s)", [account_id, list(job_ids), status.value, now])
    )


def setup_changed(account_id: int, channel: Channel, pace_ms: int, now: datetime) -> None:
    _scalar("SELECT queue_setup_changed(%s, %s, %s, %s)", [now, account_id, channel.value, pace_ms])


def workers_silent_on(number: int) -> int:
    """How many workers have not yet acknowledged this stop."""
    return int(_scalar("SELECT count(*) FROM worker WHERE acked < %s", [number]))


def fence(number: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT queue_fence(%s)", [number])
        return [row[0] for row in cursor.fetchall()]


def bury(worker_ids: Sequence[int], now: datetime) -> int:
    """Declare fenced workers dead one lease after the fence; returns how many messages became unknown."""
    return int(_scalar("SELECT queue_bury(%s::bigint[], %s)", [list(worker_ids), now]))


@contextmanager
def impatient(milliseconds: int = 200) -> Iterator[None]:
    """Whoever blocks the statements inside for longer is ended: a client that froze holding a lane holds no stop.

    Works from a second connection, since the first one waits.
    """
    import threading

    import psycopg

    pid = _scalar("SELECT pg_backend_pid()", [])
    done = threading.Event()

    def watch() -> None:
        if done.wait(milliseconds / 1000):
            return
        with psycopg.connect(**connection_params(), autocommit=True) as second:
            while not done.wait(milliseconds / 1000):
                second.execute("SELECT pg_terminate_backend(p) FROM unnest(pg_blocking_pids(%s)) p", (pid,))

    thread = threading.Thread(target=watch, name="stop-watchdog", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def connection_params() -> dict[str, Any]:
    """How to open a psycopg connection of one's own to Django's database."""
    params = dict(connection.get_connection_params())
    for djangos_own in ("cursor_factory", "context", "prepare_threshold"):
        params.pop(djangos_own, None)
    return params
