"""End Conversations: every new lead, or one member's, at once; its progress, and integrators told after all."""

from datetime import datetime
from typing import Annotated

from ninja import Path, Query, Router, Schema
from pydantic import Field

from allstop.actions.mass_end import end_conversations, mass_end_of, what_would_end
from allstop.actions.mass_end_replay import replay_mass_end
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Asked, Call, Id, Strict, Text
from allstop.store.models import MassEnd

router = Router(tags=["leads"])


class AheadOut(Schema):
    leads: int = Field(description="Leads that are new: what one press would end now.")


class AheadAsked(Asked):
    member_id: Id | None = Field(None, description="Only the leads of contacts who are assigned to this member.")


class MassEndIn(Strict):
    confirm: Annotated[Text, Field(max_length=40)] = Field(description="The word CONFIRM, exactly.")
    member_id: Id | None = Field(None, description="Only this member's leads; null = everybody's.")


class MassEndOut(Schema):
    id: int
    state: str = Field(description="queued, running, confirming, done or failed")
    member: str = Field(description='Whose leads; "" = everybody\'s.')
    total: int = Field(description="Leads that were new when it was asked for.")
    ended: int
    withdrawn: int = Field(description="Messages that were waiting and now never leave.")
    by: str
    failure: str
    created_at: datetime
    finished_at: datetime | None
    replayed_at: datetime | None = Field(description="When webhooks were told after all; null: they were not.")
    replayed_by: str


def mass_end_shape(end: MassEnd) -> MassEndOut:
    return MassEndOut(
        id=end.pk,
        state=end.state,
        member=end.member_name,
        total=end.total,
        ended=end.ended,
        withdrawn=end.withdrawn,
        by=end.by,
        failure=end.failure,
        created_at=end.created_at,
        finished_at=end.finished_at,
        replayed_at=end.replayed_at,
        replayed_by=end.replayed_by,
    )


@router.get("/mass-ends/ahead", response={200: AheadOut, **refusals(404)}, operation_id="count_conversations_to_end")
def ahead(request: Call, asked: Query[AheadAsked]) -> AheadOut:
    """How many conversations would be ended now, exactly."""
    return AheadOut(leads=what_would_end(request.auth, asked.member_id).leads)


@router.post("/mass-ends", response={200: MassEndOut, **refusals(400, 403, 404, 409)}, operation_id="end_conversations")
def end(request: Call, said: MassEndIn) -> MassEndOut:
    """End Conversations: every new lead becomes unqualified, what waits for them is withdrawn, no webhook is called,
    and nothing answers them by itself afterwards. It cannot be taken back. Done when it answers for up to 2,000 leads;
    otherwise it is `queued`. 409 while another one runs.

    Roles: admin, leader.
    """
    return mass_end_shape(end_conversations(request.auth, said.confirm, request.now, said.member_id))


@router.get("/mass-ends/{int:end_id}", response={200: MassEndOut, **refusals(404)}, operation_id="get_mass_end")
def get_mass_end(request: Call, end_id: Path[Id]) -> MassEndOut:
    """How far it is, and what it has ended."""
    return mass_end_shape(mass_end_of(request.auth, end_id))


@router.post(
    "/mass-ends/{int:end_id}/replay",
    response={200: MassEndOut, **refusals(403, 404, 409)},
    operation_id="replay_mass_end",
)
def replay(request: Call, end_id: Path[Id]) -> MassEndOut:
    """Webhooks are told after all, once: lead_unqualify and lead_activity for each lead, marked `replayed`.

    Roles: admin, leader.
    """
    return mass_end_shape(replay_mass_end(request.auth, end_id, request.now))
