"""What stands now, and after how long the admins are told of it."""

from datetime import datetime

from ninja import Router, Schema
from pydantic import Field

from allstop.actions.actor import require
from allstop.actions.reminding import set_reminder
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Strict
from allstop.rules.reminders import MOST_HOURS
from allstop.rules.roles import Act
from allstop.store import lists

router = Router(tags=["stops"])


class StandingOut(Schema):
    name: str = Field(description="stopped, scheduled, brake, paused, or the name of another hold.")
    scope: str = Field(description="installation, account, channel, location, job or contact.")
    channel: str
    location_id: int | None
    job_id: int | None
    contact_id: int | None
    what: str = Field(description="What it covers, in words.")
    by: str
    reason: str
    since: datetime
    until: datetime | None = Field(description="When it ends by itself; null: when somebody presses START.")
    number: int | None = Field(description="Of its stop: the receipt has the same.")
    waiting: int = Field(description="Messages of the account that wait behind it.")


class StandingPage(Schema):
    items: list[StandingOut]


class Reminder(Strict):
    hours: int = Field(ge=0, le=MOST_HOURS, description="And then once each further day; 0: never.")


def standing_shapes(account_id: int) -> list[StandingOut]:
    return [
        StandingOut(
            name=row.name,
            scope=row.scope.value,
            channel=row.channel,
            location_id=row.location_id,
            job_id=row.job_id,
            contact_id=row.contact_id,
            what=row.what,
            by=row.by,
            reason=row.reason,
            since=row.since,
            until=row.until,
            number=row.number,
            waiting=row.waiting,
        )
        for row in lists.standing(account_id)
    ]


@router.get("/stops/standing", response={200: StandingPage, **refusals()}, operation_id="list_standing")
def list_standing(request: Call) -> StandingPage:
    """Every stop, pause or other hold that stands now, the oldest first, with its owner and what waits behind it."""
    require(request.auth, Act.VIEW)
    return StandingPage(items=standing_shapes(request.auth.account_id))


@router.put("/account/reminder", response={200: Reminder, **refusals(400, 403)}, operation_id="set_reminder")
def put_reminder(request: Call, said: Reminder) -> Reminder:
    """After how many hours the admins are told of a stop that stands. Roles: admin, leader."""
    set_reminder(request.auth, said.hours, request.now)
    return said
