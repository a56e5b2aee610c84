"""What providers say afterwards: stored first, understood then.

Receipts come in crowds: those of a moment are stored in one commit (store/receiving.py). Replies are few: each is one
action.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import psycopg

from allstop.actions.replies import Written, take_key, take_reply
from allstop.channels.adapter import CallEvent, CallEventKind, Event, Inbound, LinkDown, LinkUp, Receipt
from allstop.dispatch.calls import write_step
from allstop.dispatch.lease import steady
from allstop.dispatch.threads import aside
from allstop.store.receiving import MATCHING, STORE, ReceiptSaid, match_values, store_values

log = logging.getLogger(__name__)

PATIENCE = 60.0  # seconds for a reply whose message or sender nobody knows yet
GATHER = 0.05  # seconds in which receipts are gathered for one commit
MATCH_AGAIN = 1.0  # seconds between two looks for the attempts of receipts that came early
LOOK_AGAIN = 15.0  # seconds between two looks whether any wait that another worker has left


_ANY_EARLY = "SELECT EXISTS (SELECT FROM receipt WHERE account_id IS NULL)"  # receipt_unmatched


class Hearing:
    """The adapters' event sink."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection
        self._receipts: list[tuple[Receipt, asyncio.Future[None]]] = []
        self._one_at_a_time = asyncio.Lock()
        self._heard = asyncio.Event()
        self._any_early = True  # receipts that came before their attempt

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
                await self._take_as_unasked(written)
                return
            await asyncio.sleep(GATHER)

    async def _take_as_unasked(self, written: Written) -> None:
        """What it answers was never recorded: then it counts as written to whoever has the number that it came to."""
        if not await aside(take_reply, replace(written, in_reply_to="")):
            log.error("a reply by %s (%s) belongs to no account", written.adapter, written.provider_id)

    async def store_for_ever(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(MATCH_AGAIN if self._any_early else LOOK_AGAIN):
                    await self._heard.wait()
                    await asyncio.sleep(GATHER)
            self._heard.clear()
            await self.flush()

    async def flush(self) -> None:
        async with self._one_at_a_time:
            batch, self._receipts = self._receipts, []
            if batch:
                said = (ReceiptSaid(r.adapter, r.ref, r.state.value, r.code, r.at) for r, _ in batch)
                await self._connection.execute(STORE, store_values(said))
            for _, stored in batch:
                if not stored.done():
                    stored.set_result(None)
            for statement in MATCHING:
                await self._connection.execute(statement, match_values(datetime.now(UTC)))
            cursor = await self._connection.execute(_ANY_EARLY)
            self._any_early = await cursor.fetchone() == (True,)
