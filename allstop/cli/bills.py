"""`allstop bill` and `allstop payments`: bills, runs, and what comes in."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.account_status import day_of, operator
from allstop.cli.desk import AccountOption, KeyOption, answering, desk
from allstop.cli.printing import Exit, JsonOption, Printer

if TYPE_CHECKING:
    from allstop.doors.api.billing_shapes import BilledOut, BillRunOut

commands = typer.Typer()
bill = typer.Typer(no_args_is_help=True)
payments = typer.Typer(no_args_is_help=True)
commands.add_typer(bill, name="bill", help="Bill one account, or all that are due.")
commands.add_typer(payments, name="payments", help="What comes in, and what is let off.")

Amount = Annotated[str, typer.Argument(help="Like 30.00, in the account's currency.")]


@bill.command("account")
def bill_account(
    since: Annotated[str, typer.Option("--since", metavar="DATE", help="Bill dates from here, else this month.")] = "",
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="Bill dates up to here; else today.")] = "",
    preview: Annotated[bool, typer.Option("--preview", help="Only show what would be billed.")] = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bill one account by hand, also a cancelled or suspended one."""
    with desk(account, as_json) as at:
        from allstop.actions.billing import bill_by_hand, preview_bill
        from allstop.doors.api.billing_shapes import billed_shape

        first, last = day_of(since) if since else None, day_of(until) if until else None
        if preview:
            show_bill(at.out, billed_shape(preview_bill(at.account.pk, first, last, at.now), None))
            return
        done = bill_by_hand(at.actor.as_operator(), at.account.pk, first, last, at.now)
        show_bill(at.out, billed_shape(done.bill, done.invoice))


@bill.command("run")
def run(
    day: Annotated[str, typer.Option("--day", metavar="DATE", help="Of a day that has passed; else today.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Bill every account that is due. Done again, it finds nothing more."""
    with answering(as_json) as out:
        from allstop.actions.bill_run_slices import RUNS, run_here
        from allstop.actions.bill_runs import ask_to_bill
        from allstop.doors.api.billing_shapes import bill_run_shape

        asked = ask_to_bill(operator(), day_of(day) if day else None, datetime.now(UTC))
        done = bill_run_shape(RUNS.see_through(asked.pk, run_here))
        out.show(done, lambda: print(_run_words(done)))
        if done.state == "failed":
            raise typer.Exit(Exit.ERROR)


@bill.command("runs")
def runs(as_json: JsonOption = False) -> None:
    """List the bill runs, the newest first."""
    with answering(as_json) as out:
        from allstop.doors.api.billing_shapes import bill_run_shape
        from allstop.store.lists.billing import bill_runs

        shapes = [bill_run_shape(one) for one in bill_runs()]
        rows = [
            (str(one.id), one.day.isoformat(), one.state, f"{one.done:,}", f"{one.invoices:,}", _sums(one))
            for one in shapes
        ]
        out.show(shapes, lambda: out.table(("No.", "Day", "State", "Accounts", "Invoices", "Sum"), rows))


@bill.command("missed")
def missed(as_json: JsonOption = False) -> None:
    """List the periods that nobody billed and that no run will."""
    with answering(as_json) as out:
        from allstop.actions.billing import missed_of_all
        from allstop.doors.api.billing_shapes import missed_shapes

        shapes = missed_shapes(missed_of_all(datetime.now(UTC), at_most=10_000))
        rows = [
            (str(one.account), one.name, one.package, one.starts_on.isoformat(), one.ends_on.isoformat())
            for one in shapes
        ]
        out.show(shapes, lambda: out.table(("Account", "Name", "Package", "From", "To"), rows))


@bill.command("setup")
def setup(  # noqa: PLR0913 - each is an option of the command
    currency: Annotated[str | None, typer.Option("--currency", help="Of what is made new, like USD.")] = None,
    issuer: Annotated[str | None, typer.Option("--issuer", help="Name and address, as invoices show them.")] = None,
    due_days: Annotated[int | None, typer.Option("--due-days", help="From an invoice's day until it is due.")] = None,
    usage: Annotated[
        bool | None, typer.Option("--usage-while-suspended/--no-usage-while-suspended", help="Bill it, or not.")
    ] = None,
    remind: Annotated[int | None, typer.Option("--remind-after", help="So many days past due; -1: never.")] = None,
    suspend: Annotated[int | None, typer.Option("--suspend-after", help="So many days past due; -1: never.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Of the suspension, one of the list.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the setup of billing, or change what is given."""
    with answering(as_json) as out:
        from allstop.actions.packages import SetupSaid, billing_setup, save_setup
        from allstop.doors.api.billing_setup import BillingSetupOut, billing_setup_shape

        now = billing_setup()
        said = {"currency": currency, "issuer": issuer, "due_days": due_days, "usage_while_suspended": usage}
        said |= {"suspend_reason": reason}
        days = {"remind_after_days": remind, "suspend_after_days": suspend}
        new = {name: getattr(now, name) for name in BillingSetupOut.model_fields}
        new |= {name: value for name, value in said.items() if value is not None}
        new |= {name: None if value < 0 else value for name, value in days.items() if value is not None}
        if new != {name: getattr(now, name) for name in new}:
            now = save_setup(operator(), SetupSaid(**new), datetime.now(UTC))
        shape = billing_setup_shape(now)
        rows = [(name.replace("_", " "), "never" if value is None else str(value)) for name, value in shape]
        out.show(shape, lambda: out.table(("What", "Now"), rows))


@payments.command("add")
def add(
    amount: Amount,
    day: Annotated[str, typer.Option("--day", metavar="DATE", help="On which it came; else today.")] = "",
    how: Annotated[str, typer.Option("--how", help="How it came, a number of the bank.")] = "",
    key: KeyOption = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record a payment. It covers the oldest invoice first."""
    with desk(account, as_json) as at:
        from allstop.actions.past_due import pay
        from allstop.actions.payments import PaymentSaid
        from allstop.doors.api.billing_shapes import recorded_shape

        said = PaymentSaid(amount, how, day_of(day) if day else None)
        made = recorded_shape(pay(at.actor.as_operator(), at.account.pk, said, at.now, key))
        done = "Recorded before" if made.is_repeat else "Recorded"
        at.out.show(made, lambda: print(f"{done}: {made.amount} {made.currency}. No. {made.id}"))


@payments.command("credit")
def give_credit(
    amount: Amount,
    why: Annotated[str, typer.Option("--why", help="In a few words.")],
    key: KeyOption = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let something off. Of a cancelled account this makes an invoice."""
    with desk(account, as_json) as at:
        from allstop.actions.past_due import credit
        from allstop.doors.api.billing_shapes import invoice_shape, payment_shape
        from allstop.store.models import Payment

        given = credit(at.actor.as_operator(), at.account.pk, amount, why, at.now, key)
        made, done = given.made, "Let off before" if given.is_repeat else "Let off"
        if isinstance(made, Payment):
            at.out.show(payment_shape(made), lambda: print(f"{done}. No. {made.pk}"))
        else:
            at.out.show(invoice_shape(made), lambda: print(f"{done} by invoice {made.pk}."))


@payments.command("undo")
def undo(
    number: Annotated[int, typer.Argument(help="As `allstop payments list` shows it.", min=1)],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Undo a payment or a credit that was entered by mistake."""
    with desk(account, as_json) as at:
        from allstop.actions.payments import undo_payment
        from allstop.doors.api.billing_shapes import payment_shape

        done = undo_payment(at.actor.as_operator(), at.account.pk, number, at.now)
        at.out.show(payment_shape(done), lambda: print(f"The payment no. {done.pk} counts no more."))


@payments.command("list")
def list_payments(account: AccountOption = None, as_json: JsonOption = False) -> None:
    """List the payments and credits of an account, the newest first."""
    with desk(account, as_json) as at:
        from allstop.doors.api.billing_shapes import payment_shape
        from allstop.store.models import Payment

        shapes = [payment_shape(one) for one in Payment.objects.filter(account=at.account).order_by("-pk")]
        rows = [
            (
                str(one.id),
                one.day.isoformat(),
                one.kind,
                f"{one.amount} {one.currency}",
                one.words,
                "undone" if one.undone_at else "",
            )
            for one in shapes
        ]
        at.out.show(shapes, lambda: at.out.table(("No.", "Day", "What", "Amount", "Words", "State"), rows))


def show_bill(out: Printer, shape: "BilledOut") -> None:
    def words() -> None:
        if not shape.lines:
            print("Nothing to bill.")
            return
        out.table(("For", "Amount"), [(one.words, one.amount) for one in shape.lines])
        print(f"Total {shape.total} {shape.currency}" + (f": invoice {shape.invoice}" if shape.invoice else ""))

    out.show(shape, words)


def _run_words(run: "BillRunOut") -> str:
    return f"The run of {run.day} is {run.state}: {run.done:,} accounts, {run.invoices:,} invoices, {_sums(run)}."


def _sums(run: "BillRunOut") -> str:
    return ", ".join(f"{amount} {currency}" for currency, amount in run.amounts.items()) or "nothing"
