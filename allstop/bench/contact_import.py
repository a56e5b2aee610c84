"""An import of contacts at a size: from the upload to the last row, beside a bare COPY of the same rows.

The file is made while it is uploaded, as a browser sends one: names, a phone as North America writes it, an email for
four in five, an own id. It goes into a Phonebook with every index, and then a second time, where every row is there
already. Meanwhile this machine's workers send, and another process stops and starts a channel.

The ceiling is what PostgreSQL needs to COPY the same rows into one table of text without an index, a check or a key: no
import can be faster, since it must at least do that.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    what: str
    seconds: float
    per_second: float
    cpu_s: float  # of the process and of the one that reads addresses for it
    server_cpu_s: float | None  # of the whole server; None where it cannot be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    machine: dict[str, Any]
    plan: Plan
    file_mb: float
    runs: list[Run]  # upload, new rows, the same rows again, ceiling
    added: int
    unchanged: int
    memory_mb: float  # of the process that imports, at its most
    stops_alone: Times
    stops: Times  # of a channel while it imports, until confirmed

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(url: str, plan: Plan, tell: Callable[[str], None]) -> Report:
    with scratch(url) as databases:
        tell("Making an empty database")
        address = databases.make_with_tables("contacts")
        tell(f"Importing {plan.rows:,} contacts, twice")
        with processes("allstop.bench.worker", address, 1, 50):
            found = asked(address, "allstop.bench.contact_import_rounds", str(plan.rows))
        return Report(
            machine=machine(address),
            plan=plan,
            file_mb=found["file_mb"],
            runs=[Run(**run) for run in found["runs"]],
            added=found["added"],
            unchanged=found["unchanged"],
            memory_mb=found["memory_mb"],
            stops_alone=Times(**found["stops_alone"]),
            stops=Times(**found["stops"]),
        )
