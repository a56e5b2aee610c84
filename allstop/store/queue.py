"""The way to queue.sql for actions: enqueue, stop, lift, withdraw, and what a stopper waits for.

The worker's side (claim, finish, hand back, beat) is claims.py; what becomes of unknown outcomes is settling.py. Every
function runs in the caller's transaction unless it says otherwise.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from hashlib import md5
from typing import Any

from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable
from psycopg.types.json import Jsonb

from allstop.rules.facts import Channel, Purpose
from allstop.rules.making import made_often_by_name
from allstop.rules.reasons import OPTED_OUT_OF_TEXTS
from allstop.store import ledger
from allstop.store.events import tell_of_messages
from allstop.store.models import CallInstead, Hold, ReplySetup, Status, Stop


@made_often_by_name
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
    appointment_at: datetime | None = None
    by_hand: bool = False
    status: Status = Status.WAITING
    reason: str = ""
    attachment_set: int | None = None  # emails only

    @property
    def words(self) -> int:
        """As plan_words in plan.sql."""
        to = "" if self.contact_id else self.address
        files = () if self.attachment_set is None else (str(self.attachment_set),)
        said = "\n".join((self.channel, self.purpose, to, self.subject, self.body, *files))
        return int.from_bytes(md5(said.encode(), usedforsecurity=False).digest()[:8], "big", signed=True)


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
        " recipients, due_at, use_by, appointment_at, created_at, status, reason, receipt, finished_at,"
        " attachment_set_id)",
        (
            (
                *(m.account_id, i, m.job_id, m.contact_id, m.location_id, m.channel.value, m.purpose.value, m.address),
                *(m.subject, m.body, m.recipients, m.due_at, m.use_by, m.appointment_at, now, m.status.value, m.reason),
                *("", None if m.status is Status.WAITING else now, m.attachment_set),
            )
            for i, m in pairs
        ),
    )
    _copy(
        "queue (account_id, id, channel, by_hand, due_at, use_by, appointment_at, words, purpose, recipients,"
        " contact_id, job_id, location_id, attempt)",
        (
            (
                *(m.account_id, i, m.channel.value, m.by_hand, m.due_at, m.use_by, m.appointment_at, m.words),
                *(m.purpose.value, m.recipients, m.contact_id, m.job_id, m.location_id, 0),
            )
            for i, m in waiting
        ),
    )
    _copy("wake (account_id, channel, by_hand, due_at)", _wakes(m for _, m in waiting))
    _copy("tally_change (account_id, job_id, location_id, channel, status, count, at)", _tallies(messages, now))
    _ask_to_call_instead([(i, m) for i, m in pairs if m.reason == OPTED_OUT_OF_TEXTS], now)
    for account_id in {m.account_id for m in messages if m.status is Status.REFUSED}:
        refused = [i for i, m in pairs if m.account_id == account_id and m.status is Status.REFUSED]
        tell_of_messages(account_id, refused, now)
    if waiting:
        with connection.cursor() as cursor:  # one for the whole call: each takes a global lock at the commit
            cursor.execute("SELECT pg_notify('wake', '')")
    return ids


def _ask_to_call_instead(refused: Sequence[tuple[int, NewMessage]], now: datetime) -> None:
    """As queue_finish does of those that are refused when they are due."""
    for account_id in {m.account_id for _, m in refused}:
        if ReplySetup.objects.filter(account_id=account_id, calls_instead=True).exists():
            ids = [
                i
                for i, m in refused
                if (m.account_id, m.purpose) == (account_id, Purpose.REMINDER) and m.appointment_at is not None
            ]
            CallInstead.objects.bulk_create(CallInstead(account_id=account_id, message_id=i, look_at=now) for i in ids)


def notify_test() -> None:
    """Workers hear that somebody has pressed Test when this transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("NOTIFY test")


def check_references() -> None:
    """Check foreign keys now, not at the commit: for a bulk that is about to take locks which others need."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _wakes(messages: Iterable[NewMessage]) -> Iterator[tuple[Any, ...]]:
    first: dict[tuple[int, str, bool], datetime] = {}
    for m in messages:
        lane = (m.account_id, m.channel.value, m.by_hand)
        first[lane] = min(m.due_at, first.get(lane, m.due_at))
    return ((*lane, due_at) for lane, due_at in first.items())


def _tallies(messages: Iterable[NewMessage], now: datetime) -> Iterator[tuple[Any, ...]]:
    counts: defaultdict[tuple[Any, ...], int] = defaultdict(int)
    for m in messages:
        counts[(m.account_id, m.job_id, m.location_id, m.channel.value, m.status.value)] += 1
    return ((*key, count, now) for key, count in counts.items())


def _copy(target: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _scalar(sql: str, values: Sequence[Any] | Mapping[str, Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
        assert row is not None
        return row[0]


def lock_installation() -> None:
    """Until the end of the transaction: of those who stop or start the whole installation, one at a time."""
    _scalar("SELECT pg_advisory_xact_lock(hashtext('installation'))::text", [])


WAITS_FOR_LOCKS = 200  # milliseconds that a stop waits for whoever holds what it needs, before they are ended
_COLUMNS_OF_STOP = ", ".join(field.attname for field in Stop._meta.concrete_fields)


def stop(hold_id: int, now: datetime) -> Stop:
    """Close what the hold (added in this transaction) closes. Call it late: it locks lanes."""
    made = _stop("queue_stop(%s, %s)", hold_id, now)
    assert made is not None
    return made


def press(hold: Hold, subject: str, after: Mapping[str, Any]) -> Stop | None:
    """STOP as somebody presses it, in a transaction of its own: adds the hold, closes what it closes and writes the
    entry in the ledger. None: one of this name and reach stands, and nothing was changed.

    The watchdog of ending_blockers is a thread, which a busy machine takes milliseconds to start and to end: only a
    stop that has waited for a lock in vain begins again with one.
    """
    if not connection.in_atomic_block:
        try:
            return _press(hold, subject, after, lock_timeout=f"{WAITS_FOR_LOCKS}ms")
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            with ending_blockers(after=10):
                return _press(hold, subject, after, lock_timeout="0")
    with ending_blockers():
        return _press(hold, subject, after, lock_timeout="0")


def _press(hold: Hold, subject: str, after: Mapping[str, Any], lock_timeout: str) -> Stop | None:
    columns = {field.attname: getattr(hold, field.attname) for field in Hold._meta.concrete_fields}
    made = _stop(
        "queue_press(%s, %s, %s, %s, %s, %s)",
        *(Jsonb(columns, dumps=_with_times), subject, Jsonb(after), ledger.new_salt(), IMPATIENT, lock_timeout),
    )
    if made is not None:
        hold.pk = made.hold_id
    return made


_with_times = partial(json.dumps, default=str)


def confirm(number: int, now: datetime, patience: timedelta = timedelta(0)) -> Stop | None:
    """Every worker obeys this stop and all before it: written down once for each. None: one did not within patience."""
    return _stop("queue_confirm(%s, %s, %s)", number, now, patience)


def _stop(call: str, *values: Any) -> Stop | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS_OF_STOP} FROM {call}", values)  # noqa: S608 - our own names
        row = cursor.fetchone()
    return None if row is None else Stop(*row)


def announce_contact(account_id: int, contact_id: int, now: datetime) -> int:
    """A marker or an opt-out was added to the contact in this transaction: workers drop what they hold for it.

    The caller writes the number into its own ledger entry, which comes after (locks: gate, then ledger_head), and waits
    after its commit until workers have.
    """
    return int(
        _scalar(
            "SELECT number FROM queue_announce(NULL, 'contact', %s, NULL, NULL, NULL, %s, %s)",
            [account_id, contact_id, now],
        )
    )


_REASSIGN = """
WITH moved AS (
    UPDATE message SET contact_id = %(to)s WHERE account_id = %(account)s AND contact_id = %(of)s
    RETURNING account_id, id, status),
queued AS (
    UPDATE queue SET contact_id = %(to)s FROM moved
     WHERE moved.status = 'waiting' AND queue.account_id = moved.account_id AND queue.id = moved.id)
SELECT count(*) FROM moved"""


def reassign_contact(account_id: int, of: int, to: int) -> int:
    """All messages of one contact become another's; returns how many. Whatever stands against either is announced
    by the caller, in the same transaction: a worker may hold some of them."""
    return int(_scalar(_REASSIGN, {"account": account_id, "of": of, "to": to}))


def lock_lanes(account_id: int) -> None:
    """For a transaction that announces and may lift afterwards: lanes are locked before the gate."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM lane WHERE account_id = %s ORDER BY account_id, channel, by_hand FOR UPDATE", [account_id]
        )


def announce_contacts(account_id: int, now: datetime) -> int:
    """As announce_contact, for many contacts under one number: workers hand back whatever they hold of the account."""
    return int(
        _scalar(
            "SELECT number FROM queue_announce(NULL, 'contacts', %s, NULL, NULL, NULL, NULL, %s)", [account_id, now]
        )
    )


def lift(hold_id: int | None, account_id: int | None, scope: str, now: datetime) -> int:
    """After a hold was lifted, or a fact was set that messages wait for: open what is free. Late: it locks lanes.

    What waits for a change is asked about again by release(), after the commit.
    """
    return int(_scalar("SELECT queue_lift(%s, %s, %s, %s)", [hold_id, account_id, scope, now]))


RELEASED_AT_ONCE = 2000  # some 50 ms


def release(account_id: int | None, now: datetime) -> int:
    """Everything of the account (None: of all) that waits for a change is due again, in many short transactions.

    Not inside another one: the locks of all of them would be held together.
    """
    account, last, released = account_id or 0, 0, 0
    while True:
        with connection.cursor() as cursor:
            values = [account_id, account, last, now, RELEASED_AT_ONCE]
            cursor.execute("SELECT * FROM queue_release(%s, %s, %s, %s, %s)", values)
            count, account, last = cursor.fetchone() or (0, 0, 0)
        released += count
        if count < RELEASED_AT_ONCE:
            return released


WITHDRAWN_AT_ONCE = 2000  # some 50 ms


def withdraw(account_id: int, job_ids: Sequence[int], status: Status, now: datetime) -> int:
    """All waiting messages of the jobs that no worker holds, in many short transactions. Not inside another one."""
    values = [account_id, list(job_ids), status.value, now, WITHDRAWN_AT_ONCE]
    withdrawn = 0
    while gone := int(_scalar("SELECT queue_withdraw(%s, %s::bigint[], %s, %s, %s)", values)):
        withdrawn += gone
    return withdrawn


def waiting_of_job(account_id: int, job_id: int) -> int:
    return int(
        _scalar(
            "SELECT COALESCE(sum(count), 0) FROM (SELECT account_id, job_id, status, count FROM tally"
            " UNION ALL SELECT account_id, job_id, status, count FROM tally_change) every"
            " WHERE account_id = %s AND job_id = %s AND status = 'waiting'",
            [account_id, job_id],
        )
    )


def setup_changed(account_id: int, channel: Channel, pace_ms: int, now: datetime) -> None:
    _scalar("SELECT queue_setup_changed(%s, %s, %s, %s)", [now, account_id, channel.value, pace_ms])


def fence(number: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT queue_fence(%s)", [number])
        return [row[0] for row in cursor.fetchall()]


def bury(worker_ids: Sequence[int], now: datetime) -> int:
    """Declare fenced workers dead one lease after the fence; returns how many messages became unknown."""
    return int(_scalar("SELECT queue_bury(%s::bigint[], %s)", [list(worker_ids), now]))


IMPATIENT = "allstop: a stop"  # the application name of whoever is, until the transaction ends
PATIENT_WITH_STOPS = timedelta(seconds=2)
_END_BLOCKERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE pid = ANY (pg_blocking_pids(%s))
   AND (application_name <> %s OR clock_timestamp() - xact_start > %s)"""


@contextmanager
def impatient() -> Iterator[None]:
    """Around the statements of a transaction that stops something: see ending_blockers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('application_name', %s, true)", [IMPATIENT])
    with ending_blockers():
        yield


@contextmanager
def ending_blockers(after: int = WAITS_FOR_LOCKS) -> Iterator[None]:
    """Whoever blocks the statements inside for so many milliseconds is ended: a client that froze holds no stop.

    Another who is impatient is not what it is meant for: two stops would end each other. They wait for each other, and
    only one that does not move on for PATIENT_WITH_STOPS is ended too. Works from a second connection, since the first
    one waits.
    """
    import threading

    import psycopg

    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    done = threading.Event()

    def watch() -> None:
        if done.wait(after / 1000):
            return
        with psycopg.connect(**connection_params(), autocommit=True) as second:
            second.execute(_END_BLOCKERS, (pid, IMPATIENT, PATIENT_WITH_STOPS))
            while not done.wait(WAITS_FOR_LOCKS / 1000):
                second.execute(_END_BLOCKERS, (pid, IMPATIENT, PATIENT_WITH_STOPS))

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
