"""What feed.py measures, in a process of its own: python -m allstop.bench.feed_rounds ROWS LOCATIONS."""

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import django

from allstop.bench.contact_import_rounds import person
from allstop.bench.phonebook_load import Phonebook, load
from allstop.bench.phonebook_rounds import ALONE, times
from allstop.bench.stops_beside import ACCOUNT, stops_beside
from allstop.dispatch.process import POLITENESS

HEADER = "ApptGUID,ApptDate,ClinicID,ApptType,ProviderCode,FirstName,LastName,CellPhone,Email"
DAYS = 14  # that the appointments are spread over
BY_HAND = 20  # rows of the file that a person imports first
SOME = 100  # contacts that are there before


def rows(count: int, locations: int, moved: int = 0) -> Iterator[tuple[str, ...]]:
    """`moved`: each so many-th appointment is two hours later."""
    first = datetime.now(UTC) + timedelta(days=3)
    for number in range(count):
        given, family, phone, email, guid = person(number)
        at = datetime(first.year, first.month, first.day, 8 + number % 8, number % 4 * 15, tzinfo=UTC)
        at += timedelta(days=number % DAYS, hours=2 if moved and number % moved == 0 else 0)
        clinic = str(number % locations + 1)
        yield guid, f"{at:%m/%d/%Y %H:%M}", clinic, "CHECKUP", f"DR{number % 9}", given, family, phone, email


def file(*of: Iterator[tuple[str, ...]]) -> bytes:
    return "\r\n".join((HEADER, *(",".join(cells) for some in of for cells in some))).encode()


def main() -> None:
    count, locations = int(sys.argv[1]), int(sys.argv[2])
    django.setup()
    from allstop.actions.actor import Actor
    from allstop.rules.roles import Role

    actor = Actor(ACCOUNT, "the benchmark", Role.ADMIN, "command")
    load(os.environ["DATABASE_URL"], Phonebook(SOME, 0), datetime.now(UTC))
    feed_id = _feed(actor, locations)
    content = file(rows(count, locations))
    files = (("new", content), ("a tenth moved", file(rows(count, locations, moved=10))))
    with stops_beside() as beside:
        with beside() as alone:
            time.sleep(ALONE)
        os.nice(POLITENESS)  # as dispatch/process.py has it
        with beside() as stops:
            came = [_come(actor, feed_id, what, bytes_) for what, bytes_ in files]
    answer = {
        "file_mb": round(len(content) / 1e6, 1),
        "files": came,
        "ceiling_s": round(_copied(count, locations), 2),
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "stops_alone": times(alone),
        "stops": times(stops),
    }
    print(json.dumps(answer))


def _come(actor: Any, feed_id: int, what: str, content: bytes) -> dict[str, Any]:
    from allstop.actions.feed_files import push_file
    from allstop.actions.import_run import run_import
    from allstop.store.models import FeedFile

    began = time.perf_counter()
    taken = push_file(actor, feed_id, "appointments.csv", content, datetime.now(UTC))
    taken_s = time.perf_counter() - began
    assert taken.source_id is not None
    assert run_import(taken.source_id, datetime.now(UTC)) is not None, "another process took it"
    queued_s = time.perf_counter() - began
    done = FeedFile.objects.get(pk=taken.pk)
    counted = {name: getattr(done, name) for name in ("waiting", "canceled", "refused", "errors", "withdrawn")}
    return {"what": what, "taken_s": round(taken_s, 2), "queued_s": round(queued_s, 2), **counted}


def _feed(actor: Any, locations: int) -> int:
    """A feed that files are handed in to, read like a small file that was imported by hand."""
    from allstop.actions.feeds import FeedChoice, save_feed
    from allstop.actions.import_run import run_import
    from allstop.actions.imports import confirm, upload
    from allstop.store.models import FeedKind, JobSource, Location

    known = set(Location.objects.values_list("code", flat=True))
    wanted = [str(number) for number in range(1, locations + 1)]
    Location.objects.bulk_create(
        Location(account_id=ACCOUNT, name=f"Location {code}", code=code) for code in wanted if code not in known
    )
    now = datetime.now(UTC)
    by_hand = upload(actor, "by_hand.csv", file(rows(BY_HAND, locations)), now, JobSource.UPLOAD)
    confirm(actor, by_hand.pk, now)
    run_import(by_hand.pk, now)
    choice = FeedChoice(
        name="Practice system", kind=FeedKind.PUSH, settings={}, like_import=by_hand.pk, rhythm={}, expected_at=None
    )
    return save_feed(actor, choice, now).pk


def _copied(count: int, locations: int) -> float:
    from django.db import connection

    columns = ", ".join(f"{name} text" for name in HEADER.split(","))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE narrow ({columns})")
        began = time.perf_counter()
        with cursor.cursor.copy("COPY narrow FROM STDIN") as copy:
            for cells in rows(count, locations):
                copy.write_row(cells)
        return time.perf_counter() - began


if __name__ == "__main__":
    main()
