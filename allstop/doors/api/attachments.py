"""Attachments: files that emails take along. Uploaded once, then named by their ids in messages, sends and answers."""

import json
from typing import Annotated
from urllib.parse import quote

from django.http import HttpResponse
from ninja import File, Path, Router, Schema, Status
from ninja.errors import HttpError, ValidationError
from ninja.files import UploadedFile
from pydantic import Base64Bytes, Field
from pydantic import ValidationError as PydanticError

from allstop.actions.actor import Invalid
from allstop.actions.attachments import attachment_of, attachment_to_see, upload
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Id, Line, Strict
from allstop.rules.files_out import MEGABYTE, MOST_FILES, MOST_MB

router = Router(tags=["attachments"])

Attached = Annotated[list[Id], Field(max_length=MOST_FILES)]
LONGEST_BODY = MOST_MB * MEGABYTE * 3 // 2  # of a file in Base64, with room for its name
IDS = "Ids of uploaded files, in their order. Emails only."


class AttachmentOut(Schema):
    id: int
    name: str = Field(description="Cleaned: without folders and without what mail programs trip over.")
    type: str = Field(description="What the mail calls it, such as application/pdf.")
    size: int = Field(description="In bytes.")


class FileIn(Strict):
    name: Line
    content: Base64Bytes = Field(description="The file in Base64.")


@router.post("/attachments", response={201: AttachmentOut, **refusals(400, 403)}, operation_id="upload_attachment")
def take(request: Call, file: Annotated[UploadedFile, File(description="The file.")]) -> Status[AttachmentOut]:
    """Upload a file that emails may take along (multipart/form-data). What no message names is forgotten after a day.

    422: it is empty, larger than one email may take along, or it runs when it is opened. Roles: admin, leader, member.
    """
    kept = upload(request.auth, file.name or "", file.read(), request.now)
    return Status(201, AttachmentOut.from_orm(kept))


@router.post(
    "/attachments/base64",
    response={201: AttachmentOut, **refusals(400, 403)},
    operation_id="upload_attachment_base64",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/FileIn"}}},
        }
    },
)
def take_base64(request: Call) -> Status[AttachmentOut]:
    """The same in JSON, for programs that send nothing else. Roles: admin, leader, member."""
    file = _read(request)
    kept = upload(request.auth, file.name, file.content, request.now)
    return Status(201, AttachmentOut.from_orm(kept))


def _read(request: Call) -> FileIn:
    """Of the stream: Django keeps bodies that are read as a whole to 2.5 MB, for everybody who calls."""
    body = request.read(LONGEST_BODY + 1)
    if len(body) > LONGEST_BODY:
        raise Invalid(content=f"An email takes at most {MOST_MB} MB: leave something out, or send a link.")
    try:
        return FileIn.model_validate(json.loads(body))
    except ValueError as wrong:
        if not isinstance(wrong, PydanticError):
            raise HttpError(400, "no JSON") from wrong
        raise ValidationError([{**one, "loc": ("body", "file", *one["loc"])} for one in wrong.errors()]) from wrong


@router.get(
    "/attachments/{int:attachment_id}", response={200: AttachmentOut, **refusals(404)}, operation_id="get_attachment"
)
def get(request: Call, attachment_id: Path[Id]) -> AttachmentOut:
    """Its name, its type and its size."""
    return AttachmentOut.from_orm(attachment_of(request.auth, attachment_id))


@router.get(
    "/attachments/{int:attachment_id}/content",
    response={200: bytes, **refusals(404)},
    operation_id="get_attachment_content",
    openapi_extra={
        "responses": {
            200: {"description": "OK", "content": {"application/octet-stream": {"schema": {"type": "string"}}}}
        },
    },
)
def content(request: Call, attachment_id: Path[Id]) -> HttpResponse:
    """The file as it was uploaded."""
    found = attachment_to_see(request.auth, attachment_id)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(found.content, content_type="application/octet-stream", headers=headers)
