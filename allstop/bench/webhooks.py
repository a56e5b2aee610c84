"""Messages a second while so many events a second are told to a webhook, beside the same load without one; in rounds of
pairs. The webhook process runs as it does in an installation: a worker starts it.

Two figures: by how much the dispatch is slower, and whether the events arrive as fast as they happen. The ceiling of
the second is bare POSTs by the same client to the same program, on a machine that does nothing else.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from allstop.bench import load
from allstop.bench.load import Load
from allstop.bench.machine import machine
from allstop.bench.peer import Peer, started
from allstop.bench.posts import DATA
from allstop.bench.processes import processes
from allstop.bench.scratch import Scratch, migrate, scratch
from allstop.rules.webhooks import secret_of

PATIENCE = 60.0  # seconds for the first event to arrive: the webhook process has to start
STEP = 0.05  # seconds between two batches of events
WARM_UP = 1.5
CEILING_CONNECTIONS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    queued: int
    workers: int
    slots: int
    accounts: int
    events: int  # a second
    seconds: float
    rounds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    messages_per_second: float
    events_per_second: float  # that the program has taken; 0 without a webhook
    happened_per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    machine: dict[str, Any]
    plan: Plan
    alone: list[Round]
    told: list[Round]
    ratio: float  # messages a second with events, of those without: the median of the pairs' own
    events_per_second: float
    happened_per_second: float
    ceiling: float  # bare POSTs a second

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(url: str, plan: Plan, tell: Callable[[str], None]) -> Report:
    os.environ["ALLSTOP_WEBHOOKS_PRIVATE"] = "true"  # the program listens on loopback
    with scratch(url) as databases, started("allstop.bench.http_sink") as peer:
        tell(f"Queuing {plan.queued:,} messages")
        migrate(databases.make("empty"))
        wanted = Load(queued=plan.queued, accounts=min(plan.accounts, plan.queued), quiet=False)
        load.load(databases.make("loaded", copy_of="empty"), wanted, datetime.now(UTC))
        tell("Bare POSTs: the ceiling of deliveries")
        ceiling = _ceiling(peer, plan.seconds)
        alone, told = [], []
        for number in range(1, plan.rounds + 1):
            tell(f"Round {number} of {plan.rounds}: without a webhook")
            alone.append(_round(databases, plan, None))
            tell(f"Round {number} of {plan.rounds}: {plan.events:,} events a second")
            told.append(_round(databases, plan, peer))
        pairs = zip(told, alone, strict=True)
        return Report(
            machine=machine(databases.address("loaded")),
            plan=plan,
            alone=alone,
            told=told,
            ratio=median(one.messages_per_second / other.messages_per_second for one, other in pairs),
            events_per_second=median(one.events_per_second for one in told),
            happened_per_second=median(one.happened_per_second for one in told),
            ceiling=ceiling,
        )


def _ceiling(peer: Peer, seconds: float) -> float:
    command = [sys.executable, "-m", "allstop.bench.posts", str(peer.port), str(CEILING_CONNECTIONS), str(seconds)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _round(databases: Scratch, plan: Plan, peer: Peer | None) -> Round:
    address = databases.make("round", copy_of="loaded")
    try:
        with psycopg.connect(address, autocommit=True) as watcher:
            if peer is not None:
                watcher.execute(_WEBHOOK, (f"http://127.0.0.1:{peer.port}/", Jsonb({"webhook_secret": _SECRET})))
            with processes("allstop.bench.worker", address, plan.workers, plan.slots), _happening(address, plan, peer):
                return _window(watcher, plan, peer)
    finally:
        databases.drop("round")


_SECRET = secret_of(b"x" * 32)
_WEBHOOK = """
INSERT INTO webhook (account_id, name, url, kinds, secrets, is_on, created_at)
VALUES (1, 'bench', %s, '{lead_activity}', %s, true, now())"""
_HAPPEN = """
INSERT INTO event (account_id, kind, at, payload)
SELECT 1, 'lead_activity', clock_timestamp(), %s FROM generate_series(1, %s)"""
_FINISHED = "SELECT count(*) FROM message WHERE status = 'sent'"
_HAPPENED = "SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM webhook_delivery)"


@contextmanager
def _happening(address: str, plan: Plan, peer: Peer | None) -> Iterator[None]:
    """Events by a connection of its own, at an even pace; it catches up where it was late."""
    if peer is None:
        yield
        return
    over = threading.Event()

    def make() -> None:
        began, made = time.monotonic(), 0
        with psycopg.connect(address, autocommit=True) as connection:
            while not over.wait(STEP):
                due = int((time.monotonic() - began) * plan.events) - made
                connection.execute(_HAPPEN, (Jsonb(DATA), due))
                made += due

    thread = threading.Thread(target=make, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _window(watcher: psycopg.Connection[Any], plan: Plan, peer: Peer | None) -> Round:
    if peer is not None:
        _wait_for_the_first(peer)
    watcher.execute("UPDATE lane SET is_open = true; NOTIFY wake")
    time.sleep(WARM_UP)
    before, began = _counts(watcher, peer), time.monotonic()
    time.sleep(plan.seconds)
    after, took = _counts(watcher, peer), time.monotonic() - began
    if after[0] >= plan.queued:
        raise RuntimeError("All messages had left before the round was over. Queue more of them (--queued).")
    messages, taken, happened = (now - then for now, then in zip(after, before, strict=True))
    return Round(
        messages_per_second=messages / took, events_per_second=taken / took, happened_per_second=happened / took
    )


def _wait_for_the_first(peer: Peer) -> None:
    """More than there were: the program counts over all rounds."""
    had, until = peer.taken(), time.monotonic() + PATIENCE
    while peer.taken() == had:
        if time.monotonic() > until:
            raise RuntimeError("No event has arrived: see what the webhook process said above.")
        time.sleep(STEP)


def _counts(watcher: psycopg.Connection[Any], peer: Peer | None) -> tuple[int, int, int]:
    row = watcher.execute(_FINISHED).fetchone()
    assert row is not None
    if peer is None:
        return int(row[0]), 0, 0
    happened = watcher.execute(_HAPPENED).fetchone()
    assert happened is not None
    return int(row[0]), peer.taken(), int(happened[0])
