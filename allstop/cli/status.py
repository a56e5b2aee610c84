"""`allstop status`: the switch, what stands, what is pending or scheduled; `allstop reminder`: when admins are told."""

from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import JsonOption, count
from allstop.rules.reminders import age_words

if TYPE_CHECKING:
    from allstop.doors.api.account import AccountOut

commands = typer.Typer()


@commands.command()
def status(account: AccountOption = None, as_json: JsonOption = False) -> None:
    """Show whether the account is RUNNING or STOPPED, and what waits."""
    with desk(account, as_json) as at:
        from allstop.doors.api.account import account_shape

        shape = account_shape(at.actor.account_id)
        at.out.show(shape, lambda: _print(at, shape))


def _print(at: Desk, shape: "AccountOut") -> None:
    totals = shape.totals
    stopped_by = f"by {shape.by}" if shape.by else ""
    at.out.facts(
        (
            ("Account", f"{shape.name} ({shape.id})"),
            ("State", " ".join(filter(None, (shape.state.upper(), stopped_by)))),
            ("Since", at.out.time(shape.since)),
            ("Reason", shape.reason),
            ("Number", str(shape.number) if shape.number is not None else ""),
            ("Jobs", f"{totals.jobs:,}"),
            ("Messages", f"{totals.messages:,} pending or scheduled"),
            ("In flight", f"{totals.in_flight:,}" if totals.in_flight else ""),
            ("Calls", f"{count(shape.calls_in_progress, 'call')} in progress" if shape.calls_in_progress else ""),
        )
    )
    _print_standing(at, shape)
    print()
    at.out.table(("Channel", "Messages"), [(channel, f"{waiting:,}") for channel, waiting in totals.by_channel.items()])
    if totals.by_location:
        print()
        rows = [(one.location or "no location", f"{one.messages:,}") for one in totals.by_location]
        at.out.table(("Location", "Messages"), rows)


def _print_standing(at: Desk, shape: "AccountOut") -> None:
    if not shape.standing:
        return
    print()
    at.out.table(
        ("Standing", "Since", "For", "By", "Until", "Waiting", "Why"),
        [
            (
                f"{one.name}: {one.what}",
                at.out.time(one.since),
                age_words(at.now - one.since),
                one.by,
                at.out.time(one.until) or "START",
                f"{one.waiting:,}",
                one.reason,
            )
            for one in shape.standing
        ],
    )


@commands.command()
def reminder(
    hours: Annotated[int, typer.Argument(help="0 for none.", min=0, max=720)],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say after how many hours the admins are told of a stop that stands, and then each further day."""
    with desk(account, as_json) as at:
        from allstop.actions.reminding import set_reminder
        from allstop.doors.api.standing import Reminder

        set_reminder(at.actor, hours, at.now)
        told = f"after {count(hours, 'hour')}, and then each day" if hours else "never"
        at.out.show(Reminder(hours=hours), lambda: print(f"The admins are told of a stop that stands: {told}."))
