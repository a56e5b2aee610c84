"""The short way from an event loop to prepared statements, for the two that a worker repeats for every burst.

The driver's own cursor takes five times as long for a statement as the protocol does: it is made for every value and
every result. Here values are texts that PostgreSQL reads itself, answers are binary, and a statement is prepared when
it is first used. On the same connection all else goes through the driver as usual.
"""

import asyncio
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, TypeVar

import psycopg
from psycopg import pq
from psycopg.adapt import Transformer

Row = TypeVar("Row")
_numbers = count()

_DONE = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)


class Line:
    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection
        self._number = next(_numbers)  # two may share a connection: what each has prepared is its own
        self._prepared: set[bytes] = set()
        self._transformer = Transformer(connection)

    async def rows(
        self, statement: str, values: Sequence[str], make: Callable[[Sequence[Any]], Row], *, name: bytes
    ) -> list[Row]:
        """The rows of `statement`, whose values are $1, $2 and so on, each with its type. `name` is its own."""
        async with self._connection.lock:
            if self._connection.closed:
                raise psycopg.OperationalError("The connection is closed.")
            raw = self._connection.pgconn
            name = b"%b_%d" % (name, self._number)
            if name not in self._prepared:
                raw.send_prepare(name, statement.encode())
                await self._answer(raw)
                self._prepared.add(name)
            raw.send_query_prepared(name, [value.encode() for value in values], result_format=pq.Format.BINARY)
            result = await self._answer(raw)
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, make)

    async def _answer(self, raw: pq.abc.PGconn) -> pq.abc.PGresult:
        """Cut short, the connection is closed: its next answer would be taken for that of another question."""
        try:
            if raw.flush():
                await _until_flushed(raw)
            await _until_read(raw)
        except BaseException:
            raw.finish()
            raise
        answers = []
        while (result := raw.get_result()) is not None:
            answers.append(result)
        for result in answers:  # of several, the first failure says why
            if result.status not in _DONE:
                raise psycopg.errors.error_from_result(result)
        if not answers:
            raise psycopg.OperationalError("The server gave no answer.")
        return answers[-1]


async def _until_read(raw: pq.abc.PGconn) -> None:
    """Until a whole answer is here."""
    loop = asyncio.get_running_loop()
    read: asyncio.Future[None] = loop.create_future()

    def take() -> None:
        if read.done():
            return
        try:
            raw.consume_input()
            if not raw.is_busy():
                read.set_result(None)
        except psycopg.Error as error:
            read.set_exception(error)

    loop.add_reader(raw.socket, take)
    try:
        await read
    finally:
        loop.remove_reader(raw.socket)


async def _until_flushed(raw: pq.abc.PGconn) -> None:
    """What is too long for the socket goes bit by bit; the server may have to say something in between."""
    loop = asyncio.get_running_loop()
    while True:
        ready: asyncio.Future[None] = loop.create_future()

        def call(ready: asyncio.Future[None] = ready) -> None:
            if not ready.done():
                ready.set_result(None)

        loop.add_writer(raw.socket, call)
        loop.add_reader(raw.socket, call)
        try:
            await ready
        finally:
            loop.remove_writer(raw.socket)
            loop.remove_reader(raw.socket)
        raw.consume_input()
        if not raw.flush():
            return
