"""Tickets: what an account's admins and the operators of the installation write to each other."""

from datetime import datetime
from typing import Literal

from ninja import Query, Router, Schema
from pydantic import Field

from allstop.actions import tickets as actions
from allstop.actions.actor import Actor, Operator, require
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Asked, Call, Id, Line, Strict, Text
from allstop.rules.roles import Act
from allstop.store import lists
from allstop.store.models import TicketMessage

router = Router(tags=["tickets"])


class TicketRowOut(Schema):
    id: int
    account_id: int
    account: str
    subject: str
    is_open: bool
    waits_for: Literal["operator", "account"] | None = Field(description="Whose turn it is; null once it is closed.")
    opened_at: datetime
    last_at: datetime
    closed_by: str
    messages: int


class TicketMessageOut(Schema):
    side: Literal["operator", "account"]
    by: str
    text: str
    at: datetime


class TicketOut(TicketRowOut):
    words: list[TicketMessageOut] = Field(description="In the order in which they were written.")


class TicketIn(Strict):
    subject: Line
    text: Text


class TicketAnswerIn(Strict):
    text: Text


class TicketsAsked(Asked):
    only_open: bool = False


def ticket_row_shape(row: lists.TicketRow) -> TicketRowOut:
    return TicketRowOut.model_validate({name: getattr(row, name) for name in TicketRowOut.model_fields})


def message_shape(one: TicketMessage) -> TicketMessageOut:
    return TicketMessageOut.model_validate({"side": one.side, "by": one.by, "text": one.text, "at": one.at})


def ticket_shape(by: Actor | Operator, account_id: int, ticket_id: int) -> TicketOut:
    ticket = actions.ticket_of(by, account_id, ticket_id)
    words = lists.ticket_messages(account_id, ticket_id)
    row = ticket_row_shape(lists.ticket_row(ticket, len(words)))
    return TicketOut(**row.model_dump(), words=[message_shape(one) for one in words])


@router.get("/tickets", response={200: list[TicketRowOut], **refusals(403)}, operation_id="list_tickets")
def list_tickets(request: Call) -> list[TicketRowOut]:
    """Of the account, the newest words first. Roles: admin."""
    require(request.auth, Act.HANDLE_TICKETS)
    return [ticket_row_shape(row) for row in lists.tickets(request.auth.account_id)]


@router.post("/tickets", response={200: TicketOut, **refusals(400, 403)}, operation_id="open_ticket")
def open_ticket(request: Call, said: TicketIn) -> TicketOut:
    """Write to the operators. Roles: admin."""
    by = request.auth
    made = actions.open_ticket(by, by.account_id, said.subject, said.text, request.now)
    return ticket_shape(by, by.account_id, made.ticket.pk)


@router.get("/tickets/{ticket_id}", response={200: TicketOut, **refusals(403, 404)}, operation_id="get_ticket")
def get_ticket(request: Call, ticket_id: Id) -> TicketOut:
    """Roles: admin."""
    return ticket_shape(request.auth, request.auth.account_id, ticket_id)


@router.post(
    "/tickets/{ticket_id}/answers", response={200: TicketOut, **refusals(400, 403, 404)}, operation_id="answer_ticket"
)
def answer_ticket(request: Call, ticket_id: Id, said: TicketAnswerIn) -> TicketOut:
    """A closed one is open again. Roles: admin."""
    by = request.auth
    actions.answer_ticket(by, by.account_id, ticket_id, said.text, request.now)
    return ticket_shape(by, by.account_id, ticket_id)


@router.post("/tickets/{ticket_id}/close", response={200: TicketOut, **refusals(403, 404)}, operation_id="close_ticket")
def close_ticket(request: Call, ticket_id: Id) -> TicketOut:
    """Roles: admin."""
    by = request.auth
    actions.close_ticket(by, by.account_id, ticket_id, request.now)
    return ticket_shape(by, by.account_id, ticket_id)


@router.get("/operator/tickets", response={200: list[TicketRowOut], **refusals(403)}, operation_id="list_all_tickets")
def list_all_tickets(request: Call, asked: Query[TicketsAsked]) -> list[TicketRowOut]:
    """Of every account, the newest words first. Operators only, as the four that follow."""
    request.auth.as_operator()
    return [ticket_row_shape(row) for row in lists.tickets(None, only_open=asked.only_open)]


@router.post(
    "/operator/accounts/{account_id}/tickets",
    response={200: TicketOut, **refusals(400, 403, 404)},
    operation_id="write_to_account",
)
def write_to_account(request: Call, account_id: Id, said: TicketIn) -> TicketOut:
    """Its admins are told, whatever its status is."""
    by = request.auth.as_operator()
    made = actions.open_ticket(by, account_id, said.subject, said.text, request.now)
    return ticket_shape(by, account_id, made.ticket.pk)


@router.get(
    "/operator/tickets/{ticket_id}", response={200: TicketOut, **refusals(403, 404)}, operation_id="get_any_ticket"
)
def get_any_ticket(request: Call, ticket_id: Id) -> TicketOut:
    by = request.auth.as_operator()
    return ticket_shape(by, actions.account_of_ticket(by, ticket_id), ticket_id)


@router.post(
    "/operator/tickets/{ticket_id}/answers",
    response={200: TicketOut, **refusals(400, 403, 404)},
    operation_id="answer_any_ticket",
)
def answer_any_ticket(request: Call, ticket_id: Id, said: TicketAnswerIn) -> TicketOut:
    by = request.auth.as_operator()
    account_id = actions.account_of_ticket(by, ticket_id)
    actions.answer_ticket(by, account_id, ticket_id, said.text, request.now)
    return ticket_shape(by, account_id, ticket_id)


@router.post(
    "/operator/tickets/{ticket_id}/close",
    response={200: TicketOut, **refusals(403, 404)},
    operation_id="close_any_ticket",
)
def close_any_ticket(request: Call, ticket_id: Id) -> TicketOut:
    by = request.auth.as_operator()
    account_id = actions.account_of_ticket(by, ticket_id)
    actions.close_ticket(by, account_id, ticket_id, request.now)
    return ticket_shape(by, account_id, ticket_id)
