"""Files of leads: handed in, how far they are, and what became of each row."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import File, Form, Path, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from allstop.actions import lead_import as actions
from allstop.actions.actor import Actor, require
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Id, Paged, Text
from allstop.rules.roles import Act
from allstop.store import lists
from allstop.store.models import LeadImport

router = Router(tags=["leads"])


class LeadImportOut(Schema):
    id: int
    file_name: str
    kind: str
    state: str = Field(description="queued, running, done or failed")
    rows_total: int = Field(description="About, until it is over.")
    rows_done: int
    created: int
    refused: dict[str, int] = Field(
        description="How many rows became no lead, and why: paused, duplicate, repeated, closed, or unusable."
    )
    failure: str = Field(description="The rows that were done stand.")
    by: str
    created_at: datetime
    finished_at: datetime | None


class LeadImportPage(Schema):
    items: list[LeadImportOut] = Field(description="The newest 20.")


class LeadImportRowOut(Schema):
    row: int = Field(description="Of the file, from 1.")
    outcome: str = Field(description="created, or why not: paused, duplicate, repeated, closed, or unusable.")
    words: str
    lead: UUID | None = Field(description="Created, or the one that stands.")
    name: str = Field(description="Of the lead.")


class LeadImportRowPage(Schema):
    items: list[LeadImportRowOut]
    next: int | None = Field(description="For `after`; null on the last page.")


class RowsAsked(Paged):
    refused: bool = Field(False, description="Only rows that became no lead.")


def lead_import_shape(actor: Actor, import_id: int) -> LeadImportOut:
    return _shape(actions.import_of(actor, import_id))


def _shape(source: LeadImport) -> LeadImportOut:
    reasons = lists.lead_import_reasons(source.account_id, source.pk) if source.refused else []
    return LeadImportOut(
        id=source.pk,
        file_name=source.file_name,
        kind=source.kind,
        state=source.state,
        rows_total=source.total,
        rows_done=source.position,
        created=source.created,
        refused={outcome: number for outcome, _, number in reasons},
        failure=source.failure,
        by=source.by,
        created_at=source.created_at,
        finished_at=source.finished_at,
    )


def lead_imports_page(actor: Actor) -> LeadImportPage:
    require(actor, Act.VIEW)
    return LeadImportPage(items=[_shape(one) for one in lists.lead_imports(actor.account_id)])


def lead_import_rows_page(actor: Actor, import_id: int, asked: RowsAsked) -> LeadImportRowPage:
    source = actions.import_of(actor, import_id)
    found = lists.lead_import_rows(
        source.account_id, source.pk, after=asked.after or 0, limit=asked.limit + 1, refused=asked.refused
    )
    shown = found[: asked.limit]
    return LeadImportRowPage(
        items=[
            LeadImportRowOut(row=one.row, outcome=one.outcome, words=one.words, lead=one.lead, name=one.name)
            for one in shown
        ],
        next=shown[-1].id if len(found) > asked.limit else None,
    )


@router.post("/leads/imports", response={201: LeadImportOut, **refusals(400, 403)}, operation_id="import_leads")
def take(
    request: Call,
    file: Annotated[UploadedFile, File(description="CSV, TSV, XLSX or vCard; up to 32 MB.")],
    kind: Annotated[Text, Form("", description="Of all its leads: your own word, such as buyer.")],
) -> Status[LeadImportOut]:
    """Hand in a file of leads (multipart/form-data). Each row becomes a lead or says why not.

    A short file is done when this answers, a longer one goes on: ask for its state. Handing it in again makes nothing
    twice. Roles: admin, leader, member.
    """
    source = actions.import_leads(request.auth, file.name or "leads", file.chunks(), kind, request.now)
    return Status(201, lead_import_shape(request.auth, source.pk))


@router.get("/leads/imports", response={200: LeadImportPage, **refusals()}, operation_id="list_lead_imports")
def list_imports(request: Call) -> LeadImportPage:
    """Newest first."""
    return lead_imports_page(request.auth)


@router.get(
    "/leads/imports/{int:import_id}",
    response={200: LeadImportOut, **refusals(404)},
    operation_id="get_lead_import",
)
def get_import(request: Call, import_id: Path[Id]) -> LeadImportOut:
    """How far it is, and what became of its rows in numbers."""
    return lead_import_shape(request.auth, import_id)


@router.get(
    "/leads/imports/{int:import_id}/rows",
    response={200: LeadImportRowPage, **refusals(404)},
    operation_id="list_lead_import_rows",
)
def list_rows(request: Call, import_id: Path[Id], asked: Query[RowsAsked]) -> LeadImportRowPage:
    """What became of each row, in the file's order."""
    return lead_import_rows_page(request.auth, import_id, asked)
