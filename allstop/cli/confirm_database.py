"""`allstop confirm-database`: this is the database to go on with."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.desk import answering, who
from allstop.cli.printing import Exit, JsonOption, Printer

if TYPE_CHECKING:
    from allstop.actions.identity import Comparison

commands = typer.Typer()


@commands.command("confirm-database")
def confirm_database(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False, as_json: JsonOption = False
) -> None:
    """Confirm a restored or moved database, so that it sends again. Look at what waits in it first."""
    with answering(as_json) as out:
        from django.conf import settings

        from allstop.actions import identity
        from allstop.actions.actor import Conflict, Operator
        from allstop.cli.shapes import database_shape

        now = datetime.now(UTC)
        seen = identity.compare(settings.HOME)
        if not seen.is_to_be_confirmed:
            raise Conflict("The database is the one that was confirmed: there is nothing to confirm.")
        if not as_json:
            _print(out, seen)
        if not yes and not typer.confirm("\nIs this the database to go on with? What is due in it leaves then"):
            print("Nothing is confirmed, and nothing leaves.")
            raise typer.Exit(Exit.REFUSED)
        identity.confirm(Operator(who(), "command"), settings.HOME, now)
        out.show(database_shape(seen), lambda: print("\nConfirmed. What is due leaves, unless a STOP stands."))


def _print(out: Printer, seen: "Comparison") -> None:
    from allstop.cli.shapes import database_shape

    shape = database_shape(seen)
    print(seen.words)
    rows = [(one.what, one.before, one.found) for one in shape.facts]
    out.table(("What", "Before", "Now"), rows)
