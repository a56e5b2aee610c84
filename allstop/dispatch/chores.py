"""What some worker does every second or so. Each chore may be done by several at once, or by none for a while."""

import asyncio
from datetime import UTC, datetime, timedelta

from allstop.actions.switch import confirm_forgotten
from allstop.dispatch import changing, importing
from allstop.dispatch.burial import look_for_silent
from allstop.dispatch.threads import aside, in_store
from allstop.store import claims

EVERY = 1.0  # seconds


async def do_chores(lease: timedelta) -> None:
    """Until cancelled."""
    connection = await claims.connect()
    try:
        while True:
            await connection.execute("SELECT queue_fold_tally()")
            await in_store(importing.look, datetime.now(UTC))
            await in_store(changing.look, datetime.now(UTC))
            await aside(confirm_forgotten, datetime.now(UTC))
            await look_for_silent(connection, lease)
            await asyncio.sleep(EVERY)
    finally:
        await asyncio.to_thread(changing.end)
        await asyncio.to_thread(importing.end)
        await connection.close()
