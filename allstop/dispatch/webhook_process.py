"""The process that delivers to webhooks: started by upkeep.py when something is due, it ends when nothing was for
a while.

No worker waits for it and it holds no lock while it waits for somebody's server. It may be killed at any moment: what
it had taken is due again when its lease is over, under the same webhook-id. Several may run.
"""

import asyncio
import logging
import os
import random
import signal
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import django
import uvloop

if TYPE_CHECKING:
    from allstop.channels.webhook import Answer, Caller
    from allstop.store.webhook_queue import Arrived, Failed, Taken

POLITENESS = 10  # sending comes first when both want the processor
LINGER = 30.0  # seconds without anything to do, until it ends
POLL = 0.25  # seconds between two looks while it lingers
GATHER = 0.1  # seconds in which answers are gathered for one commit; those that wait are tried meanwhile
NAME = "allstop-webhooks"  # its connection in pg_stat_activity
MOST = 600  # taken at once
EACH = 300  # of one webhook

log = logging.getLogger(__name__)


class Deliverer:
    def __init__(self, connection: Any, caller: "Caller") -> None:
        from allstop.dispatch.webhook_lanes import Lanes
        from allstop.store.webhook_queue import WebhookQueue

        self._connection = connection
        self._queue: WebhookQueue = WebhookQueue(connection)
        self._news = asyncio.Event()
        self._ending = asyncio.Event()
        self._lanes: Lanes = Lanes(caller, self._news)

    def end(self) -> None:
        self._ending.set()
        self._news.set()

    async def run(self, linger: float) -> None:
        """Until nothing was due for so many seconds, or end() is called."""
        clock = asyncio.get_running_loop().time
        idle_since = clock()
        while not self._ending.is_set():
            self._news.clear()
            await self._settle()
            began = await self._begin(datetime.now(UTC))
            if began or self._lanes.count:
                idle_since = clock()
            elif clock() - idle_since >= linger:
                break
            await self._wait(GATHER if began else POLL)
        await self._stop()

    async def _wait(self, seconds: float) -> None:
        """For an answer, and those that come with it; else for the time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
                await asyncio.sleep(GATHER)

    async def _begin(self, now: datetime) -> int:
        """Take what is due, as there is room, and start to deliver it; how many events or deliveries it was."""
        from allstop.store.event_words import read_words

        room = MOST - self._lanes.count
        if room <= 0:
            return 0
        full = self._lanes.full(EACH)
        taken, passed_on = await self._queue.fan_out(now, room, full)
        if len(taken) < room:
            taken += await self._queue.take(now, room - len(taken), EACH, full)
        if taken:
            targets = await self._queue.targets(list({one.webhook_id for one in taken}))
            words = await read_words(self._connection, taken)
            for webhook_id, target in targets.items():  # one that is missing was removed just now, its log with it
                self._lanes.begin(target, [one for one in taken if one.webhook_id == webhook_id], words)
        return len(taken) + passed_on

    async def _settle(self) -> None:
        now = datetime.now(UTC)
        if answers := self._lanes.answers():
            arrived, failed = sorted_out(answers, now)
            await self._queue.settle(arrived, failed, now)
            await self._count_failures(answers, now)
        if back := self._lanes.given_back():
            await self._queue.give_back(back, now)

    async def _count_failures(self, answers: "list[tuple[Taken, Answer]]", now: datetime) -> None:
        in_a_row: dict[int, int] = {}  # failures since the last arrival
        for one, answer in answers:
            in_a_row[one.webhook_id] = 0 if answer.is_taken else in_a_row.get(one.webhook_id, 0) + 1
        well = {one.webhook_id for one, answer in answers if answer.is_taken}
        if ailing := well & self._lanes.ailing:
            await self._queue.well(list(ailing))
            self._lanes.ailing -= ailing
        for webhook_id, count in in_a_row.items():
            if count:
                gone = any(a.code == 410 for o, a in answers if o.webhook_id == webhook_id)
                await self._fail(webhook_id, count, now, is_gone=gone)

    async def _fail(self, webhook_id: int, count: int, now: datetime, *, is_gone: bool) -> None:
        from allstop.actions.webhooks import turn_off_failing
        from allstop.dispatch.threads import aside
        from allstop.rules.webhooks import is_to_turn_off, rest_until

        known = (await self._queue.targets([webhook_id])).get(webhook_id)
        failures = count + (known.failures if known else 0)
        rest = rest_until(failures, now)
        since = await self._queue.ill(webhook_id, count, rest, now)
        self._lanes.ailing.add(webhook_id)
        if rest is not None:
            self._lanes.leave_alone(webhook_id)
        if is_gone:
            why = "Its address answered 410, which asks never to be called again."
            await aside(turn_off_failing, webhook_id, why, now)
        elif is_to_turn_off(since, now):
            why = f"Nothing has arrived at its address since {since:%Y-%m-%d %H:%M} UTC."
            await aside(turn_off_failing, webhook_id, why, now)

    async def _stop(self) -> None:
        """What was not answered is given back. The other side may have it, and knows it by the webhook-id."""
        await self._lanes.stop()
        await self._settle()


def sorted_out(answers: "list[tuple[Taken, Answer]]", now: datetime) -> "tuple[list[Arrived], list[Failed]]":
    from allstop.rules.webhooks import next_try
    from allstop.store.models import DeliveryState
    from allstop.store.webhook_queue import Arrived, Failed

    arrived, failed = [], []
    for one, answer in answers:
        if answer.is_taken:
            arrived.append(Arrived(one.id, answer.took_ms, answer.code, answer.words))
            continue
        again = next_try(one.tries + 1, random.random(), now)  # noqa: S311
        state = DeliveryState.FAILED if again is None else DeliveryState.WAITING
        failed.append(Failed(one.id, state.value, again, answer.took_ms, answer.code, answer.words[:500], one.next_at))
    return arrived, failed


async def deliver(linger: float = LINGER) -> None:
    from django.conf import settings

    from allstop.channels.webhook import Caller
    from allstop.store import claims

    connection = await claims.connect(may_lose_the_last=True, name=NAME)  # what is lost is delivered again
    caller = Caller(private=settings.WEBHOOKS_PRIVATE)
    deliverer = Deliverer(connection, caller)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, deliverer.end)
    try:
        await deliverer.run(linger)
    finally:
        await caller.close()
        await connection.close()


def main() -> None:
    os.nice(POLITENESS)
    django.setup()
    uvloop.run(deliver())


if __name__ == "__main__":
    main()
