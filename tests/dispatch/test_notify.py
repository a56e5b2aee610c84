"""What NOTIFY says is heard at once, also what comes beside an answer; nothing wakes anybody while nothing is said."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest

from allstop.dispatch.notify import Notice, Notify

LONG = 30.0  # seconds that nobody waits: what is heard is heard before
SHORT = 0.05

Connection = psycopg.AsyncConnection[Any]


@asynccontextmanager
async def two(url: str) -> AsyncIterator[tuple[Connection, Connection]]:
    async with (
        await Connection.connect(url, autocommit=True) as listener,
        await Connection.connect(url, autocommit=True) as speaker,
    ):
        await listener.execute("LISTEN gate")
        await listener.execute("LISTEN wake")
        yield listener, speaker


def test_it_is_heard_while_it_waits_and_in_order(database_url: str) -> None:
    async def run() -> None:
        async with two(database_url) as (listener, speaker):
            waiting = asyncio.ensure_future(Notify(listener).heard(within=LONG))
            await asyncio.sleep(0)
            await speaker.execute("NOTIFY gate, '[3]'; NOTIFY wake")
            assert await waiting == [Notice("gate", "[3]"), Notice("wake", "")]

    asyncio.run(run())


def test_what_comes_with_an_answer_is_heard_without_waiting(database_url: str) -> None:
    async def run() -> None:
        async with two(database_url) as (listener, speaker):
            notify = Notify(listener)
            await speaker.execute("NOTIFY gate, '[4]'")
            await listener.execute("SELECT 1")
            assert await notify.heard(within=LONG) == [Notice("gate", "[4]")]
            await listener.execute("NOTIFY wake")  # its own: it comes right behind the answer
            assert await notify.heard(within=LONG) == [Notice("wake", "")]
            assert await notify.heard(within=SHORT) == []

    asyncio.run(run())


def test_nothing_wakes_it_while_nothing_is_said(database_url: str) -> None:
    async def run() -> int:
        async with two(database_url) as (listener, _):
            loop = asyncio.get_running_loop()
            wakes = 0
            select = loop._selector.select  # type: ignore[attr-defined]

            def counted(timeout: float | None) -> Any:
                nonlocal wakes
                wakes += 1
                return select(timeout)

            loop._selector.select = counted  # type: ignore[attr-defined]
            assert await Notify(listener).heard(within=1.0) == []
            return wakes

    assert asyncio.run(run()) <= 4


def test_a_lost_connection_is_an_error(database_url: str) -> None:
    async def run() -> None:
        async with two(database_url) as (listener, speaker):
            notify = Notify(listener)
            await speaker.execute("SELECT pg_terminate_backend(%s)", [listener.info.backend_pid])
            with pytest.raises(psycopg.OperationalError):
                while await notify.heard(within=LONG) == []:  # the server's last words may come before the end
                    pass

    asyncio.run(run())
