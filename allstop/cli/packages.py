"""`allstop packages`, `allstop rates` and `allstop components`: what is sold, and what an account has of it."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.account_status import day_of, operator
from allstop.cli.desk import AccountOption, answering, desk
from allstop.cli.printing import JsonOption, Printer
from allstop.rules.periods import Frequency, Mode
from allstop.rules.proration import Charge
from allstop.rules.rating import Unit

if TYPE_CHECKING:
    from allstop.store.models import Package

commands = typer.Typer()
packages = typer.Typer(no_args_is_help=True)
rates = typer.Typer(no_args_is_help=True)
components = typer.Typer(no_args_is_help=True)
commands.add_typer(packages, name="packages", help="What can be sold, and its price.")
commands.add_typer(rates, name="rates", help="Prices of texts, calls and emails.")
commands.add_typer(components, name="components", help="The packages that an account has.")

Price = Annotated[str, typer.Argument(help="Of one period, like 30.00.")]
Billed = Annotated[Frequency, typer.Option("--billed", help="How often.")]
When = Annotated[Mode, typer.Option("--when", help="On the first day of a period, or on the day after its last.")]
Full = Annotated[bool, typer.Option("--full-periods", help="Never prorated.")]


@packages.command("list")
def list_packages(as_json: JsonOption = False) -> None:
    """List the packages."""
    with answering(as_json) as out:
        from allstop.doors.api.billing_shapes import package_shape
        from allstop.store.lists.billing import packages as found

        listed = found()
        rows = [
            (str(row.package.pk), row.package.name, str(row.price), row.words, _yes(row.package.is_active))
            for row in listed
        ]
        shapes = [package_shape(row.package) for row in listed]
        out.show(shapes, lambda: out.table(("No.", "Name", "Price", "Billed", "Offered"), rows))


@packages.command("add")
def add_package(  # noqa: PLR0913 - each is an option of the command
    name: Annotated[str, typer.Argument(help="As invoices show it.")],
    price: Price,
    billed: Billed = Frequency.MONTHLY,
    when: When = Mode.ADVANCE,
    full: Full = False,
    currency: Annotated[str, typer.Option("--currency", help="Three letters; else the installation's.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Add a package."""
    with answering(as_json) as out:
        from allstop.actions.packages import PackageSaid, save_package

        said = PackageSaid(name=name, price=price, frequency=billed, mode=when, is_full_period=full, currency=currency)
        _show_package(out, save_package(operator(), None, said, datetime.now(UTC)), "is added")


@packages.command("change")
def change_package(  # noqa: PLR0913 - each is an option of the command
    name: Annotated[str, typer.Argument(help="Of the package.")],
    price: Price,
    billed: Billed = Frequency.MONTHLY,
    when: When = Mode.ADVANCE,
    full: Full = False,
    rename: Annotated[str, typer.Option("--rename", help="Its new name.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Change a package, for accounts that get it from now on."""
    with answering(as_json) as out:
        from allstop.actions.packages import PackageSaid, package_named, save_package

        old = package_named(name)
        said = PackageSaid(name=rename or old.name, price=price, frequency=billed, mode=when, is_full_period=full)
        _show_package(out, save_package(operator(), old.pk, said, datetime.now(UTC)), "is changed")


@packages.command("retire")
def retire(
    name: Annotated[str, typer.Argument(help="Of the package.")],
    offer: Annotated[bool, typer.Option("--offer", help="The other way: it is offered again.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Retire a package: no account gets it any more, who has it keeps it."""
    with answering(as_json) as out:
        from allstop.actions.packages import package_named, retire_package

        done = retire_package(operator(), package_named(name).pk, datetime.now(UTC), retired=not offer)
        _show_package(out, done, "is offered again" if offer else "is retired")


@rates.command("list")
def list_rates(as_json: JsonOption = False) -> None:
    """List the prices of usage that hold for all accounts without their own."""
    with answering(as_json) as out:
        from allstop.doors.api.billing_shapes import rate_shape
        from allstop.store.lists.billing import rates as found

        shapes = [rate_shape(one) for one in found()]
        rows = [(one.unit, one.price, one.currency, f"{one.included:,}") for one in shapes]
        out.show(shapes, lambda: out.table(("Of", "Price", "Currency", "Included"), rows))


@rates.command("set")
def set_rate(
    unit: Annotated[Unit, typer.Argument(help="A part of a text, a minute of a call, or an email.")],
    price: Annotated[str, typer.Argument(help="Of one, like 0.0075.")],
    included: Annotated[int, typer.Option("--included", min=0, help="In each month from the bill day.")] = 0,
    only: Annotated[bool, typer.Option("--only", help="Only of this account, not of all.")] = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set the price of usage: of all accounts, or with --only of one."""
    with answering(as_json) as out:
        from allstop.actions.packages import rate_words, save_rate
        from allstop.cli.desk import chosen_account
        from allstop.doors.api.billing_shapes import rate_shape

        whose = chosen_account(account).pk if only else None
        made = save_rate(operator(), whose, unit.value, price, included, datetime.now(UTC))
        out.show(rate_shape(made), lambda: print(f"From now on {rate_words(made)}."))


@rates.command("drop")
def drop(
    unit: Annotated[Unit, typer.Argument(help="A part of a text, a minute of a call, or an email.")],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Drop an account's own price: it pays that of all again."""
    with desk(account, as_json) as at:
        from allstop.actions.packages import drop_rate
        from allstop.doors.api.billing_shapes import account_billing_shape

        had = drop_rate(at.actor.as_operator(), at.account.pk, unit.value, at.now)
        words = "pays the price of all again" if had else "had no price of its own"
        at.out.show(account_billing_shape(at.account.pk), lambda: print(f"{at.account.name} {words}."))


@components.command("list")
def list_components(account: AccountOption = None, as_json: JsonOption = False) -> None:
    """List the packages of an account, and its balance."""
    with desk(account, as_json) as at:
        from allstop.doors.api.billing_shapes import account_billing_shape

        shape = account_billing_shape(at.account.pk)

        def words() -> None:
            if shape.currency is None:
                print(f"{at.account.name} has no packages: it is not billed.")
                return
            print(f"Balance {shape.balance} {shape.currency}, bill day {shape.bill_day}.")
            rows = [
                (
                    str(one.id),
                    one.package,
                    str(one.quantity),
                    one.price,
                    one.frequency,
                    one.mode,
                    one.starts_on.isoformat(),
                    one.ends_on.isoformat() if one.ends_on else "",
                )
                for one in shape.components
            ]
            at.out.table(("No.", "Package", "Quantity", "Price", "Billed", "When", "From", "Until"), rows)

        at.out.show(shape, words)


@components.command("add")
def add(
    package: Annotated[str, typer.Argument(help="Its name.")],
    quantity: Annotated[int, typer.Option("--quantity", help="How many.")] = 1,
    starts: Annotated[str, typer.Option("--from", metavar="DATE", help="From this day on; else from today.")] = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give an account a package, at its price of today."""
    with desk(account, as_json) as at:
        from allstop.actions.components import add_component
        from allstop.actions.packages import package_named
        from allstop.doors.api.billing_shapes import component_shape

        of = package_named(package)
        start = day_of(starts) if starts else None
        made = add_component(at.actor.as_operator(), at.account.pk, of.pk, quantity, start, at.now)
        words = f"{at.account.name} has {made.name} from {made.starts_on}. No. {made.pk}"
        at.out.show(component_shape(made, of.currency), lambda: print(words))


@components.command("change")
def change(
    number: Annotated[int, typer.Argument(help="As `allstop components list` shows it.", min=1)],
    quantity: Annotated[int, typer.Argument(help="How many from then on.")],
    starts: Annotated[str, typer.Option("--from", metavar="DATE", help="From this day on; else from today.")] = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change the quantity of a package that an account has, by the day."""
    with desk(account, as_json) as at:
        from allstop.actions.components import change_component
        from allstop.doors.api.billing_shapes import component_shape

        start = day_of(starts) if starts else None
        made = change_component(at.actor.as_operator(), at.account.pk, number, quantity, start, at.now)
        words = f"{made.quantity} x {made.name} from {made.starts_on}. No. {made.pk}"
        at.out.show(component_shape(made, made.package.currency), lambda: print(words))


@components.command("end")
def end(
    number: Annotated[int, typer.Argument(help="As `allstop components list` shows it.", min=1)],
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="The first day not used; else today.")] = "",
    charge: Annotated[Charge, typer.Option("--charge", help="How its last period is billed.")] = Charge.PRORATED,
    preview: Annotated[bool, typer.Option("--preview", help="Only show what it would bill.")] = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """End a package of an account, and bill or credit what that needs."""
    with desk(account, as_json) as at:
        from allstop.actions.components import end_component, preview_end
        from allstop.cli.bills import show_bill
        from allstop.doors.api.billing_shapes import billed_shape

        day = day_of(on) if on else None
        if preview:
            show_bill(at.out, billed_shape(preview_end(at.account.pk, number, day, charge, at.now), None))
            return
        done = end_component(at.actor.as_operator(), at.account.pk, number, day, charge, at.now)
        at.out.say(f"{done.component.name} ends on {done.component.ends_on}.")
        show_bill(at.out, billed_shape(done.bill, done.invoice))


@components.command("terms")
def terms(
    bill_day: Annotated[int, typer.Argument(help="Of the month, 1 to 31.")],
    currency: Annotated[str, typer.Option("--currency", help="Three letters; else it stays.")] = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set the bill day of an account, before anything is billed to it."""
    with desk(account, as_json) as at:
        from allstop.actions.components import set_terms
        from allstop.actions.packages import billing_setup
        from allstop.doors.api.billing_shapes import account_billing_shape
        from allstop.store.models import BillingTerms

        had = BillingTerms.objects.filter(pk=at.account.pk).first()
        known = currency or (had.currency if had is not None else billing_setup().currency)
        made = set_terms(at.actor.as_operator(), at.account.pk, bill_day, known, at.now)
        words = f"{at.account.name} is billed in {made.currency} from day {made.bill_day} of each month."
        at.out.show(account_billing_shape(at.account.pk), lambda: print(words))


def _show_package(out: Printer, made: "Package", words: str) -> None:
    from allstop.doors.api.billing_shapes import package_shape

    out.show(package_shape(made), lambda: print(f"The package {made.name} {words}."))


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"
