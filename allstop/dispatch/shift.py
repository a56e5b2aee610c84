"""One worker's shift: it registers, runs until it is told to end or something fails, and signs off.

Whatever runs along with the loop of worker.py ends with it, and whatever of that fails ends the worker: another one is
started, which beats limping on.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

import psycopg

from allstop.channels.registry import Surroundings
from allstop.channels.sip.stack import Stack
from allstop.dispatch.asking import ask_for_ever
from allstop.dispatch.burial import this_machine
from allstop.dispatch.calls import CallBook, speak
from allstop.dispatch.ears import Ears
from allstop.dispatch.hearing import Hearing
from allstop.dispatch.lease import Lease
from allstop.dispatch.outbox import Outbox
from allstop.dispatch.outside import Outside
from allstop.dispatch.setups import Setups
from allstop.dispatch.testing import test_for_ever
from allstop.dispatch.worker import Terms, Worker, utc_now
from allstop.store import claims
from allstop.store.claims import Claims

Connection = psycopg.AsyncConnection[Any]


async def work(
    terms: Terms,
    appoint: Callable[[Worker], None],
    beside: Callable[[], Iterable[Coroutine[Any, Any, None]]] = list,
) -> None:
    """Register, run and sign off. `appoint` is handed the worker, to end it later; `beside` runs along with it."""
    outside = None if terms.home is None else Outside(terms.home, terms.host)  # before anything can be claimed
    if outside is not None:
        await outside.compare()
    line, outbox_line, hearing_line, book_line = connections = [await claims.connect() for _ in range(4)]
    # A renewal that a crash of the server undoes does no harm: whoever buries this worker fences it and waits a lease.
    ears_line = await claims.connect(may_lose_the_last=True)
    connections.append(ears_line)
    worker_id, number = await claims.register(ears_line, this_machine(), terms.pid, utc_now(), terms.lease)
    ears = Ears(ears_line, worker_id, number, Lease(terms.lease), utc_now, outside)
    await ears.beat()
    hearing = Hearing(hearing_line)
    setups = Setups(hearing, _house(terms, outbox_line, book_line), terms.adapters)
    worker = Worker(Claims(line, worker_id), ears, setups, utc_now, terms)
    appoint(worker)
    running = asyncio.create_task(worker.run())
    watching = [] if outside is None else [outside.watch(), outside.compare_for_ever()]
    along = (
        ears.listen(),
        hearing.store_for_ever(),
        setups.listen_for_ever(terms.channels),
        ask_for_ever(setups, terms.channels),
        test_for_ever(setups, ears.tests, terms.channels),
        *watching,
        *beside(),
    )
    others = [asyncio.create_task(one) for one in along]
    try:
        await _first_to_end(running, others)
    finally:
        ears.give_up()
        worker.end()
        await _sign_off(running, others, setups, hearing)
        await claims.leave(line, worker_id)
        for connection in connections:
            await connection.close()


def _house(terms: Terms, outbox_line: Connection, book_line: Connection) -> Surroundings:
    """What adapters find around them."""
    return Surroundings(
        now=utc_now,
        sleep=asyncio.sleep,
        outbox=Outbox(outbox_line, utc_now),
        phone=Stack(terms.calls_from),
        calls=CallBook(book_line),
        speak=speak,
    )


async def _sign_off(
    running: asyncio.Task[None], others: Iterable[asyncio.Task[None]], setups: Setups, hearing: Hearing
) -> None:
    """Also a worker that was declared dead while it lived says what became of what it held: for one lease it may."""
    await asyncio.gather(running, return_exceptions=True)  # who failed first is told; a fence ends both at once
    try:
        await asyncio.gather(*(adapter.close() for adapter in setups.adapters()))
        await hearing.flush()
    finally:  # also when the database is away
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


async def _first_to_end(running: asyncio.Task[None], others: list[asyncio.Task[None]]) -> None:
    """Whatever ends first with an error ends the worker: it is started again, which beats limping on."""
    done, _ = await asyncio.wait([running, *others], return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
