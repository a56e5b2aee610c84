"""Imports: a file is taken in and guessed, looked at, confirmed, and becomes a job or nothing at all."""

from datetime import datetime
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpResponse
from ninja import File, Form, Path, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field, ValidationError

from allstop.actions.actor import Actor
from allstop.actions.import_options import options_to_json
from allstop.actions.import_preview import Preview, PreviewMessage, preview
from allstop.actions.imports import confirm, import_of, options_of, problems_csv, upload
from allstop.doors.api.addresses import Address
from allstop.doors.api.errors import refusals
from allstop.doors.api.import_choices import ImportChoices, choose
from allstop.doors.api.request import Call, Id, Text
from allstop.doors.api.shape_words import WrongShape, shape_problems
from allstop.formats.table import RowProblem
from allstop.rules.reasons import in_words
from allstop.rules.verdict import VerdictWord, reason_of, word_of
from allstop.store.models import Import, ImportState, JobSource

router = Router(tags=["imports"])


class ProblemOut(Schema):
    row: int = Field(description="As a person sees it in the file, from 1.")
    column: str
    value: str
    problem: str


class PreviewMessageOut(Schema):
    channel: str
    to: Address
    subject: str
    body: str
    parts: int = Field(description="Of a text, as carriers count and bill them.")
    verdict: VerdictWord
    reason: str
    words: str
    leaves_at: datetime | None
    told_in_row: int | None = Field(description="Somebody of the family is told there, in one message with this one.")


class PreviewRowOut(Schema):
    row: int
    name: str
    contact_id: int | None
    location: str
    is_cancelled: bool
    messages: list[PreviewMessageOut]


class ImportPreviewOut(Schema):
    columns: list[str]
    assumptions: list[str] = Field(description="What was guessed or left out, in words.")
    blockers: dict[str, str] = Field(description="What must be put right before it can be confirmed.")
    rows: list[PreviewRowOut] = Field(description="The first rows as they will be sent.")
    problems: list[ProblemOut] = Field(description="Among the first `rows_looked_at` rows.")
    rows_looked_at: int


class ImportOut(Schema):
    id: int
    file_name: str
    format: str
    state: str = Field(description="uploaded, queued, running, done or failed")
    rows_total: int | None
    rows_done: int
    rows_refused: int = Field(description="Rows that became no message; each has a problem in words.")
    messages_made: int
    failure: str
    job_id: int | None
    created_by: str
    created_at: datetime
    options: dict[str, Any]
    preview: ImportPreviewOut | None = Field(description="Until it is confirmed.")


def import_shape(actor: Actor, import_id: int, now: datetime) -> ImportOut:
    taken = import_of(actor, import_id)
    is_open = taken.state in (ImportState.UPLOADED, ImportState.FAILED)
    is_unreadable = taken.rows_total is None  # it came by a feed; one that is handed in for a look is refused at once
    return ImportOut(
        id=taken.pk,
        file_name=taken.file_name,
        format=taken.format,
        state=taken.state,
        rows_total=taken.rows_total,
        rows_done=taken.rows_done,
        rows_refused=taken.rows_refused,
        messages_made=taken.messages_made,
        failure=taken.failure,
        job_id=taken.job_id,
        created_by=taken.created_by,
        created_at=taken.created_at,
        options=options_to_json(options_of(taken)),
        preview=_preview(preview(actor, import_id, now)) if is_open and not is_unreadable else None,
    )


def take_in(actor: Actor, file: tuple[str, bytes], choices: ImportChoices, source: JobSource, now: datetime) -> Import:
    """The file with its choices, or nothing."""
    with transaction.atomic():
        return choose(actor, upload(actor, *file, now, source), choices, now)


def _preview(seen: Preview) -> ImportPreviewOut:
    return ImportPreviewOut(
        columns=list(seen.columns),
        assumptions=list(seen.assumptions),
        blockers=dict(seen.blockers),
        rows=[
            PreviewRowOut(
                row=row.row,
                name=row.name,
                contact_id=row.contact_id,
                location=row.location,
                is_cancelled=row.is_cancelled,
                messages=[_message(message) for message in row.messages],
            )
            for row in seen.rows
        ],
        problems=[_problem(problem) for problem in seen.problems],
        rows_looked_at=seen.rows_looked_at,
    )


def _message(message: PreviewMessage) -> PreviewMessageOut:
    return PreviewMessageOut(
        channel=message.channel.value,
        to=message.to,
        subject=message.subject,
        body=message.body,
        parts=message.parts,
        verdict=word_of(message.verdict),
        reason=reason_of(message.verdict),
        words=in_words(reason_of(message.verdict)),
        leaves_at=message.leaves_at,
        told_in_row=message.told_in_row,
    )


def _problem(problem: RowProblem) -> ProblemOut:
    return ProblemOut(row=problem.row, column=problem.column or "", value=problem.value, problem=problem.problem)


def _choices(text: str) -> ImportChoices:
    try:
        return ImportChoices.model_validate_json(text or "{}")
    except ValidationError as wrong:
        raise WrongShape(**shape_problems(wrong.errors(), "options")) from wrong


@router.post("/imports", response={201: ImportOut, **refusals(400, 403)}, operation_id="upload_import")
def take(
    request: Call,
    file: Annotated[UploadedFile, File(description="CSV, TSV, XLSX, iCalendar, or FHIR JSON; up to 64 MB.")],
    options: Annotated[
        Text,
        Form("", description="JSON with what shall differ from the guess; its fields are under ImportChoices."),
    ],
) -> Status[ImportOut]:
    """Hand in a file of reminders (multipart/form-data). Nothing of it leaves until it is confirmed.

    Roles: admin, leader, member.
    """
    content = file.name or "", file.read()
    taken = take_in(request.auth, content, _choices(options), JobSource.API, request.now)
    return Status(201, import_shape(request.auth, taken.pk, request.now))


@router.get("/imports/{int:import_id}", response={200: ImportOut, **refusals(404)}, operation_id="get_import")
def get_import(request: Call, import_id: Path[Id]) -> ImportOut:
    """How far it is; until it is confirmed, the first rows as they will be sent."""
    return import_shape(request.auth, import_id, request.now)


@router.post(
    "/imports/{int:import_id}/confirm",
    response={200: ImportOut, **refusals(403, 404, 409)},
    operation_id="confirm_import",
)
def confirm_it(request: Call, import_id: Path[Id]) -> ImportOut:
    """Let a worker make the messages. 409 when it was confirmed before. Roles: admin, leader, member."""
    confirm(request.auth, import_id, request.now)
    return import_shape(request.auth, import_id, request.now)


@router.get(
    "/imports/{int:import_id}/problems",
    response={200: bytes, **refusals(404)},
    operation_id="list_import_problems",
    openapi_extra={
        "responses": {
            200: {"description": "Row, Column, Value, Problem", "content": {"text/csv": {"schema": {"type": "string"}}}}
        }
    },
)
def problems(request: Call, import_id: Path[Id]) -> HttpResponse:
    """The rows that became no message, as CSV in UTF-8."""
    answer = HttpResponse(problems_csv(request.auth, import_id), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="problems-{import_id}.csv"'
    return answer
