"""The worker's side of queue.sql, on an asyncio connection of its own: register, beat, claim, finish, hand back.

A claim is the durable mark "may have left": so a worker claims no more than it can start at once.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, NamedTuple, Self

import psycopg
from psycopg.rows import args_row

from allstop.rules.retry import Outcome
from allstop.rules.words import Channel
from allstop.store.callees import CALLEES, Callee, callee_of
from allstop.store.lanes import DueLane as DueLane  # noqa: PLC0414 - a word of this interface
from allstop.store.lanes import LaneKey as LaneKey  # noqa: PLC0414
from allstop.store.line import Line
from allstop.store.metered import Metered
from allstop.store.models import Status
from allstop.store.queue import connection_params


class Fenced(Exception):
    """This worker was declared dead: it must start nothing more and end."""


class Claimed(NamedTuple):
    id: int
    contact_id: int | None
    job_id: int | None
    location_id: int | None
    purpose: str
    recipients: int
    due_at: datetime
    use_by: datetime | None
    attempt: int
    before_reset: int  # those of them that no longer count
    zones: list[str]
    plain: bool  # nothing stands against its contact, job or location
    number: int  # newest stop in the snapshot that said so
    setup: int  # of its lane
    lane: int = 0  # which of the lanes that were asked for


class Tried(NamedTuple):
    """One attempt at a provider, as it is recorded."""

    outcome: Outcome
    started_at: datetime
    ended_at: datetime
    adapter: str
    ref: str
    code: str
    detail: str
    number: int = 1  # the first, the second ...
    parts: tuple[str, ...] = ()  # the refs of all parts, where there are several


class Finished(NamedTuple):
    account_id: int
    id: int
    status: Status
    reason: str
    tried: Tried | None = None  # None: the gate refused it, nothing was tried


class PutBack(NamedTuple):
    account_id: int
    id: int
    number: int
    due_at: datetime
    held: str | None  # the change that it waits for; None: it is due at due_at
    reason: str
    tried: Tried | None = None  # an attempt that did not succeed for now


class Content(NamedTuple):
    id: int
    address: str
    subject: str
    body: str
    attachment_set: int | None = None


class StopHeard(NamedTuple):
    number: int
    is_lift: bool
    scope: str
    account_id: int | None
    channel: str | None
    location_id: int | None
    job_id: int | None
    contact_id: int | None

    @classmethod
    def of_notice(cls, said: str) -> Self:
        """As queue_notice says it."""
        return cls(*json.loads(said))


_TURN = itemgetter(*map(Claimed._fields.index, ("lane", "due_at", "id")))


def _columns(tried: Sequence[Tried | None]) -> tuple[list[Any], ...]:
    """Seven parallel arrays, NULL where nothing was tried."""
    return (
        [t and t.outcome.value for t in tried],
        [t and t.started_at for t in tried],
        [t and t.ended_at for t in tried],
        [t and t.adapter for t in tried],
        [t and t.ref[:300] for t in tried],
        [t and t.code[:60] for t in tried],
        [t and t.detail[:500] for t in tried],
    )


_TRIED = "%b::text[], %b::timestamptz[], %b::timestamptz[], %b::text[], %b::text[], %b::text[], %b::text[]"
_CLOSED = "%b::bigint[], %b::bigint[], %b::text[], %b::text[]"
_STEP = (
    "SELECT * FROM queue_step($1::bigint, $2::timestamptz, $3::bigint[], $4::text[], $5::boolean[], $6::integer,"
    " $7::bigint[], $8::bigint[], $2::timestamptz, $9::bigint[], $10::bigint[],"
    " $11::text[], $12::text[], $13::text[], $14::text[])"
)
_FINISH = f"SELECT queue_finish(%b, %b, {_CLOSED}, {_TRIED})"
_BACK = "%b::bigint[], %b::bigint[], %b::bigint[], %b::timestamptz[], %b::text[], %b::text[]"
_PARTS = (
    "INSERT INTO part (account_id, message_id, attempt, number, adapter, ref) SELECT * FROM"
    " unnest(%s::bigint[], %s::bigint[], %s::smallint[], %s::smallint[], %s::text[], %s::text[]) ON CONFLICT DO NOTHING"
)
_PUT_BACK = f"SELECT queue_put_back(%b, %b, {_BACK}, {_TRIED})"
_CONTENTS_OF_ONE = (
    "SELECT id, address, subject, body, attachment_set_id FROM message"
    " WHERE account_id = $1::bigint AND id = ANY ($2::bigint[])"
)
_CONTENTS = (
    "SELECT id, address, subject, body, attachment_set_id"
    " FROM unnest($1::bigint[], $2::bigint[]) AS wanted(account_id, id) JOIN message USING (account_id, id)"
)
_DUE = (
    "(SELECT account_id, channel, by_hand, setup_number, next_due_at FROM lane"
    " WHERE is_open AND next_due_at <= $1::timestamptz{only} ORDER BY next_due_at LIMIT $2::bigint)"
    " UNION ALL (SELECT NULL, NULL, NULL, NULL, NULL FROM wake LIMIT 1)"
)
_DUE_OF_ALL = _DUE.format(only="")
_DUE_OF_SOME = _DUE.format(only=" AND channel = ANY ($3::text[])")


class Claims(Metered):
    """One worker's connection to the queue. Not for two tasks at once."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], worker_id: int) -> None:
        super().__init__(connection)
        self._line = Line(connection)
        self.worker_id = worker_id

    @classmethod
    async def connect(cls, worker_id: int) -> Self:
        return cls(await connect(), worker_id)

    async def close(self) -> None:
        await self._connection.close()

    async def due_lanes(
        self, now: datetime, channels: Sequence[str] = tuple(Channel), limit: int = 200
    ) -> tuple[list[DueLane], bool]:
        """Those of these channels that are due by then, the earliest first; and whether there is anything to fold."""
        values = (now.isoformat(), str(limit))
        if len(channels) == len(Channel):
            rows = await self._line.rows(_DUE_OF_ALL, values, tuple, name=b"due")
        else:
            rows = await self._line.rows(_DUE_OF_SOME, (*values, texts(channels)), tuple, name=b"due_of_some")
        lanes = [DueLane(LaneKey(a, c, h), n, due_at) for a, c, h, n, due_at in rows if a is not None]
        return lanes, len(lanes) < len(rows)

    async def step(self, now: datetime, lane: LaneKey, burst: int, finished: Sequence[Finished] = ()) -> list[Claimed]:
        """Finish what is done and claim up to `burst` messages of the lane."""
        return await self.step_lanes(now, [lane], burst, finished)

    async def step_lanes(
        self, now: datetime, lanes: Sequence[LaneKey], burst: int, finished: Sequence[Finished] = ()
    ) -> list[Claimed]:
        """Finish what is done and claim from these lanes in turn until it is `burst` messages; in one commit, but for
        what ended otherwise than sent, which has one of its own. A lane that somebody else is claiming from is passed
        over. A lane was visited when a later one has given something, or when there are less than `burst`."""
        await self._record_parts(finished)
        # the way of nearly all: a provider accepted it, and there is nothing else to say
        sent: list[Finished] = []
        others: list[Finished] = []
        for one in finished:
            is_sent = one.status is Status.SENT and one.tried is not None and not one.reason
            (sent if is_sent else others).append(one)
        if others:
            await self._finish(now, others)
        values = (
            str(self.worker_id),
            now.isoformat(),
            numbers([lane.account_id for lane in lanes]),
            texts([lane.channel for lane in lanes]),
            "{" + ",".join(["t" if lane.by_hand else "f" for lane in lanes]) + "}",
            str(burst),
            *_sent_arrays(sent, now),
        )
        try:
            claimed = await self._line.rows(_STEP, values, Claimed._make, name=b"step")
        except psycopg.DatabaseError as error:
            if error.sqlstate == "AS001":
                raise Fenced from error
            raise
        claimed.sort(key=_TURN)
        return claimed

    async def finish(self, now: datetime, finished: Sequence[Finished]) -> None:
        await self._record_parts(finished)
        await self._finish(now, finished)

    async def _finish(self, now: datetime, finished: Sequence[Finished]) -> None:
        await self._connection.execute(_FINISH, (self.worker_id, now, *_finish_columns(finished)), binary=True)

    async def _record_parts(self, finished: Sequence[Finished]) -> None:
        """Before the attempt is written, by which receipts are matched: a text in parts must be known as such then."""
        rows = [
            (one.account_id, one.id, one.tried.number, number, one.tried.adapter, ref[:300])
            for one in finished
            if one.tried is not None and one.tried.parts
            for number, ref in enumerate(one.tried.parts, start=1)
        ]
        if rows:
            await self._connection.execute(_PARTS, [list(column) for column in zip(*rows, strict=True)])

    async def put_back(self, now: datetime, back: Sequence[PutBack]) -> None:
        values = (
            self.worker_id,
            now,
            [b.account_id for b in back],
            [b.id for b in back],
            [b.number for b in back],
            [b.due_at for b in back],
            [b.held for b in back],
            [b.reason for b in back],
            *_columns([b.tried for b in back]),
        )
        await self._connection.execute(_PUT_BACK, values, binary=True)

    async def hand_back(self, messages: Sequence[tuple[int, int]], stop_number: int | None) -> int:
        """Give back (account, id)s that were never started."""
        cursor = await self._connection.execute(
            "SELECT queue_hand_back(%s, %s::bigint[], %s::bigint[], %s)",
            (self.worker_id, [m[0] for m in messages], [m[1] for m in messages], stop_number),
        )
        row = await cursor.fetchone()
        assert row is not None
        return int(row[0])

    async def contents(self, messages: Sequence[tuple[int, int]]) -> dict[int, Content]:
        """What these messages say, (account, id) each; by id."""
        accounts = {account_id for account_id, _ in messages}
        ids = numbers([id_ for _, id_ in messages])
        if len(accounts) == 1:
            values = (str(*accounts), ids)
            rows = await self._line.rows(_CONTENTS_OF_ONE, values, Content._make, name=b"contents_of_one")
        else:
            values = (numbers([account_id for account_id, _ in messages]), ids)
            rows = await self._line.rows(_CONTENTS, values, Content._make, name=b"contents")
        return {row.id: row for row in rows}

    async def callees(self, messages: Sequence[tuple[int, int]]) -> dict[int, Callee]:
        """Who is called by these messages, by their ids."""
        values = (numbers([account_id for account_id, _ in messages]), numbers([id_ for _, id_ in messages]))
        found = await self._line.rows(CALLEES, values, tuple, name=b"callees")
        return {id_: callee_of(*rest) for id_, *rest in found}

    async def defer(self, lane: DueLane, until: datetime) -> None:
        await self._connection.execute("SELECT queue_defer(%s, %s, %s, %s, %s)", (*lane.key, lane.setup_number, until))

    async def return_slots(self, lane: LaneKey, count: int) -> None:
        await self._connection.execute("SELECT queue_return_slots(%s, %s, %s, %s)", (*lane, count))

    async def fold(self) -> int:
        cursor = await self._connection.execute("SELECT queue_fold()")
        row = await cursor.fetchone()
        assert row is not None
        return int(row[0])


MICROSECOND = timedelta(microseconds=1)


def _sent_arrays(sent: Sequence[Finished], now: datetime) -> tuple[str, ...]:
    """As queue_sent takes them, with times after `now`.

    One element stands for all where all are equal, which spares both sides the others."""
    tried = [one.tried for one in sent if one.tried is not None]
    return (
        numbers({one.account_id for one in sent}),
        numbers([one.id for one in sent]),
        numbers([(one.started_at - now) // MICROSECOND for one in tried]),
        numbers([(one.ended_at - now) // MICROSECOND for one in tried]),
        texts(_one_for_all([one.adapter for one in tried])),
        texts([one.ref[:300] for one in tried]),
        texts(_one_for_all([one.code[:60] for one in tried])),
        texts(_one_for_all([one.detail[:500] for one in tried])),
    )


def _one_for_all(words: list[str]) -> list[str]:
    return words if len(set(words)) > 1 else words[:1]


def numbers(values: Iterable[int]) -> str:
    """An array as PostgreSQL writes it: made in a tenth of the time that the driver takes for a list."""
    return "{" + ",".join(map(str, values)) + "}"


def texts(values: Sequence[str]) -> str:
    """The same for texts, each in quotes: NULL and the empty text are words like others."""
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') > 2 * (len(values) - 1):
        joined = '","'.join(value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return '{"' + joined + '"}' if values else "{}"


def _finish_columns(finished: Sequence[Finished]) -> tuple[list[Any], ...]:
    return (
        [f.account_id for f in finished],
        [f.id for f in finished],
        [f.status.value for f in finished],
        [f.reason[:60] for f in finished],
        *_columns([f.tried for f in finished]),
    )


async def connect(may_lose_the_last: bool = False, name: str = "") -> psycopg.AsyncConnection[Any]:
    """Each statement is planned once: to plan afresh for the arrays of each call costs more than to run it.

    `may_lose_the_last`: commits do not wait for the disk. If the server itself crashes, the last ones are gone, but
    never without all that was committed after them: what anybody concluded from one is then gone as well.
    `name`: what pg_stat_activity calls it.
    """
    params = connection_params()
    if name:
        params["application_name"] = name
    options = f"{params.pop('options', '')} -c plan_cache_mode=force_generic_plan".strip()
    if may_lose_the_last:
        options += " -c synchronous_commit=off"
    return await psycopg.AsyncConnection.connect(**params, options=options, autocommit=True, prepare_threshold=0)


async def register(
    connection: psycopg.AsyncConnection[Any], host: str, pid: int, now: datetime, lease: timedelta
) -> tuple[int, int]:
    """A new worker: its id and the newest stop number, which it obeys since it holds nothing yet."""
    cursor = await connection.execute(
        "INSERT INTO worker (host, pid, started_at, lease_until, lease_ms, acked, fenced)"
        " VALUES (%s, %s, %s, %s, %s, (SELECT number FROM gate), false) RETURNING id, acked",
        (host, pid, now, now + lease, round(lease.total_seconds() * 1000)),
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


async def beat(
    connection: psycopg.AsyncConnection[Any], worker_id: int, now: datetime, acked: int, lease: timedelta
) -> int:
    """Renew the lease, acknowledge stops up to `acked`, and return the newest number."""
    cursor = await connection.execute("SELECT queue_beat(%s, %s, %s, %s)", (worker_id, now, acked, lease))
    row = await cursor.fetchone()
    if row is None:
        raise Fenced
    return int(row[0])


async def stops_after(connection: psycopg.AsyncConnection[Any], number: int) -> list[StopHeard]:
    cursor = connection.cursor(row_factory=args_row(StopHeard))
    await cursor.execute(
        "SELECT number, is_lift, scope, account_id, channel, location_id, job_id, contact_id FROM stop"
        " WHERE number > %s ORDER BY number",
        (number,),
    )
    return await cursor.fetchall()


async def leave(connection: psycopg.AsyncConnection[Any], worker_id: int) -> None:
    """A worker that ends in order and holds nothing."""
    await connection.execute(
        "DELETE FROM worker WHERE id = %s AND NOT EXISTS (SELECT FROM queue WHERE worker_id = %s)",
        (worker_id, worker_id),
    )
