"""One round of a channel's benchmark: lanes open, a worker process sends to a peer, and the records are counted."""

import time
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg

from allstop.bench import cpu
from allstop.bench.processes import processes
from allstop.bench.scratch import Scratch
from allstop.rules.words import Channel

WARM_UP = 1.0  # seconds
PATIENCE = 60.0  # seconds until the first message has left
LOOK_EVERY = 0.02


class Peer(Protocol):
    """The far end, in a process of its own."""

    pid: int

    def taken(self) -> int | None:
        """How many messages so far; None: it does not count."""
        ...


@dataclass(frozen=True, slots=True)
class Figures:
    messages: int
    per_second: float
    worker_cpu_per_1000: float  # seconds
    server_cpu_per_1000: float | None
    peer_cpu_per_1000: float


def one_round(databases: Scratch, peer: Peer, channel: Channel, slots: int, seconds: float) -> Figures:
    """Raises RuntimeError when the records and the peer disagree."""
    address = databases.make("round", copy_of="ours")
    try:
        with psycopg.connect(address, autocommit=True) as watcher:
            server = cpu.postmaster(watcher.info.backend_pid)
            with processes("allstop.bench.worker", address, 1, slots) as pids:
                taken = peer.taken()
                at_open, opened_at = _used(pids, server, peer), time.time()
                watcher.execute("UPDATE lane SET is_open = true WHERE channel = %s", (channel.value,))
                watcher.execute("NOTIFY wake")
                _await_the_first(watcher, opened_at + PATIENCE)
                dry = _runs_dry(watcher, time.time() + WARM_UP)
                before, began = _used(pids, server, peer), time.time()
                dry = dry or _runs_dry(watcher, began + seconds)
                after, ended = _used(pids, server, peer), time.time()
            if dry:  # then the time counts from the first look to the last finished message
                before, began = at_open, opened_at
            messages, last = _counted(watcher, peer, taken, (began, ended + 3600 if dry else ended))
    finally:
        databases.drop("round")
    worker, postgres, of_peer = (one - other for one, other in zip(after, before, strict=True))
    return Figures(
        messages=messages,
        per_second=messages / ((last if dry else ended) - began),
        worker_cpu_per_1000=worker / messages * 1000,
        server_cpu_per_1000=postgres / messages * 1000 if server else None,
        peer_cpu_per_1000=of_peer / messages * 1000,
    )


def _counted(
    watcher: psycopg.Connection[Any], peer: Peer, taken: int | None, span: tuple[float, float]
) -> tuple[int, float]:
    row = watcher.execute(
        "SELECT count(*) FILTER (WHERE finished_at BETWEEN to_timestamp(%s) AND to_timestamp(%s)), count(*),"
        " EXTRACT(epoch FROM max(finished_at))::float FROM message WHERE status = 'sent'",
        span,
    ).fetchone()
    assert row is not None
    messages, all_sent, last = row
    if not messages:
        raise RuntimeError(f"Nothing left in the time; {all_sent} messages in all.")
    arrived = peer.taken()
    if arrived is not None and taken is not None and arrived - taken != all_sent:
        raise RuntimeError(f"{all_sent:,} messages are sent by the records, but {arrived - taken:,} arrived.")
    return messages, last


def _used(pids: list[int], server: int | None, peer: Peer) -> tuple[float, float, float]:
    postgres = cpu.seconds_with_children(server) if server else 0.0
    return cpu.seconds(pids), postgres, cpu.seconds([peer.pid])


def _await_the_first(watcher: psycopg.Connection[Any], until: float) -> None:
    """On a machine that is busy with other things it may take seconds until anything leaves."""
    while time.time() < until:
        row = watcher.execute("SELECT EXISTS (SELECT FROM attempt)").fetchone()
        if row is not None and row[0]:
            return
        time.sleep(LOOK_EVERY)


def _runs_dry(watcher: psycopg.Connection[Any], until: float) -> bool:
    due = "SELECT EXISTS (SELECT FROM lane WHERE is_open AND next_due_at IS NOT NULL)"
    while time.time() < until:
        time.sleep(LOOK_EVERY)
        row = watcher.execute(due).fetchone()
        if row is not None and not row[0]:
            return True
    return False
