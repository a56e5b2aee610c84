"""`allstop invoices`: what was billed, as a list, as a PDF and as CSV."""

import csv
import sys
from pathlib import Path
from typing import Annotated

import typer

from allstop.cli.account_status import day_of, operator
from allstop.cli.desk import AccountOption, answering, desk
from allstop.cli.printing import JsonOption

commands = typer.Typer()
invoices = typer.Typer(no_args_is_help=True)
commands.add_typer(invoices, name="invoices", help="Invoices and transactions.")


@invoices.command("list")
def list_invoices(account: AccountOption = None, as_json: JsonOption = False) -> None:
    """List the invoices of an account, the newest first."""
    with desk(account, as_json) as at:
        from allstop.doors.api.billing_shapes import invoice_shape
        from allstop.store.lists.billing import invoices as found

        shapes = [invoice_shape(one) for one in found(at.account.pk)]
        rows = [
            (str(one.number), one.day.isoformat(), one.due_on.isoformat(), f"{one.total} {one.currency}", one.state)
            for one in shapes
        ]
        at.out.show(shapes, lambda: at.out.table(("No.", "Day", "Due", "Total", "State"), rows))


@invoices.command("show")
def show_invoice(
    number: Annotated[int, typer.Argument(help="Of the invoice.", min=1)],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show an invoice with its lines."""
    with desk(account, as_json) as at:
        from allstop.actions.invoices import invoice_of
        from allstop.doors.api.billing_shapes import full_invoice_shape

        shape = full_invoice_shape(invoice_of(at.actor.as_operator(), at.account.pk, number))

        def words() -> None:
            print(f"Invoice {shape.number} of {shape.day} to {shape.name}, due on {shape.due_on}: {shape.state}")
            at.out.table(("For", "Amount"), [(one.words, one.amount) for one in shape.lines])
            print(f"Total {shape.total} {shape.currency}")

        at.out.show(shape, words)


@invoices.command("transactions")
def transactions(account: AccountOption = None, as_json: JsonOption = False) -> None:
    """Print all that makes the balance of an account, as CSV."""
    with desk(account, as_json) as at:
        from allstop.doors.api.billing_shapes import transaction_shape
        from allstop.store.lists.billing import transactions as found

        shapes = [transaction_shape(one) for one in found(at.account.pk, None)]

        def words() -> None:
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(("Day", "What", "Words", "Invoice", "Amount", "Currency"))
            for one in shapes:
                writer.writerow((one.day, one.what, one.words, one.invoice or "", one.amount, one.currency))

        at.out.show(shapes, words)


@invoices.command("pdf")
def pdf(
    number: Annotated[int, typer.Argument(help="Of the invoice.", min=1)],
    file: Annotated[Path | None, typer.Option("--file", help="Write it there; else to invoice-NUMBER.pdf.")] = None,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write an invoice as a PDF, with what is paid of it now."""
    with desk(account, as_json) as at:
        from allstop.actions.invoices import invoice_file
        from allstop.cli.shapes import WrittenFile

        made = invoice_file(at.actor.as_operator(), at.account.pk, number)
        to = file or Path(made.name)
        to.write_bytes(made.content)
        shape = WrittenFile(file=str(to), bytes=len(made.content))
        at.out.show(shape, lambda: print(f"Invoice {number} is in {to}."))


@invoices.command("export")
def export(
    since: Annotated[str, typer.Option("--since", metavar="DATE", help="The first day of an invoice.")] = "",
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="The last day.")] = "",
) -> None:
    """Print the invoices of all accounts, as CSV, the oldest first."""
    with answering(False):
        from allstop.actions.invoices import invoices_csv

        first, last = day_of(since) if since else None, day_of(until) if until else None
        for line in invoices_csv(operator(), first, last):
            sys.stdout.write(line.replace("\r\n", "\n"))
