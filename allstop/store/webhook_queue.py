"""The webhook process's side of the tables: events become deliveries, deliveries are taken with a lease and settled.

Any number of processes may do so at once: rows that another has locked are skipped, and what a process that died had
taken is due again when its lease is over. So a delivery may be made twice, never lost.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg.rows import args_row

from allstop.rules.webhooks import FEW

LEASE = timedelta(seconds=120)  # longer than a whole load takes at the time limit of one


class Taken(NamedTuple):
    """A delivery that is this process's until `next_at`."""

    id: int
    webhook_id: int
    account_id: int
    key: UUID
    kind: str
    at: datetime
    message_id: int | None
    inbound_id: int | None
    contact_id: int | None
    lead_id: int | None
    reason: str
    payload: Any
    tries: int
    next_at: datetime


class Target(NamedTuple):
    id: int
    account_id: int
    url: str
    secrets: dict[str, Any]
    both_until: datetime | None
    failures: int
    failing_since: datetime | None


class Arrived(NamedTuple):
    id: int
    took_ms: int
    code: int | None
    answer: str


class Failed(NamedTuple):
    id: int
    state: str  # waiting or failed
    next_at: datetime | None
    took_ms: int
    code: int | None
    answer: str
    lease: datetime


_COLUMNS = (
    "id, webhook_id, account_id, key, kind, at, message_id, inbound_id, contact_id, lead_id, reason, payload,"
    " tries, next_at"
)
# What happened becomes one delivery for each webhook that wants it. Where there is room for it they are taken at once;
# of a webhook that is busy or fails they wait their turn.
_FAN_OUT = f"""
WITH gone AS (
    DELETE FROM event WHERE id IN (SELECT id FROM event ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED)
    RETURNING *),
made AS (
    INSERT INTO webhook_delivery (account_id, webhook_id, key, kind, at, message_id, inbound_id, contact_id, lead_id,
                                  reason, payload, state, tries, next_at)
    SELECT e.account_id, w.id, e.key, e.kind, e.at, e.message_id, e.inbound_id, e.contact_id, e.lead_id,
           e.reason, e.payload, 'waiting', 0,
           CASE WHEN w.failures >= %(few)s OR w.id = ANY (%(full)s::bigint[]) THEN %(now)s ELSE %(lease)s END
      FROM gone e JOIN webhook w ON w.account_id = e.account_id AND w.is_on AND e.kind = ANY (w.kinds)
     ORDER BY e.id
    ON CONFLICT (webhook_id, key) DO NOTHING
    RETURNING {_COLUMNS})
SELECT {_COLUMNS}, (SELECT count(*) FROM gone) FROM made WHERE next_at = %(lease)s
UNION ALL SELECT {", ".join(["NULL"] * 14)}, (SELECT count(*) FROM gone)"""  # noqa: S608 - names of our own columns

_TAKE = f"""
WITH due AS (
    SELECT one.id FROM webhook w CROSS JOIN LATERAL (
        SELECT d.id FROM webhook_delivery d
         WHERE d.webhook_id = w.id AND d.state = 'waiting' AND d.next_at <= %(now)s
         ORDER BY d.next_at LIMIT CASE WHEN w.failures >= %(few)s THEN 1 ELSE %(each)s END
           FOR UPDATE SKIP LOCKED) one
     WHERE w.is_on AND (w.rest_until IS NULL OR w.rest_until <= %(now)s) AND w.id <> ALL (%(full)s::bigint[])
     LIMIT %(most)s)
UPDATE webhook_delivery SET next_at = %(lease)s WHERE id IN (SELECT id FROM due)
RETURNING {_COLUMNS}"""  # noqa: S608 - names of our own columns

_TARGETS = """
SELECT id, account_id, url, secrets, both_until, failures, failing_since FROM webhook WHERE id = ANY (%s)"""

# Delivered is delivered, also when the lease was over. A failure counts only while the delivery is this process's.
_ARRIVED = """
UPDATE webhook_delivery d
   SET state = 'delivered', tries = d.tries + 1, next_at = NULL, tried_at = %s, took_ms = x.took_ms, code = x.code,
       answer = x.answer
  FROM unnest(%s::bigint[], %s::integer[], %s::smallint[], %s::text[]) AS x(id, took_ms, code, answer)
 WHERE d.id = x.id AND d.state = 'waiting'"""
_FAILED = """
UPDATE webhook_delivery d
   SET state = x.state, tries = d.tries + 1, next_at = x.next_at, tried_at = %s, took_ms = x.took_ms, code = x.code,
       answer = x.answer
  FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::integer[], %s::smallint[], %s::text[],
              %s::timestamptz[]) AS x(id, state, next_at, took_ms, code, answer, lease)
 WHERE d.id = x.id AND d.state = 'waiting' AND d.next_at = x.lease"""

_WELL = """
UPDATE webhook SET failures = 0, failing_since = NULL, rest_until = NULL
 WHERE id = ANY (%s) AND (failures > 0 OR failing_since IS NOT NULL)"""
_ILL = """
UPDATE webhook SET failures = failures + %(count)s, failing_since = COALESCE(failing_since, %(now)s),
       rest_until = %(rest)s
 WHERE id = %(id)s RETURNING failing_since"""
_GIVE_BACK = "UPDATE webhook_delivery SET next_at = %s WHERE id = ANY (%s) AND state = 'waiting' AND next_at = %s"

# Whether a process is needed. webhook_on and webhook_delivery_due: one probe for each webhook that is on.
ANY_DUE = """
EXISTS (SELECT FROM event) OR EXISTS (
    SELECT FROM webhook WHERE is_on AND (rest_until IS NULL OR rest_until <= %(now)s)
       AND EXISTS (SELECT FROM webhook_delivery d
                    WHERE d.webhook_id = webhook.id AND d.state = 'waiting' AND d.next_at <= %(now)s))"""

# At most so many at a time; the oldest part of the log (webhook_delivery_by_time).
_SWEEP = """
DELETE FROM webhook_delivery WHERE id IN (
    SELECT id FROM webhook_delivery WHERE at < %s AND state <> 'waiting' LIMIT 10000)"""
_LAPSE = """
UPDATE webhook_delivery SET state = 'failed', next_at = NULL, answer = 'The webhook was off for too long.'
 WHERE at < %s AND state = 'waiting'
   AND EXISTS (SELECT FROM webhook WHERE webhook.id = webhook_id AND NOT is_on)"""


class WebhookQueue:
    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection

    async def fan_out(self, now: datetime, most: int, full: Sequence[int]) -> tuple[list[Taken], int]:
        """Those that are this process's to deliver at once, and how many events were passed on."""
        values = {"now": now, "lease": now + LEASE, "most": most, "full": list(full), "few": FEW}
        cursor = await self._connection.execute(_FAN_OUT, values)
        rows = await cursor.fetchall()
        return [Taken(*row[:-1]) for row in rows if row[0] is not None], int(rows[-1][-1])

    async def take(self, now: datetime, most: int, each: int, full: Sequence[int]) -> list[Taken]:
        values = {"now": now, "lease": now + LEASE, "most": most, "each": each, "full": list(full), "few": FEW}
        cursor = self._connection.cursor(row_factory=args_row(Taken))
        await cursor.execute(_TAKE, values)
        return await cursor.fetchall()

    async def targets(self, ids: Sequence[int]) -> dict[int, Target]:
        cursor = self._connection.cursor(row_factory=args_row(Target))
        await cursor.execute(_TARGETS, [list(ids)])
        return {row.id: row for row in await cursor.fetchall()}

    async def settle(self, arrived: Sequence[Arrived], failed: Sequence[Failed], now: datetime) -> None:
        for statement, rows in ((_ARRIVED, arrived), (_FAILED, failed)):
            if rows:
                columns = [list(column) for column in zip(*rows, strict=True)]
                await self._connection.execute(statement, [now, *columns])

    async def well(self, ids: Sequence[int]) -> None:
        """Their last delivery has arrived."""
        await self._connection.execute(_WELL, [list(ids)])

    async def ill(self, webhook_id: int, count: int, rest: datetime | None, now: datetime) -> datetime:
        """The last so many have not; returns since when nothing has."""
        values = {"id": webhook_id, "count": count, "rest": rest, "now": now}
        cursor = await self._connection.execute(_ILL, values)
        row = await cursor.fetchone()
        return now if row is None else row[0]  # none: it was deleted a moment ago

    async def give_back(self, taken: Sequence[Taken], now: datetime) -> None:
        """Not tried: due for whoever comes next."""
        for lease in {one.next_at for one in taken}:
            ids = [one.id for one in taken if one.next_at == lease]
            await self._connection.execute(_GIVE_BACK, (now, ids, lease))


async def sweep(connection: psycopg.AsyncConnection[Any], kept_since: datetime, waits_since: datetime) -> None:
    await connection.execute(_LAPSE, (waits_since,))
    while (await connection.execute(_SWEEP, (kept_since,))).rowcount:
        pass
