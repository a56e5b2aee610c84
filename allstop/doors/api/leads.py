"""Leads: created, listed, qualified, unqualified, and Do Not Contact."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from ninja import Path, Query, Router, Schema, Status
from pydantic import Field, field_validator

from allstop.actions.actor import Conflict, Invalid, NotThere, require
from allstop.actions.intake import Taken, create_lead
from allstop.actions.lead_details import NewLead
from allstop.actions.lead_no import do_not_contact
from allstop.actions.leads import edit_lead, note_on_lead, qualify, unqualify
from allstop.doors.api.addresses import Address
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Asked, Call, Id, Key, Line, Paged, Strict, Text
from allstop.rules.leads import (
    CHOSEN_REASONS,
    LONGEST_COMMENT,
    LONGEST_KIND,
    LONGEST_NOTE,
    LeadSource,
    LeadStatus,
    Reason,
)
from allstop.rules.roles import Act
from allstop.store import lists
from allstop.store.models import Account

router = Router(tags=["leads"])

Note = Annotated[Text, Field(max_length=LONGEST_NOTE)]
Kind = Annotated[Text, Field(max_length=LONGEST_KIND, description="Your own word, such as buyer.")]
Comment = Annotated[Text, Field(max_length=LONGEST_COMMENT, description="What they wrote.")]
MOST_WEEKS = 104


class LeadIn(Strict):
    phone: Line = Field(description="Read in the account's country unless it begins with +. All the rest is optional.")
    email: Line = ""
    given_name: Line = ""
    family_name: Line = ""
    external_id: Line = Field("", description="Your own id of the person.")
    kind: Kind = ""
    comment: Comment = ""
    location_id: Id | None = None
    assigned_to_id: Id | None = Field(None, description="A member: of a contact who is nobody's.")
    source: Literal["api", "call"] = Field("api", description="call: your telephone system tells of a caller.")


class LeadOut(Schema):
    id: UUID
    contact_id: int
    name: str
    phone: str
    email: Address
    status: str = Field(description="new, qualified or unqualified.")
    reason: str = Field(description="Why it is unqualified.")
    note: str
    source: str = Field(description="api, email, manual, file, text or call.")
    kind: str
    comment: str
    location_id: int | None
    assigned_to_id: int | None
    assigned_to: str
    created_at: datetime
    ended_at: datetime | None
    ended_by: str
    opted_out: bool = Field(description="Nothing leaves to them: they opted out, or Stop All stands.")


class LeadEventOut(Schema):
    at: datetime
    title: str = Field(description="Such as Lead Created, Outbound SMS, Qualified Lead.")
    by: str
    detail: str
    message_id: int | None
    words: str = Field(description="Of the message, or of what they wrote.")


class LeadDetailOut(LeadOut):
    history: list[LeadEventOut] = Field(description="The newest first, at most 200.")


class LeadPage(Schema):
    items: list[LeadOut]
    next: int | None = Field(description="For `after`; null on the last page.")


class LeadsAsked(Paged):
    status: LeadStatus | None = None
    source: LeadSource | None = None
    assigned_to: int | None = Field(None, ge=-1, description="A member's id; -1 = nobody.")
    contact: Id | None = None
    q: Annotated[Text, Field(max_length=200)] = Field("", description="Part of a name, number or email.")


class LeadChange(Strict):
    kind: Kind | None = None
    comment: Comment | None = None
    location_id: Id | None = None


class LeadDecisionIn(Strict):
    note: Note = ""


class UnqualifyIn(LeadDecisionIn):
    reason: Reason = Field(Reason.ENDED, description=f"{', '.join(CHOSEN_REASONS)}.")

    @field_validator("reason")
    @classmethod
    def _may_be_chosen(cls, reason: Reason) -> Reason:
        if reason not in CHOSEN_REASONS:
            raise ValueError(f"Choose one of: {', '.join(CHOSEN_REASONS)}.")
        return reason


class LeadNoteIn(Strict):
    text: Note


class FunnelAsked(Asked):
    weeks: int = Field(12, ge=1, le=MOST_WEEKS, description="How many, this one included.")


class FunnelOut(Schema):
    week: date = Field(description="Its Monday.")
    source: str
    created: int
    qualified: int = Field(description="Of the leads that were created in this week.")
    unqualified: int


class FunnelPage(Schema):
    items: list[FunnelOut]


def lead_out(row: lists.LeadRow) -> LeadOut:
    return LeadOut(
        id=row.public_id,
        contact_id=row.contact_id,
        name=row.name,
        phone=row.phone,
        email=row.email,
        status=row.status.value,
        reason=row.reason,
        note=row.note,
        source=row.source.value,
        kind=row.kind,
        comment=row.comment,
        location_id=row.location_id,
        assigned_to_id=row.owner_id,
        assigned_to=row.owner,
        created_at=row.created_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        opted_out=row.is_opted_out,
    )


def lead_shape(account_id: int, lead_id: UUID) -> LeadDetailOut:
    row = lists.lead(account_id, lead_id)
    if row is None:
        raise NotThere("There is no such lead.")
    told = [
        LeadEventOut(
            at=one.at,
            title=one.title.value,
            by=one.by,
            detail=one.detail,
            message_id=one.message_id,
            words=one.words,
        )
        for one in lists.lead_history(account_id, lead_id)
    ]
    return LeadDetailOut(**lead_out(row).model_dump(), history=told)


def lead_page(account_id: int, asked: LeadsAsked) -> LeadPage:
    wanted = lists.LeadFilter(
        status=asked.status, source=asked.source, owner=asked.assigned_to, q=asked.q, contact=asked.contact
    )
    found = lists.leads(account_id, wanted, after=asked.after, limit=asked.limit + 1)
    shown = found[: asked.limit]
    return LeadPage(items=[lead_out(row) for row in shown], next=shown[-1].id if len(found) > asked.limit else None)


def funnel_page(account_id: int, weeks: int, now: datetime) -> FunnelPage:
    zone = Account.objects.get(pk=account_id).zone
    found = lists.funnel(account_id, zone, first_monday(now.astimezone(ZoneInfo(zone)).date(), weeks))
    return FunnelPage(
        items=[
            FunnelOut(
                week=row.week,
                source=row.source.value,
                created=row.created,
                qualified=row.qualified,
                unqualified=row.unqualified,
            )
            for row in found
        ]
    )


def first_monday(today: date, weeks: int) -> date:
    return today - timedelta(days=today.weekday(), weeks=weeks - 1)


def made_shape(account_id: int, taken: Taken) -> LeadDetailOut:
    """Of one that was created. A refusal is a Conflict with its reason as the code."""
    if taken.refusal is not None:
        stands = f" It is {taken.lead.public_id}." if taken.lead is not None else ""
        raise Conflict(f"{taken.words}{stands}", code=taken.refusal.value)
    assert taken.lead is not None
    return lead_shape(account_id, taken.lead.public_id)


@router.get("/leads", response={200: LeadPage, **refusals()}, operation_id="list_leads")
def list_leads(request: Call, asked: Query[LeadsAsked]) -> LeadPage:
    """Newest first. Filters combine."""
    require(request.auth, Act.VIEW)
    return lead_page(request.auth.account_id, asked)


@router.post(
    "/leads", response={201: LeadDetailOut, 200: LeadDetailOut, **refusals(400, 403, 409)}, operation_id="create_lead"
)
def create(
    request: Call,
    lead: LeadIn,
    idempotency_key: Key,
) -> Status[LeadDetailOut]:
    """A new lead; only the phone number is required. Whoever has the number already is that contact.

    201 with the id if it was created. 409 if not, with the reason as the code: `paused`, `duplicate` (the contact has a
    new lead), `repeated` (they had one too short a time ago), `closed`. 200 answers a repeated Idempotency-Key.
    Roles: admin, leader, member.
    """
    said = lead.model_dump()
    if not said["phone"].strip():
        raise Invalid(phone="Give a phone number.")
    taken = create_lead(
        request.auth, NewLead(**said | {"source": LeadSource(lead.source)}), request.now, idempotency_key
    )
    return Status(200 if taken.is_repeat else 201, made_shape(request.auth.account_id, taken))


@router.get("/leads/funnel", response={200: FunnelPage, **refusals()}, operation_id="lead_funnel")
def get_funnel(request: Call, asked: Query[FunnelAsked]) -> FunnelPage:
    """What has become of the leads of each week, source by source. Weeks begin on Monday, on the account's clock."""
    require(request.auth, Act.VIEW)
    return funnel_page(request.auth.account_id, asked.weeks, request.now)


@router.get("/leads/{lead_id}", response={200: LeadDetailOut, **refusals(404)}, operation_id="get_lead")
def get_lead(request: Call, lead_id: Path[UUID]) -> LeadDetailOut:
    """One lead with its history."""
    require(request.auth, Act.VIEW)
    return lead_shape(request.auth.account_id, lead_id)


@router.patch("/leads/{lead_id}", response={200: LeadDetailOut, **refusals(400, 403, 404)}, operation_id="update_lead")
def update(request: Call, lead_id: Path[UUID], change: LeadChange) -> LeadDetailOut:
    """Change the fields that are sent. Roles: admin, leader, member."""
    said = change.model_dump(exclude_unset=True)
    fields = {name: value if value is not None or name == "location_id" else "" for name, value in said.items()}
    edit_lead(request.auth, lead_id, request.now, **fields)
    return lead_shape(request.auth.account_id, lead_id)


@router.post(
    "/leads/{lead_id}/qualify",
    response={200: LeadDetailOut, **refusals(400, 403, 404)},
    operation_id="qualify_lead",
)
def end_qualified(request: Call, lead_id: Path[UUID], said: LeadDecisionIn) -> LeadDetailOut:
    """Worth a person's time. One that is qualified already stays as it is. Roles: admin, leader, member."""
    qualify(request.auth, lead_id, said.note, request.now)
    return lead_shape(request.auth.account_id, lead_id)


@router.post(
    "/leads/{lead_id}/unqualify",
    response={200: LeadDetailOut, **refusals(400, 403, 404)},
    operation_id="unqualify_lead",
)
def end_unqualified(request: Call, lead_id: Path[UUID], said: UnqualifyIn) -> LeadDetailOut:
    """Stop working it, with a reason. One that is unqualified already stays as it is. Roles: admin, leader, member."""
    unqualify(request.auth, lead_id, said.reason, said.note, request.now)
    return lead_shape(request.auth.account_id, lead_id)


@router.post("/leads/{lead_id}/dnc", response={200: LeadDetailOut, **refusals(400, 403, 404)}, operation_id="dnc_lead")
def dnc(request: Call, lead_id: Path[UUID], said: LeadDecisionIn) -> LeadDetailOut:
    """Do Not Contact: unqualified, and opted out of every channel. Every worker obeys when this answers.

    Only the contact lifts an opt-out. Roles: admin, leader, member.
    """
    do_not_contact(request.auth, lead_id, said.note, request.now)
    return lead_shape(request.auth.account_id, lead_id)


@router.post(
    "/leads/{lead_id}/notes",
    response={200: LeadDetailOut, **refusals(400, 403, 404)},
    operation_id="note_lead",
)
def note(request: Call, lead_id: Path[UUID], said: LeadNoteIn) -> LeadDetailOut:
    """A note for colleagues, never sent. Roles: admin, leader, member."""
    note_on_lead(request.auth, lead_id, said.text, request.now)
    return lead_shape(request.auth.account_id, lead_id)
