"""Hears of stops, obeys them, then says so; renews the lease. NOTIFY only makes it faster: each renewal returns the
newest number, and a renewal that names a stop not yet heard of counts only after that stop is obeyed.

A notice says the whole stop. Notices come in the order of the commits, which is that of the numbers; the one that
follows the newest stop that was heard of is obeyed as it comes, and any other makes us ask for what is missing.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import psycopg

from allstop.dispatch.lease import Lease, steady
from allstop.dispatch.notify import Notice, Notify
from allstop.dispatch.outside import Outside
from allstop.dispatch.stops import StopsHeard
from allstop.store import claims
from allstop.store.claims import Claimed, LaneKey, StopHeard

Clock = Callable[[], datetime]
CONFIRMED = Notice("gate", "")  # for open screens


class Ears:
    def __init__(
        self,
        connection: psycopg.AsyncConnection[Any],
        worker_id: int,
        number: int,
        lease: Lease,
        now: Clock,
        outside: Outside | None = None,
    ) -> None:
        """`number`: of the newest stop when the worker registered, which it obeys since it holds nothing yet."""
        self._connection = connection
        self._worker_id = worker_id
        self._stops = StopsHeard(number)
        self._witnessed = number
        self._lease = lease
        self._now = now
        self._outside = outside
        self.woken = asyncio.Event()  # something was queued
        self.news = asyncio.Event()  # that, or something else that the worker waits for
        self.tests = asyncio.Event()  # somebody has pressed Test
        self._missed = False  # a notice named a stop after one that we have not heard of

    def stop_against(self, lane: LaneKey, message: Claimed) -> int | None:
        return self._stops.against(lane, message)

    def may_leave(self, lane: LaneKey, message: Claimed) -> bool:
        """The last look, right before the hand-over."""
        return self._lease.holds() and not self.is_shut and self._stops.against(lane, message) is None

    @property
    def is_shut(self) -> bool:
        """By what the database need not know: then nothing is started, and nothing claimed."""
        return self._outside is not None and self._outside.is_shut(self._stops.number)

    def forget_stops(self) -> None:
        self._stops.forget()

    def give_up(self) -> None:
        """This worker starts nothing more."""
        self._lease.given_up()

    async def listen(self) -> None:
        """Runs until cancelled. Raises claims.Fenced when this worker was declared dead."""
        notify = Notify(self._connection)
        await self._connection.execute("LISTEN gate")
        await self._connection.execute("LISTEN wake")
        await self._connection.execute("LISTEN test")
        pause = self._lease.length.total_seconds() / 4
        next_beat = steady()
        while True:
            for notice in await notify.heard(within=next_beat - steady()):
                if notice.channel == "gate" and notice.said:
                    self._obey(StopHeard.of_notice(notice.said))
                    next_beat = steady()
                if notice.channel == "test":
                    self.tests.set()
                elif notice != CONFIRMED:
                    self.woken.set()
                    self.news.set()
            if steady() >= next_beat:
                if self._missed:
                    await self._hear()
                await self.beat()
                next_beat = steady() + pause

    def _obey(self, stop: StopHeard) -> None:
        if stop.number == self._stops.number + 1:
            self._stops.hear([stop])
        elif stop.number > self._stops.number:
            self._missed = True

    async def beat(self) -> None:
        asked_at = steady()
        newest = await self._beat()
        if newest < self._stops.number:
            raise claims.Fenced  # stops are missing: this is no longer the database that it registered with
        if newest > self._stops.number:
            await self._hear()
            await self._beat()
        self._lease.renewed(asked_at)
        if self._outside is not None and newest > self._witnessed:
            self._witnessed = newest
            self._outside.moved.set()

    async def _hear(self) -> None:
        """Obeyed from here on. After a notice it comes before the renewal: one round trip less until that says so."""
        self._missed = False
        self._stops.hear(await claims.stops_after(self._connection, self._stops.number))

    async def _beat(self) -> int:
        return await claims.beat(self._connection, self._worker_id, self._now(), self._stops.number, self._lease.length)
