"""Workers that died. What they held may have left: it becomes unknown, and a person decides.

A supervisor that saw its own child end may bury it at once. For any other worker that is silent: fence it, wait one
lease on our own clock, then bury it. A stop does the same by itself.
"""

import asyncio
from datetime import UTC, datetime, timedelta
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


async def look_for_silent(connection: psycopg.AsyncConnection[Any], lease: timedelta) -> int:
    """Bury workers whose lease ended long ago by the database's records. Takes one lease if there is one."""
    cursor = await connection.execute(
        "UPDATE worker SET fenced = true WHERE lease_until < %s RETURNING id",
        (datetime.now(UTC) - 2 * lease,),
    )
    silent = [row[0] for row in await cursor.fetchall()]
    if not silent:
        return 0
    await asyncio.sleep(lease.total_seconds() * 1.05)
    cursor = await connection.execute("SELECT queue_bury(%s::bigint[], %s)", (silent, datetime.now(UTC)))
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])
