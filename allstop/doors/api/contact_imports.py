"""Contacts from a file and to a file: uploaded, looked at, confirmed, taken back; exported as CSV, Excel or vCard."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpResponse, StreamingHttpResponse
from ninja import File, Form, Path, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field, ValidationError

from allstop.actions import contact_imports as actions
from allstop.actions.actor import Actor, Invalid
from allstop.actions.bulk import Selection
from allstop.actions.contact_export import ExportFormat, export_contacts
from allstop.actions.contact_import_options import options_from_json
from allstop.actions.contact_import_undo import UNDO_FOR, undo_import, why_no_undo
from allstop.doors.api.contacts import Filtered
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Asked, Call, Id, Strict, Text
from allstop.doors.api.shape_words import WrongShape, shape_problems
from allstop.formats.people_file import PeopleOpening
from allstop.formats.person import PersonField
from allstop.store.models import ContactImport, ContactImportState

router = Router(tags=["contacts"])


class ContactChoices(Strict):
    columns: dict[str, PersonField | None] = Field(
        {},
        description="Column of the file -> what it holds; null = left out. Columns that are not named stay as guessed.",
    )
    overwrite: bool = Field(False, description="Where file and Phonebook differ, the file is right.")
    encoding: str | None = Field(None, description="null = guessed; so are the next two.")
    delimiter: str | None = None
    sheet: str | None = None


class ContactProblemOut(Schema):
    row: int
    is_refused: bool = Field(description="The whole row; otherwise the part of it that was left out.")
    column: str
    value: str
    problem: str


class ContactPreviewOut(Schema):
    columns: dict[str, str | None] = Field(description="Column of the file -> what it holds. {} of a vCard.")
    rows_looked_at: int
    added: int
    completed: int
    unchanged: int
    refused: int
    problems: list[ContactProblemOut]
    notes: list[str]
    blocker: str = Field(description="Why it cannot be confirmed; empty = it can.")


class ContactImportOut(Schema):
    id: int
    file_name: str
    format: str
    state: str = Field(description="uploaded, queued, running, confirming, done, failed, undoing or undone")
    rows_total: int = Field(description="About, until it is done.")
    rows_done: int
    added: int
    completed: int = Field(description="Contacts that were there and lacked something.")
    unchanged: int
    refused: int
    removed: int = Field(description="By the undo; so are the next two.")
    restored: int
    kept: int = Field(description="Something has happened to them since.")
    failure: str
    by: str
    created_at: datetime
    finished_at: datetime | None
    undo_until: datetime | None = Field(description="null: it cannot be undone (any more).")
    preview: ContactPreviewOut | None = Field(description="Until it is confirmed: what the first 2,000 rows will do.")


class ContactExportAsked(Filtered, Asked):
    format: ExportFormat = Field(ExportFormat.CSV, description="csv, xlsx, vcard3 (which every phone takes) or vcard4")


def contact_import_shape(actor: Actor, import_id: int, *, whole: bool = False) -> ContactImportOut:
    """`whole`: the preview looks at every row."""
    source = actions.import_of(actor, import_id)
    now = datetime.now(UTC)
    may_undo = source.finished_at is not None and not why_no_undo(source, now)
    is_open = source.state == ContactImportState.UPLOADED
    return ContactImportOut(
        id=source.pk,
        file_name=source.file_name,
        format=source.format,
        state=source.state,
        rows_total=source.rows_total,
        rows_done=source.position,
        added=source.added,
        completed=source.completed,
        unchanged=source.unchanged,
        refused=source.refused,
        removed=source.removed,
        restored=source.restored,
        kept=source.kept,
        failure=source.failure,
        by=source.by,
        created_at=source.created_at,
        finished_at=source.finished_at,
        undo_until=source.finished_at + UNDO_FOR if may_undo and source.finished_at else None,
        preview=_preview(actions.preview(actor, import_id, now, whole=whole)) if is_open else None,
    )


def _preview(seen: actions.ContactPreview) -> ContactPreviewOut:
    planned = seen.planned
    problems = [
        ContactProblemOut(row=one.row, is_refused=whole, column=one.column or "", value=one.value, problem=one.problem)
        for one, whole in (*((one, True) for one, _ in planned.refused), *((one, False) for one in planned.left_out))
    ]
    named = zip(seen.columns, seen.options.fields, strict=True)
    return ContactPreviewOut(
        columns={column: field.value if field else None for column, field in named},
        rows_looked_at=seen.rows_looked_at,
        added=planned.added,
        completed=planned.completed,
        unchanged=planned.unchanged,
        refused=len(planned.refused),
        problems=sorted(problems, key=lambda one: one.row)[:200],
        notes=list(seen.notes),
        blocker=seen.blocker,
    )


def take_contacts(actor: Actor, file_name: str, chunks: Any, choices: ContactChoices, now: datetime) -> ContactImport:
    """The file with its choices, or nothing."""
    with transaction.atomic():
        source = actions.upload(actor, file_name, chunks, now)
        opening = PeopleOpening(choices.sheet, choices.encoding, choices.delimiter)
        if opening != PeopleOpening():
            source = _configured(actor, source, now, opening=opening)
        options = options_from_json(source.options)
        unknown = next((name for name in choices.columns if name not in options.columns), None)
        if unknown is not None:
            raise Invalid(columns=f"The file has no column {unknown}. It has: {', '.join(options.columns)}.")
        fields = tuple(
            choices.columns.get(name, guessed) for name, guessed in zip(options.columns, options.fields, strict=False)
        )
        return _configured(actor, source, now, fields=fields, overwrite=choices.overwrite)


def _configured(actor: Actor, source: ContactImport, now: datetime, **changes: Any) -> ContactImport:
    return actions.configure(actor, source.pk, replace(options_from_json(source.options), **changes), now)


def _choices(text: str) -> ContactChoices:
    try:
        return ContactChoices.model_validate_json(text or "{}")
    except ValidationError as wrong:
        raise WrongShape(**shape_problems(wrong.errors(), "options")) from wrong


@router.post(
    "/contacts/imports", response={201: ContactImportOut, **refusals(400, 403)}, operation_id="upload_contacts"
)
def take(
    request: Call,
    file: Annotated[UploadedFile, File(description="CSV, TSV, XLSX or vCard; up to 256 MB.")],
    options: Annotated[
        Text,
        Form("", description="JSON with what shall differ from the guess; its fields are under ContactChoices."),
    ],
) -> Status[ContactImportOut]:
    """Hand in a file of contacts (multipart/form-data). Nothing of it is in the Phonebook until it is confirmed.

    Roles: admin, leader, member.
    """
    source = take_contacts(request.auth, file.name or "contacts", file.chunks(), _choices(options), request.now)
    return Status(201, contact_import_shape(request.auth, source.pk))


@router.get(
    "/contacts/imports/{int:import_id}",
    response={200: ContactImportOut, **refusals(404)},
    operation_id="get_contact_import",
)
def get_contact_import(request: Call, import_id: Path[Id]) -> ContactImportOut:
    """How far it is; until it is confirmed, what the first 2,000 rows will do."""
    return contact_import_shape(request.auth, import_id)


@router.post(
    "/contacts/imports/{int:import_id}/confirm",
    response={200: ContactImportOut, **refusals(403, 404, 409)},
    operation_id="confirm_contact_import",
)
def confirm(request: Call, import_id: Path[Id]) -> ContactImportOut:
    """Let a worker write the contacts. 409 when it was confirmed before. Roles: admin, leader, member."""
    actions.confirm(request.auth, import_id, request.now)
    return contact_import_shape(request.auth, import_id)


@router.get(
    "/contacts/imports/{int:import_id}/refused",
    response={200: bytes, **refusals(404)},
    operation_id="list_refused_contacts",
    openapi_extra={
        "responses": {
            200: {
                "description": "Row, Why it was refused, and the columns of the file",
                "content": {"text/csv": {"schema": {"type": "string"}}},
            }
        }
    },
)
def refused(request: Call, import_id: Path[Id]) -> HttpResponse:
    """The rows that were refused, as they stand in the file, with reasons: a CSV to be corrected and sent again."""
    content = b"".join(actions.refused_csv(request.auth, import_id))
    answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="refused-{import_id}.csv"'
    return answer


@router.post(
    "/contacts/imports/{int:import_id}/undo",
    response={200: ContactImportOut, **refusals(403, 404, 409)},
    operation_id="undo_contact_import",
)
def undo(request: Call, import_id: Path[Id]) -> ContactImportOut:
    """Take it back within ten minutes, but for whom somebody has changed since. Roles: admin, leader, member."""
    undo_import(request.auth, import_id, request.now)
    return contact_import_shape(request.auth, import_id)


@router.get(
    "/contacts/export",
    response={200: bytes, **refusals(403, 404)},
    operation_id="export_contacts",
    openapi_extra={
        "responses": {
            200: {
                "description": "The contacts that match, as a file; made while it is sent",
                "content": {"text/csv": {"schema": {"type": "string"}}},
            }
        }
    },
)
def export(request: Call, asked: Query[ContactExportAsked]) -> StreamingHttpResponse:
    """All contacts that match a filter, as a file. It is written down who exported how many. Roles: admin, leader."""
    made = export_contacts(request.auth, Selection(filter=asked.filter()), asked.format, request.now)
    answer = StreamingHttpResponse(made.pieces, content_type=made.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{made.file_name}"'
    return answer
