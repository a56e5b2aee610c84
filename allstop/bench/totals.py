"""How long the totals of the stop and start dialogs take, of one account and of the whole installation, beside counting
the rows of the queue (the comparison).
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from allstop.bench import load
from allstop.bench.load import Load
from allstop.bench.machine import machine
from allstop.bench.scratch import Scratch, environment, scratch
from allstop.bench.spread import Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    queued: Sequence[int]
    accounts: int
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    queued: int
    account: Spread  # the totals of one account
    account_counted: Spread
    everything: Spread  # of the whole installation
    everything_counted: Spread
    load_seconds: float
    disk_bytes: int


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
        rows = list(_rows(databases, plan, tell))
        return Report(machine=machine(databases.address("empty")), plan=plan, rows=rows)


def _rows(databases: Scratch, plan: Plan, tell: Callable[[str], None]) -> Iterator[Row]:
    for queued in plan.queued:
        accounts = min(plan.accounts, queued)
        tell(f"Queuing {queued:,} messages of {accounts:,} accounts")
        address = databases.make("ours", copy_of="empty")
        began = datetime.now(UTC)
        disk = load.load(address, Load(queued=queued, accounts=accounts, quiet=False), began)
        took = (datetime.now(UTC) - began).total_seconds()
        tell(f"{queued:,} queued: asking {plan.tries} times")
        told = json.dumps({"accounts": accounts, "tries": plan.tries})
        command = [sys.executable, "-m", "allstop.bench.asker", told]
        done = subprocess.run(command, env=environment(address), check=True, stdout=subprocess.PIPE)
        seconds: dict[str, list[float]] = json.loads(done.stdout)
        spreads = {name: Spread.of(its) for name, its in seconds.items()}
        yield Row(queued=queued, load_seconds=round(took, 1), disk_bytes=disk, **spreads)
        databases.drop("ours")
