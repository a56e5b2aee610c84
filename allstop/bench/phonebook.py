"""The Phonebook at a size: pages, filters and searches, marking everybody, and STOP meanwhile.

A page is measured as a view asks for it, database and rows included, in one process after the other requests of the
mix; the first round warms up and does not count. Changes are made by a second process, as a worker starts one, while a
worker sends from a full queue and that process stops and starts a channel again and again.

Two ceilings of the same run: the page as a bare statement by its index, and one UPDATE of everybody.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from allstop.bench import phonebook_load
from allstop.bench.machine import machine
from allstop.bench.processes import processes
from allstop.bench.scratch import asked, scratch


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
    p99: float
    worst: float
    worst_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One press for everybody, or its undo."""

    what: str
    seconds: float
    changed: int
    stops: Times  # STOP of a channel meanwhile, until it is confirmed


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    plan: Plan
    machine: dict[str, Any]
    loading_s: float
    bare_pages: Times  # the ceiling: names alone, by the same index
    pages: Times  # without a filter: from the start, a letter, the middle
    filters: Times
    searches: Times
    counts: Times  # what [Select all] says: everybody, and each of the filters
    memory_before_mb: float  # of the process that reads the pages
    memory_after_mb: float
    stops_alone: Times  # before anything is changed
    changes: list[Change]
    changing_before_mb: float  # of the process that makes the changes
    changing_after_mb: float
    bare_update_s: float  # the ceiling: one UPDATE of one column for everybody
    bare_updated: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(url: str, plan: Plan, tell: Callable[[str], None]) -> Report:
    """`url`: of any database on the server. `tell` hears what is being done."""
    with scratch(url) as databases:
        tell("Making an empty database")
        address = databases.make_with_tables("phonebook")
        tell(f"Writing {plan.contacts:,} contacts")
        began = datetime.now(UTC)
        queued = max(2000, plan.contacts // 10)
        phonebook_load.load(address, phonebook_load.Phonebook(plan.contacts, queued), began)
        loading_s = (datetime.now(UTC) - began).total_seconds()
        tell("Reading pages")
        pages = asked(address, "allstop.bench.phonebook_rounds", "pages", str(plan.contacts), str(plan.rounds))
        tell("Changing everybody in every way and back, with a worker and stops beside it")
        with processes("allstop.bench.worker", address, 1, 50):
            changes = asked(address, "allstop.bench.phonebook_rounds", "changes")
        tell("One bare UPDATE of everybody")
        bare = asked(address, "allstop.bench.phonebook_rounds", "bare")
    times = ("bare_pages", "pages", "filters", "searches", "counts")
    return Report(
        plan=plan,
        machine=machine(url),
        loading_s=loading_s,
        **{name: Times(**pages[name]) for name in times},
        memory_before_mb=pages["memory_before_mb"],
        memory_after_mb=pages["memory_after_mb"],
        stops_alone=Times(**changes["stops_alone"]),
        changes=[Change(**one | {"stops": Times(**one["stops"])}) for one in changes["changes"]],
        changing_before_mb=changes["memory_before_mb"],
        changing_after_mb=changes["memory_after_mb"],
        bare_update_s=bare["seconds"],
        bare_updated=bare["changed"],
    )
