"""What stops without a log-in: emergency links, and phones whose text stops."""

from datetime import datetime
from typing import Literal

from ninja import Path, Router, Schema, Status
from pydantic import Field

from allstop.actions.stop_links import LONGEST_LIFE, USUAL_LIFE, address_of, make_link, revoke_link, state_of
from allstop.actions.stop_phones import remove_phone, set_phone
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Id, Line, Strict
from allstop.store import lists
from allstop.store.models import StopLink, StopPhone

router = Router(tags=["emergency"])


class LinkOut(Schema):
    id: int
    name: str = Field(description="Who has it, or where it is kept.")
    state: Literal["ready", "used", "revoked", "expired"]
    made_by: str
    made_at: datetime
    expires_at: datetime | None = Field(description="null: good until it is used or revoked.")
    used_at: datetime | None
    used_stop: int | None = Field(description="The number of the stop that it made.")
    revoked_by: str
    revoked_at: datetime | None


class NewLink(LinkOut):
    address: str = Field(description="Shown only now. Whoever opens it can stop, once.")


class LinkIn(Strict):
    name: Line
    days: int | None = Field(
        USUAL_LIFE, ge=1, le=LONGEST_LIFE, description="How long it is good; null: until it is used or revoked."
    )


class PhoneOut(Schema):
    id: int
    member: int
    name: str = Field(description="The member's.")
    phone: str
    set_by: str
    set_at: datetime


class NewPhone(PhoneOut):
    code: str = Field(description="Shown only now. The text that stops is ALLSTOP and the code.")


class PhoneIn(Strict):
    email: Line = Field(description="With which the member logs in.")
    phone: Line
    code: Line = Field("", description="6 to 20 letters and digits; without one, six digits are made.")


class Gone(Schema):
    id: int


def link_shape(link: StopLink, now: datetime) -> LinkOut:
    return LinkOut(
        id=link.pk,
        name=link.name,
        state=state_of(link, now),
        made_by=link.made_by,
        made_at=link.made_at,
        expires_at=link.expires_at,
        used_at=link.used_at,
        used_stop=link.used_stop,
        revoked_by=link.revoked_by,
        revoked_at=link.revoked_at,
    )


def phone_shape(listed: StopPhone) -> PhoneOut:
    return PhoneOut(
        id=listed.pk,
        member=listed.member_id,
        name=listed.member.user.name,
        phone=listed.phone,
        set_by=listed.set_by,
        set_at=listed.set_at,
    )


@router.get("/stop-links", response={200: list[LinkOut], **refusals()}, operation_id="list_stop_links")
def list_stop_links(request: Call) -> list[LinkOut]:
    """Emergency links of the account, newest first, also those that are used or revoked. Never their addresses."""
    return [link_shape(one, request.now) for one in lists.stop_links(request.auth.account_id)]


@router.post("/stop-links", response={201: NewLink, **refusals(400, 403)}, operation_id="make_stop_link")
def make_stop_link(request: Call, said: LinkIn) -> Status[NewLink]:
    """Make an emergency link. Its address is in this answer and nowhere else. Roles: admin."""
    link, key = make_link(request.auth, said.name, said.days, request.now)
    return Status(201, NewLink(**link_shape(link, request.now).model_dump(), address=address_of(key)))


@router.delete(
    "/stop-links/{int:link_id}", response={200: LinkOut, **refusals(403, 404)}, operation_id="revoke_stop_link"
)
def revoke_stop_link(request: Call, link_id: Path[Id]) -> LinkOut:
    """The link stops nothing from now on. One that is used or revoked stays as it is. Roles: admin."""
    revoke_link(request.auth, link_id, request.now)
    return link_shape(StopLink.objects.get(account_id=request.auth.account_id, pk=link_id), request.now)


@router.get("/stop-phones", response={200: list[PhoneOut], **refusals()}, operation_id="list_stop_phones")
def list_stop_phones(request: Call) -> list[PhoneOut]:
    """Phones whose text stops the account. Never their codes."""
    return [phone_shape(one) for one in lists.stop_phones(request.auth.account_id)]


@router.post("/stop-phones", response={201: NewPhone, **refusals(400, 403, 404)}, operation_id="set_stop_phone")
def set_stop_phone(request: Call, said: PhoneIn) -> Status[NewPhone]:
    """List a member's phone, in place of an earlier one. Its code is in this answer and nowhere else. Roles: admin."""
    members = lists.members(request.auth.account_id)
    member = next((one.pk for one in members if one.user.email.casefold() == said.email.casefold()), 0)
    listed, code = set_phone(request.auth, member, said.phone, said.code, request.now)
    return Status(201, NewPhone(**phone_shape(listed).model_dump(), code=code))


@router.delete(
    "/stop-phones/{int:phone_id}", response={200: Gone, **refusals(403, 404)}, operation_id="remove_stop_phone"
)
def remove_stop_phone(request: Call, phone_id: Path[Id]) -> Gone:
    """Texts from this phone stop nothing from now on. Roles: admin."""
    remove_phone(request.auth, phone_id, request.now)
    return Gone(id=phone_id)
