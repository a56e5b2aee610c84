"""End Conversations at a size: every active lead of an account ended, beside a bare UPDATE and DELETE of as many rows.

Each lead has its talk and its history, and half of them a message that waits for a window. Meanwhile this machine's
workers send something else, and another process stops and starts a channel.

The ceiling is what PostgreSQL needs to change a column of as many narrow rows and to delete as many others as messages
are withdrawn, each in one statement, in tables without other indexes, checks or history: no mass end can be faster.
The ceiling of the stops is the same stops with nothing beside them.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from allstop.bench.machine import machine
from allstop.bench.phonebook import Times
from allstop.bench.processes import processes
from allstop.bench.scratch import asked, scratch


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    conversations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    machine: dict[str, Any]
    plan: Plan
    seconds: float  # until done: the last stop that it took is confirmed
    per_second: float
    ended: int
    withdrawn: int
    events: int  # of webhooks, of which there must be none
    ceiling_seconds: float
    memory_mb: float  # of the process that ends them, at its most
    stops_alone: Times
    stops: Times  # of a channel while it ends them, until confirmed

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(url: str, plan: Plan, tell: Callable[[str], None]) -> Report:
    with scratch(url) as databases:
        tell("Making an empty database")
        address = databases.make_with_tables("mass_end")
        tell(f"Loading and ending {plan.conversations:,} conversations")
        with processes("allstop.bench.worker", address, 1, 50):
            found = asked(address, "allstop.bench.mass_end_round", str(plan.conversations))
        return Report(
            machine=machine(address),
            plan=plan,
            **{name: found[name] for name in ("seconds", "ended", "withdrawn", "events", "ceiling_seconds")},
            per_second=round(found["ended"] / found["seconds"], 1),
            memory_mb=found["memory_mb"],
            stops_alone=Times(**found["stops_alone"]),
            stops=Times(**found["stops"]),
        )
