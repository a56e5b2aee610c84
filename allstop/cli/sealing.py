"""`allstop secrets`: the key that seals the passwords of providers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.desk import answering, who
from allstop.cli.printing import Exit, JsonOption, Printer, count

if TYPE_CHECKING:
    from allstop.actions.actor import Operator

commands = typer.Typer()
secrets = typer.Typer(no_args_is_help=True)
commands.add_typer(secrets, name="secrets", help="The key that seals the passwords of providers.")


@secrets.command()
def status(as_json: JsonOption = False) -> None:
    """Show where the key is and how many channels have a password, never the key. Exit code 1: one cannot be read."""
    with _answering(as_json) as out:
        from allstop.actions.sealed_setups import standing
        from allstop.cli.shapes import sealing_shape

        found = standing()
        shape = sealing_shape(found)
        rows = (
            ("Key", shape.where or "none yet: it is made with the first password"),
            ("Seals with", shape.keys[0] if shape.keys else ""),
            ("Opens also with", ", ".join([*shape.keys[1:], *shape.prepared])),
            ("Sealed", count(shape.sealed, "channel")),
            ("Not readable", count(shape.unreadable, "channel")),
            ("Not sealed", count(shape.plain, "channel")),
        )
        out.show(shape, lambda: out.facts(rows))
        if shape.unreadable:
            raise typer.Exit(Exit.ERROR)


@secrets.command()
def prepare(as_json: JsonOption = False) -> None:
    """With several machines: write the next key into the key file, to be copied to all of them before it is used."""
    with _answering(as_json) as out:
        from allstop.actions.sealed_setups import prepare as act
        from allstop.actions.sealed_setups import standing
        from allstop.cli.shapes import sealing_shape

        keys = act(_operator(), datetime.now(UTC))
        words = f"The next key is in {keys.where}. Copy this file to every machine, then: allstop secrets rotate"
        out.show(sealing_shape(standing()), lambda: print(words))


@secrets.command()
def rotate(
    forget_old: Annotated[
        bool, typer.Option("--forget-old", help="Drop the old keys too. Old backups cannot be opened then.")
    ] = False,
    lost: Annotated[
        bool, typer.Option("--lost", help="The key file is gone for good: begin with a new one, enter passwords anew.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Seal every password anew with a new key, while Allstop runs. The old key stays in the file, for old backups."""
    with _answering(as_json) as out:
        from allstop.actions import sealed_setups
        from allstop.cli.shapes import sealing_shape

        now = datetime.now(UTC)
        if lost:
            waiting = sealed_setups.begin_again(_operator(), now)
            words = f"There is a new key. {count(waiting, 'channel waits', 'channels wait')} for a password again."
            out.show(sealing_shape(sealed_setups.standing()), lambda: print(words))
            return
        done = sealed_setups.rotate(_operator(), now)
        dropped = sealed_setups.forget_old(_operator(), now) if forget_old else 0
        words = f"{count(done, 'channel is', 'channels are')} sealed by the new key. Copy the key file to your backups."
        words += f" {count(dropped, 'old key is', 'old keys are')} gone." if forget_old else ""
        out.show(sealing_shape(sealed_setups.standing()), lambda: print(words))


@contextmanager
def _answering(as_json: bool) -> Iterator[Printer]:
    with answering(as_json) as out:
        from allstop.actions.actor import Conflict
        from allstop.store.sealing import CannotOpen

        try:
            yield out
        except CannotOpen as problem:
            raise Conflict(str(problem)) from problem


def _operator() -> "Operator":
    from allstop.actions.actor import Operator

    return Operator(who(), "command")
