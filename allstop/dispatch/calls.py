"""What the house lends to the adapter for calls: a book that outlives the process, and somebody who speaks."""

import asyncio
from datetime import datetime
from typing import Any

import psycopg

from allstop.channels.adapter import CallEvent, Outbound, Unsupported
from allstop.speech.speaking import Unspeakable, here

_BEGIN = """
INSERT INTO call_step (account_id, message_id, attempt, adapter, ref, kind, data, at)
VALUES (%s, %s, %s, %s, %s, 'dialled', '', %s)
ON CONFLICT (adapter, ref, attempt, kind, data) DO UPDATE SET at = EXCLUDED.at"""

# of the attempt that was lost, which is the newest there is; an older one is another story
_STEPS = """
SELECT kind FROM call_step WHERE account_id = %(account)s AND message_id = %(message)s
   AND attempt = (SELECT max(number) FROM attempt WHERE account_id = %(account)s AND message_id = %(message)s)"""

# a key may be pressed before the attempt is written, whose place is where the call was begun
_HAPPENED = """
INSERT INTO call_step (account_id, message_id, attempt, adapter, ref, kind, data, at)
SELECT account_id, message_id, attempt, adapter, ref, %s, %s, %s FROM call_step
 WHERE adapter = %s AND ref = %s AND kind = 'dialled' ORDER BY attempt DESC LIMIT 1
ON CONFLICT DO NOTHING"""

LONGEST_DATA = 300


class CallBook:
    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection

    async def begin(self, outbound: Outbound, adapter: str, at: datetime) -> None:
        who = (outbound.account_id, outbound.message_id, outbound.attempt)
        await self._connection.execute(_BEGIN, (*who, adapter, outbound.idempotency_key, at))

    async def steps(self, key: str) -> frozenset[str] | None:
        account, _, message = key.partition(".")
        cursor = await self._connection.execute(_STEPS, {"account": int(account), "message": int(message)})
        kinds = frozenset(row[0] for row in await cursor.fetchall())
        return kinds or None


async def write_step(connection: psycopg.AsyncConnection[Any], event: CallEvent) -> None:
    """Nothing is written of calls that were not begun in the book: the sandbox's."""
    said = (event.kind.value, event.data[:LONGEST_DATA], event.at, event.adapter, event.ref)
    await connection.execute(_HAPPENED, said)


async def speak(words: str, language: str) -> bytes:
    try:
        return await asyncio.to_thread(here.say, words, language)
    except Unspeakable as why:
        raise Unsupported(str(why)) from why
