"""What the webhook process has taken and not settled: a lane for each webhook, worked by a few runners at once.

A lane holds more than is under way, so that the database is asked seldom. What waits in it longer than a lease can bear
is given back untried, and so is the rest of a webhook that fails: their tries are not used up.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from allstop.channels.webhook import TIME_LIMIT, Answer, Caller, body_of
from allstop.store.sealing import CannotOpen, opened
from allstop.store.webhook_queue import Taken, Target

WAYS = 50  # requests under way at one webhook
SPARE = timedelta(seconds=2 * TIME_LIMIT)  # of its lease that a delivery must have left to be tried

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Lane:
    target: Target
    secrets: list[str] = field(default_factory=list)
    closed: str = ""  # why its secrets cannot be opened
    waiting: deque[tuple[Taken, bytes]] = field(default_factory=deque)  # with their bodies
    runners: int = 0
    count: int = 0  # waiting or under way


class Lanes:
    def __init__(self, caller: Caller, news: asyncio.Event) -> None:
        """`news` is set when something was answered."""
        self._caller = caller
        self._news = news
        self._lanes: dict[int, Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._answers: list[tuple[Taken, Answer]] = []
        self._back: list[Taken] = []
        self.count = 0
        self.ailing: set[int] = set()  # webhooks whose failures are counted in the database

    def full(self, each: int) -> list[int]:
        return [webhook_id for webhook_id, lane in self._lanes.items() if lane.count >= each]

    def begin(self, target: Target, taken: Sequence[Taken], words: Mapping[int, dict[str, Any]]) -> None:
        """`target`: as it is now, also for what waits already. `words`: the data of their bodies, by their ids."""
        now = datetime.now(UTC)
        lane = self._lanes.setdefault(target.id, Lane(target))
        lane.target = target
        try:
            lane.secrets, lane.closed = secrets_of(target, now), ""
        except CannotOpen as closed:
            lane.closed = str(closed)
        if target.failures or target.failing_since is not None:
            self.ailing.add(target.id)
        lane.waiting.extend((one, body_of(one.kind, one.at, words[one.id])) for one in taken)
        lane.count += len(taken)
        self.count += len(taken)
        while lane.runners < min(WAYS, len(lane.waiting)):
            self._run(lane)

    def _run(self, lane: Lane) -> None:
        lane.runners += 1
        task = asyncio.create_task(self._work(lane))
        self._tasks.add(task)
        task.add_done_callback(lambda ended: self._ended(ended, lane))

    def _ended(self, task: "asyncio.Task[None]", lane: Lane) -> None:
        self._tasks.discard(task)
        lane.runners -= 1
        if task.cancelled():
            return
        if (bug := task.exception()) is not None:  # what it had in hand comes again when its lease is over
            log.error("webhook %s", lane.target.id, exc_info=bug)
        if lane.waiting:  # more has come since it saw that nothing did
            self._run(lane)
        if not lane.count:
            self._lanes.pop(lane.target.id, None)

    async def _work(self, lane: Lane) -> None:
        while lane.waiting:
            one, body = lane.waiting.popleft()
            try:
                await self._try(lane, one, body)
            finally:
                self._done(lane)

    async def _try(self, lane: Lane, one: Taken, body: bytes) -> None:
        now = datetime.now(UTC)
        if one.next_at - now < SPARE:
            self._back.append(one)
            return
        if lane.closed:
            answer = Answer(False, None, lane.closed, 0)
        else:
            try:
                answer = await self._caller.deliver(lane.target.url, lane.secrets, one.key, body, now)
            except asyncio.CancelledError:
                self._back.append(one)
                raise
        self._answers.append((one, answer))

    def _done(self, lane: Lane, many: int = 1) -> None:
        lane.count -= many
        self.count -= many
        self._news.set()

    def answers(self) -> list[tuple[Taken, Answer]]:
        """Since it was asked before."""
        answers, self._answers = self._answers, []
        return answers

    def given_back(self) -> list[Taken]:
        """Not tried, since it was asked before."""
        back, self._back = self._back, []
        return back

    def leave_alone(self, webhook_id: int) -> None:
        """Nothing more that waits for it is tried now."""
        if (lane := self._lanes.get(webhook_id)) is not None and lane.waiting:
            self._back += [one for one, _ in lane.waiting]
            many = len(lane.waiting)
            lane.waiting.clear()
            self._done(lane, many)

    async def stop(self) -> None:
        """What is under way is broken off, and given back like all that waits."""
        for webhook_id in list(self._lanes):
            self.leave_alone(webhook_id)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def secrets_of(target: Target, now: datetime) -> list[str]:
    """Those that sign now, the newest first. Raises CannotOpen."""
    found = opened(target.secrets)
    secrets = [found["webhook_secret"]]
    if target.both_until is not None and now < target.both_until and "webhook_secret_before" in found:
        secrets.append(found["webhook_secret_before"])
    return secrets
