"""What a message takes before it is handed over, and what gives it back: credits (credits.sql), and room under the
provider's limits (limits.sql)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg

from allstop.store.lanes import LaneKey


class Metered:
    """A part of Claims."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection

    async def spend(self, lane: LaneKey, parts: Sequence[int], now: datetime) -> list[bool]:
        """Of each message, in this order, whether its parts were paid for."""
        cursor = await self._connection.execute(
            "SELECT granted FROM credit_spend(%s, %s, %s::int[], %s)", (lane.account_id, lane.channel, list(parts), now)
        )
        row = await cursor.fetchone()
        assert row is not None
        return list(row[0])

    async def give_credits_back(self, account_id: int, channel: str, count: int, now: datetime) -> None:
        values = (account_id, channel, count, now)
        await self._connection.execute("SELECT credit_return(%s, %s, %s, %s)", values)

    async def take_room(self, lane: LaneKey, wanted: int, now: datetime) -> tuple[int, datetime | None]:
        """Under the provider's limits: how many may leave, and, if not all, when the next one fits."""
        cursor = await self._connection.execute(
            "SELECT granted, until FROM limit_take(%s, %s, %s, %s)", (lane.account_id, lane.channel, wanted, now)
        )
        row = await cursor.fetchone()
        assert row is not None
        return row[0], row[1]

    async def give_room_back(self, account_id: int, channel: str, count: int, taken_at: datetime) -> None:
        values = (account_id, channel, count, taken_at)
        await self._connection.execute("SELECT limit_return(%s, %s, %s, %s)", values)
