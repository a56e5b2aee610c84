"""A file of contacts from its upload to the moment it is confirmed: read, guessed, corrected by a person, previewed.

The rule that it guards: nothing of it is in the Phonebook before a person has seen what it will do.
contact_import_run.py does what is confirmed here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from django.db import transaction

from allstop.actions.actor import Actor, Conflict, Invalid, NotThere, require
from allstop.actions.address_reading import Readings
from allstop.actions.contact_import_file import keep_pieces, pieces_of
from allstop.actions.contact_import_options import ContactImportOptions, check_opening, options_from_json
from allstop.actions.contact_import_plan import Names, Outcome, Planned, Planner
from allstop.formats.delimited_writing import write_csv
from allstop.formats.people_file import OpenPeople, PeopleFormat, count_rows, open_people
from allstop.formats.person import PersonField
from allstop.formats.person_table import SINGLE
from allstop.formats.table import Unreadable
from allstop.rules.roles import Act
from allstop.store import ledger
from allstop.store.models import Account, ContactImport, ContactImportProblem, ContactImportState

LARGEST = 256 << 20  # bytes; a million contacts take about 80 MB as CSV and 250 MB as vCards
ROWS_LOOKED_AT = 2000
ROWS_SHOWN = 20
TOO_LARGE = f"This file is larger than {LARGEST >> 20} MB. Split it into several files."
NO_ROWS = "There are no rows in this file. Check that the export has finished, then upload it again."
_REACHED_BY = {PersonField.PHONE, PersonField.EMAIL, PersonField.EXTERNAL_ID}


@dataclass(frozen=True, slots=True)
class ContactPreview:
    """What the first rows will do; of a file that is not longer, of all of it."""

    source: ContactImport
    options: ContactImportOptions
    columns: tuple[str, ...]  # () of a vCard: there is nothing to choose
    samples: tuple[tuple[str, ...], ...]  # of each column: its first values
    planned: Planned
    rows: list[Outcome]  # the first
    rows_looked_at: int
    notes: tuple[str, ...]
    blocker: str  # why it cannot be confirmed; "" = it can


@transaction.atomic
def upload(actor: Actor, file_name: str, chunks: Iterable[bytes], now: datetime) -> ContactImport:
    """Take a file in and guess how it is to be read. Invalid: it cannot be read, with what to do."""
    require(actor, Act.IMPORT_CONTACTS)
    source = ContactImport.objects.create(
        account_id=actor.account_id,
        file_name=file_name[-200:] or "contacts",
        format="",
        options={},
        state=ContactImportState.UPLOADED,
        rows_total=0,
        by=actor.name,
        via=actor.via,
        created_at=now,
    )
    keep_pieces(source, _bounded(chunks))
    opened = _opened(source, ContactImportOptions())
    source.format = opened.format.value
    source.rows_total = count_rows(opened, lambda: pieces_of(source.pk))
    source.options = ContactImportOptions(fields=opened.guessed, columns=opened.columns).as_json()
    if next(iter(opened.people(opened.guessed)), None) is None:
        raise Invalid(file=NO_ROWS)
    source.save()
    return source


def _bounded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > LARGEST:
            raise Invalid(file=TOO_LARGE)
        yield chunk


@transaction.atomic
def configure(actor: Actor, import_id: int, options: ContactImportOptions, now: datetime) -> ContactImport:
    """Keep a person's choices. Another encoding, delimiter or sheet has other columns: these are guessed afresh."""
    require(actor, Act.IMPORT_CONTACTS)
    source = import_of(actor, import_id, lock=True)
    _require_open(source)
    check_opening(options.opening)
    before = options_from_json(source.options)
    options = replace(options, columns=before.columns)
    if options.opening != before.opening:
        opened = _opened(source, options)
        options = replace(options, fields=opened.guessed, columns=opened.columns)
    fields = [field for field in options.fields if field]
    if twice := next((field for field in fields if field in SINGLE and fields.count(field) > 1), None):
        raise Invalid(fields=f"Two columns are given to {twice.value}. Choose one of them.")
    if len(options.fields) != (0 if source.format == PeopleFormat.VCARD else len(options.columns)):
        raise Invalid(fields="Say of each column of the file what it holds, or that it is left out.")
    ContactImport.objects.filter(pk=source.pk).update(options=options.as_json())
    return import_of(actor, import_id)


@transaction.atomic
def confirm(actor: Actor, import_id: int, now: datetime) -> ContactImport:
    """Queue it: a worker starts a process for it within a second."""
    require(actor, Act.IMPORT_CONTACTS)
    source = import_of(actor, import_id, lock=True)
    _require_open(source)
    if why_not := _blocker(source, options_from_json(source.options)):
        raise Invalid(fields=why_not)
    ContactImport.objects.filter(pk=source.pk).update(
        state=ContactImportState.QUEUED, ledger_number=ledger.newest(actor.account_id)
    )
    return import_of(actor, import_id)


@transaction.atomic
def discard(actor: Actor, import_id: int, now: datetime) -> None:
    """Forget a file that was not imported."""
    require(actor, Act.IMPORT_CONTACTS)
    source = import_of(actor, import_id, lock=True)
    _require_open(source)
    source.delete()


def preview(actor: Actor, import_id: int, now: datetime, *, whole: bool = False) -> ContactPreview:
    """Nothing is written. `whole`: every row is looked at, however long that takes."""
    require(actor, Act.VIEW)
    source = import_of(actor, import_id)
    account = Account.objects.get(pk=actor.account_id)
    options = options_from_json(source.options)
    opened = _opened(source, options, only_head=not whole)
    people = opened.people(options.fields)
    looked_at = list(people if whole else islice(people, ROWS_LOOKED_AT))
    planned = Planner(account, Names(account.pk), options.overwrite).plan(looked_at, Readings())
    table = opened.columns if opened.guessed else ()
    return ContactPreview(
        source=source,
        options=options,
        columns=table,
        samples=tuple(_values(opened, index) for index in range(len(table))),
        planned=planned,
        rows=planned.outcomes[:ROWS_SHOWN],
        rows_looked_at=len(looked_at),
        notes=opened.notes,
        blocker=_blocker(source, options),
    )


def _values(opened: OpenPeople, index: int) -> tuple[str, ...]:
    return tuple(islice((cells[index] for cells in opened.samples if cells[index]), 3))


def _blocker(source: ContactImport, options: ContactImportOptions) -> str:
    if source.format == PeopleFormat.VCARD or _REACHED_BY.intersection(options.fields):
        return ""
    return "Say which column holds a phone number or an email. Without one nobody can be told apart from others."


def refused_csv(actor: Actor, import_id: int) -> Iterator[bytes]:
    """The rows that were refused as they stood in the file, with their numbers and why: to correct and import again."""
    require(actor, Act.VIEW)
    source = import_of(actor, import_id)
    found = ContactImportProblem.objects.filter(source=source, is_refused=True).order_by("row", "pk")
    columns = options_from_json(source.options).columns
    rows = found.values_list("row", "problem", "cells")
    return write_csv(
        ("Row", "Why it was refused", *columns),
        ((str(row), problem, *cells) for row, problem, cells in rows.iterator(chunk_size=2000)),
    )


def import_of(actor: Actor, import_id: int, lock: bool = False) -> ContactImport:
    found = ContactImport.objects.filter(account_id=actor.account_id, pk=import_id)
    source = (found.select_for_update(of=("self",)) if lock else found).first()
    if source is None:
        raise NotThere("There is no such import.")
    return source


def _require_open(source: ContactImport) -> None:
    if source.state != ContactImportState.UPLOADED:
        raise Conflict("This file is being imported or has been imported already. Upload it again to change it.")


def _opened(source: ContactImport, options: ContactImportOptions, only_head: bool = True) -> OpenPeople:
    opened = open_people(lambda: pieces_of(source.pk), source.file_name, options.opening, only_head=only_head)
    if isinstance(opened, Unreadable):
        raise Invalid(file=opened.reason)
    return opened
