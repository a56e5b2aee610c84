"""`allstop tickets`: what accounts and the operators write to each other, on the operators' side."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.desk import AccountOption, answering, desk, who
from allstop.cli.printing import JsonOption, Printer

if TYPE_CHECKING:
    from allstop.actions.actor import Operator

commands = typer.Typer()
tickets = typer.Typer(no_args_is_help=True)
commands.add_typer(tickets, name="tickets", help="What accounts and the operators write to each other.")

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="Of the ticket.", min=1)]
Words = Annotated[str, typer.Argument(metavar="TEXT", help="What to write.")]


@tickets.command("list")
def list_tickets(
    every: Annotated[bool, typer.Option("--all", help="Also those that are closed.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the open tickets of every account, the newest words first."""
    with answering(as_json) as out:
        from allstop.doors.api.tickets import ticket_row_shape
        from allstop.store import lists

        shapes = [ticket_row_shape(row) for row in lists.tickets(None, only_open=not every)]
        rows = [
            (str(one.id), one.account, one.subject, one.waits_for or "nobody, it is closed", out.time(one.last_at))
            for one in shapes
        ]
        out.show(shapes, lambda: out.table(("No.", "Account", "About", "Waits for", "Newest"), rows))


@tickets.command("show")
def show(number: Number, as_json: JsonOption = False) -> None:
    """Show what was written in a ticket."""
    with answering(as_json) as out:
        _show(out, _operator(), number)


@tickets.command("open")
def open_(
    subject: Annotated[str, typer.Argument(metavar="ABOUT", help="What it is about.")],
    text: Words,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write to an account: its admins are told, whatever its status is."""
    with desk(account, as_json) as at:
        from allstop.actions.tickets import open_ticket

        made = open_ticket(at.actor.as_operator(), at.account.pk, subject, text, at.now)
        _show(at.out, at.actor.as_operator(), made.ticket.pk)


@tickets.command("answer")
def answer(number: Number, text: Words, as_json: JsonOption = False) -> None:
    """Answer in a ticket. A closed one is open again."""
    with answering(as_json) as out:
        from allstop.actions.tickets import account_of_ticket, answer_ticket

        by = _operator()
        answer_ticket(by, account_of_ticket(by, number), number, text, datetime.now(UTC))
        _show(out, by, number)


@tickets.command("close")
def close(number: Number, as_json: JsonOption = False) -> None:
    """Close a ticket. Whoever writes again opens it again."""
    with answering(as_json) as out:
        from allstop.actions.tickets import account_of_ticket, close_ticket

        by = _operator()
        close_ticket(by, account_of_ticket(by, number), number, datetime.now(UTC))
        _show(out, by, number)


def _show(out: Printer, by: "Operator", number: int) -> None:
    from allstop.actions.tickets import account_of_ticket
    from allstop.doors.api.tickets import ticket_shape

    shape = ticket_shape(by, account_of_ticket(by, number), number)

    def words() -> None:
        print(f"Ticket {shape.id} of {shape.account}: {shape.subject}")
        print(f"Waits for: {shape.waits_for}" if shape.is_open else f"Closed by {shape.closed_by}")
        for one in shape.words:
            print(f"\n{one.by} ({one.side}), {out.time(one.at)}\n{one.text}")

    out.show(shape, words)


def _operator() -> "Operator":
    from allstop.actions.actor import Operator

    return Operator(who(), "command")
