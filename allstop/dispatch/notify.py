"""What NOTIFY says on a connection, heard by waiting for its socket.

psycopg's own notifies() wakes ten times a second while nothing comes, in each worker: more than all else that an idle
installation does.
"""

import asyncio
from typing import Any, NamedTuple

import psycopg


class Notice(NamedTuple):
    channel: str
    said: str  # "": that something is new, and no more


class Notify:
    """Of one connection, which nothing else uses while `heard` waits."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection
        self._notices: list[Notice] = []
        # those that come with an answer
        connection.add_notify_handler(lambda one: self._notices.append(Notice(one.channel, one.payload)))

    async def heard(self, within: float) -> list[Notice]:
        """What was said, in order; after so many seconds what there is, which may be none.

        Raises psycopg.OperationalError when the connection is lost.
        """
        self._take_in()  # first what libpq has read with an answer already: the socket does not speak of it again
        if not self._notices and within > 0:
            await self._readable(within)
            self._take_in()
        heard, self._notices = self._notices, []
        return heard

    async def _readable(self, within: float) -> None:
        loop = asyncio.get_running_loop()
        something = asyncio.Event()
        socket = self._connection.fileno()
        loop.add_reader(socket, something.set)
        try:
            async with asyncio.timeout(within):
                await something.wait()
        except TimeoutError:
            pass  # then nothing was said, which is an answer
        finally:
            loop.remove_reader(socket)

    def _take_in(self) -> None:
        wire = self._connection.pgconn
        wire.consume_input()
        while (one := wire.notifies()) is not None:
            self._notices.append(Notice(one.relname.decode(), one.extra.decode()))
