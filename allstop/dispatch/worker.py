"""The loop of one worker process.

It visits due lanes in turn and claims no more than it can start at once: a claim is the durable mark "may have left".
All state lives on one event loop, so that nothing can come between the last look at the stops and the first byte.
"""

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from allstop.actions.switch import LEASE
from allstop.channels.adapter import Adapter, Outbound
from allstop.channels.registry import Surroundings
from allstop.dispatch.asking import ask_for_ever
from allstop.dispatch.ears import Ears
from allstop.dispatch.hearing import Hearing
from allstop.dispatch.lease import Lease
from allstop.dispatch.outbox import Outbox
from allstop.dispatch.passing import through_the_gate
from allstop.dispatch.sending import Result, Withdrawn, outbound_of, send
from allstop.dispatch.setups import Setups
from allstop.dispatch.threads import in_store
from allstop.rules.facts import Channel, ContactFacts, Facts, MessageFacts, Purpose
from allstop.rules.gate import channel_closed, window
from allstop.rules.retry import Outcome
from allstop.store import claims
from allstop.store.claims import Claimed, Claims, DueLane, Fenced, Finished, LaneKey, PutBack, Tried
from allstop.store.facts import LaneSetup, facts_of_messages
from allstop.store.models import Status

SLOTS = 50  # messages under way at once
IDLE = 0.2  # seconds between two looks when nothing is due and nobody calls
LOOK_AGAIN = timedelta(seconds=30)  # at a channel that is closed without a known end
PATIENCE = timedelta(seconds=1.5)  # for sends under way when the worker is told to end


class Worker:
    def __init__(self, queue: Claims, ears: Ears, setups: Setups, now: Callable[[], datetime], slots: int) -> None:
        self._queue = queue
        self._ears = ears
        self._setups = setups
        self._now = now
        self._slots = slots
        self._lanes: list[DueLane] = []
        self._in_hand: dict[asyncio.Task[Result], tuple[LaneKey, Claimed]] = {}
        self._finished: list[Finished] = []
        self._back: list[PutBack] = []
        self._unstarted: list[tuple[LaneKey, Claimed]] = []
        self._ending = asyncio.Event()
        self._news = asyncio.Event()
        self._throttled: dict[LaneKey, datetime] = {}  # until when a provider wants to be left alone

    def end(self) -> None:
        self._ending.set()
        self._news.set()

    async def run(self) -> None:
        """Until end() is called, or Fenced is raised."""
        try:
            while not self._ending.is_set():
                await self._turn()
        finally:
            await self._end()

    async def _turn(self) -> None:
        if len(self._in_hand) >= self._slots:
            await self._wait(IDLE)
        elif lane := await self._next_lane():
            await self._visit(lane)
        else:
            await self._flush()
            if not self._in_hand and not self._unstarted:
                self._ears.forget_stops()
            if not await self._queue.fold():
                await self._wait(IDLE)

    async def _next_lane(self) -> DueLane | None:
        if not self._lanes:
            if self._ears.woken.is_set():  # also a busy worker takes in what was queued for other lanes
                self._ears.woken.clear()
                await self._queue.fold()
            self._lanes = await self._queue.due_lanes(self._now())
            await self._setups.look_up(self._lanes)
            random.shuffle(self._lanes)
        return self._lanes.pop() if self._lanes else None

    async def _wait(self, seconds: float) -> None:
        """For a send to end, a message to be queued, a stop, or the time."""
        news = [asyncio.create_task(event.wait()) for event in (self._news, self._ears.woken)]
        await asyncio.wait(news, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in news:
            task.cancel()
        self._news.clear()
        self._ears.woken.clear()

    async def _visit(self, lane: DueLane) -> None:
        setup = await self._setups.of(lane.key, lane.setup_number)
        if closed_until := self._closed_until(lane.key, setup):
            await self._queue.defer(lane, closed_until)
            return
        adapter = await self._setups.adapter(lane.key, setup)
        if adapter is None:
            return
        await self._flush_back()
        finished, self._finished = self._finished, []
        try:
            claimed = await self._queue.step(self._now(), lane.key, self._slots - len(self._in_hand), finished)
        except (psycopg.Error, Fenced):
            self._finished = finished + self._finished  # finishing twice is harmless
            raise
        if claimed:
            setup = await self._setups.of(lane.key, claimed[0].setup)
            await self._pass(lane.key, claimed, setup, adapter)

    def _closed_until(self, lane: LaneKey, setup: LaneSetup) -> datetime | None:
        """A lane that cannot send now is not looked into: what waits in it costs nothing."""
        now = self._now()
        if (until := self._throttled.pop(lane, now)) > now:
            return until
        facts = _of_the_lane(lane, setup)
        checks = (channel_closed,) if lane.by_hand else (channel_closed, window)
        for check in checks:
            if answer := check(facts, now):
                return answer.until or now + LOOK_AGAIN
        return None

    async def _pass(self, lane: LaneKey, claimed: list[Claimed], setup: LaneSetup, adapter: Adapter) -> None:
        odd = [one.id for one in claimed if not one.plain]
        loaded: dict[int, Facts] = {}
        if odd:
            loaded = await in_store(facts_of_messages, lane.account_id, odd, setup.facts)
        passed = through_the_gate(lane, claimed, setup.facts, loaded, self._now())
        self._finished += passed.finished
        self._back += passed.back
        spared = len(passed.finished) + len(passed.back)
        if spared and setup.facts.pace is not None:
            await self._queue.return_slots(lane, spared)
        if not passed.send:
            return
        contents = await self._queue.contents(lane.account_id, [one.id for one in passed.send])
        for one in passed.send:
            self._start(lane, one, outbound_of(lane, one, contents[one.id], setup), adapter)

    def _start(self, lane: LaneKey, one: Claimed, outbound: Outbound, adapter: Adapter) -> None:
        task = asyncio.create_task(send(adapter, outbound, one, lambda: self._ears.may_leave(lane, one), self._now))
        self._in_hand[task] = (lane, one)
        task.add_done_callback(self._took)

    def _took(self, task: asyncio.Task[Result]) -> None:
        lane, one = self._in_hand.pop(task)
        if task.cancelled():
            self._finished.append(Finished(lane.account_id, one.id, Status.UNKNOWN, "outcome_unknown", self._cut_off()))
        else:
            match task.result():
                case Finished() as finished:
                    self._finished.append(finished)
                case PutBack() as back:
                    self._back.append(back)
                    if back.tried is not None and back.tried.outcome is Outcome.THROTTLED:
                        self._throttled[lane] = back.due_at
                case Withdrawn():
                    self._unstarted.append((lane, one))
        self._news.set()

    def _cut_off(self) -> Tried:
        now = self._now()
        words = "The worker was told to end while this message was under way."
        return Tried(Outcome.UNKNOWN, now, now, "", "", "allstop:ended", words)

    async def _flush(self) -> None:
        await self._flush_back()
        if self._finished:
            finished, self._finished = self._finished, []
            try:
                await self._queue.finish(self._now(), finished)
            except psycopg.Error:
                self._finished = finished + self._finished
                raise

    async def _flush_back(self) -> None:
        if self._back:
            await self._queue.put_back(self._now(), self._back)
            self._back = []
        while self._unstarted:
            number = self._ears.stop_against(*self._unstarted[0])
            same = [pair for pair in self._unstarted if self._ears.stop_against(*pair) == number]
            await self._queue.hand_back([(lane.account_id, one.id) for lane, one in same], number)
            self._unstarted = [pair for pair in self._unstarted if pair not in same]

    async def _end(self) -> None:
        """Nothing new starts; what is under way may finish; then the worker signs off."""
        await asyncio.gather(*(adapter.drain(PATIENCE) for adapter in self._setups.adapters()))
        for task in list(self._in_hand):
            task.cancel()
        await asyncio.gather(*self._in_hand, return_exceptions=True)
        await asyncio.sleep(0)  # lets the last callbacks run
        await self._flush()


def _of_the_lane(lane: LaneKey, setup: LaneSetup) -> Facts:
    """Facts in which no contact and no message stands out: for the checks that concern the whole lane."""
    return Facts(MessageFacts(Channel(lane.channel), Purpose.REMINDER), ContactFacts(), setup.facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a worker process is told when it begins."""

    host: str
    pid: int
    lease: timedelta = LEASE
    slots: int = SLOTS
    adapters: Mapping[str, Adapter] = field(default_factory=dict)  # used instead of the configured ones, by provider


def utc_now() -> datetime:
    return datetime.now(UTC)


async def work(
    terms: Terms,
    appoint: Callable[[Worker], None],
    beside: Callable[[], Iterable[Coroutine[Any, Any, None]]] = list,
) -> None:
    """Register, run and sign off. `appoint` is handed the worker, to end it later; `beside` runs along with it."""
    connections = [await claims.connect() for _ in range(4)]
    line, ears_line, outbox_line, hearing_line = connections
    worker_id, number = await claims.register(ears_line, terms.host, terms.pid, utc_now(), terms.lease)
    ears = Ears(ears_line, worker_id, number, Lease(terms.lease), utc_now)
    await ears.beat()
    hearing = Hearing(hearing_line)
    house = Surroundings(now=utc_now, sleep=asyncio.sleep, outbox=Outbox(outbox_line, utc_now))
    setups = Setups(hearing, house, terms.adapters)
    worker = Worker(Claims(line, worker_id), ears, setups, utc_now, terms.slots)
    appoint(worker)
    running = asyncio.create_task(worker.run())
    others = [
        asyncio.create_task(one) for one in (ears.listen(), hearing.store_for_ever(), ask_for_ever(setups), *beside())
    ]
    try:
        await _first_to_end(running, others)
    finally:
        # Also a worker that was declared dead while it lived says what became of what it held: for one lease it may.
        ears.give_up()
        worker.end()
        await asyncio.wait([running])
        await asyncio.gather(*(adapter.close() for adapter in setups.adapters()))
        await hearing.flush()
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await claims.leave(line, worker_id)
        for connection in connections:
            await connection.close()


async def _first_to_end(running: asyncio.Task[None], others: list[asyncio.Task[None]]) -> None:
    """Whatever ends first with an error ends the worker: it is started again, which beats limping on."""
    done, _ = await asyncio.wait([running, *others], return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
