"""Where `allstop` begins: with the one command that is named, or with the list of all.

The rule that it guards: a command means the same either way. To load the whole list takes half as long as to load
Django, and workers are started often, and a stop is in a hurry.
"""

import sys
from collections.abc import Sequence
from importlib import import_module

import typer

from allstop.postgres_binaries import PostgresProblem

# Commands, and the modules whose `commands` have them. What is not here is found in the list, app.py.
ALONE = {"work": "work", "serve": "serve", "stop": "switch", "start": "start", "status": "status"}


def new_app() -> typer.Typer:
    return typer.Typer(
        name="allstop",
        help="Allstop: an outbound communications desk with one queue, one gate, and a stop that is true.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )


def app_for(words: Sequence[str]) -> typer.Typer:
    """`words`: as they were typed after `allstop`."""
    module = ALONE.get(words[0]) if words else None
    if module is None:
        from allstop.cli.app import app

        return app
    alone = new_app()
    alone.add_typer(import_module(f"allstop.cli.{module}").commands)
    return alone


def main() -> None:
    try:
        app_for(sys.argv[1:])(prog_name="allstop")
    except PostgresProblem as problem:
        print(problem, file=sys.stderr)
        sys.exit(1)
