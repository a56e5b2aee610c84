"""Messages a second through claim, gate and finish, in rounds of pairs: ours, then the ceiling, on the same load.

What is counted is what is committed as finished between two moments. When the queue runs dry before the window is
over, the time counts from the first look to the last finished message, start included.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any, Literal

import psycopg

from allstop.bench import ceiling, cpu, load
from allstop.bench.load import Load
from allstop.bench.machine import machine
from allstop.bench.processes import processes
from allstop.bench.scratch import Scratch, scratch

WARM_UP = 1.5  # seconds
LOOK_EVERY = 0.02
Side = Literal["ours", "ceiling"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    queued: Sequence[int]
    workers: Sequence[int]
    slots: int
    accounts: int
    seconds: float
    rounds: int
    quiet: bool
    old_snapshot: bool = False  # another session holds one open from before the first message left


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One side, once."""

    messages: int  # finished in the window
    seconds: float
    left: int  # still waiting at the end
    worker_cpu: float  # seconds in the window, of all worker processes
    server_cpu: float | None  # of the whole server; None where it cannot be read

    @property
    def per_second(self) -> float:
        return self.messages / self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Medians of a side's rounds."""

    per_second: float
    rounds: list[float]  # messages a second
    messages: int  # finished in the window
    worker_cpu_per_1000: float
    server_cpu_per_1000: float | None
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    queued: int
    workers: int
    ours: Figures
    ceiling: Figures
    ratio: float  # median of the rounds' own ratios


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    machine: dict[str, Any]
    plan: Plan
    rows: list[Row]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(url: str, plan: Plan, tell: Callable[[str], None]) -> Report:
    """`url`: of any database on the server. `tell` hears what is being done."""
    with scratch(url) as databases:
        tell("Making an empty database")
        databases.make_with_tables("empty")
        rows = [row for queued in plan.queued for row in _with_load(databases, plan, queued, tell)]
        return Report(machine=machine(databases.address("empty")), plan=plan, rows=rows)


def _with_load(databases: Scratch, plan: Plan, queued: int, tell: Callable[[str], None]) -> Iterator[Row]:
    wanted = Load(queued=queued, accounts=min(plan.accounts, queued), quiet=plan.quiet)
    tell(f"Queuing {queued:,} messages of {wanted.accounts:,} accounts")
    load.load(databases.make("ours", copy_of="empty"), wanted, datetime.now(UTC))
    ceiling.load(databases.make("ceiling"), wanted)
    for workers in plan.workers:
        pairs = []
        for number in range(1, plan.rounds + 1):
            what = f"{queued:,} queued, {workers} {'worker' if workers == 1 else 'workers'}, round {number}"
            tell(f"{what} of {plan.rounds}: Allstop")
            ours = _round(databases, "ours", plan, workers)
            tell(f"{what} of {plan.rounds}: ceiling")
            pairs.append((ours, _round(databases, "ceiling", plan, workers)))
        yield Row(
            queued=queued,
            workers=workers,
            ours=_figures([ours for ours, _ in pairs]),
            ceiling=_figures([other for _, other in pairs]),
            ratio=median(ours.per_second / other.per_second for ours, other in pairs),
        )
    databases.drop("ours")
    databases.drop("ceiling")


_MODULES: dict[Side, str] = {"ours": "allstop.bench.worker", "ceiling": "allstop.bench.ceiling"}
_OPEN: dict[Side, str] = {
    "ours": "UPDATE lane SET is_open = true; NOTIFY wake",
    "ceiling": "UPDATE lane SET is_open = true",
}
_DUE: dict[Side, str] = {
    "ours": "SELECT EXISTS (SELECT FROM lane WHERE is_open AND next_due_at IS NOT NULL)",
    "ceiling": "SELECT EXISTS (SELECT FROM lane WHERE is_open AND next_due IS NOT NULL)",
}
# Between two moments of the clock that the side writes into its records; with the last of them.
_FINISHED: dict[Side, str] = {
    "ours": "SELECT count(*), max(extract(epoch FROM finished_at))::float FROM message"
    " WHERE status = 'sent' AND finished_at >= to_timestamp(%s) AND finished_at < to_timestamp(%s)",
    "ceiling": "SELECT count(*), max(done_ms) / 1000.0::float FROM message"
    " WHERE status = 1 AND done_ms >= %s * 1000 AND done_ms < %s * 1000",
}


def _round(databases: Scratch, side: Side, plan: Plan, workers: int) -> Round:
    with (
        _copy(databases, side) as address,
        psycopg.connect(address, autocommit=True) as watcher,
        _old_snapshot(address, plan.old_snapshot),
    ):
        server = cpu.postmaster(watcher.info.backend_pid)

        def used(pids: list[int]) -> tuple[float, float]:
            return cpu.seconds(pids), cpu.seconds_with_children(server) if server else 0.0

        with processes(_MODULES[side], address, workers, plan.slots) as pids:
            ahead = _clock_ahead(watcher) if side == "ceiling" else 0.0
            at_open, opened_at = used(pids), time.time()
            watcher.execute(_OPEN[side])
            dry = _runs_dry(watcher, side, opened_at + WARM_UP)
            before, began = used(pids), time.time()
            dry = dry or _runs_dry(watcher, side, began + plan.seconds)
            after, ended = used(pids), time.time()
        if dry:
            before, began = at_open, opened_at
        messages, last = _row(watcher, _FINISHED[side], (began + ahead, (ended + 3600 if dry else ended) + ahead))
        (left,) = _row(watcher, "SELECT count(*) FROM queue", ())
        return Round(
            messages=messages,
            seconds=(last - ahead if dry else ended) - began,
            left=left,
            worker_cpu=after[0] - before[0],
            server_cpu=after[1] - before[1] if server else None,
        )


@contextmanager
def _copy(databases: Scratch, side: Side) -> Iterator[str]:
    address = databases.make("round", copy_of=side)
    try:
        yield address
    finally:
        databases.drop("round")


@contextmanager
def _old_snapshot(address: str, wanted: bool) -> Iterator[None]:
    """A session as a backup or a long report has: while it lasts, no dead row is cleared away."""
    if not wanted:
        yield
        return
    with psycopg.connect(address) as holder:
        holder.execute("SET idle_in_transaction_session_timeout = 0")
        holder.commit()
        holder.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        holder.execute("SELECT count(*) FROM worker")  # the first query takes the snapshot
        yield
        holder.rollback()


def _runs_dry(watcher: psycopg.Connection[Any], side: Side, until: float) -> bool:
    """Looks until that moment whether any lane has something due."""
    while time.time() < until:
        time.sleep(LOOK_EVERY)
        if not _row(watcher, _DUE[side], ())[0]:
            return True
    return False


def _clock_ahead(watcher: psycopg.Connection[Any]) -> float:
    """By how many seconds the server's clock, which the ceiling writes, is ahead of ours."""
    return float(_row(watcher, "SELECT extract(epoch FROM clock_timestamp())::float", ())[0]) - time.time()


def _row(watcher: psycopg.Connection[Any], query: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
    row = watcher.execute(query.encode(), values).fetchone()
    assert row is not None
    return tuple(row)


def _figures(rounds: Sequence[Round]) -> Figures:
    server = [one.server_cpu / one.messages * 1000 for one in rounds if one.server_cpu is not None]
    return Figures(
        per_second=median(one.per_second for one in rounds),
        rounds=[one.per_second for one in rounds],
        messages=round(median(one.messages for one in rounds)),
        worker_cpu_per_1000=median(one.worker_cpu / one.messages * 1000 for one in rounds),
        server_cpu_per_1000=median(server) if server else None,
        left=round(median(one.left for one in rounds)),
    )
