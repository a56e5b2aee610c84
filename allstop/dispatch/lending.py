"""Lends the files of emails to the messages that are under way: read once for all that share them.

The rule that it guards: what a worker holds of files stays within bounds, however many mails with different ones are
under way. Who finds no room waits in line, as for a connection. Messages without files never come here.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from allstop.channels.adapter import File, Files
from allstop.dispatch.threads import in_store
from allstop.store.attachments import contents

ROOM = 50_000_000  # bytes; one set more may be read in beyond it
Read = Callable[[int, int], Awaitable[Files | None]]  # of an account's set; None: it is gone


async def read_from_store(account_id: int, set_id: int) -> Files | None:
    found = await in_store(contents, account_id, set_id)
    return Files(tuple(File(*one) for one in found)) if found else None


class Lending:
    def __init__(self, read: Read = read_from_store, room: int = ROOM) -> None:
        self._read = read
        self._room = room
        self._kept: OrderedDict[int, Files] = OrderedDict()  # the one that was lent last comes last
        self._lent: Counter[int] = Counter()
        self._turn = asyncio.Lock()
        self._given_back = asyncio.Event()

    @asynccontextmanager
    async def lent(self, account_id: int, set_id: int) -> AsyncIterator[Files | None]:
        """Raises what reading raises."""
        async with self._turn:
            files = self._kept.get(set_id)
            if files is None:
                await self._make_room()
                files = await self._read(account_id, set_id)
            if files is not None:
                self._kept[set_id] = files
                self._kept.move_to_end(set_id)
                self._lent[set_id] += 1
        try:
            yield files
        finally:
            if files is not None:
                self._lent[set_id] -= 1
                self._given_back.set()

    async def _make_room(self) -> None:
        while sum(files.size for files in self._kept.values()) >= self._room:
            free = next((set_id for set_id in self._kept if not self._lent[set_id]), None)
            if free is not None:
                del self._kept[free]
                del self._lent[free]
                continue
            self._given_back.clear()
            await self._given_back.wait()
