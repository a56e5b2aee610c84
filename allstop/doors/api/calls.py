"""How an account calls: the trunk, the rings, and a test."""

from typing import Annotated, Any

from ninja import Router, Schema
from pydantic import Field

from allstop.actions.actor import require
from allstop.actions.calls import CallSetup, Trunk, call_setup, set_rings, set_trunk, try_number
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Line, Strict, Text
from allstop.rules.roles import Act
from allstop.store.models import Message

router = Router(tags=["setup"])


class CallSetupOut(Schema):
    provider: str = Field(description='sip, sandbox, or "": calls wait.')
    caller: str = Field(description="The number that the phone shows.")
    settings: dict[str, Any] = Field(description="Of the trunk, without its password.")
    has_password: bool
    rings: int = Field(description="How often a phone rings that nobody answers.")
    ring_minutes: int = Field(description="From one ring to the next.")
    broken: str = Field(description='Why calls cannot leave; "": they can.')


class TrunkIn(Strict):
    caller: Line = Field(description="The number that the phone shows.")
    settings: Annotated[dict[Text, Text | bool | int], Field(max_length=50)] = Field(
        description="As the page about calls by SIP names them. Without a password the one that is there is kept."
    )


class RingsIn(Strict):
    rings: int
    ring_minutes: int


class CallTestIn(Strict):
    number: Line


class CallTestOut(Schema):
    id: int = Field(description="Of the message: ask for it to hear what came of the call.")
    status: str


def setup_shape(setup: CallSetup) -> CallSetupOut:
    return CallSetupOut.from_orm(setup)


@router.get("/calls/setup", response={200: CallSetupOut, **refusals()}, operation_id="get_call_setup")
def get_setup(request: Call) -> CallSetupOut:
    """By which trunk calls leave, in which manner, and how often a phone rings."""
    require(request.auth, Act.VIEW)
    return setup_shape(call_setup(request.auth.account_id))


@router.put("/calls/setup/trunk", response={200: CallSetupOut, **refusals(400, 403)}, operation_id="set_trunk")
def put_trunk(request: Call, said: TrunkIn) -> CallSetupOut:
    """Calls leave by it from the next one on; what is left out has its default. Roles: admin, leader."""
    return setup_shape(set_trunk(request.auth, Trunk(settings=said.settings, caller=said.caller), request.now))


@router.put("/calls/setup/rings", response={200: CallSetupOut, **refusals(400, 403)}, operation_id="set_rings")
def put_rings(request: Call, said: RingsIn) -> CallSetupOut:
    """How often a phone rings that nobody answers, and how many minutes lie between. Roles: admin, leader."""
    return setup_shape(set_rings(request.auth, said.rings, said.ring_minutes, request.now))


@router.post("/calls/test", response={201: CallTestOut, **refusals(400, 403)}, operation_id="test_call")
def post_test(request: Call, said: CallTestIn) -> tuple[int, CallTestOut]:
    """Dial a number, by what is saved. The call passes the gate like any other. Roles: admin, leader."""
    made = try_number(request.auth, said.number, request.now)
    status = Message.objects.get(account_id=request.auth.account_id, id=made.id).status
    return 201, CallTestOut(id=made.id, status=status)
