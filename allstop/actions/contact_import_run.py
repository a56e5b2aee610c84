"""The run of a confirmed import of contacts: slice by slice, each in a short transaction of its own.

The rule that it guards: what a slice wrote is committed together with the place in the file that it has come to. So
whoever goes on after the end of a process repeats no row and leaves none out, and a stop waits for a slice at most.
A slice that blocks somebody takes a stop number, and the import is done when workers have confirmed the last one.
"""

import json
from collections.abc import Generator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice

from django.db import connection, transaction

from allstop.actions.address_reading import LONG_FILE, Readings, SecondReader
from allstop.actions.ahead import in_thread
from allstop.actions.confirming import complete_lifts, wait_until_confirmed
from allstop.actions.contact_import_file import pieces_of
from allstop.actions.contact_import_options import ContactImportOptions, options_from_json
from allstop.actions.contact_import_plan import Names, Planned, Planner
from allstop.actions.contact_import_slice import By, Written, write_slice
from allstop.actions.runs import Runs
from allstop.formats.people_file import OpenPeople, open_people
from allstop.formats.person import PersonRow
from allstop.formats.table import RowProblem, Unreadable
from allstop.store import ledger, queue
from allstop.store.copying import copy_rows
from allstop.store.models import (
    Account,
    ContactImport,
    ContactImportPiece,
    ContactImportProblem,
    ContactImportState,
)

SLICE = 4000  # rows of one transaction: about half a second
SILENCE = timedelta(seconds=15)  # time for a process to start before anybody asks whether it lives
DIED_ONCE = "The program that imported this file ended in the middle. It goes on where it was."
DIED_TWICE = "The program that imported this file ended in the middle, twice. What it did stands and can be undone."
OPEN = (
    ContactImportState.QUEUED,
    ContactImportState.RUNNING,
    ContactImportState.CONFIRMING,
    ContactImportState.UNDOING,
)

Rows = Sequence[PersonRow | RowProblem]


def fail(import_id: int, words: str) -> None:
    """What its slices did stands, is written down, and can be undone."""
    with transaction.atomic():
        source = ContactImport.objects.select_for_update(of=("self",)).get(pk=import_id)
        if source.state in OPEN:
            _end(source, ContactImportState.FAILED, failure=words)


RUNS = Runs(
    table=ContactImport,
    going=(ContactImportState.RUNNING, ContactImportState.CONFIRMING, ContactImportState.UNDOING),
    died_once=DIED_ONCE,
    fail=lambda import_id: fail(import_id, DIED_TWICE),
)


def run_here(import_id: int) -> ContactImport:
    """Run it in this process, to the end. Does nothing when another process runs it, or it is done."""
    with RUNS.held(import_id) as is_mine:
        if is_mine:
            RUNS.take(import_id, datetime.now(UTC))
            source = ContactImport.objects.select_related("account").get(pk=import_id)
            if source.state == ContactImportState.RUNNING:
                _read_and_write(source)
            _confirm(import_id)
    return ContactImport.objects.select_related("account").get(pk=import_id)


def _read_and_write(source: ContactImport) -> None:
    options = options_from_json(source.options)
    opened = open_people(lambda: pieces_of(source.pk), source.file_name, options.opening)
    if isinstance(opened, Unreadable):
        fail(source.pk, opened.reason)
        return
    if opened.guessed and len(options.fields) != len(opened.columns):
        fail(source.pk, "The columns of this file are not those that were confirmed. Upload it again.")
        return
    planner = Planner(source.account, Names(source.account_id), options.overwrite)
    with closing(in_thread(_read_ahead(planner, opened, options, source))) as ahead:
        for window, readings in ahead:
            if not _one_slice(source.pk, window, readings, options):
                return
    with transaction.atomic():
        found = ContactImport.objects.select_for_update(of=("self",)).get(pk=source.pk)
        if found.state == ContactImportState.RUNNING:
            _end(found, ContactImportState.CONFIRMING)


def _read_ahead(
    planner: Planner, opened: OpenPeople, options: ContactImportOptions, source: ContactImport
) -> Generator[tuple[Rows, Readings], None, None]:
    """Rows from where it has come to, with their addresses, which a second process reads while this one writes."""
    people = islice(opened.people(options.fields), source.position, None)
    if source.rows_total - source.position < LONG_FILE:
        while window := list(islice(people, SLICE)):
            yield window, Readings()
        return
    with SecondReader(share=1.0) as second:
        ahead: Rows | None = None
        while window := list(islice(people, SLICE)):
            readings = None if ahead is None else second.answers()
            second.ask(*planner.asks(window))
            if ahead is not None and readings is not None:
                yield ahead, readings
            ahead = window
        if ahead is not None:
            yield ahead, second.answers()


def _one_slice(import_id: int, window: Rows, readings: Readings, options: ContactImportOptions) -> bool:
    """One transaction. False: it is not to be run any more."""
    with transaction.atomic():
        source = ContactImport.objects.select_for_update(of=("self",)).get(pk=import_id)
        if source.state != ContactImportState.RUNNING:
            return False
        account = Account.objects.get(pk=source.account_id)
        planned = Planner(account, Names(account.pk), options.overwrite).plan(window, readings)
        done = write_slice(By(account, source.by, source.created_at, source.via), planned)
        _keep(source, done)
        _write_problems(source, planned)
        # From here on it may hold locks that a stop needs: nothing slow may come after.
        queue.check_references()
        stop = source.last_stop
        if done.stops:
            stop = queue.announce_contacts(account.pk, datetime.now(UTC))
        if done.zones_found:
            queue.lift(None, account.pk, "contact", datetime.now(UTC))
        position = source.position + len(window)
        ContactImport.objects.filter(pk=import_id).update(
            position=position,
            rows_total=max(position, source.rows_total),
            added=source.added + planned.added,
            completed=source.completed + planned.completed,
            unchanged=source.unchanged + planned.unchanged,
            refused=source.refused + len(planned.refused),
            first_stop=source.first_stop or stop,
            last_stop=stop,
            taken_at=datetime.now(UTC),
        )
    if done.zones_found:
        complete_lifts(source.account_id, datetime.now(UTC))
    return True


_KEEP = """
INSERT INTO contact_import_slice (contact_import_id, number, added, completed, before)
SELECT %s, COALESCE(max(number), 0) + 1, %s::bigint[], %s::bigint[], %s::jsonb
  FROM contact_import_slice WHERE contact_import_id = %s
"""


def _keep(source: ContactImport, done: Written) -> None:
    """Not through the model, which looks at each of thousands of ids."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [source.pk, done.added, done.completed, json.dumps(done.before), source.pk])


def _write_problems(source: ContactImport, planned: Planned) -> None:
    refused = [(problem, True, list(cells)) for problem, cells in planned.refused]
    left_out: list[tuple[RowProblem, bool, list[str]]] = [(problem, False, []) for problem in planned.left_out]
    if refused or left_out:
        copy_rows(
            ContactImportProblem,
            ("contact_import_id", "row", "is_refused", "column", "value", "problem", "cells"),
            (
                (source.pk, one.row, whole, (one.column or "")[:120], one.value[:300], one.problem[:300], cells)
                for one, whole, cells in (*refused, *left_out)
            ),
        )


def _end(source: ContactImport, state: ContactImportState, failure: str = "") -> None:
    """The rows are done: one entry in the ledger, with numbers and no names, and the file is let go."""
    finished = None if state == ContactImportState.CONFIRMING else datetime.now(UTC)
    ContactImport.objects.filter(pk=source.pk).update(
        state=state, failure=failure, finished_at=finished, rows_total=source.position or source.rows_total
    )
    ContactImportPiece.objects.filter(source=source)._raw_delete("default")
    ledger.append(
        account_id=source.account_id,
        at=datetime.now(UTC),
        by=source.by,
        act="import_contacts",
        subject=f"contacts:import:{source.pk}",
        after={
            "rows": source.position,
            "added": source.added,
            "completed": source.completed,
            "unchanged": source.unchanged,
            "refused": source.refused,
            "overwrite": options_from_json(source.options).overwrite,
            "stops": [source.first_stop, source.last_stop] if source.last_stop else [],
            "failed": state == ContactImportState.FAILED,
            "via": source.via,
        },
    )


def _confirm(import_id: int) -> None:
    """Not inside a transaction: it waits until workers obey."""
    source = ContactImport.objects.get(pk=import_id)
    if source.state == ContactImportState.CONFIRMING:
        if source.last_stop is not None:
            wait_until_confirmed(source.last_stop)
        going = ContactImport.objects.filter(pk=import_id, state=ContactImportState.CONFIRMING)
        going.update(state=ContactImportState.DONE, failure="", finished_at=datetime.now(UTC))
