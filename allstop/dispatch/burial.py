"""Workers that died. What they held may have left: it becomes unknown, and a person decides.

A supervisor that saw its own child end may bury it at once. For any other worker that is silent: fence it, wait one
lease on our own clock, then bury it. A stop does the same by itself.
"""

import asyncio
import socket
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from django.db import transaction

from allstop.store import queue
from allstop.store.models import Worker


def this_machine() -> str:
    """Beside the process number it names one process and no other: containers, and machines that were copied, often
    have the same name, and then the same numbers. Where the system does not tell them apart (macOS), the name.
    """
    marks = ""
    with suppress(OSError):
        marks = f"{Path('/proc/sys/kernel/random/boot_id').read_text()} {Path('/proc/self/ns/pid').stat().st_ino}"
    return socket.gethostname()[:100] + (f"/{sha256(marks.encode()).hexdigest()[:8]}" if marks else "")


@transaction.atomic
def bury_dead(host: str, pid: int, now: datetime) -> int:
    """The process is known to have ended; `host` is its this_machine(). Returns how many messages became unknown."""
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
