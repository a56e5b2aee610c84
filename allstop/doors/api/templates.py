"""Saved wording: what the account's files can be sent with."""

from typing import Annotated

from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from allstop.actions.templates import LONGEST_NAME, LONGEST_SUBJECT, delete_template, save_template
from allstop.doors.api.attachments import IDS, Attached, AttachmentOut
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Asked, Call, Id, Strict, Text
from allstop.rules.facts import Channel, Purpose
from allstop.store import lists
from allstop.store.models import Template

router = Router(tags=["templates"])


class TemplatesAsked(Asked):
    channel: Channel | None = Field(None, description="text, call or email; leave out for all.")


class TemplateOut(Schema):
    id: int
    name: str
    channel: str
    purpose: str
    subject: str = Field(description='Of an email; "" otherwise.')
    body: str
    attachments: list[AttachmentOut] = Field(description="Files that an email with this wording takes along.")


class TemplateList(Schema):
    items: list[TemplateOut]


class TemplateIn(Strict):
    name: Annotated[Text, Field(max_length=LONGEST_NAME)] = Field(description="One of its kind on its channel.")
    channel: Channel
    purpose: Purpose
    subject: Annotated[Text, Field(max_length=LONGEST_SUBJECT)] = Field("", description="Emails only; they need one.")
    body: Text = Field(description="With names in braces that an import fills in, such as {first_name}.")
    attachments: Attached | None = Field(None, description=f"{IDS} null: those of the wording that is replaced.")
    replaces: Id | None = Field(None, description="The id of the wording that has this name, to write over it.")


def template_shape(template: Template) -> TemplateOut:
    return TemplateOut(
        id=template.pk,
        name=template.name,
        channel=template.channel,
        purpose=template.purpose,
        subject=template.subject,
        body=template.body,
        attachments=[
            AttachmentOut.from_orm(one) for one in lists.attachments_in(template.account_id, template.attachment_set_id)
        ],
    )


@router.get("/templates", response={200: TemplateList, **refusals()}, operation_id="list_templates")
def list_templates(request: Call, asked: Query[TemplatesAsked]) -> TemplateList:
    """All of it on one page, by channel, then name."""
    saved = lists.templates(request.auth.account_id)
    return TemplateList(
        items=[template_shape(one) for one in saved if asked.channel in (None, one.channel)],
    )


@router.post("/templates", response={201: TemplateOut, **refusals(400, 403)}, operation_id="save_template")
def save(request: Call, template: TemplateIn) -> Status[TemplateOut]:
    """Save wording under a name. A name that is taken is refused unless `replaces` says whose. Roles: admin, leader."""
    written = Template(
        name=template.name,
        channel=template.channel.value,
        purpose=template.purpose.value,
        subject=template.subject,
        body=template.body,
    )
    saved = save_template(
        request.auth, written, request.now, replaces=template.replaces, attachments=template.attachments
    )
    return Status(201, template_shape(saved))


@router.delete(
    "/templates/{int:template_id}", response={200: TemplateOut, **refusals(403, 404)}, operation_id="delete_template"
)
def delete(request: Call, template_id: Path[Id]) -> TemplateOut:
    """Answers what was deleted. Files that took its words keep them. Roles: admin, leader."""
    return template_shape(delete_template(request.auth, template_id, request.now))
