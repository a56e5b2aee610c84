"""What an installation costs that has nothing to do: CPU seconds and queries a minute, of its workers and its server.

| state | what is queued |
|---|---|
| no workers | nothing; only the server runs (the control) |
| idle | nothing |
| stopped | messages that are due, of accounts that are all stopped |
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

import psycopg

from allstop.bench import cpu, load
from allstop.bench.load import Load
from allstop.bench.machine import machine
from allstop.bench.processes import processes
from allstop.bench.scratch import Scratch, scratch

SETTLES = 3.0  # seconds until the workers are at rest
State = Literal["no workers", "idle", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    queued: int  # in the stopped state
    workers: int
    slots: int
    accounts: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    state: State
    worker_cpu_per_minute: float  # seconds
    server_cpu_per_minute: float | None  # of the whole server; None where it cannot be read
    queries_per_minute: float  # transactions of the database: nearly every query is one
    percent_of_a_core: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    machine: dict[str, Any]
    plan: Plan
    rows: list[Row]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(url: str, plan: Plan, tell: Callable[[str], None]) -> Report:
    with scratch(url) as databases:
        tell("Making an empty database")
        databases.make_with_tables("empty")
        tell(f"Queuing {plan.queued:,} messages that are stopped")
        wanted = Load(queued=plan.queued, accounts=min(plan.accounts, plan.queued), quiet=False)
        load.load(databases.make("ours", copy_of="empty"), wanted, datetime.now(UTC))
        return Report(machine=machine(databases.address("empty")), plan=plan, rows=list(_rows(databases, plan, tell)))


def _rows(databases: Scratch, plan: Plan, tell: Callable[[str], None]) -> Iterator[Row]:
    for state in get_args(State):
        tell(f"{state}: {plan.seconds:g} s")
        yield _row(databases, plan, state)


def _row(databases: Scratch, plan: Plan, state: State) -> Row:
    # the loaded database has closed lanes, as after a stop of everything
    address = databases.make("round", copy_of="ours" if state == "stopped" else "empty")
    count = 0 if state == "no workers" else plan.workers
    running = processes("allstop.bench.worker", address, count, plan.slots)
    with psycopg.connect(address, autocommit=True) as watcher, running as pids:
        server = cpu.postmaster(watcher.info.backend_pid)
        time.sleep(SETTLES)
        queries, of_workers, of_server = _so_far(watcher, pids, server)
        began = time.monotonic()
        time.sleep(plan.seconds)
        minutes = (time.monotonic() - began) / 60
        more_queries, more_of_workers, more_of_server = _so_far(watcher, pids, server)
    databases.drop("round")
    workers_used = (more_of_workers - of_workers) / minutes
    server_used = None if server is None else (more_of_server - of_server) / minutes
    return Row(
        state=state,
        worker_cpu_per_minute=round(workers_used, 3),
        server_cpu_per_minute=None if server_used is None else round(server_used, 3),
        queries_per_minute=round((more_queries - queries) / minutes),
        percent_of_a_core=None if server_used is None else round((workers_used + server_used) / 60 * 100, 2),
    )


def _so_far(watcher: psycopg.Connection[Any], pids: list[int], server: int | None) -> tuple[int, float, float]:
    """Transactions, CPU seconds of the workers, and of the server."""
    time.sleep(1.2)  # sessions report what they did once a second
    row = watcher.execute(
        "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
    ).fetchone()
    assert row is not None
    return int(row[0]), cpu.seconds(pids), cpu.seconds_with_children(server) if server else 0.0
