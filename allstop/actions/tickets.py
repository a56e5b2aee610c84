"""What an account and the operators of the installation write to each other.

The rule that it guards: only the account's admins and the operators read and write them, and each new message is told
to the other side: in the bell, and by one email that names no contact and repeats no word, but leads to the page.

Emails to the account are messages of the account, of the purpose service, as those to members (member_news.py): they
pass the gate, which lets them out of an account that is active or a prospect. A suspended or cancelled account's own
lanes are closed, and the effect matrix still says that ticket emails go out: there the notice is mailed instead, by the
road of Allstop's own notices. So there is one email, never two.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from allstop.actions.actor import Actor, Invalid, NotThere, Operator, require
from allstop.actions.notices import notify
from allstop.rules.facts import Channel, Purpose
from allstop.rules.lifecycle import AccountStatus, Area, does, service_emails_leave
from allstop.rules.roles import Act, roles_that_may
from allstop.store import ledger, queue
from allstop.store.models import (
    Account,
    Member,
    NoticeKind,
    Side,
    Ticket,
    TicketMessage,
    TicketState,
)

LONGEST_SUBJECT = 200
LONGEST_TEXT = 10_000
KEEPS = timedelta(days=3)  # an email that was held for longer tells nothing new: the bell has it

Writer = Actor | Operator


@dataclass(frozen=True, slots=True)
class Written:
    ticket: Ticket
    message: TicketMessage


@transaction.atomic
def open_ticket(by: Writer, account_id: int, subject: str, text: str, now: datetime) -> Written:
    side = _side(by, account_id)
    account = Account.objects.select_related("status_type").filter(pk=account_id).first()
    if account is None:
        raise NotThere("There is no such account.")
    about = " ".join(subject.split())
    faults = {"subject": _fault(about, "subject", LONGEST_SUBJECT), "text": _fault(text.strip(), "text", LONGEST_TEXT)}
    if faults := {field: words for field, words in faults.items() if words}:
        raise Invalid(**faults)
    ticket = Ticket.objects.create(
        account=account, subject=about, state=TicketState.OPEN.value, opened_at=now, last_at=now, last_side=side.value
    )
    return _write(by, side, account, ticket, text, "open_ticket", now)


@transaction.atomic
def answer_ticket(by: Writer, account_id: int, ticket_id: int, text: str, now: datetime) -> Written:
    """By either side. A closed one is open again."""
    side = _side(by, account_id)
    ticket = _locked(account_id, ticket_id)
    if fault := _fault(text.strip(), "text", LONGEST_TEXT):
        raise Invalid(text=fault)
    account = Account.objects.select_related("status_type").get(pk=account_id)
    ticket.state, ticket.last_at, ticket.last_side = TicketState.OPEN.value, now, side.value
    ticket.closed_by, ticket.closed_at = "", None
    ticket.save(update_fields=["state", "last_at", "last_side", "closed_by", "closed_at"])
    return _write(by, side, account, ticket, text, "answer_ticket", now)


@transaction.atomic
def close_ticket(by: Writer, account_id: int, ticket_id: int, now: datetime) -> Ticket:
    """By either side; one that is closed stays as it is. Nobody is told: it is in the list."""
    side = _side(by, account_id)
    ticket = _locked(account_id, ticket_id)
    if ticket.state == TicketState.CLOSED:
        return ticket
    ticket.state, ticket.closed_by, ticket.closed_at = TicketState.CLOSED.value, by.name, now
    ticket.save(update_fields=["state", "closed_by", "closed_at"])
    _tell(by, side, ticket, "close_ticket", now)
    return ticket


def ticket_of(by: Writer, account_id: int, ticket_id: int) -> Ticket:
    _side(by, account_id)
    found = Ticket.objects.select_related("account").filter(account_id=account_id, pk=ticket_id).first()
    if found is None:
        raise NotThere("There is no such ticket.")
    return found


def account_of_ticket(_by: Operator, ticket_id: int) -> int:
    """Operators name a ticket by its number alone."""
    found = Ticket.objects.filter(pk=ticket_id).values_list("account_id", flat=True).first()
    if found is None:
        raise NotThere("There is no such ticket.")
    return int(found)


def _side(by: Writer, account_id: int) -> Side:
    if isinstance(by, Operator):
        return Side.OPERATOR
    require(by, Act.HANDLE_TICKETS)
    if by.account_id != account_id:
        raise NotThere("There is no such account.")
    return Side.ACCOUNT


def _locked(account_id: int, ticket_id: int) -> Ticket:
    found = Ticket.objects.select_for_update().filter(account_id=account_id, pk=ticket_id).first()
    if found is None:
        raise NotThere("There is no such ticket.")
    return found


def _fault(said: str, what: str, longest: int) -> str:
    if not said:
        return f"Write the {what}."
    if "\0" in said:
        return f"The {what} contains a character that is no text."
    return f"Give the {what} in at most {longest:,} characters." if len(said) > longest else ""


def _write(  # noqa: PLR0913 - one message
    by: Writer, side: Side, account: Account, ticket: Ticket, text: str, act: str, now: datetime
) -> Written:
    message = TicketMessage.objects.create(
        account=account, ticket=ticket, side=side.value, by=by.name, text=text.strip(), at=now
    )
    if side is Side.OPERATOR:
        _tell_account(account, ticket, now)
    else:
        notify(
            NoticeKind.TICKET,
            f"{account.name} has written: ticket {ticket.pk}",
            f"{account.name} has written in ticket {ticket.pk}, and waits for an answer.",
            now,
            account_id=None,
            about=f"ticket:{ticket.pk}",
            url=f"/operator/tickets/{ticket.pk}",
        )
    _tell(by, side, ticket, act, now)
    return Written(ticket, message)


def _tell_account(account: Account, ticket: Ticket, now: datetime) -> None:
    status = AccountStatus(account.status_type.status)
    through_gate = service_emails_leave(status)
    subject = f"The operators have written: ticket {ticket.pk}"
    notify(
        NoticeKind.TICKET,
        subject,
        f"The operators of this installation have written in ticket {ticket.pk}.",
        now,
        account_id=account.pk,
        about=f"ticket:{ticket.pk}",
        url=f"/help/tickets/{ticket.pk}",
        roles=roles_that_may(Act.HANDLE_TICKETS),
        by_mail=does(status, Area.TICKET_EMAILS) and not through_gate,
    )
    if does(status, Area.TICKET_EMAILS) and through_gate:
        emails = [_email(account, ticket, subject, to, now) for to in admins_of(account)]
        queue.enqueue(emails, now)


def admins_of(account: Account) -> list[str]:
    """The addresses of those who read tickets, and what the operators write else."""
    roles = [role.value for role in roles_that_may(Act.HANDLE_TICKETS)]
    found = Member.objects.filter(account=account, role__in=roles, user__is_active=True)
    return list(found.order_by("pk").values_list("user__email", flat=True))


def _email(account: Account, ticket: Ticket, subject: str, to: str, now: datetime) -> queue.NewMessage:
    lines = (
        f"{account.name}:",
        "",
        "The operators of this installation have written to you. Read it and answer:",
        f"{settings.URL}/help/tickets/{ticket.pk}",
        "",
        "You get this email because you are an admin of the account.",
    )
    return queue.NewMessage(
        account_id=account.pk,
        channel=Channel.EMAIL,
        purpose=Purpose.SERVICE,
        address=to,
        subject=subject,
        body="\n".join(lines),
        due_at=now,
        use_by=now + KEEPS,
    )


def _tell(by: Writer, side: Side, ticket: Ticket, act: str, now: datetime) -> None:
    ledger.append(
        account_id=ticket.account_id,
        at=now,
        by=by.name,
        act=act,
        subject=f"ticket:{ticket.pk}",
        after={"side": side.value, "state": ticket.state, "via": by.via},
    )
