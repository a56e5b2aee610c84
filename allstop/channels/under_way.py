"""Counts the sends under way in one adapter, so that draining knows when the last of them has ended."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta


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

    async def drain(self, timeout: timedelta | None) -> bool:
        """None: however long it takes."""
        self.is_draining = True
        try:
            async with asyncio.timeout(timeout.total_seconds() if timeout is not None else None):
                await self._none_left.wait()
        except TimeoutError:
            return False
        return True
