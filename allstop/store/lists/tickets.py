"""Tickets: those of one account, those of all, and the words of one. ticket_of_account, ticket_open,
ticket_message_of_ticket."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from allstop.store.models import Side, Ticket, TicketMessage, TicketState

MOST_TICKETS = 200


@dataclass(frozen=True, slots=True)
class TicketRow:
    id: int
    account_id: int
    account: str
    subject: str
    is_open: bool
    waits_for: Side | None  # None: closed
    opened_at: datetime
    last_at: datetime
    closed_by: str
    messages: int


def tickets(account_id: int | None, *, only_open: bool = False) -> list[TicketRow]:
    """The newest words first; of every account for operators (None)."""
    found = Ticket.objects.select_related("account").annotate(n=Count("messages"))
    if account_id is not None:
        found = found.filter(account_id=account_id)
    if only_open:
        found = found.filter(state=TicketState.OPEN)
    return [ticket_row(one, one.n) for one in found.order_by("-last_at", "-pk")[:MOST_TICKETS]]


def ticket_row(one: Ticket, messages: int) -> TicketRow:
    is_open = one.state == TicketState.OPEN
    waits_for = Side.ACCOUNT if one.last_side == Side.OPERATOR else Side.OPERATOR
    return TicketRow(
        one.pk,
        one.account_id,
        one.account.name,
        one.subject,
        is_open,
        waits_for if is_open else None,
        one.opened_at,
        one.last_at,
        one.closed_by,
        messages,
    )


def ticket_messages(account_id: int, ticket_id: int) -> list[TicketMessage]:
    """In the order in which they were written."""
    return list(TicketMessage.objects.filter(account_id=account_id, ticket_id=ticket_id).order_by("pk"))


def open_tickets() -> int:
    """That wait for an operator: ticket_open."""
    return Ticket.objects.filter(state=TicketState.OPEN, last_side=Side.ACCOUNT).count()
