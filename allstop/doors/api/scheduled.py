"""Scheduled stops: plan one, list them, cancel one."""

from datetime import datetime
from typing import Literal

from ninja import Path, Router, Schema, Status
from pydantic import Field

from allstop.actions.actor import Invalid, require
from allstop.actions.scheduled import cancel_scheduled, schedule_stop
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Id, Line, Strict, Timestamp
from allstop.rules.facts import Channel
from allstop.rules.holds import INSTALLATION, Reach, one_channel, one_location, whole_account
from allstop.rules.plans import Planned
from allstop.rules.roles import Act
from allstop.store import lists
from allstop.store.models import Plan, ScheduledStop

router = Router(tags=["stops"])


class ScheduleIn(Strict):
    scope: Literal["account", "channel", "location", "installation"] = Field(
        "account", description="`installation`: every account; needs an operator."
    )
    channel: Channel | None = Field(None, description="With the scope channel.")
    location_id: Id | None = Field(None, description="With the scope location.")
    starts_at: Timestamp
    ends_at: Timestamp
    reason: Line = Field("", description="Shown to everybody who looks at the switch, and kept in the ledger.")


class ScheduledOut(Schema):
    id: int
    state: str = Field(description="coming, standing, over, lifted, cancelled or skipped.")
    scope: str
    channel: str | None
    location_id: int | None
    what: str = Field(description="What it covers, in words.")
    starts_at: datetime
    ends_at: datetime
    by: str
    reason: str


class ScheduledPage(Schema):
    items: list[ScheduledOut]


def scheduled_shape(one: ScheduledStop) -> ScheduledOut:
    return ScheduledOut(
        id=one.pk,
        state=Plan(one.state).value,
        scope=one.scope,
        channel=one.channel,
        location_id=one.location_id,
        what=lists.what_is_stopped(one),
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        by=one.by,
        reason=one.reason,
    )


def reach_said(account_id: int, scope: str, channel: Channel | None, location_id: int | None) -> Reach:
    if (scope == "channel") != (channel is not None):
        raise Invalid(channel="Name the channel with the scope channel, and only then.")
    if (scope == "location") != (location_id is not None):
        raise Invalid(location_id="Name the location with the scope location, and only then.")
    if channel is not None:
        return one_channel(account_id, channel)
    if location_id is not None:
        return one_location(account_id, location_id)
    return INSTALLATION if scope == "installation" else whole_account(account_id)


@router.get("/stops/scheduled", response={200: ScheduledPage, **refusals()}, operation_id="list_scheduled")
def list_scheduled(request: Call) -> ScheduledPage:
    """Those that come or stand by their time, then those of the last 30 days."""
    require(request.auth, Act.VIEW)
    found = lists.scheduled_stops(request.auth.account_id, request.now)
    return ScheduledPage(items=[scheduled_shape(one) for one in found])


@router.post("/stops/scheduled", response={201: ScheduledOut, **refusals(400, 403, 404)}, operation_id="schedule_stop")
def schedule(request: Call, said: ScheduleIn) -> Status[ScheduledOut]:
    """STOP from `starts_at` until `ends_at`, by itself. Roles: admin, leader; for the installation its operators."""
    reach = reach_said(request.auth.account_id, said.scope, said.channel, said.location_id)
    made = schedule_stop(request.auth, reach, Planned(said.starts_at, said.ends_at), said.reason, request.now)
    return Status(201, scheduled_shape(made))


@router.post(
    "/stops/scheduled/{int:scheduled_id}/cancel",
    response={200: ScheduledOut, **refusals(403, 404, 409)},
    operation_id="cancel_scheduled",
)
def cancel(request: Call, scheduled_id: Path[Id]) -> ScheduledOut:
    """Before it has begun. 409 when it stands already: START ends it. Roles: admin, leader."""
    return scheduled_shape(cancel_scheduled(request.auth, scheduled_id, request.now))
