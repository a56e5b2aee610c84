"""Account Status Types with their images, and the reasons for which a status changes, for programs of operators."""

import base64
from typing import Annotated

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from allstop.actions import status_types as types
from allstop.actions.actor import Invalid, NotThere
from allstop.actions.status_images import remove_image, set_image
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Id, Line, Strict, Text
from allstop.rules.lifecycle import AccountStatus
from allstop.rules.pictures import MOST_BYTES, PictureKind, media_type
from allstop.store import lists

router = Router(tags=["operator"])


class TypeOut(Schema):
    id: int
    name: str
    status: AccountStatus = Field(description="The back-end status: it alone decides what is held and billed.")
    image_url: str = Field(description='"": the picture of the back-end status.')
    has_image: bool = Field(description="An uploaded one, which is shown in place of the address.")
    is_counted: bool = Field(description="Shown in the Account Statistics.")
    accounts: int = Field(description="How many have it.")
    planned: int = Field(description="How many will have it.")


class TypeIn(Strict):
    name: Line
    status: AccountStatus
    image_url: Text = ""
    is_counted: bool = True


class ReasonOut(Schema):
    id: int
    text: str


class ReasonIn(Strict):
    text: Line


class DeletedOut(Schema):
    deleted: int


class ImageIn(Strict):
    content: Annotated[str, Field(max_length=MOST_BYTES * 2)] = Field(
        description="In Base64: a PNG, JPEG, GIF or WebP."
    )


def type_shape(row: lists.TypeRow) -> TypeOut:
    one = row.type
    return TypeOut(
        id=one.pk,
        name=one.name,
        status=AccountStatus(one.status),
        image_url=one.image_url,
        has_image=lists.status_images().get(one.pk) is not None,
        is_counted=one.is_counted,
        accounts=row.accounts,
        planned=row.planned,
    )


@router.get("/operator/status-types", response={200: list[TypeOut], **refusals(403)}, operation_id="list_status_types")
def list_status_types(request: Call) -> list[TypeOut]:
    request.auth.as_operator()
    return [type_shape(row) for row in lists.status_types()]


@router.post("/operator/status-types", response={200: TypeOut, **refusals(400, 403)}, operation_id="add_status_type")
def add_status_type(request: Call, said: TypeIn) -> TypeOut:
    by = request.auth.as_operator()
    made = types.save_type(by, None, said.name, said.status, said.image_url, said.is_counted, request.now)
    return type_shape(lists.TypeRow(made, 0, 0))


@router.put(
    "/operator/status-types/{type_id}",
    response={200: TypeOut, **refusals(400, 403, 404, 409)},
    operation_id="change_status_type",
)
def change_status_type(request: Call, type_id: Id, said: TypeIn) -> TypeOut:
    """409 where a type in use would get another back-end status."""
    by = request.auth.as_operator()
    types.save_type(by, type_id, said.name, said.status, said.image_url, said.is_counted, request.now)
    return next(type_shape(row) for row in lists.status_types() if row.type.pk == type_id)


@router.delete(
    "/operator/status-types/{type_id}",
    response={200: DeletedOut, **refusals(403, 404, 409)},
    operation_id="delete_status_type",
)
def delete_status_type(request: Call, type_id: Id) -> DeletedOut:
    """409 for a type in use, with how many accounts have it."""
    by = request.auth.as_operator()
    return DeletedOut(deleted=types.delete_types(by, [types.type_of(type_id).pk], request.now))


@router.get(
    "/operator/status-reasons", response={200: list[ReasonOut], **refusals(403)}, operation_id="list_status_reasons"
)
def list_status_reasons(request: Call) -> list[ReasonOut]:
    request.auth.as_operator()
    return [ReasonOut(id=one.pk, text=one.text) for one in lists.status_reasons()]


@router.post(
    "/operator/status-reasons", response={200: ReasonOut, **refusals(400, 403)}, operation_id="add_status_reason"
)
def add_status_reason(request: Call, said: ReasonIn) -> ReasonOut:
    made = types.add_reason(request.auth.as_operator(), said.text, request.now)
    return ReasonOut(id=made.pk, text=made.text)


@router.delete(
    "/operator/status-reasons/{reason_id}",
    response={200: DeletedOut, **refusals(403, 404, 409)},
    operation_id="delete_status_reason",
)
def delete_status_reason(request: Call, reason_id: Id) -> DeletedOut:
    """What was recorded with it keeps its words. 409: accounts that are past due are suspended for it."""
    by = request.auth.as_operator()
    if reason_id not in {one.pk for one in lists.status_reasons()}:
        raise NotThere("There is no such reason.")
    return DeletedOut(deleted=types.delete_reasons(by, [reason_id], request.now))


@router.put(
    "/operator/status-types/{type_id}/image",
    response={200: TypeOut, **refusals(400, 403, 404)},
    operation_id="set_status_image",
)
def set_status_image(request: Call, type_id: Id, said: ImageIn) -> TypeOut:
    """Uploads a picture, which is shown in place of the address. What it is its bytes say."""
    by = request.auth.as_operator()
    try:
        content = base64.b64decode(said.content, validate=True)
    except ValueError as odd:  # also where it is not ASCII
        raise Invalid(content="This is no Base64.") from odd
    try:
        set_image(by, type_id, content, request.now)
    except Invalid as refused:
        raise Invalid(content=refused.problems["image"]) from refused
    return _shown(type_id)


@router.get(
    "/operator/status-types/{type_id}/image",
    response={200: bytes, **refusals(403, 404)},
    operation_id="get_status_image",
    openapi_extra={
        "responses": {
            200: {"description": "OK", "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}}
        },
    },
)
def get_status_image(request: Call, type_id: Id) -> HttpResponse:
    """The uploaded picture."""
    request.auth.as_operator()
    found = lists.status_image(type_id)
    if found is None:
        raise NotThere("The status type has no uploaded image.")
    headers = {"X-Content-Type-Options": "nosniff"}
    return HttpResponse(bytes(found.content), content_type=media_type(PictureKind(found.kind)), headers=headers)


@router.delete(
    "/operator/status-types/{type_id}/image",
    response={200: TypeOut, **refusals(403, 404)},
    operation_id="remove_status_image",
)
def remove_status_image(request: Call, type_id: Id) -> TypeOut:
    """A second time it changes nothing."""
    remove_image(request.auth.as_operator(), type_id, request.now)
    return _shown(type_id)


def _shown(type_id: int) -> TypeOut:
    return next(type_shape(row) for row in lists.status_types() if row.type.pk == type_id)
