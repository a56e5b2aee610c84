"""What leaves when, and what a changed window or pace would move."""

from datetime import date, datetime, timedelta

from ninja import Path, Router, Schema
from pydantic import Field

from allstop.actions.actor import Actor, Conflict, Invalid, require
from allstop.actions.import_preview import import_forecast
from allstop.actions.messenger_forecast import forecast_send
from allstop.actions.own_windows import Proposal, read_every, read_sessions
from allstop.actions.rehearsing import Rehearsed, rehearse
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Id, Line, Strict
from allstop.doors.api.sends import SendIn
from allstop.rules.facts import Channel
from allstop.rules.forecast import Forecast, in_stretches
from allstop.rules.roles import Act
from allstop.store import lists

router = Router(tags=["account"])


class ForecastStretch(Schema):
    start: datetime
    messages: int


class ForecastOut(Schema):
    messages: int = Field(description="Leave, if nothing changes.")
    first_at: datetime | None
    finish: datetime | None = Field(description="When the last slot ends; null: nothing leaves.")
    stuck: int = Field(description="Cannot leave until somebody changes something.")
    late: int = Field(description="Their turn comes after their use-by: they never leave.")
    refused: int = Field(description="Stop All or an opt-out stands against them.")
    minutes: int = Field(description="The length of one stretch.")
    stretches: list[ForecastStretch]
    after: int = Field(description="Leave after the last stretch.")


class ChannelForecastOut(ForecastOut):
    channel: Channel
    closed: str = Field(description="A reason code: why nothing at all can leave on this channel now. Empty: it can.")


class AccountForecastOut(ForecastOut):
    at: datetime
    is_running: bool = Field(description="false: STOPPED; then this is as if it were STARTED now, with all that waits.")
    channels: list[ChannelForecastOut]


class ListChannelOut(Schema):
    channel: Channel
    messages: int
    finish: datetime | None
    closed: str = Field(description="A reason code: why nothing at all can leave on this channel now. Empty: it can.")


class ListForecastOut(Schema):
    messages: int = Field(description="Of the list, without those that the gate refuses.")
    leave: int = Field(description="Of these, how many leave; the others cannot, or would be too late.")
    first_at: datetime | None
    finish: datetime | None = Field(description="When the last slot of the list ends; null: nothing of it leaves.")
    channels: list[ListChannelOut]
    minutes: int = Field(description="The length of one stretch.")
    stretches: list[ForecastStretch]
    after: int = Field(description="Leave after the last stretch.")
    rows_looked_at: int | None = Field(description="Of a long file: it is estimated from so many rows. null: exact.")


class ProposalIn(Strict):
    channel: Channel
    sessions: list[Line] | None = Field(
        None, description='Like "Monday 09:00-12:00"; an empty list is always open. Left out: as they are.'
    )
    every_minutes: float | None = Field(None, description="From one message to the next; 0 is as fast as possible.")
    per_minute: float | None = Field(None, description="The pace as a number a minute instead.")


class RehearseIn(Strict):
    changes: list[ProposalIn] = Field(min_length=1, max_length=3, description="One for each channel that would change.")


class ChangedDayOut(Schema):
    day: date
    before: int
    after: int


class RehearsalOut(Schema):
    moved: int = Field(description="Messages that would leave on another day, no longer, or now at all.")
    finish_before: datetime | None
    finish_after: datetime | None
    stuck_before: int
    stuck_after: int
    late_before: int
    late_after: int
    days: list[ChangedDayOut] = Field(description="Days of the account's calendar.")
    later_before: int = Field(description="Leave after the last of these days.")
    later_after: int
    a_week: dict[str, int | None] = Field(description="How many can leave in seven days by channel; null: no limit.")


def figures(found: Forecast, stuck: int, refused: int, now: datetime) -> dict[str, object]:
    shown = in_stretches(found, now)
    return {
        "messages": found.messages,
        "first_at": found.first_at,
        "finish": found.finish,
        "stuck": stuck,
        "late": found.late,
        "refused": refused,
        "minutes": shown.width // timedelta(minutes=1),
        "stretches": [
            ForecastStretch(start=start, messages=count)
            for start, count in zip(shown.starts, shown.messages, strict=True)
        ],
        "after": shown.after,
    }


def forecast_shape(actor: Actor, now: datetime) -> AccountForecastOut:
    require(actor, Act.VIEW)
    found = lists.account_forecast(actor.account_id, now)
    return AccountForecastOut.model_validate(
        figures(found.whole, found.stuck, found.refused, now)
        | {
            "at": now,
            "is_running": lists.switch_state(actor.account_id).is_running,
            "channels": [
                figures(one.forecast, one.stuck, one.refused, now) | {"channel": one.channel, "closed": one.closed}
                for one in found.channels
            ],
        }
    )


def rehearsal_shape(seen: Rehearsed) -> RehearsalOut:
    found = seen.found
    return RehearsalOut(
        moved=found.moved,
        finish_before=found.before.finish,
        finish_after=found.after.finish,
        stuck_before=seen.stuck_before,
        stuck_after=seen.stuck_after,
        late_before=found.before.late,
        late_after=found.after.late,
        days=[ChangedDayOut(day=one.day, before=one.before, after=one.after) for one in found.days],
        later_before=found.later_before,
        later_after=found.later_after,
        a_week={channel.value: count for channel, count in seen.a_week.items()},
    )


def proposals(said: RehearseIn) -> dict[Channel, Proposal]:
    found = {
        one.channel: Proposal(
            sessions=None if one.sessions is None else read_sessions(one.sessions),
            every=read_every(one.every_minutes, one.per_minute),
        )
        for one in said.changes
    }
    if len(found) < len(said.changes):
        raise Invalid(changes="Name each channel once.")
    return found


def list_shape(found: lists.ListForecast, now: datetime, rows_looked_at: int | None = None) -> ListForecastOut:
    shown = in_stretches(found.forecast, now)
    closed = dict(found.closed)
    return ListForecastOut(
        messages=found.messages,
        leave=found.forecast.messages,
        first_at=found.forecast.first_at,
        finish=found.forecast.finish,
        channels=[
            ListChannelOut(channel=of, messages=number, finish=one.finish, closed=closed.get(of, ""))
            for of, number, one in found.by_channel
        ],
        minutes=shown.width // timedelta(minutes=1),
        stretches=[
            ForecastStretch(start=start, messages=count)
            for start, count in zip(shown.starts, shown.messages, strict=True)
        ],
        after=shown.after,
        rows_looked_at=rows_looked_at,
    )


@router.get(
    "/imports/{int:import_id}/forecast",
    response={200: ListForecastOut, **refusals(404, 409)},
    operation_id="forecast_import",
)
def of_import(request: Call, import_id: Path[Id]) -> ListForecastOut:
    """When its messages would leave if it were confirmed now. 409 while something keeps it from being confirmed."""
    found = import_forecast(request.auth, import_id, request.now)
    if found is None:
        raise Conflict("This file cannot be confirmed yet: GET it, and put right what its problems say.")
    return list_shape(found.forecast, request.now, found.rows_looked_at if found.is_estimate else None)


@router.post("/sends/forecast", response={200: ListForecastOut, **refusals(400, 404)}, operation_id="forecast_send")
def of_send(request: Call, wanted: SendIn) -> ListForecastOut:
    """When it would leave if it were sent now, behind all that waits. Sends nothing."""
    letter = wanted.letter(request.auth, wanted.due_at, wanted.window)
    return list_shape(forecast_send(request.auth, wanted.to.to(), letter, request.now), request.now)


@router.get("/forecast", response={200: AccountForecastOut, **refusals()}, operation_id="get_forecast")
def get_forecast(request: Call) -> AccountForecastOut:
    """When everything that waits leaves, by channel, under the present windows, pace and quiet hours."""
    return forecast_shape(request.auth, request.now)


@router.post("/forecast/rehearse", response={200: RehearsalOut, **refusals(400)}, operation_id="rehearse")
def try_out(request: Call, said: RehearseIn) -> RehearsalOut:
    """What other sessions or another pace would do to what waits, day by day. Changes nothing."""
    return rehearsal_shape(rehearse(request.auth, proposals(said), request.now))
