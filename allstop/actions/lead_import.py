"""Leads from a file: taken in, then row by row, each created or with the reason why not, in the file's order.

The rules that it guards: a file passes the same door as any other path, so a pause in the middle refuses every row from
there on; handing the same file in again makes nothing twice, for whoever has a new lead gets no second one. And what
became of a row is committed with its lead and with the place that is reached, so that whoever goes on after the end of
a process repeats no row and leaves none out.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice

from django.db import transaction
from django.db.models import F

from allstop.actions.actor import Actor, Invalid, NotThere, require
from allstop.actions.intake import Taken, create_lead
from allstop.actions.lead_details import NewLead
from allstop.actions.runs import QUEUED, RUNNING, Runs
from allstop.formats.people_file import OpenPeople, PeopleOpening, count_rows, open_people
from allstop.formats.person import Mark, PersonRow
from allstop.formats.table import RowProblem, Unreadable
from allstop.rules.leads import LONGEST_COMMENT, LONGEST_KIND, LeadSource
from allstop.rules.roles import Act, Role
from allstop.store import ledger, lists
from allstop.store.models import LeadImport, LeadImportRow, LeadImportState, RowOutcome

AT_ONCE = 100  # rows that the caller waits for; more are left to a process of their own
LARGEST = 32 << 20  # bytes; some hundred thousand rows
LONGEST_WORDS = 300
TOO_LARGE = f"This file is larger than {LARGEST >> 20} MB. Split it into several files."
NO_ROWS = "There are no rows in this file. Check that the export has finished, then upload it again."
NO_ADDRESS = "There is no phone number and no email address in this row."
SAYS_NO = "This row says that nothing may go to them. Import it under Phonebook, where such marks are kept."
ERASED = "Somebody in this file was erased. Hand in a file without them; rows that were done stand."
DIED_ONCE = "The program that imported this file ended in the middle. It goes on where it was."
DIED_TWICE = "The program that imported this file ended in the middle, twice. The rows that were done stand."

Row = PersonRow | RowProblem


class _Over(Exception):
    """Somebody in the file was erased meanwhile: the row is not taken, and nothing after it."""


def import_leads(
    actor: Actor, file_name: str, chunks: Iterable[bytes], kind: str, now: datetime, *, wait: bool = False
) -> LeadImport:
    """A file of few rows is done when this returns; of more, a worker starts a process within a second. `wait`: done
    here, however many. Invalid: it cannot be read, with what to do. Not inside a transaction."""
    require(actor, Act.HANDLE_LEADS)
    if len(kind.strip()) > LONGEST_KIND:
        raise Invalid(kind=f"Use at most {LONGEST_KIND} characters.")
    content = _bounded(chunks)
    opened = _opened(file_name, content)
    if next(iter(opened.people(opened.guessed)), None) is None:
        raise Invalid(file=NO_ROWS)
    total = count_rows(opened, lambda: [content])
    with transaction.atomic():
        source = LeadImport.objects.create(
            account_id=actor.account_id,
            file_name=file_name[-200:] or "leads",
            content=content,
            kind=kind.strip(),
            state=LeadImportState.QUEUED.value,
            total=total,
            by=actor.name,
            via=actor.via,
            member_id=actor.member_id,
            created_at=now,
        )
    if wait:
        return RUNS.see_through(source.pk, run_here)
    return run_here(source.pk) if total <= AT_ONCE else source


def import_of(actor: Actor, import_id: int) -> LeadImport:
    require(actor, Act.VIEW)
    source = LeadImport.objects.defer("content").filter(account_id=actor.account_id, pk=import_id).first()
    if source is None:
        raise NotThere("There is no such import.")
    return source


def fail(import_id: int, words: str) -> None:
    """The rows that were done stand."""
    _end(import_id, LeadImportState.FAILED, words)


RUNS = Runs(table=LeadImport, died_once=DIED_ONCE, fail=lambda import_id: fail(import_id, DIED_TWICE))


def run_here(import_id: int) -> LeadImport:
    """Run it in this process, to the end. Does nothing when another process runs it, or it is over."""
    with RUNS.held(import_id) as is_mine:
        if is_mine:
            RUNS.take(import_id, datetime.now(UTC))
            source = LeadImport.objects.get(pk=import_id)
            if source.state == RUNNING:
                _run(source)
    return LeadImport.objects.defer("content").get(pk=import_id)


def _run(source: LeadImport) -> None:
    actor = Actor(source.account_id, source.by, Role.MEMBER, source.via, member_id=source.member_id)
    known = _Known(source.account_id)
    try:
        opened = _opened(source.file_name, bytes(source.content))
    except Invalid as invalid:  # it could be read when it came: another version of the program runs now
        return fail(source.pk, str(invalid))
    try:
        for row in islice(opened.people(opened.guessed), source.position, None):
            _take(actor, source, row, known)
    except _Over:
        return None
    return _end(source.pk, LeadImportState.DONE)


def _take(actor: Actor, source: LeadImport, row: Row, known: "_Known") -> None:
    now = datetime.now(UTC)
    if why := _unusable(row):
        _write(source, row, RowOutcome.UNUSABLE, why, None, now)
        return
    assert isinstance(row, PersonRow)

    def also(taken: Taken) -> None:
        outcome = RowOutcome(taken.refusal.value) if taken.refusal else RowOutcome.CREATED
        _write(source, row, outcome, taken.words, taken.lead.pk if taken.lead else None, now)

    try:
        create_lead(actor, known.lead_of(row, source.kind), now, also=also)
    except Invalid as invalid:
        _write(source, row, RowOutcome.UNUSABLE, str(invalid), None, now)


def _unusable(row: Row) -> str:
    if isinstance(row, RowProblem):
        return row.problem
    if any(mark is not Mark.FLAG for mark in row.marks):
        return SAYS_NO
    return "" if row.phones or row.emails else NO_ADDRESS


@transaction.atomic
def _write(source: LeadImport, row: Row, outcome: RowOutcome, words: str, lead: int | None, now: datetime) -> None:
    """`lead`: created, or the one that stands."""
    is_created = int(outcome is RowOutcome.CREATED)
    goes_on = LeadImport.objects.filter(pk=source.pk, state=RUNNING).update(
        position=F("position") + 1,
        created=F("created") + is_created,
        refused=F("refused") + 1 - is_created,
        taken_at=now,
    )
    if not goes_on:
        raise _Over
    LeadImportRow.objects.create(
        source=source, row=row.row, outcome=outcome.value, words=words[:LONGEST_WORDS], lead_id=lead
    )


@transaction.atomic
def _end(import_id: int, state: LeadImportState, failure: str = "") -> None:
    source = LeadImport.objects.select_for_update(of=("self",)).defer("content").get(pk=import_id)
    if source.state not in (QUEUED, RUNNING):
        return
    now = datetime.now(UTC)
    LeadImport.objects.filter(pk=import_id).update(
        state=state.value, failure=failure, content=b"", total=source.position, finished_at=now
    )
    ledger.append(
        account_id=source.account_id,
        at=now,
        by=source.by,
        act="import_leads",
        subject=f"leads:import:{import_id}",
        after={
            "rows": source.position,
            "created": source.created,
            "refused": source.refused,
            "state": state.value,
            "via": source.via,
        },
    )


def _bounded(chunks: Iterable[bytes]) -> bytes:
    found = bytearray()
    for chunk in chunks:
        found += chunk
        if len(found) > LARGEST:
            raise Invalid(file=TOO_LARGE)
    return bytes(found)


def _opened(file_name: str, content: bytes) -> OpenPeople:
    opened = open_people(lambda: [content], file_name, PeopleOpening())
    if isinstance(opened, Unreadable):
        raise Invalid(file=opened.reason)
    return opened


class _Known:
    """Locations by their code or name, members by their email or name."""

    def __init__(self, account_id: int) -> None:
        places = lists.locations(account_id)
        people = lists.members(account_id)
        self.locations = {name.casefold(): one.pk for one in places for name in (one.name, one.code)}
        self.members = {name.casefold(): one.pk for one in people for name in (one.user.name, one.user.email)}

    def lead_of(self, row: PersonRow, kind: str) -> NewLead:
        return NewLead(
            source=LeadSource.FILE,
            phone=row.phones[0].text if row.phones else "",
            email=row.emails[0].text if row.emails else "",
            given_name=row.given_name,
            family_name=row.family_name,
            external_id=row.external_id,
            kind=kind,
            comment="\n".join(row.notes)[:LONGEST_COMMENT],
            location_id=self.locations.get(row.location.casefold()),
            assigned_to_id=self.members.get(row.assigned_to.casefold()),
        )
