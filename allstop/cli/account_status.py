"""`allstop accounts status` and its like: status types, reasons, and changing an account's status now or on a date."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.actions.actor import Invalid, NotThere
from allstop.cli.accounts import accounts
from allstop.cli.desk import AccountOption, Desk, answering, chosen_account, desk, who
from allstop.cli.printing import Exit, JsonOption
from allstop.rules.lifecycle import AccountStatus
from allstop.rules.proration import Charge, When
from allstop.rules.wallclock import typed_day

if TYPE_CHECKING:
    from allstop.actions.actor import Operator
    from allstop.actions.status_plans import Moment
    from allstop.actions.statuses import Wish
    from allstop.store.models import StatusChange, StatusType

commands = typer.Typer()


@accounts.command("status")
def status(  # noqa: PLR0913 - options
    to: Annotated[str | None, typer.Argument(metavar="TYPE", help="Its new type; without one it is shown.")] = None,
    reason: Annotated[str, typer.Option("--reason", help="One of the list of reasons.")] = "",
    charge: Annotated[
        Charge, typer.Option("--charge", help="How the period is billed in which it changes.")
    ] = Charge.PRORATED,
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="Not now: at the beginning of this day.")] = "",
    period_end: Annotated[bool, typer.Option("--period-end", help="Not now: when the billing period ends.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Only show what it would bill.")] = False,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the status of an account, or change it: now, at the end of the billing period, or on a date."""
    with desk(account, as_json) as at:
        from allstop.actions.status_plans import change_or_plan
        from allstop.actions.statuses import Wish

        if to is None:
            _show(at)
            return
        wish = Wish(_type(to).pk, reason, charge)
        moment = _moment(on, period_end)
        if preview:
            _preview(at, wish, moment)
            return
        if not on and not period_end:
            _change(at, wish)
            return
        told = change_or_plan(at.actor.as_operator(), at.account.pk, wish, moment, at.now)
        assert told.change is not None
        _show_plan(at, told.change)


@accounts.command("status-of-many")
def status_of_many(  # noqa: PLR0913 - options
    to: Annotated[str, typer.Argument(metavar="TYPE", help="Their new type.")],
    names: Annotated[list[str], typer.Argument(metavar="ACCOUNT...", help="Numbers or names.")],
    reason: Annotated[str, typer.Option("--reason", help="One of the list of reasons.")] = "",
    charge: Annotated[
        Charge, typer.Option("--charge", help="How the period is billed in which it changes.")
    ] = Charge.PRORATED,
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="Not now: at the beginning of this day.")] = "",
    period_end: Annotated[bool, typer.Option("--period-end", help="Not now: when the billing period ends.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Change the status of several accounts. One that is refused stays as it is; the others are changed."""
    with answering(as_json) as out:
        from allstop.actions.status_plans import change_many
        from allstop.actions.statuses import Wish
        from allstop.doors.api.operator import outcome_shape

        ids = [chosen_account(name).pk for name in names]
        wish = Wish(_type(to).pk, reason, charge)
        told = change_many(operator(), ids, wish, _moment(on, period_end), datetime.now(UTC))
        shapes = [outcome_shape(one) for one in told]
        rows = [(one.account, one.outcome, one.problem) for one in shapes]
        out.show(shapes, lambda: out.table(("Account", "Outcome", "Why not"), rows))
        if any(one.problem for one in shapes):
            raise typer.Exit(Exit.REFUSED)


@accounts.command("change-plan")
def change_plan_(  # noqa: PLR0913 - options
    number: Annotated[int, typer.Argument(help="Of the planned change, as `allstop accounts status` shows it.", min=1)],
    to: Annotated[str, typer.Argument(metavar="TYPE", help="What the account shall become then.")],
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="At the beginning of this day.")],
    reason: Annotated[str, typer.Option("--reason", help="One of the list of reasons.")] = "",
    charge: Annotated[
        Charge, typer.Option("--charge", help="How the period is billed in which it changes.")
    ] = Charge.PRORATED,
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change a planned change of status before its time."""
    with desk(account, as_json) as at:
        from allstop.actions.status_plans import change_plan
        from allstop.actions.statuses import Wish

        wish = Wish(_type(to).pk, reason, charge)
        _show_plan(at, change_plan(at.actor.as_operator(), at.account.pk, number, wish, day_of(on), at.now))


@accounts.command("as-of")
def as_of(
    on: Annotated[str, typer.Argument(metavar="DATE", help="At the end of this day in the account's zone.")],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show an account as it was on a day: its status, what stood, and when settings were last changed."""
    with desk(account, as_json) as at:
        from zoneinfo import ZoneInfo

        from allstop.doors.api.operator import as_of_shape
        from allstop.rules.days import start_of_day

        end = start_of_day(day_of(on) + timedelta(days=1), ZoneInfo(at.account.zone)) - timedelta(microseconds=1)
        shape = as_of_shape(at.account.pk, min(end, at.now))

        def words() -> None:
            print(f"{at.account.name} was {shape.type} ({shape.status.value}), since {at.out.time(shape.since)}.")
            held = [(one.name, one.channel, one.by, one.reason, at.out.time(one.since)) for one in shape.holds]
            at.out.table(("What stood", "Channel", "By", "Reason", "Since"), held)
            changed = [(one.setting, one.subject, one.by, at.out.time(one.at)) for one in shape.settings]
            at.out.table(("Setting", "Of", "Last changed by", "At"), changed)

        at.out.show(shape, words)


@accounts.command("take-back")
def take_back_(
    number: Annotated[int, typer.Argument(help="Of the planned change, as `allstop accounts status` shows it.", min=1)],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take back a planned change of status before its time."""
    with desk(account, as_json) as at:
        from allstop.actions.status_plans import take_back
        from allstop.cli.shapes import status_change_shape

        shape = status_change_shape(take_back(at.actor.as_operator(), at.account.pk, number, at.now))
        at.out.show(shape, lambda: print(f"The change no. {shape.id} is taken back."))


@accounts.command("types")
def types(as_json: JsonOption = False) -> None:
    """List the account status types."""
    with answering(as_json) as out:
        from allstop.cli.shapes import status_type_shape
        from allstop.store.lists import status_types

        shapes = [status_type_shape(row.type, row.accounts, row.planned) for row in status_types()]
        rows = [
            (
                one.name,
                one.status,
                str(one.accounts),
                str(one.planned),
                "yes" if one.is_counted else "no",
                one.image_url,
            )
            for one in shapes
        ]
        headings = ("Name", "Status", "Accounts", "Planned", "In statistics", "Image")
        out.show(shapes, lambda: out.table(headings, rows))


@accounts.command("add-type")
def add_type(
    name: Annotated[str, typer.Argument(help="As operators call it.")],
    of: Annotated[AccountStatus, typer.Option("--status", help="The back-end status: it decides what is held.")],
    image: Annotated[str, typer.Option("--image", help="Address of a picture, with https.")] = "",
    uncounted: Annotated[bool, typer.Option("--uncounted", help="Not in the Account Statistics.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Add an account status type."""
    with answering(as_json) as out:
        from allstop.actions.status_types import save_type
        from allstop.cli.shapes import status_type_shape

        made = save_type(operator(), None, name, of.value, image, not uncounted, datetime.now(UTC))
        out.show(status_type_shape(made, 0, 0), lambda: print(f"The status type {made.name} is added."))


@accounts.command("type-image")
def type_image(
    name: Annotated[str, typer.Argument(help="Of the status type.")],
    file: Annotated[Path | None, typer.Option("--file", help="A PNG, JPEG, GIF or WebP.", dir_okay=False)] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the uploaded one away.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Upload the image of an account status type, or take it away."""
    with answering(as_json) as out:
        from allstop.actions.status_images import remove_image, set_image
        from allstop.doors.api.status_types import type_shape
        from allstop.store.lists import status_types

        of = _type(name)
        if (file is None) is not remove:
            raise Invalid(file="Give either --file or --remove.")
        if file is not None:
            if not file.is_file():
                raise Invalid(file=f"There is no file {file}.")
            set_image(operator(), of.pk, file.read_bytes(), datetime.now(UTC))
        else:
            remove_image(operator(), of.pk, datetime.now(UTC))
        shape = next(type_shape(row) for row in status_types() if row.type.pk == of.pk)
        words = "has an uploaded image" if shape.has_image else "has no uploaded image"
        out.show(shape, lambda: print(f"{shape.name} {words}."))


@accounts.command("delete-type")
def delete_type(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="All of them, or none if one is in use.")],
    as_json: JsonOption = False,
) -> None:
    """Delete account status types that no account has."""
    with answering(as_json) as out:
        from allstop.actions.status_types import delete_types
        from allstop.cli.shapes import Deleted

        gone = delete_types(operator(), [_type(name).pk for name in names], datetime.now(UTC))
        out.show(Deleted(deleted=gone), lambda: print(f"Deleted: {', '.join(names)}."))


@accounts.command("reasons")
def reasons(as_json: JsonOption = False) -> None:
    """List the reasons for which a status changes."""
    with answering(as_json) as out:
        from allstop.cli.shapes import ReasonShape
        from allstop.store.lists import status_reasons

        shapes = [ReasonShape(id=one.pk, text=one.text) for one in status_reasons()]
        out.show(shapes, lambda: out.table(("No.", "Reason"), [(str(one.id), one.text) for one in shapes]))


@accounts.command("add-reason")
def add_reason_(
    text: Annotated[str, typer.Argument(help="In a few words.")],
    as_json: JsonOption = False,
) -> None:
    """Add a reason for which a status changes."""
    with answering(as_json) as out:
        from allstop.actions.status_types import add_reason
        from allstop.cli.shapes import ReasonShape

        made = add_reason(operator(), text, datetime.now(UTC))
        out.show(ReasonShape(id=made.pk, text=made.text), lambda: print(f"The reason {made.text} is added."))


@accounts.command("delete-reason")
def delete_reason(
    texts: Annotated[list[str], typer.Argument(metavar="REASON...", help="What was recorded with it keeps its words.")],
    as_json: JsonOption = False,
) -> None:
    """Take reasons off the list."""
    with answering(as_json) as out:
        from allstop.actions.status_types import delete_reasons
        from allstop.cli.shapes import Deleted
        from allstop.store.lists import status_reasons

        known = {one.text.casefold(): one.pk for one in status_reasons()}
        if missing := [text for text in texts if text.casefold() not in known]:
            raise NotThere(f"The list has no reason {missing[0]}. `allstop accounts reasons` shows it.")
        gone = delete_reasons(operator(), [known[text.casefold()] for text in texts], datetime.now(UTC))
        out.show(Deleted(deleted=gone), lambda: print(f"Deleted: {', '.join(texts)}."))


def _change(at: Desk, wish: "Wish") -> None:
    from allstop.actions.confirming import wait_until_confirmed
    from allstop.actions.statuses import change_status
    from allstop.cli.shapes import changed_shape
    from allstop.doors.api.account import receipt_shape

    done = change_status(at.actor.as_operator(), at.account.pk, wish, at.now)
    receipt = receipt_shape(wait_until_confirmed(done.receipt.number)) if done.receipt else None
    shape = changed_shape(done.change, receipt)

    def words() -> None:
        print(f"{at.account.name} was {shape.old_name} and is {shape.name}.")
        if receipt is not None:
            stands = "every worker obeys" if receipt.confirmed_at else "a worker has not confirmed yet"
            print(f"Its sending is held: receipt no. {receipt.number}, {stands}.")
        if shape.is_lifting:
            print("What the old status held is still being let go: a worker goes on with it.")

    at.out.show(shape, words)
    if receipt is not None and receipt.confirmed_at is None:
        raise typer.Exit(Exit.ERROR)


def _show_plan(at: Desk, change: "StatusChange") -> None:
    from allstop.cli.shapes import status_change_shape

    shape = status_change_shape(change)
    words = f"{at.account.name} becomes {shape.name} on {at.out.time(shape.at)}. No. {shape.id}"
    at.out.show(shape, lambda: print(words))


def _preview(at: Desk, wish: "Wish", moment: "Moment") -> None:
    from allstop.actions.billing import period_end, preview_change
    from allstop.actions.status_types import type_of
    from allstop.cli.bills import show_bill
    from allstop.doors.api.billing_shapes import BilledOut, billed_shape

    at.actor.as_operator()
    on = period_end(at.account.pk, at.now) if moment.when is When.PERIOD_END else moment.on
    status = AccountStatus(type_of(wish.type_id).status)
    bill = preview_change(at.account.pk, status, wish.charge, on, at.now)
    nothing = BilledOut(total="0.00", currency="", lines=[], invoice=None)
    show_bill(at.out, billed_shape(bill, None) if bill is not None else nothing)


def _moment(on: str, period_end: bool) -> "Moment":
    from allstop.actions.status_plans import Moment

    if on and period_end:
        raise Invalid(on="Give either a date or --period-end.")
    if period_end:
        return Moment(When.PERIOD_END)
    return Moment(When.DATE, day_of(on)) if on else Moment()


def _show(at: Desk) -> None:
    from allstop.cli.shapes import account_status_shape
    from allstop.store.lists import past_changes, planned_changes

    shape = account_status_shape(at.account, planned_changes(at.account.pk), past_changes(at.account.pk))

    def words() -> None:
        print(f"{at.account.name} is {shape.type} ({shape.status}).")
        rows = [
            (str(one.id), one.state, at.out.time(one.at), one.name, one.charge, one.reason, one.by, one.words)
            for one in (*shape.planned, *shape.past)
        ]
        if rows:
            at.out.table(("No.", "State", "From", "Type", "Charge", "Reason", "By", "Why"), rows)

    at.out.show(shape, words)


def _type(name: str) -> "StatusType":
    from allstop.store.models import StatusType

    found = StatusType.objects.filter(name__iexact=name).first()
    if found is None:
        known = ", ".join(StatusType.objects.order_by("pk").values_list("name", flat=True))
        raise NotThere(f"There is no status type {name}. Known are: {known or 'none'}.")
    return found


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


def day_of(said: str) -> date:
    try:
        return typed_day(said)
    except ValueError as odd:
        raise Invalid(on=f"{said!r} is not a date. Write it like 2026-12-01.") from odd


def operator() -> "Operator":
    from allstop.actions.actor import Operator

    return Operator(who(), "command")
