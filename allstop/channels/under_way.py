"""Counts the sends under way in one adapter, so that draining knows when the last has ended, and lets none begin."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from allstop.channels.adapter import Clock, LastLook, MayLeave, Outbound, SendResult, withdrawal


class UnderWay:
    def __init__(self) -> None:
        self.is_draining = False
        self._count = 0
        self._none_left = asyncio.Event()
        self._none_left.set()

    @contextmanager
    def one(self) -> Iterator[None]:
        self._count += 1
        self._none_left.clear()
        try:
            yield
        finally:
            self._count -= 1
            if self._count == 0:
                self._none_left.set()

    def last_look(self, outbound: Outbound, may_leave: MayLeave, now: Clock) -> LastLook:
        def look() -> SendResult | None:
            return withdrawal(outbound, lambda: not self.is_draining and may_leave(), now)

        return look

    async def drain(self, timeout: timedelta | None) -> bool:
        """None: however long it takes."""
        self.is_draining = True
        try:
            async with asyncio.timeout(timeout.total_seconds() if timeout is not None else None):
                await self._none_left.wait()
        except TimeoutError:
            return False
        return True
