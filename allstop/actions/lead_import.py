"""Leads from a file, row by row: each is created or says why not, in the file's order.

The rule that it guards: a file passes the same door as any other path, so a pause in the middle refuses every row from
there on; and handing the same file in again makes nothing twice, for whoever has a new lead gets no second one.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allstop.actions.actor import Actor, Invalid, require
from allstop.actions.intake import create_lead
from allstop.actions.lead_details import NewLead
from allstop.formats.people_file import PeopleOpening, open_people
from allstop.formats.person import Mark, PersonRow
from allstop.formats.table import RowProblem, Unreadable
from allstop.rules.leads import LONGEST_COMMENT, LeadSource
from allstop.rules.roles import Act
from allstop.store import lists

CREATED = "created"
UNUSABLE = "unusable"
NO_ADDRESS = "There is no phone number and no email address in this row."
SAYS_NO = "This row says that nothing may go to them. Import it under Phonebook, where such marks are kept."


@dataclass(frozen=True, slots=True)
class RowResult:
    row: int  # from 1, as a person counts
    name: str
    outcome: str  # created, the code of a refusal, or unusable
    words: str  # why not; "" = created
    lead: UUID | None = None  # created, or the one that stands


def import_leads(
    actor: Actor, file_name: str, pieces: Iterable[bytes], kind: str, now: datetime, *, most: int | None = None
) -> Iterator[RowResult]:
    """`most`: rows of a file that is read while somebody waits. What has more is refused before the first one.

    Not inside a transaction: each row is its own.
    """
    require(actor, Act.HANDLE_LEADS)
    held = list(pieces)
    opened = open_people(lambda: held, file_name, PeopleOpening())
    if isinstance(opened, Unreadable):
        raise Invalid(file=opened.reason)
    if most is not None and sum(1 for _ in zip(range(most + 1), opened.people(opened.guessed), strict=False)) > most:
        raise Invalid(file=f"This file has more than {most:,} rows. Hand it in by parts, or use allstop leads import.")
    known = _Known(actor.account_id)
    return (_take(actor, row, kind, known, now) for row in opened.people(opened.guessed))


def tally(results: Iterable[RowResult]) -> Mapping[str, int]:
    return Counter(one.outcome for one in results)


class _Known:
    """Locations by their code or name, members by their email or name."""

    def __init__(self, account_id: int) -> None:
        places = lists.locations(account_id)
        people = lists.members(account_id)
        self.locations = {name.casefold(): one.pk for one in places for name in (one.name, one.code)}
        self.members = {name.casefold(): one.pk for one in people for name in (one.user.name, one.user.email)}


def _take(actor: Actor, row: PersonRow | RowProblem, kind: str, known: _Known, now: datetime) -> RowResult:
    if isinstance(row, RowProblem):
        return RowResult(row.row, "", UNUSABLE, row.problem)
    name = f"{row.given_name} {row.family_name}".strip()
    if any(mark is not Mark.FLAG for mark in row.marks):
        return RowResult(row.row, name, UNUSABLE, SAYS_NO)
    if not row.phones and not row.emails:
        return RowResult(row.row, name, UNUSABLE, NO_ADDRESS)
    new = NewLead(
        source=LeadSource.FILE,
        phone=row.phones[0].text if row.phones else "",
        email=row.emails[0].text if row.emails else "",
        given_name=row.given_name,
        family_name=row.family_name,
        external_id=row.external_id,
        kind=kind,
        comment="\n".join(row.notes)[:LONGEST_COMMENT],
        location_id=known.locations.get(row.location.casefold()),
        assigned_to_id=known.members.get(row.assigned_to.casefold()),
    )
    try:
        taken = create_lead(actor, new, now)
    except Invalid as invalid:
        return RowResult(row.row, name, UNUSABLE, str(invalid))
    lead = taken.lead.public_id if taken.lead is not None else None
    return RowResult(row.row, name, taken.refusal.value if taken.refusal else CREATED, taken.words, lead)
