"""What providers say afterwards: stored first, understood then.

Receipts come in crowds and out of order, twice, or before the attempt that they belong to is written: they are stored
by (adapter, ref, state) and matched as soon as the attempt is there. Replies are few: each is one action.
"""

import asyncio
import logging
from contextlib import suppress
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from allstop.actions.replies import Written, take_key, take_reply
from allstop.channels.adapter import CallEvent, CallEventKind, Event, Inbound, LinkDown, LinkUp, Receipt
from allstop.dispatch.calls import write_step
from allstop.dispatch.lease import steady
from allstop.dispatch.threads import aside

log = logging.getLogger(__name__)

PATIENCE = 60.0  # seconds for a reply whose message or sender nobody knows yet
GATHER = 0.05  # seconds in which receipts are gathered for one commit
MATCH_AGAIN = 1.0  # seconds between two looks for the attempts of receipts that came early

# A later word of a lower rank does not hide a higher one: "sent" after "delivered" is only late.
RANKS = {
    "sent": 0,
    "failed": 1,
    "expired": 1,
    "undeliverable": 1,
    "busy": 1,
    "no_answer": 1,
    "delivered": 2,
    "answered": 2,
    "read": 3,
}

_STORE = """
WITH given AS (SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
                 AS x(adapter, ref, state, code, at))
INSERT INTO receipt (adapter, ref, state, code, at)
SELECT DISTINCT ON (adapter, ref, state) adapter, ref, state, code, at FROM given
ON CONFLICT (adapter, ref, state) DO NOTHING"""

_MATCH = """
WITH matched AS (
    UPDATE receipt SET account_id = attempt.account_id, message_id = attempt.message_id
      FROM attempt
     WHERE receipt.account_id IS NULL AND attempt.adapter = receipt.adapter AND attempt.ref = receipt.ref
       AND attempt.ref <> ''  -- what attempt_by_ref is restricted to, which the planner cannot know
    RETURNING attempt.account_id, attempt.message_id, receipt.state),
best AS (
    SELECT DISTINCT ON (account_id, message_id) account_id, message_id, state
      FROM matched ORDER BY account_id, message_id, (%s::jsonb ->> state)::int DESC)
UPDATE message SET receipt = best.state FROM best
 WHERE message.account_id = best.account_id AND message.id = best.message_id
   AND (message.receipt = '' OR (%s::jsonb ->> best.state)::int >= (%s::jsonb ->> message.receipt)::int)"""


class Hearing:
    """The adapters' event sink."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection
        self._receipts: list[tuple[Receipt, asyncio.Future[None]]] = []
        self._one_at_a_time = asyncio.Lock()
        self._heard = asyncio.Event()

    async def emit(self, event: Event) -> None:
        match event:
            case Receipt():
                stored = asyncio.get_running_loop().create_future()
                self._receipts.append((event, stored))
                self._heard.set()
                await stored
            case Inbound():
                await self._take(event)
            case CallEvent(kind=CallEventKind.DIGIT):
                await write_step(self._connection, event)
                while not await aside(take_key, event.adapter, event.ref, event.data, event.at):
                    await asyncio.sleep(GATHER)
            case CallEvent():
                await write_step(self._connection, event)
            case LinkUp() | LinkDown():
                pass  # no page shows links yet

    async def _take(self, inbound: Inbound) -> None:
        """A reply may be quicker than the record of what it answers: that is asked for until it is there."""
        written = Written(
            adapter=inbound.adapter,
            provider_id=inbound.provider_id,
            channel=inbound.channel,
            sender=inbound.sender,
            recipient=inbound.to,
            text=inbound.text,
            in_reply_to=inbound.in_reply_to,
            at=inbound.at,
        )
        give_up_at = steady() + PATIENCE
        while not await aside(take_reply, written):
            if steady() > give_up_at:
                log.error("a reply by %s (%s) belongs to no account", inbound.adapter, inbound.provider_id)
                return
            await asyncio.sleep(GATHER)

    async def store_for_ever(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(MATCH_AGAIN):
                    await self._heard.wait()
                    await asyncio.sleep(GATHER)
            self._heard.clear()
            await self.flush()

    async def flush(self) -> None:
        async with self._one_at_a_time:
            batch, self._receipts = self._receipts, []
            receipts = [receipt for receipt, _ in batch]
            if receipts:
                await self._connection.execute(
                    _STORE,
                    (
                        [r.adapter for r in receipts],
                        [r.ref for r in receipts],
                        [r.state.value for r in receipts],
                        [r.code for r in receipts],
                        [r.at for r in receipts],
                    ),
                )
            for _, stored in batch:
                if not stored.done():
                    stored.set_result(None)
            ranks = Jsonb(RANKS)
            await self._connection.execute(_MATCH, (ranks, ranks, ranks))
