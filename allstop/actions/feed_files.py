"""A file of a feed: taken in as an import that needs no hand, counted when it is done, and told of when it failed.

The rule that it guards: each content once for each feed, whoever brings it and however often. A file is taken in one
transaction with its import; whatever dies before that has taken nothing, whatever dies after it is found taken.
Files are taken while STOPPED as well: their messages wait.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import F

from allstop.actions.actor import Actor, Conflict, Invalid, NotThere, require
from allstop.actions.import_file import open_file, table_of
from allstop.actions.import_options import ImportOptions, options_from_json, options_to_json
from allstop.actions.import_planned import BY_HAND, FeedRules
from allstop.actions.imports import LARGEST, check_options
from allstop.actions.notices import notify
from allstop.channels.feeds.place import Fetched
from allstop.formats import mapping as mappings
from allstop.formats.mapping import ColumnMapping
from allstop.formats.opening import sample
from allstop.formats.sniff import Format, detect
from allstop.formats.table import Table, Unreadable
from allstop.rules.rhythm import Rhythm, read_rhythm
from allstop.rules.roles import Act
from allstop.rules.wallclock import local_date
from allstop.store.models import (
    Account,
    Feed,
    FeedFile,
    FeedFileState,
    FeedKind,
    Import,
    ImportState,
    JobSource,
    NoticeKind,
    Status,
)

_TAKEN = (FeedFileState.TAKEN, FeedFileState.DONE)


def push_file(actor: Actor, feed_id: int, name: str, content: bytes, now: datetime) -> FeedFile:
    """A program hands a file in. The same content again is a repeat, and does nothing."""
    require(actor, Act.IMPORT_REMINDERS)
    feed = Feed.objects.filter(account_id=actor.account_id, pk=feed_id).first()
    if feed is None:
        raise NotThere("There is no such feed.")
    if feed.kind != FeedKind.PUSH:
        raise Conflict("This feed fetches its files itself. Hand files in to a feed of the kind push.")
    if not feed.is_on:
        raise Conflict("This feed is turned off. Turn it on in Setup, Feeds.")
    if len(content) > LARGEST:
        raise Invalid(file=f"This file is larger than {LARGEST >> 20} MB. Split it into several files.")
    return take_file(feed, name or "file", content, now)


def take_fetched(feed: Feed, fetched: Fetched, now: datetime) -> bool:
    """What a source says now, unless it said the same last. It may say again what it said before that: an appointment
    that has moved and is moved back."""
    if fetched.mark == feed.mark:
        return False
    with transaction.atomic():
        mine = Feed.objects.filter(pk=feed.pk, mark=feed.mark)
        if not mine.update(mark=fetched.mark):
            return False  # another process was quicker
        take_file(feed, fetched.name, fetched.content, now, follows=feed.mark)
    return True


def take_file(feed: Feed, name: str, content: bytes, now: datetime, *, place: str = "", follows: str = "") -> FeedFile:
    """`place`: stands for its name in the folder, from where it is moved away once it is done with. `follows`: the mark
    of what the same source said before."""
    digest = sha256(follows.encode() + content).hexdigest()
    account = Account.objects.get(pk=feed.account_id)
    taken = Import(
        account=account,
        file_name=name[-200:],
        format="",
        content=content,
        source=JobSource.FEED,
        state=ImportState.QUEUED,
        options=feed.options,
        created_by=f"{feed.name} (feed)",
        created_at=now,
    )
    trouble = _prepare(feed, account, taken, now)
    with transaction.atomic():
        Feed.objects.select_for_update(no_key=True).get(pk=feed.pk)  # files of one feed, one after the other
        mine = FeedFile.objects.filter(feed=feed, digest=digest)
        if place and (same := mine.filter(place=place).first()) is not None:
            return same  # another process was quicker
        made = FeedFile(account=account, feed=feed, digest=digest, place=place, arrived_at=now, state="")
        before = mine.filter(state__in=_TAKEN).first()
        if before is not None:
            made.state, made.repeats = FeedFileState.REPEAT, before
            made.save(force_insert=True)
            return made
        if trouble:
            taken.state, taken.failure, taken.finished_at = ImportState.FAILED, trouble, now
        taken.save(force_insert=True)
        made.source, made.state = taken, FeedFileState.FAILED if trouble else FeedFileState.TAKEN
        made.save(force_insert=True)
        if trouble:
            _tell(feed, made, trouble, now)
    return made


def rules_of(file: FeedFile | None) -> FeedRules:
    if file is None:
        return BY_HAND
    rhythm = rhythm_of(file.feed)
    return FeedRules(rhythm if rhythm.sends else None, file.feed.only_location_id)


def rhythm_of(feed: Feed) -> Rhythm:
    read = read_rhythm(feed.rhythm)
    assert isinstance(read, Rhythm), "it was checked when it was saved"
    return read


def count_withdrawn(file: FeedFile, messages: int) -> None:
    """At once: a run that dies has withdrawn them all the same."""
    FeedFile.objects.filter(pk=file.pk).update(withdrawn=F("withdrawn") + messages)


def finish_file(file: FeedFile, rows: int, by_row: Mapping[Status, int], errors: int) -> None:
    """In the transaction of the run. Each row counts once."""
    waiting, canceled, refused = (by_row.get(one, 0) for one in (Status.WAITING, Status.CANCELED, Status.REFUSED))
    assert rows == waiting + canceled + refused + errors, "a row is not accounted for"
    FeedFile.objects.filter(pk=file.pk).update(
        state=FeedFileState.DONE,
        rows=rows,
        waiting=waiting,
        canceled=canceled,
        refused=refused,
        errors=errors,
    )
    Feed.objects.filter(pk=file.feed_id, is_late=True).update(is_late=False)


def fail_file(import_id: int, words: str, now: datetime) -> None:
    """Its import has failed: its people are told. In the caller's transaction."""
    file = FeedFile.objects.select_related("feed").filter(source_id=import_id).first()
    if file is not None:
        FeedFile.objects.filter(pk=file.pk).update(state=FeedFileState.FAILED)
        _tell(file.feed, file, words, now)


def _tell(feed: Feed, file: FeedFile, words: str, now: datetime) -> None:
    notify(
        NoticeKind.FEED,
        f"A file of the feed {feed.name} could not be imported",
        f"{words} Nothing of it was imported. Put it right and let it come again, or import it by hand.",
        now,
        account_id=feed.account_id,
        about=f"feed:{feed.pk}",
        url=f"/setup/feeds/{feed.pk}",
    )


def _prepare(feed: Feed, account: Account, taken: Import, now: datetime) -> str:
    """How it is to be read, written into the import; what keeps it from being imported, in words."""
    found = detect(bytes(taken.content), taken.file_name)
    if isinstance(found, Unreadable):
        return found.reason
    if isinstance(found, Format):
        taken.format = found.value
    options = options_from_json(feed.options)
    table = table_of(taken, account, options, now)
    if isinstance(table, Unreadable):
        return table.reason
    lacks = lacking(options, feed.columns, table)
    if lacks:
        guessed = replace(options, mapping=mappings.guess(table.columns, sample(table)))  # for whoever takes it up
        taken.options = options_to_json(guessed)
        are = "column {} is" if len(lacks) == 1 else "columns {} are"
        return f"The {are.format(', '.join(lacks))} missing, which earlier files of the feed had."
    options = replace(
        options,
        name=f"{feed.name}, {local_date(now, account.zone):%d %B %Y}",
        mapping=by_name(options.mapping, feed.columns, table),
    )
    taken.options = options_to_json(options)
    taken.location_id = options.location_id
    if wrong := check_options(account, options, table):
        return " ".join(wrong.values())
    file = open_file(taken, account, options, now)
    assert not isinstance(file, Unreadable), "the same bytes were read a moment ago"
    taken.rows_total = file.rows_total
    return ""


def lacking(options: ImportOptions, columns: Sequence[str], table: Table) -> list[str]:
    """The columns that the choices name and this file does not have."""
    named = [columns[index] for index in sorted(set(options.mapping.columns.values()))]
    return [name for name in named if name not in table.columns]


def by_name(mapping: ColumnMapping, columns: Sequence[str], table: Table) -> ColumnMapping:
    """The same columns, wherever they stand in this file."""
    places = {field: table.columns.index(columns[index]) for field, index in mapping.columns.items()}
    return replace(mapping, columns=places)
