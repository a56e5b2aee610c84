"""The Phonebook at a size: pages, filters and searches, marking everybody, and STOP meanwhile.

A page is measured as a view asks for it, database and rows included, in one process after the other requests of the
mix; the first round warms up and does not count. Marking is done by a second process, as a worker starts one, while
workers send from a full queue and this process stops and starts a channel again and again.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from allstop.bench import phonebook_load
from allstop.bench.processes import processes
from allstop.bench.scratch import environment, migrate, scratch


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    contacts: int
    rounds: int  # of the whole mix of pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Milliseconds."""

    count: int
    p50: float
    p95: float
    worst: float
    worst_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    plan: Plan
    cores: int | None
    loading_s: float
    pages: Times  # without a filter: from the start, a letter, the middle
    filters: Times
    searches: Times
    count_all_s: float
    mark_all_s: float
    marked: int
    undo_all_s: float
    stops_alone: Times  # the same before
    stops: Times  # STOP of a channel while everybody is marked, until it is confirmed
    memory_before_mb: float  # of the process that reads the pages
    memory_after_mb: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(url: str, plan: Plan, tell: Callable[[str], None]) -> Report:
    """`url`: of any database on the server. `tell` hears what is being done."""
    with scratch(url) as databases:
        tell("Making an empty database")
        address = databases.make("phonebook")
        migrate(address)
        tell(f"Writing {plan.contacts:,} contacts")
        began = datetime.now(UTC)
        queued = max(2000, plan.contacts // 10)
        phonebook_load.load(address, phonebook_load.Phonebook(plan.contacts, queued), began)
        loading_s = (datetime.now(UTC) - began).total_seconds()
        tell("Reading pages")
        pages = _ask(address, "pages", str(plan.contacts), str(plan.rounds))
        tell("Marking everybody, with workers and stops beside it")
        with processes("allstop.bench.worker", address, 1, 50):
            changes = _ask(address, "changes")
    return Report(
        plan=plan,
        cores=os.cpu_count(),
        loading_s=loading_s,
        pages=Times(**pages["pages"]),
        filters=Times(**pages["filters"]),
        searches=Times(**pages["searches"]),
        count_all_s=pages["count_all_s"],
        memory_before_mb=pages["memory_before_mb"],
        memory_after_mb=pages["memory_after_mb"],
        mark_all_s=changes["mark_all_s"],
        marked=changes["marked"],
        undo_all_s=changes["undo_all_s"],
        stops_alone=Times(**changes["stops_alone"]),
        stops=Times(**changes["stops"]),
    )


def _ask(address: str, *words: str) -> dict[str, Any]:
    """In a process whose Django knows that database and no other."""
    command = [sys.executable, "-m", "allstop.bench.phonebook_rounds", *words]
    done = subprocess.run(command, env=environment(address), check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
