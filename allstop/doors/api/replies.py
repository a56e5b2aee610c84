"""Replies that may be a no and what they mean, and how an account takes replies."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Annotated

from ninja import Path, Query, Router, Schema
from pydantic import Field

from allstop.actions.reply_matching import appointments_for, match_reply
from allstop.actions.reply_setup import LONGEST, MOST_WORDS, change_replies, replies_of
from allstop.actions.unclear import settle_reply
from allstop.doors.api.addresses import Address
from allstop.doors.api.errors import refusals
from allstop.doors.api.message_plans import VisitAnswerOut, answer_shape
from allstop.doors.api.request import Call, Id, Line, Paged, Strict, Text
from allstop.rules.calls_instead import LONGEST as MOST_SPOKEN
from allstop.store import lists
from allstop.store.models import AnswerKind, Settlement

router = Router(tags=["replies"])

Wording = Annotated[Text, Field(max_length=LONGEST)]


class ReplyLineOut(Schema):
    at: datetime
    is_ours: bool
    channel: str
    text: str
    is_it: bool = Field(description="The reply in question.")


class UnclearOut(Schema):
    id: int
    inbound_id: int = Field(description="Of the reply itself: to say which appointment it is about.")
    contact_id: int
    name: str
    channel: str
    sender: Address
    text: str
    at: datetime
    opted_out: bool = Field(description="Of the channel that it came on, already.")
    conversation: list[ReplyLineOut] = Field(description="Around it, in the order of time.")


class UnclearPage(Schema):
    items: list[UnclearOut]
    next: int | None = Field(description="For `after`; null on the last page.")


class ReplyAppointmentOut(Schema):
    message_id: int = Field(description="A reminder of it, which stands for it.")
    contact_id: int
    name: str
    at: datetime
    location: str
    said: AnswerKind | None = Field(description="The newest word on it.")


class ReplyAppointments(Schema):
    items: list[ReplyAppointmentOut]


class MatchIn(Strict):
    message_id: Id
    answer: AnswerKind


class ChoiceIn(Strict):
    choice: Settlement = Field(description="this_channel, every_channel or meant_nothing")


class SettlementOut(Schema):
    choice: str = Field(description="What counts: the first answer. own_word: the contact has said it clearly since.")
    is_new: bool = Field(description="Whether this call settled it.")


class ReplySetupOut(Schema):
    words: list[str] = Field(description="Of the account's own: whole replies that opt out as STOP does.")
    stops_all: bool = Field(description="A STOP counts on every channel, not only where it came.")
    confirms: bool = Field(description="An opt-out by text is confirmed by one text.")
    confirmation: str = Field(description="{account} and {what} are filled in.")
    answers_help: bool = Field(description="HELP is answered by one text.")
    help_answer: str = Field(description="{account} is filled in.")
    auto_reply: str = Field(description="Goes to whoever wrote when nobody has read it; empty: none goes.")
    auto_reply_minutes: int = Field(description="After so many minutes, 1 to 120.")
    calls_instead: bool = Field(description="A reminder by text to whoever has said no to texts goes out as a call.")
    call_words: str = Field(description="{account}, {date}, {visits} and {location} are filled in; empty: the text's.")


class ReplySetupIn(Strict):
    words: Annotated[list[Line], Field(max_length=MOST_WORDS)] | None = Field(None, description="The whole list.")
    stops_all: bool | None = None
    confirms: bool | None = None
    confirmation: Wording | None = None
    answers_help: bool | None = None
    help_answer: Wording | None = None
    auto_reply: Wording | None = Field(None, description="{account} is filled in; empty turns it off.")
    auto_reply_minutes: int | None = None
    calls_instead: bool | None = None
    call_words: Annotated[Text, Field(max_length=MOST_SPOKEN)] | None = Field(None, description="With {visits}.")


def unclear_page(account_id: int, after: int | None, limit: int) -> UnclearPage:
    rows = lists.unclear_replies(account_id, after=after, limit=limit + 1)
    shown = rows[:limit]
    items = [UnclearOut.from_orm(row) for row in shown]
    return UnclearPage(items=items, next=shown[-1].id if len(rows) > limit else None)


@router.get("/replies", response={200: UnclearPage, **refusals()}, operation_id="list_unclear_replies")
def list_unclear(request: Call, asked: Query[Paged]) -> UnclearPage:
    """Replies that may be a no and wait for a person, oldest first."""
    return unclear_page(request.auth.account_id, asked.after, asked.limit)


@router.post(
    "/replies/{int:reply_id}/settle",
    response={200: SettlementOut, **refusals(400, 403, 404)},
    operation_id="settle_unclear_reply",
)
def settle(request: Call, reply_id: Path[Id], chosen: ChoiceIn) -> SettlementOut:
    """Say what a reply means. A no is the contact's own and cannot be taken back here. Roles: admin, leader, member."""
    settled = settle_reply(request.auth, reply_id, chosen.choice, request.now)
    return SettlementOut(choice=settled.settlement.value, is_new=settled.is_new)


@router.get("/setup/replies", response={200: ReplySetupOut, **refusals()}, operation_id="get_reply_setup")
def get_setup(request: Call) -> ReplySetupOut:
    """How the account takes replies."""
    return ReplySetupOut(**asdict(replies_of(request.auth)))


@router.patch("/setup/replies", response={200: ReplySetupOut, **refusals(400, 403)}, operation_id="change_reply_setup")
def change_setup(request: Call, wanted: ReplySetupIn) -> ReplySetupOut:
    """Change the fields that are sent. It counts from the next reply on. Roles: admin, leader."""
    said = {name: value for name, value in wanted.model_dump(exclude_unset=True).items() if value is not None}
    if "words" in said:
        said["words"] = tuple(said["words"])
    return ReplySetupOut(**asdict(change_replies(request.auth, replace(replies_of(request.auth), **said), request.now)))


@router.get(
    "/inbound/{int:inbound_id}/appointments",
    response={200: ReplyAppointments, **refusals(404)},
    operation_id="list_reply_appointments",
)
def appointments(request: Call, inbound_id: Path[Id]) -> ReplyAppointments:
    """The appointments ahead that a reply may be about: of all who have the number or address that wrote."""
    found = appointments_for(request.auth, inbound_id, request.now)
    return ReplyAppointments(items=[ReplyAppointmentOut.from_orm(one) for one in found])


@router.post(
    "/inbound/{int:inbound_id}/appointment",
    response={200: VisitAnswerOut, **refusals(400, 403, 404)},
    operation_id="match_reply",
)
def match(request: Call, inbound_id: Path[Id], said: MatchIn) -> VisitAnswerOut:
    """Say which appointment a reply is about, and what it says of it. Roles: admin, leader, member."""
    return answer_shape(match_reply(request.auth, inbound_id, said.message_id, said.answer, request.now))
