"""The short way to prepared statements, on a real connection."""

import asyncio
from collections.abc import Awaitable, Callable

import psycopg
import pytest

from allstop.store import claims
from allstop.store.line import Line

pytestmark = pytest.mark.usefixtures("committed_db")


def with_line(test: Callable[[Line, psycopg.AsyncConnection[tuple[object, ...]]], Awaitable[None]]) -> None:
    async def run() -> None:
        connection = await claims.connect()
        try:
            await test(Line(connection), connection)
        finally:
            await connection.close()

    asyncio.run(run())


def test_values_are_texts_and_rows_are_what_the_driver_makes_of_them() -> None:
    async def test(line: Line, _: object) -> None:
        asked = "SELECT i, $2::text, NULL::text, i > 1 FROM unnest($1::bigint[]) AS i ORDER BY i"
        for word in ("one", 'two "words"', ""):
            rows = await line.rows(asked, ("{1,2}", word), tuple, name=b"asked")
            assert rows == [(1, word, None, False), (2, word, None, True)]

    with_line(test)


def test_a_refused_statement_is_an_error_and_the_next_one_works() -> None:
    async def test(line: Line, _: object) -> None:
        divide = "SELECT 6 / $1::integer"
        with pytest.raises(psycopg.errors.DivisionByZero):
            await line.rows(divide, ("0",), tuple, name=b"divide")
        with pytest.raises(psycopg.errors.UndefinedTable):
            await line.rows("SELECT 1 FROM nowhere", (), tuple, name=b"nowhere")
        assert await line.rows(divide, ("2",), tuple, name=b"divide") == [(3,)]

    with_line(test)


def test_what_is_longer_than_a_socket_takes_at_once_arrives_whole() -> None:
    async def test(line: Line, _: object) -> None:
        long = "x" * 5_000_000
        assert await line.rows("SELECT $1::text, length($1)", (long,), tuple, name=b"long") == [(long, len(long))]

    with_line(test)


def test_the_driver_may_use_the_same_connection_in_between() -> None:
    async def test(line: Line, connection: psycopg.AsyncConnection[tuple[object, ...]]) -> None:
        for _ in range(3):
            assert await line.rows("SELECT 1", (), tuple, name=b"one") == [(1,)]
            assert await (await connection.execute("SELECT 2")).fetchone() == (2,)

    with_line(test)


def test_two_may_share_a_connection() -> None:
    async def test(line: Line, connection: psycopg.AsyncConnection[tuple[object, ...]]) -> None:
        other = Line(connection)
        assert await line.rows("SELECT 1", (), tuple, name=b"it") == [(1,)]
        assert await other.rows("SELECT 2", (), tuple, name=b"it") == [(2,)]
        assert await line.rows("SELECT 1", (), tuple, name=b"it") == [(1,)]

    with_line(test)


def test_a_question_that_is_cut_short_closes_the_connection() -> None:
    """Else the next one would be given the answer to this one."""

    async def test(line: Line, connection: psycopg.AsyncConnection[tuple[object, ...]]) -> None:
        slow = asyncio.create_task(line.rows("SELECT pg_sleep(0.3), 1", (), tuple, name=b"slow"))
        await asyncio.sleep(0.1)
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        with pytest.raises(psycopg.OperationalError):
            await line.rows("SELECT 2", (), tuple, name=b"two")
        assert connection.closed

    with_line(test)


def test_a_connection_that_the_server_ends_is_an_error() -> None:
    async def test(line: Line, connection: psycopg.AsyncConnection[tuple[object, ...]]) -> None:
        with pytest.raises(psycopg.OperationalError):
            await line.rows("SELECT pg_terminate_backend(pg_backend_pid())", (), tuple, name=b"end")

    with_line(test)
