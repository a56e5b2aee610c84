"""How long a STOP takes while real workers send as fast as they can: until it is effective (no claim commits any more)
and until it is confirmed (every worker has said so). Control: one bare commit on the same database, in between.

| scenario | what happens |
|---|---|
| account | one account of many is stopped and started, again and again |
| installation | all accounts at once |
| dead | all accounts at once, and a worker is killed (SIGKILL) right before |
| frozen | the same with a worker that is frozen (SIGSTOP) right before, and thawed after the confirmation |
"""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg

from allstop.bench import load
from allstop.bench.load import Load
from allstop.bench.machine import machine
from allstop.bench.processes import processes
from allstop.bench.scratch import Scratch, environment, scratch
from allstop.bench.spread import Spread

EXPECTED_DEATHS = {"dead": signal.SIGKILL, "frozen": signal.SIGSTOP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    queued: int
    workers: Sequence[int]
    slots: int
    accounts: int
    stops: int  # of one account, with each number of workers
    everywhere: int  # of the whole installation
    crashes: int  # with a dead worker, and with a frozen one


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    scenario: str
    workers: int
    effective: Spread
    confirmed: Spread
    bare_commit: Spread
    began_after: int  # attempts that began after the confirmation, while it stood
    sent: int  # by all workers meanwhile


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
        accounts = min(plan.accounts, plan.queued)
        tell(f"Queuing {plan.queued:,} messages of {accounts:,} accounts")
        address = databases.make("ours", copy_of="empty")
        load.load(address, Load(queued=plan.queued, accounts=accounts, quiet=False), datetime.now(UTC))
        return Report(
            machine=machine(databases.address("empty")), plan=plan, rows=list(_rows(databases, plan, accounts, tell))
        )


def _rows(databases: Scratch, plan: Plan, accounts: int, tell: Callable[[str], None]) -> Iterator[Row]:
    for workers in plan.workers:
        tell(f"{workers} {'worker' if workers == 1 else 'workers'}: {plan.stops} stops of one account")
        yield _scenario(databases, plan, "account", workers, accounts, plan.stops)
    most = max(plan.workers)
    tell(f"{plan.everywhere} stops of all {accounts:,} accounts at once")
    yield _scenario(databases, plan, "installation", most, accounts, plan.everywhere)
    for scenario in EXPECTED_DEATHS:
        if plan.crashes:
            tell(f"{plan.crashes} stops with a {scenario} worker")
            yield _crashes(databases, plan, scenario, max(2, most), accounts)


def _scenario(databases: Scratch, plan: Plan, scenario: str, workers: int, accounts: int, stops: int) -> Row:
    tries, sent = _tries(databases, plan, scenario, workers, accounts, stops)
    return _row(scenario, workers, tries, sent)


def _crashes(databases: Scratch, plan: Plan, scenario: str, workers: int, accounts: int) -> Row:
    """Each with fresh workers."""
    rounds = [_tries(databases, plan, scenario, workers, accounts, 1) for _ in range(plan.crashes)]
    return _row(scenario, workers, [one for tries, _ in rounds for one in tries], sum(sent for _, sent in rounds))


def _row(scenario: str, workers: int, tries: list[dict[str, Any]], sent: int) -> Row:
    return Row(
        scenario=scenario,
        workers=workers,
        effective=Spread.of([one["effective"] for one in tries]),
        confirmed=Spread.of([one["confirmed"] for one in tries]),
        bare_commit=Spread.of([one["commit"] for one in tries]),
        began_after=sum(one["began_after"] for one in tries),
        sent=sent,
    )


def _tries(
    databases: Scratch, plan: Plan, scenario: str, workers: int, accounts: int, stops: int
) -> tuple[list[dict[str, Any]], int]:
    address = databases.make("round", copy_of="ours")
    with psycopg.connect(address, autocommit=True) as watcher:
        ends_badly = scenario in EXPECTED_DEATHS
        with processes("allstop.bench.worker", address, workers, plan.slots, some_may_fail=ends_badly) as pids:
            watcher.execute("UPDATE lane SET is_open = true; NOTIFY wake")
            told = {
                "scope": "account" if scenario == "account" else "installation",
                "accounts": accounts,
                "stops": stops,
                "workers": pids if ends_badly else [],
                "signal": EXPECTED_DEATHS[scenario].name if ends_badly else "",
            }
            command = [sys.executable, "-m", "allstop.bench.stopper", json.dumps(told)]
            done = subprocess.run(command, env=environment(address), check=True, stdout=subprocess.PIPE)
        row = watcher.execute("SELECT count(*) FROM attempt").fetchone()
    databases.drop("round")
    assert row is not None
    return json.loads(done.stdout), int(row[0])
