"""The worker processes, and what is done to them. Whoever ends is followed by another one, as under a supervisor."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection

from allstop.bench.chaos.plan import Plan
from allstop.bench.chaos.worker import FENCED
from allstop.dispatch.burial import bury_dead, this_machine
from allstop.store.models import Worker

SPARE = 2
PATIENCE = 30.0  # seconds for a worker to begin, or to end in order


@dataclass(slots=True)
class Hand:
    name: str  # of its database connections
    process: subprocess.Popen[bytes]
    thaws_at: float | None = None  # frozen until then
    fate: str = ""  # what was done to end it
    is_watched: bool = True  # a supervisor on its machine sees it end

    @property
    def is_up(self) -> bool:
        return not self.fate and self.process.poll() is None


@dataclass(slots=True)
class Crew:
    plan: Plan
    chance: random.Random
    log: Path  # what the workers say on their standard error
    hands: list[Hand] = field(default_factory=list)
    ended: Counter[str] = field(default_factory=Counter)
    _spare: list[Hand] = field(default_factory=list)
    _loaded: int = 0

    def start(self) -> None:
        """As many as there shall be; spare ones wait, since a process takes a second to load."""
        while len(self.hands) < self.plan.workers:
            hand = self._spare.pop(0) if self._spare else self._load()
            assert hand.process.stdin is not None
            hand.process.stdin.write(b"begin\n")
            hand.process.stdin.flush()
            self.hands.append(hand)
        while len(self._spare) < SPARE:
            self._spare.append(self._load())

    def _load(self) -> Hand:
        self._loaded += 1
        name = f"chaos-{self._loaded}"
        command = [sys.executable, "-m", self.plan.worker, str(self.plan.lease), str(self.plan.slots)]
        with self.log.open("ab") as log:
            environ = os.environ | {"PGAPPNAME": name}
            return Hand(name, subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stderr=log))

    def wait_for(self, at_work: int) -> None:
        """Until so many have registered. On a machine that is busy with other things it takes its time."""
        deadline = time.monotonic() + PATIENCE
        while len(self._able()) < at_work:
            if time.monotonic() > deadline:
                raise RuntimeError(f"Not {at_work} of the workers registered within {PATIENCE:g} s.")
            time.sleep(0.02)
            self.tend()

    def tend(self) -> None:
        """Thaw whose time has come, bury whom a supervisor saw end, and start others in their place."""
        for hand in list(self.hands):
            if hand.thaws_at is not None and time.monotonic() > hand.thaws_at:
                self._thaw(hand)
            if hand.process.poll() is not None:
                self._is_over(hand)
        self.start()

    def _is_over(self, hand: Hand) -> None:
        code = hand.process.wait()
        self.hands.remove(hand)
        self.ended[hand.fate or {FENCED: "fenced", 0: "in order"}.get(code, "by an error")] += 1
        if hand.is_watched:
            bury_dead(this_machine(), hand.process.pid, datetime.now(UTC))

    def kill(self) -> bool:
        """Half of them on a machine without a supervisor: then whoever misses them fences and buries them."""
        if hand := self._any():
            hand.fate, hand.is_watched = "killed", self.chance.random() < 0.5
            hand.process.kill()
        return hand is not None

    def freeze(self) -> bool:
        """For longer than a lease: when it goes on, others may have buried it."""
        if hand := self._any():
            hand.thaws_at = time.monotonic() + self.plan.lease * self.chance.uniform(1.2, 2.5)
            hand.process.send_signal(signal.SIGSTOP)
        return hand is not None

    def cut_database(self) -> bool:
        """One of its connections, or all."""
        if hand := self._any():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity"
                    " WHERE application_name = %s ORDER BY random() LIMIT %s) chosen",
                    [hand.name, self.chance.choice([1, 100])],
                )
                row = cursor.fetchone()
            return row is not None and row[0] > 0
        return False

    def restart(self) -> bool:
        if hand := self._any():
            hand.fate = "in order"
            self._close_input(hand)
        return hand is not None

    def end(self) -> None:
        """All of them in order. Whoever does not is killed, and its fate says so."""
        for hand in self.hands:
            self._thaw(hand)
            self._close_input(hand)
        for hand in list(self.hands):
            try:
                hand.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                hand.fate = "would not end"
                hand.process.kill()
            self._is_over(hand)

    def end_at_once(self) -> None:
        """The spare ones, and whoever is still there because something went wrong on our side."""
        for hand in self.hands + self._spare:
            hand.process.kill()
            hand.process.wait()
        self.hands.clear()
        self._spare.clear()

    def _any(self) -> Hand | None:
        able = self._able()
        return self.chance.choice(able) if able else None

    def _able(self) -> list[Hand]:
        """At work: what is done to the others would not show."""
        registered = set(Worker.objects.filter(fenced=False).values_list("pid", flat=True))
        return [one for one in self.hands if one.is_up and one.thaws_at is None and one.process.pid in registered]

    @staticmethod
    def _thaw(hand: Hand) -> None:
        hand.thaws_at = None
        with suppress(ProcessLookupError):
            hand.process.send_signal(signal.SIGCONT)

    @staticmethod
    def _close_input(hand: Hand) -> None:
        assert hand.process.stdin is not None
        hand.process.stdin.close()
