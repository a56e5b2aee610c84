"""The loop of one worker process.

It visits due lanes in turn and claims no more than it can start at once: a claim is the durable mark "may have left".
All state lives on one event loop, so that nothing can come between the last look at the stops and the first byte.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import psycopg

from allstop.actions.confirming import LEASE
from allstop.channels.adapter import Adapter
from allstop.dispatch.ears import Ears
from allstop.dispatch.handing_over import HandOver, Sending
from allstop.dispatch.limiting import Limiting
from allstop.dispatch.lines import Lines
from allstop.dispatch.passing import through_the_gate
from allstop.dispatch.paying import Paying
from allstop.dispatch.sending import Withdrawn
from allstop.dispatch.setups import Setups
from allstop.dispatch.slots import Slots
from allstop.dispatch.threads import in_store
from allstop.rules.facts import Channel, ContactFacts, Facts, MessageFacts, Purpose
from allstop.rules.gate import channel_closed, window
from allstop.rules.retry import Outcome
from allstop.store.claims import Claimed, Claims, DueLane, Fenced, Finished, LaneKey, PutBack, Tried
from allstop.store.facts import LaneSetup
from allstop.store.models import Status
from allstop.store.own_windows import facts_to_judge

SLOTS = 50  # messages under way at once
IDLE = 2.0  # seconds between two looks when nothing is due and nobody calls
LOOK_AGAIN = timedelta(seconds=30)  # at a channel that is closed without a known end
PATIENCE = timedelta(seconds=1.5)  # for sends under way when the worker is told to end
MOST_LANES = 32  # that are claimed from in one commit


class OpenLane(NamedTuple):
    """A due lane whose channel can send now."""

    due: DueLane
    adapter: Adapter


class Worker:
    def __init__(self, queue: Claims, ears: Ears, setups: Setups, now: Callable[[], datetime], terms: "Terms") -> None:
        self._queue = queue
        self._channels = terms.channels
        self._patience = terms.patience
        self._lines = Lines()
        self._ears = ears
        self._setups = setups
        self._now = now
        self._lanes: list[DueLane] = []
        self._next_due_at: datetime | None = None  # of a lane that is due soon
        self._to_fold = False  # something was queued, and no lane knows it yet
        self._at_once = 1  # lanes that are claimed from in one commit: many where they are short
        self._paying = Paying(queue, now)
        self._limiting = Limiting(queue, now)
        self._hand_over = HandOver(ears.may_leave, now)
        self._slots = Slots(terms.slots, self._send, self._was_cut_off, ears.news)
        self._finished: list[Finished] = []
        self._back: list[PutBack] = []
        self._unstarted: list[tuple[LaneKey, Claimed]] = []
        self._ending = asyncio.Event()
        self._throttled: dict[LaneKey, datetime] = {}  # until when a provider wants to be left alone

    def end(self) -> None:
        self._ending.set()
        self._ears.news.set()

    async def run(self) -> None:
        """Until end() is called, or Fenced is raised."""
        try:
            while not self._ending.is_set():
                await self._turn()
        finally:
            await self._end()

    async def _turn(self) -> None:
        self._ears.news.clear()  # whatever comes from here on is news again
        if self._slots.free <= 0:
            await self._wait(IDLE)
        elif self._ears.is_shut:
            await self._flush()
            await self._wait(IDLE)
        elif lanes := await self._next_lanes():
            await self._visit(lanes)
        elif not self._lanes:
            await self._idle()

    async def _idle(self) -> None:
        await self._flush()
        if self._slots.is_empty and not self._unstarted:
            self._ears.forget_stops()
        if not self._to_fold or not await self._queue.fold():
            soon = self._next_due_at
            await self._wait(IDLE if soon is None else (soon - self._now()).total_seconds())

    async def _next_lanes(self) -> list[OpenLane]:
        if not self._lanes:
            if self._ears.woken.is_set():  # also a busy worker takes in what was queued for other lanes
                self._ears.woken.clear()
                await self._queue.fold()
            now = self._now()
            found, self._to_fold = await self._queue.due_lanes(now + timedelta(seconds=IDLE), self._channels)
            self._lanes = [lane for lane in found if lane.due_at <= now]
            self._next_due_at = found[0].due_at if found and not self._lanes else None
            await self._setups.look_up(self._lanes)
            random.shuffle(self._lanes)
        lanes: list[OpenLane] = []
        while self._lanes and len(lanes) < self._at_once:
            lane = await self._opened(self._lanes.pop())
            if lane is not None and lane.adapter.capabilities.lasts:
                if self._lines.free(lane.adapter) <= 0:
                    continue  # a call that ends is news
                if not lanes:
                    return [lane]  # alone: others may have more room
                self._lanes.append(lane.due)
                return lanes
            if lane is not None:
                lanes.append(lane)
        return lanes

    async def _opened(self, lane: DueLane) -> OpenLane | None:
        setup = await self._setups.of(lane.key, lane.setup_number)
        if closed_until := self._closed_until(lane.key, setup):
            await self._queue.defer(lane, closed_until)
            return None
        adapter = await self._setups.adapter(lane.key, setup)
        return OpenLane(lane, adapter) if adapter else None

    async def _wait(self, seconds: float) -> None:
        """For a send to end, a message to be queued, a stop, or the time."""
        if seconds > 0 and not self._ears.news.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._ears.news.wait()

    async def _visit(self, lanes: list[OpenLane]) -> None:
        await self._flush_back()
        finished, self._finished = self._finished, []
        room = self._slots.free
        if lanes[0].adapter.capabilities.lasts:
            room = min(room, self._lines.free(lanes[0].adapter))
        try:
            claimed = await self._queue.step_lanes(self._now(), [one.due.key for one in lanes], room, finished)
        except (psycopg.Error, Fenced):
            self._finished = finished + self._finished  # finishing twice is harmless
            raise
        self._go_on_from(lanes, claimed[-1].lane + 1 if len(claimed) >= room else None)
        sending: list[tuple[OpenLane, LaneSetup, list[Claimed]]] = []
        for number, its in groupby(claimed, attrgetter("lane")):
            of_lane = list(its)
            setup = await self._setups.of(lanes[number].due.key, of_lane[0].setup)
            sending.append((lanes[number], setup, await self._pass(lanes[number].due.key, of_lane, setup)))
        await self._start(sending)

    def _go_on_from(self, lanes: list[OpenLane], filled_by: int | None) -> None:
        """As many lanes at once as it takes to fill the slots; those that were not reached come next."""
        if filled_by is None:
            self._at_once = min(2 * self._at_once, MOST_LANES)
        else:
            self._at_once = filled_by
            self._lanes += [one.due for one in reversed(lanes[filled_by:])]

    def _closed_until(self, lane: LaneKey, setup: LaneSetup) -> datetime | None:
        """A lane that cannot send now is not looked into: what waits in it costs nothing."""
        now = self._now()
        if (until := self._throttled.pop(lane, now)) > now:
            return until
        if full_until := self._limiting.full_until(lane, setup, now):
            return full_until
        facts = _of_the_lane(lane, setup)
        checks = (channel_closed,) if lane.by_hand else (channel_closed, window)
        for check in checks:
            if answer := check(facts, now):
                return answer.until or now + LOOK_AGAIN
        return None

    async def _pass(self, lane: LaneKey, claimed: list[Claimed], setup: LaneSetup) -> list[Claimed]:
        """Those of one lane that the gate lets go."""
        odd = [one.id for one in claimed if not one.plain]
        loaded: dict[int, Facts] = {}
        if odd:
            loaded = await in_store(facts_to_judge, lane.account_id, odd, setup.facts, self._now())
        passed = through_the_gate(lane, claimed, setup.facts, loaded, self._now())
        self._finished += passed.finished
        self._back += passed.back
        spared = len(passed.finished) + len(passed.back)
        if spared and setup.facts.pace is not None:
            await self._queue.return_slots(lane, spared)
        return passed.send

    async def _start(self, lanes: list[tuple[OpenLane, LaneSetup, list[Claimed]]]) -> None:
        wanted = [(lane.due.key.account_id, one.id) for lane, _, its in lanes for one in its]
        if not wanted:
            return
        contents = await self._queue.contents(wanted)
        called = [(lane.due.key.account_id, its) for lane, _, its in lanes if lane.due.key.channel == Channel.CALL]
        calls = [(account_id, one.id) for account_id, its in called for one in its]
        callees = await self._queue.callees(calls) if calls else {}
        for lane, setup, its in lanes:
            fitting, unfit = await self._limiting.take(lane.due.key, setup, its)
            self._unstarted += [(lane.due.key, one) for one in unfit]
            if unfit and setup.facts.pace is not None:
                await self._queue.return_slots(lane.due.key, len(unfit))
            paid, waiting = await self._paying.pay(lane.due.key, setup, fitting, contents)
            self._back += waiting
            for unpaid in waiting:
                self._limiting.settle(lane.due.key, unpaid.id, unpaid)
            for one in paid:
                callee = callees.get(one.id)
                if callee is not None:
                    self._lines.take(lane.adapter)
                self._slots.put(Sending(lane.due.key, one, contents[one.id], setup, lane.adapter, callee))
        await asyncio.sleep(0)  # the slots run: what an adapter answers at once is finished by the next step

    async def _send(self, message: Sending) -> None:
        lane, claimed, _, setup, adapter, callee = message
        try:
            result = await self._hand_over(message)
        finally:
            if callee is not None:
                self._lines.give_back(adapter)
        if setup.facts.provider.credits is not None:
            self._paying.settle(lane, claimed.id, result)
        if setup.is_limited:
            self._limiting.settle(lane, claimed.id, result)
        match result:
            case Finished():
                self._finished.append(result)
            case PutBack():
                self._back.append(result)
                if result.tried is not None and result.tried.outcome is Outcome.THROTTLED:
                    self._throttled[lane] = result.due_at
            case Withdrawn():
                self._unstarted.append((lane, claimed))

    def _was_cut_off(self, message: Sending) -> None:
        now = self._now()
        words = "The worker was told to end while this message was under way."
        tried = Tried(Outcome.UNKNOWN, now, now, "", "", "allstop:ended", words)
        account_id = message.lane.account_id
        self._finished.append(Finished(account_id, message.claimed.id, Status.UNKNOWN, "outcome_unknown", tried))

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
        await self._paying.flush()
        await self._limiting.flush()
        self._to_fold = self._to_fold or bool(self._back or self._unstarted)  # what goes back is queued again
        if self._back:
            back, self._back = self._back, []  # more may come while this is written
            try:
                await self._queue.put_back(self._now(), back)
            except psycopg.Error:
                self._back = back + self._back
                raise
        while self._unstarted:
            number = self._ears.stop_against(*self._unstarted[0])
            same = [pair for pair in self._unstarted if self._ears.stop_against(*pair) == number]
            await self._queue.hand_back([(lane.account_id, one.id) for lane, one in same], number)
            self._unstarted = [pair for pair in self._unstarted if pair not in same]

    async def _end(self) -> None:
        """Nothing new starts; what is under way may finish; then the worker signs off."""
        await asyncio.gather(*(adapter.drain(self._patience) for adapter in self._setups.adapters()))
        for message in await self._slots.end():
            self._paying.settle(message.lane, message.claimed.id, Withdrawn())
            self._limiting.settle(message.lane, message.claimed.id, Withdrawn())
            self._unstarted.append((message.lane, message.claimed))
        await self._flush()


def _of_the_lane(lane: LaneKey, setup: LaneSetup) -> Facts:
    """Facts in which no contact and no message stands out: for the checks that concern the whole lane."""
    return Facts(MessageFacts(Channel(lane.channel), Purpose.REMINDER), ContactFacts(), setup.facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a worker process is told when it begins."""

    host: str  # its name, for people
    pid: int
    lease: timedelta = LEASE
    slots: int = SLOTS
    channels: tuple[Channel, ...] = tuple(Channel)
    patience: timedelta = PATIENCE
    calls_from: str = ""  # this machine's address for calls; "": found out
    adapters: Mapping[str, Adapter] = field(default_factory=dict)  # used instead of the configured ones, by provider
    home: Path | None = None  # where the stop file and the witness lie; None: neither is looked at (benchmarks)


def utc_now() -> datetime:
    return datetime.now(UTC)
