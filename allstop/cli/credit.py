"""`allstop credits`: what is left for texts, what was spent, and topping up."""

from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.desk import AccountOption, Desk, KeyOption, desk
from allstop.cli.printing import JsonOption

if TYPE_CHECKING:
    from allstop.doors.api.text_provider import CreditsOut

commands = typer.Typer()
credits_ = typer.Typer(no_args_is_help=True)
commands.add_typer(credits_, name="credits", help="What is left for texts, one credit for each part.")


@credits_.command()
def show(account: AccountOption = None, as_json: JsonOption = False) -> None:
    """Show what is left, and what was topped up and spent."""
    with desk(account, as_json) as at:
        from allstop.doors.api.text_provider import credits_shape

        _show(at, credits_shape(at.actor))


@credits_.command()
def add(
    number: Annotated[int, typer.Argument(help="Of credits; one for each part of a text.")],
    note: Annotated[str, typer.Option("--note", help="For the history: an invoice, a name.")] = "",
    key: KeyOption = "",
    account: AccountOption = None,
    as_json: JsonOption = False,
) -> None:
    """Top up. Texts that wait for credits go on; credits that were not counted are counted from now on."""
    with desk(account, as_json) as at:
        from allstop.actions.credits import top_up
        from allstop.doors.api.text_provider import topped_up_shape

        shape = topped_up_shape(at.actor, top_up(at.actor, number, note, at.now, key))
        _show(at, shape, "Added before: nothing more was added." if shape.is_repeat else "")


@credits_.command()
def uncount(account: AccountOption = None, as_json: JsonOption = False) -> None:
    """Count no more: texts cost nothing from now on."""
    with desk(account, as_json) as at:
        from allstop.actions.credits import count_no_more
        from allstop.doors.api.text_provider import credits_shape

        count_no_more(at.actor, at.now)
        _show(at, credits_shape(at.actor))


def _show(at: Desk, shape: "CreditsOut", first: str = "") -> None:
    def words() -> None:
        if first:
            print(first)
        left = "not counted" if shape.balance is None else f"{shape.balance:,}"
        asked = at.out.time(shape.top_up_asked_at) if shape.top_up_asked_at else ""
        at.out.facts((("Credits left", left), ("A top-up was asked for", asked)))
        if shape.history:
            rows = [
                (
                    at.out.time(one.at),
                    one.kind.replace("_", " "),
                    f"{one.credits:,}",
                    f"{one.balance:,}",
                    one.by,
                    one.note,
                )
                for one in shape.history
            ]
            at.out.table(("When", "What", "Credits", "Left", "By", "Note"), rows)

    at.out.show(shape, words)
