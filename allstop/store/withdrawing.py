"""Single messages that a newer file has made wrong: out of the queue, through the protocol of the stop.

What no worker holds leaves the queue at once, some at a time. What one holds may be leaving: its last moment is set to
now, so that it never leaves once it has come back, and the account's stop is announced under a number of its own, so
that whoever holds it starts it no more (docs/notes/0003-queue.md).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

AT_ONCE = 500  # their rows are locked together, and a claim that wants one of them waits with its lane locked

# By primary key only. A row that a worker claims meanwhile is looked at again by PostgreSQL, and stays.
_WITHDRAW = """
WITH out AS (
    DELETE FROM queue WHERE account_id = %(account)s AND id = ANY (%(ids)s::bigint[]) AND worker_id IS NULL
    RETURNING id, job_id, location_id, channel, contact_id),
record AS (
    UPDATE message SET status = 'canceled', reason = %(reason)s, finished_at = %(now)s FROM out
     WHERE message.account_id = %(account)s AND message.id = out.id),
counted AS (
    INSERT INTO tally_change (account_id, job_id, location_id, channel, status, count, at)
    SELECT %(account)s, job_id, location_id, channel, 'waiting', -count(*), %(now)s FROM out GROUP BY 2, 3, 4
    UNION ALL
    SELECT %(account)s, job_id, location_id, channel, 'canceled', count(*), %(now)s FROM out GROUP BY 2, 3, 4),
told AS (
    INSERT INTO event (account_id, kind, at, message_id, contact_id, reason)
    SELECT %(account)s, 'message.canceled', %(now)s, id, contact_id, %(reason)s FROM out
     WHERE EXISTS (SELECT FROM webhook
                    WHERE account_id = %(account)s AND is_on AND 'message.canceled' = ANY (kinds)))
SELECT count(*) FROM out"""

_TOO_LATE = """
UPDATE queue SET use_by = LEAST(use_by, %(now)s::timestamptz - interval '1 day')
 WHERE account_id = %(account)s AND id = ANY (%(ids)s::bigint[])
RETURNING id"""


def withdraw_free(account_id: int, ids: Sequence[int], reason: str, now: datetime) -> int:
    """Those that no worker holds; how many they were. Many short transactions: not inside another one."""
    gone = 0
    for start in range(0, len(ids), AT_ONCE):
        values: dict[str, Any] = {
            "account": account_id,
            "ids": list(ids[start : start + AT_ONCE]),
            "reason": reason,
            "now": now,
        }
        with connection.cursor() as cursor:
            cursor.execute(_WITHDRAW, values)
            row = cursor.fetchone()
            gone += row[0] if row else 0
    return gone


def last_moment_is(account_id: int, ids: Sequence[int], now: datetime) -> list[int]:
    """Of what is still in the queue: it must not leave any more, by any worker's clock. Returns their ids."""
    with connection.cursor() as cursor:
        cursor.execute(_TOO_LATE, {"account": account_id, "ids": list(ids), "now": now})
        return [int(row[0]) for row in cursor.fetchall()]
