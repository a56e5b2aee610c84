"""The sandbox's far end: a table that people can look into. A key that is there already changes nothing."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import psycopg

from allstop.channels.adapter import Outbound


class Outbox:
    def __init__(self, connection: psycopg.AsyncConnection[Any], now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._now = now
        self._one_at_a_time = asyncio.Lock()
        self._waiting: list[tuple[Outbound, datetime]] = []
        self._refs: dict[str, str] = {}

    async def deliver(self, outbound: Outbound) -> str:
        """Deliveries that come together are written together: one commit for all that wait."""
        self._waiting.append((outbound, self._now()))
        async with self._one_at_a_time:
            if self._waiting:
                batch, self._waiting = self._waiting, []
                self._refs |= await self._write(batch)
            return self._refs.pop(outbound.idempotency_key)

    async def _write(self, batch: list[tuple[Outbound, datetime]]) -> dict[str, str]:
        cursor = await self._connection.execute(
            "WITH given AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[],"
            " %s::text[], %s::text[], %s::text[], %s::timestamptz[])"
            " AS x(account_id, message_id, key, channel, recipient, sender, subject, body, at)),"
            ' written AS (INSERT INTO outbox (account_id, message_id, key, channel, "to", sender, subject, body, at)'
            " SELECT * FROM given ON CONFLICT (key) DO NOTHING RETURNING key, id)"
            " SELECT key, id FROM written"
            " UNION SELECT outbox.key, outbox.id FROM outbox JOIN given USING (key)",
            [
                [m.account_id for m, _ in batch],
                [m.message_id for m, _ in batch],
                [m.idempotency_key for m, _ in batch],
                [m.channel.value for m, _ in batch],
                [m.to for m, _ in batch],
                [m.sender for m, _ in batch],
                [m.subject for m, _ in batch],
                [m.body for m, _ in batch],
                [at for _, at in batch],
            ],
        )
        return {key: f"sandbox-{id_}" for key, id_ in await cursor.fetchall()}

    async def find(self, ref_or_key: str) -> str | None:
        async with self._one_at_a_time:
            cursor = await self._connection.execute(
                "SELECT id FROM outbox WHERE key = %s OR 'sandbox-' || id = %s", (ref_or_key, ref_or_key)
            )
            row = await cursor.fetchone()
        return f"sandbox-{row[0]}" if row else None
