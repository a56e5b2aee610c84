"""A bill run at a size: each account has three packages, and a month of usage of three kinds, beside a bare COPY. With
attempts of messages, the run first counts them.

The ceiling is what PostgreSQL needs to take in as many lines as the run has made, by one COPY into a table without
indexes, keys or checks: no run can be faster. Each round begins with the same pages, in a copy of the loaded database.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from statistics import median
from typing import Any

from allstop.bench.machine import machine
from allstop.bench.scratch import asked, scratch


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    accounts: int
    rounds: int
    attempts: int = 0  # of January, counted by the run as well


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    seconds: float
    ceiling_seconds: float
    cpu_ms: float  # of an account, of the process that bills
    server_cpu_ms: float | None  # and of PostgreSQL
    memory_mb: float  # of the process that bills, at its most


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    machine: dict[str, Any]
    plan: Plan
    rounds: list[Round]
    seconds: float  # median
    ceiling_seconds: float  # median
    ratio: float  # of the medians: how many times the ceiling's time a run takes
    accounts_per_second: float
    invoices: int
    lines: int
    usage_days: int  # rows of usage that a run adds up

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(url: str, plan: Plan, tell: Callable[[str], None]) -> Report:
    with scratch(url) as databases:
        tell(f"Making {plan.accounts:,} accounts with packages and usage")
        loaded = databases.make_with_tables("bills")
        size = str(plan.accounts), str(plan.attempts)
        made = asked(loaded, "allstop.bench.bill_run_round", "load", *size)
        rounds, last = [], {}
        for number in range(plan.rounds):
            tell(f"Billing, round {number + 1} of {plan.rounds}")
            address = databases.make(f"bills_{number}", copy_of="bills")
            last = asked(address, "allstop.bench.bill_run_round", "run", *size)
            rounds.append(Round(**{one.name: last[one.name] for one in fields(Round)}))
            databases.drop(f"bills_{number}")
        seconds = median(one.seconds for one in rounds)
        ceiling = median(one.ceiling_seconds for one in rounds)
        return Report(
            machine=machine(loaded),
            plan=plan,
            rounds=rounds,
            seconds=seconds,
            ceiling_seconds=ceiling,
            ratio=round(seconds / ceiling, 1),
            accounts_per_second=round(plan.accounts / seconds, 1),
            invoices=last["invoices"],
            lines=last["lines"],
            usage_days=made["usage_days"],
        )
