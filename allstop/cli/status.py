"""`allstop status`: the switch, and what is pending or scheduled."""

from typing import TYPE_CHECKING

import typer

from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import JsonOption, count

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
    if shape.narrower:
        print()
        stopped = [
            (one.location or f"{one.channel}s", one.state.upper(), one.by, at.out.time(one.since), one.reason)
            for one in shape.narrower
        ]
        at.out.table(("Also stopped", "State", "By", "Since", "Reason"), stopped)
    print()
    at.out.table(("Channel", "Messages"), [(channel, f"{waiting:,}") for channel, waiting in totals.by_channel.items()])
    if totals.by_location:
        print()
        rows = [(one.location or "no location", f"{one.messages:,}") for one in totals.by_location]
        at.out.table(("Location", "Messages"), rows)
