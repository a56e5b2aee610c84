"""A worker that a test moves step by step. Its ears, its lease and its claims are the real ones, its clock is not."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg

from allstop.dispatch.ears import Ears
from allstop.dispatch.lease import Lease
from allstop.dispatch.passing import through_the_gate
from allstop.rules.facts import Channel
from allstop.rules.retry import Outcome
from allstop.store import claims
from allstop.store.claims import Claimed, Claims, Fenced, Finished, LaneKey, PutBack, Tried
from allstop.store.facts import facts_of_messages, lane_setup
from allstop.store.models import Status

Clock = Callable[[], datetime]


@dataclass(slots=True)
class InHand:
    lane: LaneKey
    claimed: Claimed
    moment: int  # of the test's own count of what happened, when it was claimed
    is_started: bool = False


@dataclass(slots=True)
class SimulatedWorker:
    runner: asyncio.Runner
    line: psycopg.AsyncConnection[Any]  # shared by all
    id: int
    pid: int
    ears: Ears
    claims: Claims
    clock: Clock
    in_hand: dict[int, InHand] = field(default_factory=dict)
    is_ending: bool = False  # it was fenced: it claims nothing more

    @classmethod
    def register(
        cls, runner: asyncio.Runner, line: psycopg.AsyncConnection[Any], pid: int, clock: Clock, lease: Lease
    ) -> "SimulatedWorker":
        id_, number = runner.run(claims.register(line, "simulated", pid, clock(), lease.length))
        worker = cls(runner, line, id_, pid, Ears(line, id_, number, lease, clock), Claims(line, id_), clock)
        worker.beat()
        return worker

    def beat(self) -> None:
        try:
            self.runner.run(self.ears.beat())
        except Fenced:
            self._give_up()

    def _give_up(self) -> None:
        self.is_ending = True
        self.ears.give_up()

    def claim(self, lane: LaneKey, burst: int, moment: int) -> None:
        """And through the gate, as Worker does it."""
        self.runner.run(self.claims.fold())
        try:
            claimed = self.runner.run(self.claims.step(self.clock(), lane, burst))
        except Fenced:
            self._give_up()
            return
        facts = lane_setup(lane.account_id, Channel(lane.channel)).facts
        odd = [one.id for one in claimed if not one.plain]
        loaded = facts_of_messages(lane.account_id, odd, facts) if odd else {}
        passed = through_the_gate(lane, claimed, facts, loaded, self.clock())
        self.runner.run(self.claims.finish(self.clock(), passed.finished))
        self.runner.run(self.claims.put_back(self.clock(), passed.back))
        self.in_hand |= {one.id: InHand(lane, one, moment) for one in passed.send}

    def hand_back(self, id_: int) -> None:
        one = self.in_hand.pop(id_)
        number = self.ears.stop_against(one.lane, one.claimed)
        self.runner.run(self.claims.hand_back([(one.lane.account_id, id_)], number))

    def finish(self, id_: int, status: Status) -> None:
        one = self.in_hand.pop(id_)
        tried = self._tried(Outcome.ACCEPTED if status is Status.SENT else Outcome.UNKNOWN)
        finished = Finished(one.lane.account_id, id_, status, "", tried)
        self.runner.run(self.claims.finish(self.clock(), [finished]))

    def put_back(self, id_: int, due_at: datetime) -> None:
        """Its provider said: not now."""
        one = self.in_hand.pop(id_)
        tried = self._tried(Outcome.REJECTED)
        back = PutBack(one.lane.account_id, id_, one.claimed.number, due_at, None, "again", tried)
        self.runner.run(self.claims.put_back(self.clock(), [back]))

    def leave(self) -> None:
        for id_, one in list(self.in_hand.items()):
            if one.is_started:
                self.finish(id_, Status.SENT)
            else:
                self.hand_back(id_)
        self.runner.run(claims.leave(self.line, self.id))

    def _tried(self, outcome: Outcome) -> Tried:
        now = self.clock()
        return Tried(outcome, now, now, "sandbox", "", "sandbox:said", "")
