"""Messages a second while so many events a second are told to a webhook, beside the same load without one; in rounds of
three. The webhook process runs as it does in an installation: a worker starts it.

Two figures: by how much the dispatch is slower, and whether the events arrive as fast as they happen. The ceiling of
the second is bare POSTs by the same client to the same program, on a machine that does nothing else.

The program that listens would run on somebody else's machine; here it shares the processor. So there is a third kind of
round: the same POSTs at the same rate by a bare client, with no events, no log and no database. What the dispatch loses
in it is what listening and bare HTTP take. And of everybody the processor seconds are read, for 1,000 events.
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

from allstop.bench import cpu, load
from allstop.bench.load import Load
from allstop.bench.machine import machine
from allstop.bench.peer import Peer, started
from allstop.bench.posts import DATA
from allstop.bench.processes import processes
from allstop.bench.scratch import Scratch, scratch
from allstop.dispatch.webhook_process import NAME
from allstop.rules.webhooks import secret_of

PATIENCE = 60.0  # seconds for the first event to arrive: the webhook process has to start
STEP = 0.05  # seconds between two batches of events
WARM_UP = 1.5
CEILING_CONNECTIONS = 50
WRITER = "bench-events"


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
class Cpu:
    """Seconds of a core for 1,000 POSTs that were taken. None: it does not run in this kind of round, or on another
    machine."""

    sender: float | None  # the webhook process, or the bare client
    server: float | None  # what PostgreSQL does for the webhook process
    writing: float | None  # ... and to write the events down
    peer: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    messages_per_second: float
    events_per_second: float = 0  # that the program has taken
    happened_per_second: float = 0
    cpu: Cpu | None = None  # None: nothing was posted


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    machine: dict[str, Any]
    plan: Plan
    alone: list[Round]
    told: list[Round]
    bare: list[Round]
    ratio: float  # messages a second with events, of those without: the median of the rounds' own
    bare_ratio: float  # the same with a bare client and no events
    events_per_second: float
    happened_per_second: float
    ceiling: float  # bare POSTs a second
    share: float | None  # of all cores: what Allstop itself needs to tell as many events a second as were asked for

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(url: str, plan: Plan, tell: Callable[[str], None]) -> Report:
    os.environ["ALLSTOP_WEBHOOKS_PRIVATE"] = "true"  # the program listens on loopback
    with scratch(url) as databases, started("allstop.bench.http_sink") as peer:
        tell(f"Queuing {plan.queued:,} messages")
        databases.make_with_tables("empty")
        wanted = Load(queued=plan.queued, accounts=min(plan.accounts, plan.queued), quiet=False)
        load.load(databases.make("loaded", copy_of="empty"), wanted, datetime.now(UTC))
        tell("Bare POSTs: the ceiling of deliveries")
        ceiling = _ceiling(peer, plan.seconds)
        alone, told, bare = [], [], []
        for number in range(1, plan.rounds + 1):
            tell(f"Round {number} of {plan.rounds}: without a webhook")
            alone.append(_round(databases, plan, _window))
            tell(f"Round {number} of {plan.rounds}: {plan.events:,} events a second")
            told.append(_round(databases, plan, _told, peer))
            tell(f"Round {number} of {plan.rounds}: {plan.events:,} bare POSTs a second")
            bare.append(_round(databases, plan, _beside_bare_posts, peer))
        return Report(
            machine=machine(databases.address("loaded")),
            plan=plan,
            alone=alone,
            told=told,
            bare=bare,
            ratio=_ratio(told, alone),
            bare_ratio=_ratio(bare, alone),
            events_per_second=median(one.events_per_second for one in told),
            happened_per_second=median(one.happened_per_second for one in told),
            ceiling=ceiling,
            share=_share(told, plan.events),
        )


def _share(told: list[Round], events: int) -> float | None:
    own = [(one.cpu.sender, one.cpu.server, one.cpu.writing) for one in told if one.cpu]
    known = [sum(part for part in parts if part is not None) for parts in own if None not in parts]
    return median(known) / 1000 * events / (os.cpu_count() or 1) if known else None


def _ratio(some: list[Round], alone: list[Round]) -> float:
    pairs = zip(some, alone, strict=True)
    return median(one.messages_per_second / other.messages_per_second for one, other in pairs)


def _ceiling(peer: Peer, seconds: float) -> float:
    command = [sys.executable, "-m", "allstop.bench.posts", str(peer.port), str(CEILING_CONNECTIONS), str(seconds)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@dataclass(frozen=True, slots=True)
class Scene:
    """One round: a full queue, workers, and nothing sent yet."""

    watcher: psycopg.Connection[Any]
    address: str
    plan: Plan
    workers: list[int]
    peer: Peer | None


def _round(databases: Scratch, plan: Plan, kind: Callable[[Scene], Round], peer: Peer | None = None) -> Round:
    address = databases.make("round", copy_of="loaded")
    try:
        with (
            psycopg.connect(address, autocommit=True) as watcher,
            processes("allstop.bench.worker", address, plan.workers, plan.slots) as workers,
        ):
            return kind(Scene(watcher, address, plan, workers, peer))
    finally:
        with psycopg.connect(databases.address("loaded"), autocommit=True) as other:
            other.execute(_END, (f"%\\_{os.getpid()}\\_round",))  # a webhook process whose worker broke off
        databases.drop("round")


def _told(scene: Scene) -> Round:
    assert scene.peer is not None
    where = f"http://127.0.0.1:{scene.peer.port}/"
    scene.watcher.execute(_WEBHOOK, (where, Jsonb({"webhook_secret": _SECRET})))
    with _happening(scene.address, scene.plan):
        _wait_for_the_first(scene.peer)
        sender = cpu.child_running(scene.workers, "allstop.dispatch.webhook_process")
        assert sender is not None, "a worker has started it"
        is_here = cpu.postmaster(scene.watcher.info.backend_pid) is not None
        return _window(scene, sender, *(_backend(scene.watcher, name) if is_here else None for name in (NAME, WRITER)))


def _backend(watcher: psycopg.Connection[Any], name: str) -> int:
    row = watcher.execute(_BACKEND, (name,)).fetchone()
    assert row is not None, f"{name} is connected"
    return int(row[0])


def _beside_bare_posts(scene: Scene) -> Round:
    assert scene.peer is not None
    words = (str(scene.peer.port), str(CEILING_CONNECTIONS), "0", str(scene.plan.events))
    with subprocess.Popen([sys.executable, "-m", "allstop.bench.posts", *words], stdin=subprocess.PIPE) as client:
        try:
            _wait_for_the_first(scene.peer)
            return _window(scene, client.pid)
        finally:
            client.kill()


_END = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE %s AND backend_type = 'client backend'"""
_SECRET = secret_of(b"x" * 32)
_WEBHOOK = """
INSERT INTO webhook (account_id, name, url, kinds, secrets, is_on, created_at)
VALUES (1, 'bench', %s, '{lead_activity}', %s, true, now())"""
_HAPPEN = """
INSERT INTO event (account_id, kind, at, payload)
SELECT 1, 'lead_activity', clock_timestamp(), %s FROM generate_series(1, %s)"""
_COUNTS = """
SELECT (SELECT count(*) FROM message WHERE status = 'sent'),
       (SELECT count(*) FROM event) + (SELECT count(*) FROM webhook_delivery)"""
_BACKEND = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s"


@contextmanager
def _happening(address: str, plan: Plan) -> Iterator[None]:
    """Events by a connection of its own, at an even pace; it catches up where it was late."""
    over = threading.Event()

    def make() -> None:
        began, made = time.monotonic(), 0
        with psycopg.connect(address, autocommit=True, application_name=WRITER) as connection:
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


def _window(scene: Scene, sender: int | None = None, server: int | None = None, writing: int | None = None) -> Round:
    """The process ids: of whoever posts, and of the backends of the webhook process and of the events' writer."""
    scene.watcher.execute("UPDATE lane SET is_open = true; NOTIFY wake")
    time.sleep(WARM_UP)
    pids = [sender, server, writing, scene.peer.pid if scene.peer else None]
    before, used, began = _counts(scene), _used(pids), time.monotonic()
    time.sleep(scene.plan.seconds)
    after, used_then, took = _counts(scene), _used(pids), time.monotonic() - began
    if after[0] >= scene.plan.queued:
        raise RuntimeError("All messages had left before the round was over. Queue more of them (--queued).")
    messages, taken, happened = (now - then for now, then in zip(after, before, strict=True))
    if scene.peer is None:
        return Round(messages_per_second=messages / took)
    if not taken:
        raise RuntimeError("No event has arrived while it was measured: ask for fewer (--events), or measure longer.")
    cost = [
        None if now is None or then is None else (now - then) / taken * 1000
        for now, then in zip(used_then, used, strict=True)
    ]
    return Round(
        messages_per_second=messages / took,
        events_per_second=taken / took,
        happened_per_second=happened / took,
        cpu=Cpu(sender=cost[0], server=cost[1], writing=cost[2], peer=cost[3] or 0.0),
    )


def _used(pids: list[int | None]) -> list[float | None]:
    return [None if pid is None else cpu.seconds([pid]) for pid in pids]


def _wait_for_the_first(peer: Peer) -> None:
    """More than there were: the program counts over all rounds."""
    had, until = peer.taken(), time.monotonic() + PATIENCE
    while peer.taken() == had:
        if time.monotonic() > until:
            raise RuntimeError("No event has arrived: see what the webhook process said above.")
        time.sleep(STEP)


def _counts(scene: Scene) -> tuple[int, int, int]:
    """Messages that left, POSTs that were taken, events that happened."""
    row = scene.watcher.execute(_COUNTS).fetchone()
    assert row is not None
    return int(row[0]), scene.peer.taken() if scene.peer else 0, int(row[1])
