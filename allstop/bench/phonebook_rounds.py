"""What is measured of the Phonebook, in a process of its own: phonebook.py starts it with pages, changes or bare."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

from allstop.bench.stops_beside import ACCOUNT, Beside, Timed, stops_beside, timed

ALONE = 5.0  # seconds in which stops are measured before anything is marked


def times(taken: list[Timed]) -> dict[str, Any]:
    ordered = sorted(taken, key=lambda one: one[1])
    worst_of, worst = ordered[-1]

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))][1], 2)

    return {
        "count": len(ordered),
        "p50": at(0.5),
        "p95": at(0.95),
        "p99": at(0.99),
        "worst": round(worst, 2),
        "worst_of": worst_of,
    }


def memory_mb() -> float:
    """Of this process, as the kernel counts it; 0 where it does not tell."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


SEARCHES = (
    *("moreau", "pat moreau", "more", "mo", "zeller", "Okafor, Ada", "nguyen qu", "xyzzy", "ada.okafor", "example"),
    *("212 555", "(415) 555-01", "5550", "+1 202", "07700 900", "P4711", "zimmer nia 212"),
)


def pages(contacts: int, rounds: int) -> dict[str, Any]:
    from allstop.store.lists import ContactFilter, phonebook

    def page(wanted: ContactFilter, **place: Any) -> Callable[[], object]:
        return lambda: phonebook(ACCOUNT, wanted, **place)

    plain = [("the first", page(ContactFilter()))]
    plain += [(f"letter {letter}", page(ContactFilter(), letter=letter)) for letter in "AEKMSZ"]
    plain += [(f"after {part}/5", page(ContactFilter(), after=max(1, contacts * part // 5))) for part in range(1, 5)]
    mixes: dict[str, list[tuple[str, Callable[[], object]]]] = {
        "pages": plain,
        "filters": [(str(one.as_json()), page(one)) for one in _filters()],
        "searches": [(words, page(ContactFilter(q=words))) for words in SEARCHES],
    }
    taken: dict[str, list[Timed]] = {name: [] for name in mixes}
    taken["bare_pages"] = []
    memory = 0.0
    for number in range(rounds + 1):
        bare = [timed(what, act) for what, act in _bare_pages(contacts)]
        taken["bare_pages"] += bare if number else []
        for name, mix in mixes.items():
            seen = [timed(what, act) for what, act in mix]
            taken[name] += seen if number else []  # the first round warms up
        memory = memory or memory_mb()
    counted = [timed(str(one.as_json()), _counted(one)) for one in (ContactFilter(), *_filters())]
    return {
        **{name: times(of) for name, of in taken.items()},
        "counts": times(counted),
        "memory_before_mb": round(memory, 1),
        "memory_after_mb": round(memory_mb(), 1),
    }


def _counted(wanted: Any) -> Callable[[], object]:
    from allstop.store.lists import count_contacts

    return lambda: count_contacts(ACCOUNT, wanted)


_BARE_PAGE = """
SELECT id, given_name, family_name FROM contact
 WHERE account_id = %s AND (lower(family_name), lower(given_name), id) > (%s, %s, %s)
 ORDER BY lower(family_name), lower(given_name), id LIMIT 50"""
_BARE_UPDATE = "UPDATE contact_assignment SET member_id = 4 WHERE account_id = %s"


def _bare_pages(contacts: int) -> Iterator[tuple[str, Callable[[], object]]]:
    """The ceiling of pages: names alone, from the same places, with no filter and nothing of anybody looked up."""
    from django.db import connection

    def ask(*key: str | int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_BARE_PAGE, [ACCOUNT, *key])
            cursor.fetchall()

    yield "the first", lambda: ask("", "", 0)
    for letter in "aekmsz":
        yield f"letter {letter}", lambda letter=letter: ask(letter, "", 0)  # type: ignore[misc]
    for part in range(1, 5):
        yield f"after {part}/5", lambda part=part: ask("moreau", "pat", contacts * part // 5)  # type: ignore[misc]


def bare() -> dict[str, Any]:
    """The ceiling of changes: one UPDATE of one column for everybody, which nobody can undo and no stop waits for."""
    from django.db import connection

    with connection.cursor() as cursor:
        seconds = timed("update", lambda: cursor.execute(_BARE_UPDATE, [ACCOUNT]))[1] / 1000
        return {"seconds": round(seconds, 2), "changed": cursor.rowcount}


def _filters() -> Iterator[Any]:
    """Each filter alone, from half of the contacts to one in a million, and pairs."""
    from allstop.store.lists import NOBODY, ContactFilter, filter_from_json

    for name in ("flag", "stop_all", "stop_promotions", "opted_out", "deleted"):
        yield filter_from_json({name: True})
    for number in (1, 3, 6, 9, 12, 16, 20):
        yield ContactFilter(group=number)
        yield ContactFilter(assigned_to=number)
        yield ContactFilter(location=number)
    yield ContactFilter(assigned_to=NOBODY)
    yield ContactFilter(flag=True, assigned_to=2)
    yield ContactFilter(flag=True, stop_promotions=True)
    yield ContactFilter(stop_all=True, group=1)
    yield ContactFilter(location=3, group=3)
    yield ContactFilter(q="moreau", flag=True)


def changes() -> dict[str, Any]:
    """Every change of many contacts, for all of them, and its undo; each with stops of a channel beside it."""
    from allstop.actions.actor import Actor
    from allstop.rules.roles import Role

    actor = Actor(ACCOUNT, "the benchmark", Role.ADMIN, "command")
    with stops_beside() as beside:
        with beside() as alone:
            time.sleep(ALONE)
        memory = memory_mb()
        done = [line for kind in _PRESSES for line in _press(actor, kind, beside)]
    return {
        "stops_alone": times(alone),
        "changes": done,
        "memory_before_mb": round(memory, 1),
        "memory_after_mb": round(memory_mb(), 1),
    }


_PRESSES = ("stop_all", "flag", "assign", "add_to_group", "remove_from_group", "delete")
EMPTY_GROUP = 21


def _press(actor: Any, kind: str, beside: Beside) -> Iterator[dict[str, Any]]:
    """One button for everybody, and its undo. Everybody is added to a group before they are removed from it."""
    from allstop.actions.bulk import Selection, Wish, ask_for_change, ask_for_undo
    from allstop.actions.bulk_run import RUNS, run_here
    from allstop.store.lists import ContactFilter
    from allstop.store.models import ChangeKind

    def asked(of: str) -> Any:
        group = EMPTY_GROUP if "group" in of else None
        wish = Wish(kind=ChangeKind(of), group_id=group, member_id=3 if of == "assign" else None)
        return ask_for_change(actor, Selection(filter=ContactFilter()), wish, datetime.now(UTC))

    if kind == "remove_from_group":
        RUNS.see_through(asked("add_to_group").pk, run_here)
    change = asked(kind)
    yield _beside_stops(kind, lambda: RUNS.see_through(change.pk, run_here), beside)
    undo = ask_for_undo(actor, change.pk, datetime.now(UTC))
    yield _beside_stops(f"undo of {kind}", lambda: RUNS.see_through(undo.pk, run_here), beside)


def _beside_stops(what: str, run: Callable[[], Any], beside: Beside) -> dict[str, Any]:
    with beside() as stops:
        began = time.perf_counter()
        changed = run().changed
        seconds = time.perf_counter() - began
    return {"what": what, "seconds": round(seconds, 2), "changed": changed, "stops": times(stops)}


def main() -> None:
    django.setup()
    match sys.argv[1:]:
        case ["pages", contacts, rounds]:
            answer = pages(int(contacts), int(rounds))
        case ["bare"]:
            answer = bare()
        case _:
            answer = changes()
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
