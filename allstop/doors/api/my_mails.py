"""What the member whose token it is wants to be told by email."""

from ninja import Router, Schema
from pydantic import Field

from allstop.actions.member_news import Wishes, set_wishes, wishes_of
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Strict
from allstop.rules.member_news import Wish

router = Router(tags=["account"])


class MyMailsIn(Strict):
    written: Wish = Field(description="A contact or a lead has written: at_once, digest or never.")
    assigned: Wish = Field(description="A lead or a conversation is theirs now.")
    digest_hour: int = Field(ge=0, le=23, description="Of the account's clock.")


class MyMailsOut(Schema):
    written: Wish
    assigned: Wish
    digest_hour: int


def wishes_shape(wishes: Wishes) -> MyMailsOut:
    return MyMailsOut(written=wishes.written, assigned=wishes.assigned, digest_hour=wishes.digest_hour)


@router.get("/my/mails", response={200: MyMailsOut, **refusals(404)}, operation_id="show_my_mails")
def show(request: Call) -> MyMailsOut:
    """Of the member whose role the token has."""
    return wishes_shape(wishes_of(request.auth))


@router.put("/my/mails", response={200: MyMailsOut, **refusals(400, 404)}, operation_id="set_my_mails")
def put(request: Call, said: MyMailsIn) -> MyMailsOut:
    """For this account only. Every member for themselves."""
    return wishes_shape(set_wishes(request.auth, Wishes(said.written, said.assigned, said.digest_hour)))
