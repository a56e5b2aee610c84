"""`allstop leads ...`: leads from the command line, and Pause and Unpause Account."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.desk import AccountOption, Desk, desk
from allstop.cli.printing import JsonOption, count

if TYPE_CHECKING:
    from allstop.doors.api.intake import IntakeOut

commands = typer.Typer()
leads = typer.Typer(no_args_is_help=True, help="Leads: the list, new ones, what becomes of them, and the pause.")
commands.add_typer(leads, name="leads")

ConfirmOption = Annotated[str, typer.Option("--confirm", help="The word CONFIRM; without it the command asks.")]
ReasonOption = Annotated[str, typer.Option(help="Kept with the pause and in the ledger.")]


@leads.callback()
def _family() -> None:
    """Leads: the list, new ones, what becomes of them, and the pause."""


@leads.command()
def pause(
    confirm: ConfirmOption = "",
    reason: ReasonOption = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pause Account: no lead is created any more, for any member, until somebody unpauses."""
    with desk(account, as_json) as at:
        from allstop.actions.pausing import pause_intake
        from allstop.doors.api.intake import intake_shape

        now = intake_shape(at.account.pk)
        typed = confirm or _ask(
            f"No new lead will be created, from any source, until somebody unpauses. The"
            f" {count(now.active_leads, 'active lead')} and their conversations go on. This is possibly destructive:"
            " what is refused is not made up later."
        )
        pause_intake(at.actor, typed, reason, at.now)
        _say(at, "The account is paused.")


@leads.command()
def unpause(
    confirm: ConfirmOption = "",
    reason: ReasonOption = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Unpause Account: leads are created again. What was refused is not made up later."""
    with desk(account, as_json) as at:
        from allstop.actions.pausing import unpause_intake
        from allstop.doors.api.intake import intake_shape

        now = intake_shape(at.account.pk)
        typed = confirm or _ask(
            f"New leads will be created again, from every source. The {count(now.refused_total, 'lead')} refused since"
            " the pause are not made up later. This is possibly destructive."
        )
        unpause_intake(at.actor, typed, reason, at.now)
        _say(at, "The account is unpaused.")


def _ask(words: str) -> str:
    """What was typed, as it was typed; "" where nobody can be asked."""
    print(words, file=sys.stderr)
    print("Type CONFIRM: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().removesuffix("\n")


def _say(at: Desk, words: str) -> None:
    from allstop.doors.api.intake import intake_shape

    shape = intake_shape(at.account.pk)
    at.out.show(shape, lambda: _print(at, words, shape))


def _print(at: Desk, words: str, shape: "IntakeOut") -> None:
    print(words)
    at.out.facts(
        (
            ("Paused by", shape.by),
            ("Since", at.out.time(shape.since)),
            ("Reason", shape.reason),
            ("Active leads", f"{shape.active_leads:,}"),
            ("Refused", ", ".join(f"{number:,} {source}" for source, number in shape.refused.items())),
        )
    )
