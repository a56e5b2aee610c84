"""A notice says the whole stop: whoever missed none obeys without asking, whoever missed one asks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg

from allstop.actions.confirming import LEASE
from allstop.dispatch.ears import Ears
from allstop.dispatch.lease import Lease
from allstop.store import claims
from allstop.store.claims import Claimed, LaneKey, StopHeard
from tests.dispatch.processes import PATIENCE

AT = datetime(2026, 11, 23, tzinfo=UTC)
SCOPES = (
    "'account', 1, NULL, NULL, NULL, NULL",
    "'channel', 1, 'text', NULL, NULL, NULL",
    "'job', 1, NULL, NULL, 20, NULL",
)
Connection = psycopg.AsyncConnection[Any]


def lane(account: int) -> LaneKey:
    return LaneKey(account, "text", False)


def claimed(number: int) -> Claimed:
    return Claimed(7, 30, 20, 10, "reminder", 1, AT, None, 0, 0, [], True, number, 0)


async def announce(speaker: Connection, reach: str) -> int:
    cursor = await speaker.execute(f"SELECT number FROM queue_announce(NULL, {reach}, now())".encode())
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


@asynccontextmanager
async def worker(url: str) -> AsyncIterator[tuple[Ears, Connection, Connection]]:
    """Registered, and not listening yet."""
    async with (
        await Connection.connect(url, autocommit=True) as line,
        await Connection.connect(url, autocommit=True) as speaker,
    ):
        id_, number = await claims.register(line, "here", 1, datetime.now(UTC), LEASE)
        yield Ears(line, id_, number, Lease(LEASE), lambda: datetime.now(UTC)), line, speaker


async def ears_are_open(speaker: Connection) -> None:
    """The first renewal comes after LISTEN."""
    await until(speaker, "SELECT bool_and(lease_until > started_at + lease_ms * interval '1 millisecond') FROM worker")


async def acknowledged(speaker: Connection, number: int) -> None:
    await until(speaker, f"SELECT min(acked) >= {number} FROM worker")


async def until(speaker: Connection, question: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            cursor = await speaker.execute(question.encode())
            if (row := await cursor.fetchone()) is not None and row[0]:
                return
            await asyncio.sleep(0.01)


def test_a_notice_is_the_row_of_the_stop(committed_db: None, database_url: str) -> None:
    async def run() -> None:
        async with worker(database_url) as (_, line, speaker):
            await line.execute("LISTEN gate")
            first = min([await announce(speaker, reach) for reach in SCOPES])
            await speaker.execute("SELECT queue_lift(NULL, 1, 'account', now())")
            said = [one.payload async for one in line.notifies(stop_after=len(SCOPES) + 1, timeout=PATIENCE)]
            assert [StopHeard.of_notice(one) for one in said] == await claims.stops_after(speaker, first - 1)

    asyncio.run(run())


def test_a_stop_is_obeyed_and_acknowledged_as_it_is_heard(committed_db: None, database_url: str) -> None:
    async def run() -> None:
        async with worker(database_url) as (ears, _, speaker):
            listening = asyncio.create_task(ears.listen())
            await ears_are_open(speaker)
            number = await announce(speaker, "'account', 1, NULL, NULL, NULL, NULL")
            await acknowledged(speaker, number)
            assert ears.stop_against(lane(1), claimed(number - 1)) == number
            assert ears.stop_against(lane(1), claimed(number)) is None
            assert ears.stop_against(lane(2), claimed(number - 1)) is None
            listening.cancel()

    asyncio.run(run())


def test_whoever_missed_a_notice_asks_for_what_is_missing(committed_db: None, database_url: str) -> None:
    async def run() -> None:
        async with worker(database_url) as (ears, _, speaker):
            missed = await announce(speaker, "'account', 1, NULL, NULL, NULL, NULL")
            listening = asyncio.create_task(ears.listen())
            await ears_are_open(speaker)
            heard = await announce(speaker, "'account', 2, NULL, NULL, NULL, NULL")
            await acknowledged(speaker, heard)
            assert ears.stop_against(lane(1), claimed(missed - 1)) == missed
            assert ears.stop_against(lane(2), claimed(missed - 1)) == heard
            listening.cancel()

    asyncio.run(run())
