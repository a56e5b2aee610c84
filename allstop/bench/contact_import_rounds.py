"""What contact_import.py measures, in a process of its own: python -m allstop.bench.contact_import_rounds ROWS."""

import gc
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import django

from allstop.bench import cpu
from allstop.bench.phonebook_load import Phonebook, load
from allstop.bench.phonebook_rounds import ALONE, times
from allstop.bench.stops_beside import ACCOUNT, stops_beside
from allstop.dispatch.process import POLITENESS

HEADER = b"First name,Last name,Mobile phone,Email,Own ID\n"
AT_ONCE = 1000  # rows of a piece
QUEUED = 2000  # messages of the contacts that are there before, so that workers have something to send
GIVEN = ("Ada", "Ben", "Cem", "Dana", "Emil", "Fay", "Gus", "Hana", "Ines", "Jon", "Kai", "Lea", "Max", "Nia", "Omar")
FAMILIES = ("Abbott", "Becker", "Castillo", "Dubois", "Evans", "Fischer", "Garcia", "Hughes", "Ito", "Jensen", "Kaya")


def person(number: int) -> tuple[str, str, str, str, str]:
    """A number that no other has, with an area code that North America uses."""
    area = AREAS[number % len(AREAS)]
    rest = 2_000_000 + number // len(AREAS) * 37 % 7_999_000
    given, family = GIVEN[number % 15], FAMILIES[number // 15 % 11]
    email = f"{given}.{family}{number}@example.org".lower() if number % 5 else ""
    return given, family, f"({area}) {rest // 10000}-{rest % 10000:04}", email, f"X{number}"


AREAS = ("212", "415", "312", "617", "206", "305", "713", "602", "404", "503", "702", "303", "215", "614", "816")


def file(rows: int) -> Iterator[bytes]:
    yield HEADER
    for start in range(0, rows, AT_ONCE):
        numbers = range(start, min(rows, start + AT_ONCE))
        yield "".join(f"{','.join(person(number))}\n" for number in numbers).encode()


def main() -> None:
    rows = int(sys.argv[1])
    gc.set_threshold(100_000, 50, 100)  # as dispatch/contact_import_process.py has it
    django.setup()
    from django.db import connection, transaction

    from allstop.actions.actor import Actor
    from allstop.actions.contact_import_run import RUNS
    from allstop.actions.contact_imports import confirm, upload
    from allstop.rules.roles import Role

    load(os.environ["DATABASE_URL"], Phonebook(QUEUED, QUEUED), datetime.now(UTC))
    actor = Actor(ACCOUNT, "the benchmark", Role.ADMIN, "command")
    runs: list[dict[str, Any]] = []
    made: list[Any] = []
    size = sum(map(len, file(rows)))
    runs.append(_run("upload", rows, lambda: made.append(upload(actor, "a.csv", file(rows), datetime.now(UTC)))))
    made.append(upload(actor, "a.csv", file(rows), datetime.now(UTC)))
    for source in made:
        with transaction.atomic():  # or a worker would take it
            confirm(actor, source.pk, datetime.now(UTC))
            RUNS.take(source.pk, datetime.now(UTC) + timedelta(days=1))
    with stops_beside() as beside:
        with beside() as alone:
            time.sleep(ALONE)
        os.nice(POLITENESS)  # as dispatch/process.py has it
        with beside() as stops:
            runs.append(_import("new rows", rows, made[0].pk))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    runs.append(_import("the same rows again", rows, made[1].pk))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE narrow (given text, family text, phone text, email text, own text)")
    runs.append(_run("bare COPY", rows, lambda: _copy(rows)))
    for source in made:
        source.refresh_from_db()
    answer = {
        "file_mb": round(size / 1e6, 1),
        "runs": runs,
        "added": made[0].added,
        "unchanged": made[1].unchanged,
        "memory_mb": round(memory, 1),
        "stops_alone": times(alone),
        "stops": times(stops),
    }
    print(json.dumps(answer))


def _import(what: str, rows: int, import_id: int) -> dict[str, Any]:
    from allstop.actions.contact_import_run import run_here

    return _run(what, rows, lambda: run_here(import_id))


def _copy(rows: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor, cursor.cursor.copy("COPY narrow FROM STDIN") as copy:
        for number in range(rows):
            copy.write_row(person(number))


def _run(what: str, rows: int, act: Callable[[], object]) -> dict[str, Any]:
    used, served = _cpu(), _server_cpu()
    began = time.perf_counter()
    act()
    seconds = time.perf_counter() - began
    return {
        "what": what,
        "seconds": round(seconds, 2),
        "per_second": round(rows / seconds, 1),
        "cpu_s": round(_cpu() - used, 2),
        "server_cpu_s": None if served is None else round((_server_cpu() or 0.0) - served, 2),
    }


def _cpu() -> float:
    """Of this process and of those that it has started and seen end."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _server_cpu() -> float | None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = cpu.postmaster(cursor.fetchone()[0])
    return cpu.seconds_with_children(server) if server else None


if __name__ == "__main__":
    main()
