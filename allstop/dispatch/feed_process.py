"""The process that looks at feeds: started by upkeep.py when one is due, it ends when none is.

It may be killed at any moment. A file is taken in one transaction and stays where it lies until its import is done;
then its result is written, it is moved away, and only then is it forgotten. Each step is found undone, or harmless.
"""

import csv
import io
import logging
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import PurePath
from typing import TYPE_CHECKING

import django

from allstop.dispatch.process import POLITENESS

if TYPE_CHECKING:
    from allstop.channels.feeds.place import Entry, Place
    from allstop.rules.arrivals import Seen
    from allstop.store.models import Feed, FeedFile

DONE, FAILED = "done", "failed"
MOST_IN_A_ROW = 3  # refusals, after which a server is left alone for a while

log = logging.getLogger(__name__)


def main() -> None:
    os.nice(POLITENESS)
    django.setup()
    from allstop.actions.feed_answers import take_to_tell
    from allstop.actions.feed_looks import take_due

    while (feed := take_due(datetime.now(UTC))) is not None:
        look_into(feed)
    while (feed := take_to_tell(datetime.now(UTC))) is not None:
        tell(feed)


def look_into(feed: "Feed") -> None:
    """Take what is there completely. What goes wrong is written down for people to see."""
    from allstop.actions.feed_looks import end_look
    from allstop.actions.feed_places import SOURCES
    from allstop.channels.configuration import ConfigError
    from allstop.channels.feeds.place import PlaceFault
    from allstop.store.sealing import CannotOpen

    seen, failure = None, ""
    try:
        if feed.kind in SOURCES:
            seen = _ask(feed)
        else:
            seen, failure = _look(feed)
    except (PlaceFault, ConfigError, CannotOpen) as wrong:
        failure = str(wrong) or "It did not answer."
    end_look(feed, seen, failure, datetime.now(UTC))


def _ask(feed: "Feed") -> "dict[str, Seen]":
    """What a source says now becomes a file, unless it says what it said last."""
    from allstop.actions.feed_files import take_fetched
    from allstop.actions.feed_places import source_of
    from allstop.actions.imports import LARGEST
    from allstop.rules.wallclock import local_date
    from allstop.store.models import Account

    now = datetime.now(UTC)
    zone = Account.objects.values_list("zone", flat=True).get(pk=feed.account_id)
    take_fetched(feed, source_of(feed).fetch(local_date(now, zone), LARGEST), now)
    return {}


def _look(feed: "Feed") -> "tuple[dict[str, Seen], str]":
    """What the next look has to know, and what is in its way though everything else was taken."""
    from allstop.actions.feed_looks import seen_before
    from allstop.actions.feed_places import open_place
    from allstop.actions.imports import LARGEST
    from allstop.rules import arrivals
    from allstop.rules.arrivals import Found, is_looked_at, look

    with open_place(feed) as place:
        entries = {_key(one.name): one for one in place.files() if is_looked_at(one.name)}
        moved = _move_away(feed, place, entries)
        found = [Found(key, one.size, one.changed) for key, one in entries.items() if key not in moved]
        found.sort(key=lambda one: (one.changed, entries[one.key].name))  # as they were written
        quiet = arrivals.QUIET if place.grows else timedelta(0)
        complete, seen = look(found, seen_before(feed), datetime.now(UTC), quiet)
        too_large = [key for key in complete if entries[key].size > LARGEST]
        for key in complete:
            if key not in too_large:
                _take(feed, place, key, entries[key])
    words = f"A file is larger than {LARGEST >> 20} MB. Take it away, and split it into several files."
    return seen, words if too_large else ""


def tell(feed: "Feed") -> None:
    """What contacts said of its appointments, to where its files come from. What goes wrong is written down."""
    from allstop.actions.feed_answers import end_telling
    from allstop.channels.configuration import ConfigError
    from allstop.channels.feeds.place import PlaceFault
    from allstop.store.models import FeedKind
    from allstop.store.sealing import CannotOpen

    failure = ""
    try:
        if feed.kind == FeedKind.FHIR:
            failure = _post_answers(feed)
        elif feed.kind in (FeedKind.FOLDER, FeedKind.SFTP):
            _write_answers(feed)
    except (PlaceFault, ConfigError, CannotOpen) as wrong:
        failure = str(wrong) or "It did not answer."
        _count_attempt(feed)
    end_telling(feed, failure, datetime.now(UTC))


def _count_attempt(feed: "Feed") -> None:
    from allstop.actions.feed_answers import not_told, untold

    not_told(untold(feed))


def _write_answers(feed: "Feed") -> None:
    """A file for those that are there, whole or not at all, in a folder beside the others."""
    from allstop.actions.feed_answers import FOLDER, file_of, next_batch, told
    from allstop.actions.feed_places import open_place
    from allstop.store.models import Account

    zone = Account.objects.values_list("zone", flat=True).get(pk=feed.account_id)
    with open_place(feed) as place:
        while answers := next_batch(feed):
            place.write(FOLDER, f"answers-{answers[0].pk}.csv", file_of(answers, zone))
            told(answers, datetime.now(UTC))


def _post_answers(feed: "Feed") -> str:
    """Each by itself: one that the server does not want keeps no other back. What went wrong last, in words."""
    from allstop.actions.feed_answers import IDENTIFIERS, identifier_of, not_told, response_of, told, untold
    from allstop.actions.feed_places import fhir_of
    from allstop.channels.feeds.place import PlaceFault

    server, failure, in_a_row = fhir_of(feed), "", 0
    for answer in untold(feed):
        if in_a_row >= MOST_IN_A_ROW:
            break
        try:
            server.post(response_of(answer), f"{IDENTIFIERS}|{identifier_of(answer)}")
        except PlaceFault as wrong:
            failure, in_a_row = str(wrong), in_a_row + 1
            not_told([answer])
        else:
            in_a_row = 0
            told([answer], datetime.now(UTC))
    return failure


def _key(name: str) -> str:
    """Stands for the name in the database: a file may be called after a person."""
    return sha256(name.encode("utf-8", "surrogateescape")).hexdigest()


def _take(feed: "Feed", place: "Place", key: str, entry: "Entry") -> None:
    from allstop.actions.feed_files import take_file
    from allstop.actions.imports import LARGEST
    from allstop.store.models import FeedFile

    if FeedFile.objects.filter(feed=feed, place=key).exists():
        return  # taken, and not done with yet
    content = place.read(entry.name, LARGEST)
    if content is not None and len(content) == entry.size:  # else it was changed a moment ago
        take_file(feed, _readable(entry.name), content, datetime.now(UTC), place=key)


def _readable(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\x00", "")


def _move_away(feed: "Feed", place: "Place", entries: "dict[str, Entry]") -> set[str]:
    """The keys of files that are done with: result first, so that whoever sees the file moved finds it."""
    from allstop.actions.imports import LARGEST
    from allstop.store.models import FeedFile, FeedFileState

    moved: set[str] = set()
    waiting = FeedFile.objects.filter(feed=feed).exclude(place="").exclude(state=FeedFileState.TAKEN)
    for file in waiting.select_related("source", "repeats").order_by("pk"):  # feed_file_to_move
        entry = entries.get(file.place)
        content = place.read(entry.name, LARGEST) if entry is not None else None
        if entry is not None and content is not None and sha256(content).hexdigest() == file.digest:
            folder = FAILED if file.state == FeedFileState.FAILED else DONE
            name = _free_name(entry.name, file)
            place.write(folder, f"{name}.result.csv", result_of(file))
            moved.add(file.place)
            if not place.move(entry.name, folder, name):
                continue
        # else it has gone, or another content lies under its name, which is a file of its own
        FeedFile.objects.filter(pk=file.pk).update(place="")
    return moved


def _free_name(name: str, file: "FeedFile") -> str:
    """With the number of the file: the same name comes each day, and a result is never written over."""
    path = PurePath(name)
    return f"{path.stem[:150]}-{file.pk}{path.suffix[:20]}"


def result_of(file: "FeedFile") -> bytes:
    """What became of it, for the program that wrote it: counts, then the rows that could not be used."""
    from allstop.actions.imports import problem_rows
    from allstop.store.models import FeedFileState

    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("result", file.state))
    if file.state == FeedFileState.DONE:
        counts = {"rows": file.rows, "waiting": file.waiting, "canceled_by_rules": file.canceled}
        counts |= {"refused": file.refused, "errors": file.errors, "withdrawn": file.withdrawn}
        writer.writerows(counts.items())
    if file.repeats is not None:
        writer.writerow(("repeats_file_of", file.repeats.arrived_at.isoformat(timespec="seconds")))
    if file.source is not None:
        if file.source.failure:
            writer.writerow(("failure", file.source.failure))
        rows: Sequence[Sequence[object]] = list(problem_rows(file.source))
        if rows:
            writer.writerow(())
            writer.writerow(("Row", "Column", "Value", "Problem"))
            writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


if __name__ == "__main__":
    main()
