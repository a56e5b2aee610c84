"""The intake of leads: whether it is open, and Pause and Unpause Account."""

from datetime import datetime
from typing import Annotated

from ninja import Router, Schema
from pydantic import Field

from allstop.actions.actor import require
from allstop.actions.pausing import pause_intake, unpause_intake
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Line, Strict, Text
from allstop.rules.roles import Act
from allstop.store import lists

router = Router(tags=["leads"])


class IntakeOut(Schema):
    paused: bool
    by: str = Field(description='Who paused it; "" while it is open.')
    reason: str
    since: datetime | None
    active_leads: int = Field(description="Leads that are new. A pause ends none of them.")
    refused: dict[str, int] = Field(description="Leads that this pause has refused, by the path on which they came.")
    refused_total: int


class ConfirmIn(Strict):
    confirm: Annotated[Text, Field(max_length=40)] = Field(description="The word CONFIRM, exactly.")
    reason: Line = Field("", description="Kept with the pause and in the ledger.")


def intake_shape(account_id: int) -> IntakeOut:
    found = lists.intake(account_id)
    return IntakeOut(
        paused=found.is_paused,
        by=found.by,
        reason=found.reason,
        since=found.since,
        active_leads=found.active,
        refused={one.source.value: one.count for one in found.refused},
        refused_total=found.refused_total,
    )


@router.get("/intake", response={200: IntakeOut, **refusals()}, operation_id="get_intake")
def get_intake(request: Call) -> IntakeOut:
    """Whether leads are created, and how many were refused since the account was paused."""
    require(request.auth, Act.VIEW)
    return intake_shape(request.auth.account_id)


@router.post("/intake/pause", response={200: IntakeOut, **refusals(400, 403)}, operation_id="pause_intake")
def pause(request: Call, said: ConfirmIn) -> IntakeOut:
    """Pause Account: when this answers, no lead is created any more, by any path and for any member, until somebody
    unpauses. Leads that are being worked go on. Possibly destructive: what is refused is not made up later.

    Roles: admin, leader.
    """
    pause_intake(request.auth, said.confirm, said.reason, request.now)
    return intake_shape(request.auth.account_id)


@router.post("/intake/unpause", response={200: IntakeOut, **refusals(400, 403, 409)}, operation_id="unpause_intake")
def unpause(request: Call, said: ConfirmIn) -> IntakeOut:
    """Unpause Account: leads are created again. Roles: admin, leader."""
    unpause_intake(request.auth, said.confirm, said.reason, request.now)
    return intake_shape(request.auth.account_id)
