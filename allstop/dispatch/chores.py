"""What some worker does every second or so. Each chore may be done by several at once, or by none for a while.

One query says which of them have something to do: an idle installation costs next to nothing.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import psycopg

from allstop.actions.carrying_on import finish_left
from allstop.actions.confirming import UNFINISHED, finish_forgotten
from allstop.actions.ramp import watch_ramps
from allstop.dispatch import changing, importing
from allstop.dispatch.burial import look_for_silent
from allstop.dispatch.lease import steady
from allstop.dispatch.threads import aside, in_store
from allstop.dispatch.upkeep import Upkeep
from allstop.store import claims

EVERY = 1.0  # seconds
TIDY_EVERY = 3600.0
KEPT = timedelta(days=3)  # what finished in which second: longer than any account's today


class ToDo(NamedTuple):
    tallies: bool
    imports: bool
    forgotten_stops: bool  # and lifts
    silent_workers: bool
    changes: bool  # of many contacts
    plans: bool
    ramps: bool


# stop_unconfirmed, start_plan_under_way and ramp_running; the other tables are short
_TO_DO = """
SELECT EXISTS (SELECT FROM tally_change), EXISTS (SELECT FROM import WHERE state = ANY ('{queued,running}')),
       EXISTS (SELECT FROM stop WHERE confirmed_at IS NULL AND effective_at < %s),
       EXISTS (SELECT FROM worker WHERE lease_until < %s - 2 * lease_ms * interval '1 millisecond'),
       EXISTS (SELECT FROM bulk_change WHERE state = ANY ('{queued,running,confirming}')),
       EXISTS (SELECT FROM start_plan WHERE state = 'applying') OR EXISTS (SELECT FROM start_plan_item),
       EXISTS (SELECT FROM ramp WHERE ended_at IS NULL)"""


async def do_chores() -> None:
    """Until cancelled."""
    connection = await claims.connect()
    upkeep = Upkeep()
    tidy_at = 0.0
    try:
        while True:
            await _do(await _to_do(connection), connection)
            await upkeep.look(connection, datetime.now(UTC))
            if steady() > tidy_at:
                tidy_at = steady() + TIDY_EVERY
                await connection.execute("DELETE FROM finish WHERE at < %s", (datetime.now(UTC) - KEPT,))
            await asyncio.sleep(EVERY)
    finally:
        await asyncio.to_thread(changing.here.end)
        await asyncio.to_thread(importing.here.end)
        await asyncio.to_thread(upkeep.end)
        await connection.close()


async def _to_do(connection: psycopg.AsyncConnection[Any]) -> ToDo:
    now = datetime.now(UTC)
    cursor = await connection.execute(_TO_DO, (now - UNFINISHED, now))
    row = await cursor.fetchone()
    assert row is not None
    return ToDo(*row)


async def _do(what: ToDo, connection: psycopg.AsyncConnection[Any]) -> None:
    if what.tallies:
        await connection.execute("SELECT queue_fold_tally()")
    if what.imports or importing.here.is_busy:
        await in_store(importing.here.look, datetime.now(UTC))
    if what.changes or changing.here.is_busy:
        await in_store(changing.here.look, datetime.now(UTC))
    if what.forgotten_stops:
        await aside(finish_forgotten, datetime.now(UTC))
    if what.plans:
        await aside(finish_left, datetime.now(UTC))
    if what.ramps:
        await aside(watch_ramps, datetime.now(UTC))
    if what.silent_workers:
        await look_for_silent(connection)
