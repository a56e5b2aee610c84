"""The automatic brake of each channel."""

from decimal import Decimal

from ninja import Path, Router, Schema
from pydantic import Field

from allstop.actions.actor import require
from allstop.actions.braking import BrakeChoice, set_brake, shown_brake
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Strict
from allstop.rules.brake import USUAL, Limits, Rate
from allstop.rules.facts import Channel
from allstop.rules.roles import Act
from allstop.store import lists
from allstop.store.models import Brake

router = Router(tags=["setup"])


class BrakeIn(Strict):
    is_on: bool
    minutes: int = Field(USUAL.minutes, description="The span that is looked at.")
    at_least: int = Field(USUAL.at_least, description="Fewer messages than this in the span say nothing.")
    bounce: Decimal | None = Field(None, description="Percent refused for good; null: no limit. So with all four.")
    failure: Decimal | None = Field(None, description="Percent failed, or with no known outcome.")
    opt_out: Decimal | None = Field(None, description="Percent answered with a no.")
    duplicate: Decimal | None = Field(None, description="Percent with the same words to the same person in a day.")


class BrakeOut(Schema):
    channel: str
    is_on: bool
    minutes: int
    at_least: int
    bounce: float | None
    failure: float | None
    opt_out: float | None
    duplicate: float | None


class BrakePage(Schema):
    items: list[BrakeOut]


def brake_shape(channel: Channel, brake: Brake | None) -> BrakeOut:
    return BrakeOut(channel=channel.value, **shown_brake(brake))


def choice_of(said: BrakeIn) -> BrakeChoice:
    percent = {rate: limit for rate in Rate if (limit := getattr(said, rate.value)) is not None}
    return BrakeChoice(is_on=said.is_on, limits=Limits(minutes=said.minutes, at_least=said.at_least, percent=percent))


@router.get("/brakes", response={200: BrakePage, **refusals()}, operation_id="list_brakes")
def list_brakes(request: Call) -> BrakePage:
    """Of every channel. One that was never set is off and shows the usual limits."""
    require(request.auth, Act.VIEW)
    found = lists.brakes(request.auth.account_id)
    return BrakePage(items=[brake_shape(channel, brake) for channel, brake in found.items()])


@router.put("/brakes/{channel}", response={200: BrakeOut, **refusals(400, 403)}, operation_id="set_brake")
def put_brake(request: Call, channel: Path[Channel], said: BrakeIn) -> BrakeOut:
    """Sets all of it: a limit that is left out is none. It counts what happens from now on. Roles: admin, leader."""
    return brake_shape(channel, set_brake(request.auth, channel, choice_of(said), request.now))
