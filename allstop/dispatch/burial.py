"""Workers that died. What they held may have left: it becomes unknown, and a person decides.

A supervisor that saw its own child end may bury it at once. For any other worker that is silent: fence it, wait one
lease on our own clock, then bury it. A stop does the same by itself.
"""

import asyncio
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.db import transaction

from allstop.store import queue
from allstop.store.models import Worker


@transaction.atomic
def bury_dead(host: str, pid: int, now: datetime) -> int:
    """The process is known to have ended. Returns how many messages became unknown."""
    dead = list(Worker.objects.filter(host=host, pid=pid).values_list("pk", flat=True))
    Worker.objects.filter(pk__in=dead).update(fenced=True)
    return queue.bury(dead, now)


async def look_for_silent(connection: psycopg.AsyncConnection[Any]) -> int:
    """Bury workers whose lease ended long ago by the database's records. Takes their longest lease if there are any."""
    cursor = await connection.execute(
        "UPDATE worker SET fenced = true WHERE lease_until < %s - 2 * lease_ms * interval '1 millisecond'"
        " RETURNING id, lease_ms",
        (datetime.now(UTC),),
    )
    found = await cursor.fetchall()
    if not found:
        return 0
    silent = [row[0] for row in found]
    await asyncio.sleep(max(row[1] for row in found) / 1000 * 1.05)
    cursor = await connection.execute("SELECT queue_bury(%s::bigint[], %s)", (silent, datetime.now(UTC)))
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])
