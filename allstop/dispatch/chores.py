"""What some worker does every second or so. Each chore may be done by several at once, or by none for a while."""

import asyncio
from datetime import UTC, datetime, timedelta

from allstop.actions.plan import finish_left
from allstop.actions.ramp import watch_ramps
from allstop.actions.switch import finish_forgotten
from allstop.dispatch import importing
from allstop.dispatch.burial import look_for_silent
from allstop.dispatch.threads import aside, in_store
from allstop.dispatch.upkeep import Upkeep
from allstop.store import claims

EVERY = 1.0  # seconds


async def do_chores(lease: timedelta) -> None:
    """Until cancelled."""
    connection = await claims.connect()
    upkeep = Upkeep()
    try:
        while True:
            await connection.execute("SELECT queue_fold_tally()")
            await in_store(importing.look, datetime.now(UTC))
            await aside(finish_forgotten, datetime.now(UTC), lease)
            await upkeep.look(connection, datetime.now(UTC))
            await aside(finish_left, datetime.now(UTC))
            await aside(watch_ramps, datetime.now(UTC))
            await look_for_silent(connection, lease)
            await asyncio.sleep(EVERY)
    finally:
        await asyncio.to_thread(importing.end)
        await asyncio.to_thread(upkeep.end)
        await connection.close()
