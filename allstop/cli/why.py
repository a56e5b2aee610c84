"""`allstop why`: the gate's answer to one message, check by check."""

from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import JsonOption

if TYPE_CHECKING:
    from allstop.doors.api.why import CheckOut, WhyOut

commands = typer.Typer()


@commands.command()
def why(
    message: Annotated[int, typer.Argument(min=1, metavar="ID", help="Number of the message.")],
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say why a message may or may not leave: each check's answer, who set it, and the earliest time."""
    with desk(account, as_json) as at:
        from allstop.doors.api.why import why_shape

        shape = why_shape(at.actor.account_id, message, at.now)
        at.out.show(shape, lambda: _print(at, shape))


def _print(at: Desk, shape: "WhyOut") -> None:
    print(f"Message {shape.id}: {shape.words}")
    earliest = at.out.time(shape.earliest) or "not before somebody changes something"
    is_open = shape.status == "waiting"
    at.out.facts(
        (("Status", shape.status), ("Due", at.out.time(shape.due_at)), ("Earliest", earliest if is_open else ""))
    )
    if shape.checks:
        print()
        at.out.table(("Check", "Answer", "Why", "Set by"), [_row(at, check) for check in shape.checks])


def _row(at: Desk, check: "CheckOut") -> tuple[str, str, str, str]:
    until = f"until {at.out.time(check.earliest)}" if check.verdict == "hold" and check.earliest else ""
    passed = f"skipped by {check.overridden.by}" if check.overridden else ""
    set_by = check.standing
    name = f"{set_by.by}, {at.out.time(set_by.at)}" if set_by else ""
    said = f'"{set_by.reason}"' if set_by and set_by.reason else ""
    words = " ".join(filter(None, (check.words, until, passed)))
    return check.title, check.verdict, words, " ".join(filter(None, (name, said)))
