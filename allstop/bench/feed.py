"""A file of a feed at a size: from its arrival to the last message in the queue, beside a bare COPY of as many rows.

The file is one that a practice system writes: appointments of many locations, everybody with a number and an email of
their own, one message each. It comes once, then with every tenth appointment moved: what waits for those is withdrawn
and made anew, and all others are recognised as unchanged. Meanwhile another process stops and starts a channel.

The ceiling is what PostgreSQL needs to COPY the same cells into one table of text without an index, a check or a key.
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
    rows: int
    locations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """One file, from the moment that its bytes are here."""

    what: str
    taken_s: float  # until its sender is told that it is taken
    queued_s: float  # until all its messages are queued
    waiting: int
    canceled: int
    refused: int
    errors: int
    withdrawn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    machine: dict[str, Any]
    plan: Plan
    file_mb: float
    files: list[Came]
    ceiling_s: float
    memory_mb: float  # of the process that imports, at its most
    stops_alone: Times
    stops: Times  # of a channel while it imports, until confirmed

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(url: str, plan: Plan, tell: Callable[[str], None]) -> Report:
    with scratch(url) as databases:
        tell("Making an empty database")
        address = databases.make_with_tables("feed")
        tell(f"{plan.rows:,} appointments of {plan.locations} locations, twice")
        with processes("allstop.bench.worker", address, 1, 50):
            found = asked(address, "allstop.bench.feed_rounds", str(plan.rows), str(plan.locations))
        return Report(
            machine=machine(address),
            plan=plan,
            file_mb=found["file_mb"],
            files=[Came(**one) for one in found["files"]],
            ceiling_s=found["ceiling_s"],
            memory_mb=found["memory_mb"],
            stops_alone=Times(**found["stops_alone"]),
            stops=Times(**found["stops"]),
        )
