"""Texts a second from the queue until they are finished, by one worker process over SMPP; beside bare submits.

The SMSC is a process of our own that takes everything at once, so what is measured is Allstop: claim, gate, hand-over,
answer, and the durable record. The ceiling is the same wire code to the same SMSC with none of that.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

import psycopg

from allstop.bench import cpu, load
from allstop.bench.load import CHANNELS, Load
from allstop.bench.machine import machine
from allstop.bench.processes import processes
from allstop.bench.scratch import Scratch, migrate, scratch
from allstop.bench.smsc import Smsc, smsc

WARM_UP = 1.0  # seconds
PATIENCE = 60.0  # seconds until the first text has left
LOOK_EVERY = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    queued: int  # texts
    accounts: int
    window: int  # submits without an answer
    slots: int
    seconds: float
    rounds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    texts: int
    per_second: float
    worker_cpu_per_1000: float  # seconds
    server_cpu_per_1000: float | None
    smsc_cpu_per_1000: float
    ceiling_per_second: float
    ceiling_cpu_per_1000: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    machine: dict[str, Any]
    plan: Plan
    per_second: float  # medians of the rounds
    ceiling_per_second: float
    ratio: float
    worker_cpu_per_1000: float
    server_cpu_per_1000: float | None
    smsc_cpu_per_1000: float
    ceiling_cpu_per_1000: float
    rounds: list[Round]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(url: str, plan: Plan, tell: Callable[[str], None]) -> Report:
    """`url`: of any database on the server. `tell` hears what is being done."""
    with scratch(url) as databases, smsc() as peer:
        tell(f"Queuing {plan.queued:,} texts of {plan.accounts:,} accounts")
        migrate(databases.make("empty"))
        address = databases.make("ours", copy_of="empty")
        load.load(address, Load(queued=plan.queued * CHANNELS, accounts=plan.accounts, quiet=False), datetime.now(UTC))
        _send_by(address, peer, plan)
        rounds = []
        for number in range(1, plan.rounds + 1):
            tell(f"Round {number} of {plan.rounds}: Allstop")
            ours = _round(databases, peer, plan)
            tell(f"Round {number} of {plan.rounds}: bare submits")
            rounds.append(Round(**ours, **_ceiling(peer, plan)))
        return _report(machine(databases.address("empty")), plan, rounds)


def _send_by(address: str, peer: Smsc, plan: Plan) -> None:
    config = {
        "host": "127.0.0.1",
        "port": peer.port,
        "system_id": "bench",
        "encryption": "none",
        "window": plan.window,
    }
    with psycopg.connect(address, autocommit=True) as connection:
        values = (json.dumps(config),)
        connection.execute("UPDATE channel_setup SET provider = 'smpp', config = %s WHERE channel = 'text'", values)


def _round(databases: Scratch, peer: Smsc, plan: Plan) -> dict[str, Any]:
    address = databases.make("round", copy_of="ours")
    try:
        with psycopg.connect(address, autocommit=True) as watcher:
            server = cpu.postmaster(watcher.info.backend_pid)
            with processes("allstop.bench.worker", address, 1, plan.slots) as pids:
                taken = peer.taken()
                at_open, opened_at = _used(pids, server, peer), time.time()
                watcher.execute("UPDATE lane SET is_open = true WHERE channel = 'text'; NOTIFY wake")
                _await_the_first(watcher, opened_at + PATIENCE)
                dry = _runs_dry(watcher, time.time() + WARM_UP)
                before, began = _used(pids, server, peer), time.time()
                dry = dry or _runs_dry(watcher, began + plan.seconds)
                after, ended = _used(pids, server, peer), time.time()
            if dry:  # then the time counts from the first look to the last finished text
                before, began = at_open, opened_at
            row = watcher.execute(
                "SELECT count(*) FILTER (WHERE finished_at BETWEEN to_timestamp(%s) AND to_timestamp(%s)), count(*),"
                " EXTRACT(epoch FROM max(finished_at))::float FROM message WHERE status = 'sent'",
                (began, ended + 3600 if dry else ended),
            ).fetchone()
            assert row is not None
            texts, all_sent, last = row
            if not texts:
                raise RuntimeError(f"Nothing left within {plan.seconds:g} s; {peer.taken() - taken} texts in all.")
            if peer.taken() - taken != all_sent:
                raise RuntimeError(
                    f"{all_sent:,} texts are sent by the records, but the SMSC took {peer.taken() - taken:,}."
                )
    finally:
        databases.drop("round")
    worker, postgres, smsc_cpu = (one - other for one, other in zip(after, before, strict=True))
    return {
        "texts": texts,
        "per_second": texts / ((last if dry else ended) - began),
        "worker_cpu_per_1000": worker / texts * 1000,
        "server_cpu_per_1000": postgres / texts * 1000 if server else None,
        "smsc_cpu_per_1000": smsc_cpu / texts * 1000,
    }


def _used(pids: list[int], server: int | None, peer: Smsc) -> tuple[float, float, float]:
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


def _ceiling(peer: Smsc, plan: Plan) -> dict[str, Any]:
    command = [sys.executable, "-m", "allstop.bench.submits", str(peer.port), str(plan.window), str(plan.seconds)]
    made = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    answered, took, used = (float(word) for word in made.split())
    return {"ceiling_per_second": answered / took, "ceiling_cpu_per_1000": used / answered * 1000}


def _report(on: dict[str, Any], plan: Plan, rounds: list[Round]) -> Report:
    server = [one.server_cpu_per_1000 for one in rounds if one.server_cpu_per_1000 is not None]
    return Report(
        machine=on,
        plan=plan,
        per_second=median(one.per_second for one in rounds),
        ceiling_per_second=median(one.ceiling_per_second for one in rounds),
        ratio=median(one.per_second / one.ceiling_per_second for one in rounds),
        worker_cpu_per_1000=median(one.worker_cpu_per_1000 for one in rounds),
        server_cpu_per_1000=median(server) if server else None,
        smsc_cpu_per_1000=median(one.smsc_cpu_per_1000 for one in rounds),
        ceiling_cpu_per_1000=median(one.ceiling_cpu_per_1000 for one in rounds),
        rounds=rounds,
    )
