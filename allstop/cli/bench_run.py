"""Runs one benchmark: the database, what is told meanwhile, and its figures as a table or as JSON."""

import json
import os
import sys
from collections.abc import Callable
from typing import Annotated, Any, Protocol, TypeVar

import typer

from allstop import postgres
from allstop.cli import supervisor


class Report(Protocol):
    def as_json(self) -> dict[str, Any]: ...


P = TypeVar("P")
R = TypeVar("R", bound=Report)

AsJson = Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")]


def run_benchmark(
    measure: Callable[[str, P, Callable[[str], None]], R], plan: P, show: Callable[[R], None], as_json: bool
) -> R:
    from rich.console import Console

    from allstop.bench.callees import NoCallee
    from allstop.bench.scratch import NoScratch

    supervisor.make_interruptible()
    progress = Console(stderr=True)
    try:
        with postgres.running(postgres.home_folder(os.environ)) as url, progress.status("") as status:
            report = measure(
                url, plan, lambda what: status.update(what) if progress.is_terminal else print(what, file=sys.stderr)
            )
    except (NoScratch, NoCallee) as refused:
        progress.print(str(refused))
        raise typer.Exit(1) from refused
    except KeyboardInterrupt:
        progress.print("Interrupted; the databases of the benchmark are removed.")
        raise typer.Exit(130) from None
    if as_json:
        print(json.dumps(report.as_json(), indent=2))
    else:
        show(report)
    return report
