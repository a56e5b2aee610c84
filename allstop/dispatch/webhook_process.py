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
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from allstop.channels.webhook import Answer, Caller
    from allstop.store.webhook_queue import Settled, Taken, Target

POLITENESS = 10  # sending comes first when both want the processor
LINGER = 30.0  # seconds without anything to do, until it ends
POLL = 0.25  # seconds between two looks while it lingers
GATHER = 0.02  # seconds in which answers are gathered for one commit
MOST = 300  # under way at once
EACH = 100  # of one webhook

log = logging.getLogger(__name__)


class Deliverer:
    def __init__(self, connection: Any, caller: "Caller") -> None:
        from allstop.store.webhook_queue import WebhookQueue

        self._connection = connection
        self._queue: WebhookQueue = WebhookQueue(connection)
        self._caller = caller
        self._under_way: dict[asyncio.Task[None], Taken] = {}
        self._of_each: Counter[int] = Counter()
        self._answers: list[tuple[Taken, Answer]] = []
        self._news = asyncio.Event()
        self._ending = asyncio.Event()

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
            if began or self._under_way:
                idle_since = clock()
            elif clock() - idle_since >= linger:
                break
            if not began:
                await self._wait(POLL)
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

        room = MOST - len(self._under_way)
        if room <= 0:
            return 0
        full = [webhook_id for webhook_id, count in self._of_each.items() if count >= EACH]
        taken, passed_on = await self._queue.fan_out(now, room, full)
        if len(taken) < room:
            taken += await self._queue.take(now, room - len(taken), EACH, full)
        if taken:
            targets = await self._queue.targets(list({one.webhook_id for one in taken}))
            words = await read_words(self._connection, taken)
            for one in taken:
                if target := targets.get(one.webhook_id):  # else it was removed a moment ago, and its log with it
                    self._start(one, target, words[one.id])
        return len(taken) + passed_on

    def _start(self, one: "Taken", target: "Target", words: dict[str, Any]) -> None:
        task = asyncio.create_task(self._deliver(one, target, words))
        self._under_way[task] = one
        self._of_each[one.webhook_id] += 1
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        one = self._under_way.pop(task)
        self._of_each[one.webhook_id] -= 1
        if not task.cancelled() and (bug := task.exception()) is not None:
            log.error("delivery %s of webhook %s", one.id, one.webhook_id, exc_info=bug)
        self._news.set()

    async def _deliver(self, one: "Taken", target: "Target", words: dict[str, Any]) -> None:
        from allstop.channels.webhook import Answer, body_of
        from allstop.store.sealing import CannotOpen

        now = datetime.now(UTC)
        try:
            secrets = secrets_of(target, now)
        except CannotOpen as closed:
            answer = Answer(False, None, str(closed), 0)
        else:
            answer = await self._caller.deliver(target.url, secrets, one.key, body_of(one.kind, one.at, words), now)
        self._answers.append((one, answer))

    async def _settle(self) -> None:
        if not self._answers:
            return
        now = datetime.now(UTC)
        answers, self._answers = self._answers, []
        await self._queue.settle([settled(one, answer, random.random(), now) for one, answer in answers])  # noqa: S311
        in_a_row: dict[int, int] = {}  # failures since the last arrival
        for one, answer in answers:
            in_a_row[one.webhook_id] = 0 if answer.is_taken else in_a_row.get(one.webhook_id, 0) + 1
        well = [
            webhook_id for webhook_id in in_a_row if any(a.is_taken for o, a in answers if o.webhook_id == webhook_id)
        ]
        if well:
            await self._queue.well(well)
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
        since = await self._queue.ill(webhook_id, count, rest_until(failures, now), now)
        if is_gone:
            why = "Its address answered 410, which asks never to be called again."
            await aside(turn_off_failing, webhook_id, why, now)
        elif is_to_turn_off(since, now):
            why = f"Nothing has arrived at its address since {since:%Y-%m-%d %H:%M} UTC."
            await aside(turn_off_failing, webhook_id, why, now)

    async def _stop(self) -> None:
        """What was not answered is given back. The other side may have it, and knows it by the webhook-id."""
        left = dict(self._under_way)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        answered = {one.id for one, _ in self._answers}
        await self._settle()
        back = [one for one in left.values() if one.id not in answered]
        if back:
            await self._queue.give_back(back, datetime.now(UTC))


def settled(one: "Taken", answer: "Answer", luck: float, now: datetime) -> "Settled":
    from allstop.rules.webhooks import next_try
    from allstop.store.models import DeliveryState
    from allstop.store.webhook_queue import Settled

    tries = one.tries + 1
    again = None if answer.is_taken else next_try(tries, luck, now)
    if answer.is_taken:
        state = DeliveryState.DELIVERED
    else:
        state = DeliveryState.FAILED if again is None else DeliveryState.WAITING
    return Settled(one.id, state.value, tries, again, now, answer.took_ms, answer.code, answer.words[:500], one.next_at)


def secrets_of(target: "Target", now: datetime) -> list[str]:
    """Those that sign now, the newest first. Raises CannotOpen."""
    from allstop.store.sealing import opened

    found = opened(target.secrets)
    secrets = [found["webhook_secret"]]
    if target.both_until is not None and now < target.both_until and "webhook_secret_before" in found:
        secrets.append(found["webhook_secret_before"])
    return secrets


async def deliver(linger: float = LINGER) -> None:
    from django.conf import settings

    from allstop.channels.webhook import Caller
    from allstop.store import claims

    connection = await claims.connect(may_lose_the_last=True)  # what is lost is delivered again
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
    asyncio.run(deliver())


if __name__ == "__main__":
    main()
