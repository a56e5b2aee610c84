"""What is measured of the Phonebook, in a process of its own: started by phonebook.py with "pages" or "changes"."""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

ACCOUNT = 1
ALONE = 5.0  # seconds in which stops are measured before anything is marked
Timed = tuple[str, float]  # what, milliseconds


def times(taken: list[Timed]) -> dict[str, Any]:
    ordered = sorted(taken, key=lambda one: one[1])
    worst_of, worst = ordered[-1]

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))][1], 2)

    return {"count": len(ordered), "p50": at(0.5), "p95": at(0.95), "worst": round(worst, 2), "worst_of": worst_of}


def timed(what: str, act: Callable[[], object]) -> Timed:
    began = time.perf_counter()
    act()
    return what, (time.perf_counter() - began) * 1000


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
    from allstop.store.lists import ContactFilter, count_contacts, phonebook

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
    memory = 0.0
    for number in range(rounds + 1):
        for name, mix in mixes.items():
            seen = [timed(what, act) for what, act in mix]
            taken[name] += seen if number else []  # the first round warms up
        memory = memory or memory_mb()
    counted = timed("all", lambda: count_contacts(ACCOUNT, ContactFilter()))[1]
    return {
        **{name: times(of) for name, of in taken.items()},
        "count_all_s": round(counted / 1000, 3),
        "memory_before_mb": round(memory, 1),
        "memory_after_mb": round(memory_mb(), 1),
    }


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
    """Stop All for everybody and its undo, with stops of a channel beside it."""
    from allstop.actions.actor import Actor
    from allstop.actions.bulk import Selection, Wish, ask_for_change, ask_for_undo
    from allstop.actions.bulk_run import run_here
    from allstop.rules.roles import Role
    from allstop.store.lists import ContactFilter
    from allstop.store.models import ChangeKind

    actor = Actor(ACCOUNT, "the benchmark", Role.ADMIN, "command")
    alone: list[Timed] = []
    over = threading.Event()
    before = threading.Thread(target=stop_and_start, args=(actor, alone, over))
    before.start()
    over.wait(ALONE)
    over.set()
    before.join()
    stops: list[Timed] = []
    over = threading.Event()
    beside = threading.Thread(target=stop_and_start, args=(actor, stops, over))
    wish = Wish(kind=ChangeKind.STOP_ALL)
    asked = ask_for_change(actor, Selection(filter=ContactFilter()), wish, datetime.now(UTC))
    beside.start()
    try:
        marking = timed("mark", lambda: run_here(asked.pk))[1]
        asked.refresh_from_db()
        undo = ask_for_undo(actor, asked.pk, datetime.now(UTC))
        undoing = timed("undo", lambda: run_here(undo.pk))[1]
    finally:
        over.set()
        beside.join()
    return {
        "mark_all_s": round(marking / 1000, 2),
        "marked": asked.changed,
        "undo_all_s": round(undoing / 1000, 2),
        "stops_alone": times(alone),
        "stops": times(stops),
    }


def stop_and_start(actor: Any, stops: list[Timed], over: threading.Event) -> None:
    from django.db import connection

    from allstop.actions.confirming import wait_until_confirmed
    from allstop.actions.switch import start, stop
    from allstop.rules.holds import one_channel
    from allstop.rules.words import Channel

    reach = one_channel(ACCOUNT, Channel.EMAIL)
    try:
        while True:
            stops.append(timed("stop", lambda: wait_until_confirmed(stop(actor, reach, "", datetime.now(UTC)).number)))
            start(actor, reach, "", datetime.now(UTC))
            if over.wait(0.1):
                return
    finally:
        connection.close()


def main() -> None:
    django.setup()
    match sys.argv[1:]:
        case ["pages", contacts, rounds]:
            answer = pages(int(contacts), int(rounds))
        case _:
            answer = changes()
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
