"""`allstop bench ...`: how fast this machine is. In databases of its own, which are gone afterwards."""

import json
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from allstop import postgres
from allstop.cli import supervisor

if TYPE_CHECKING:
    from allstop.bench.chaos.plan import Report as ChaosReport
    from allstop.bench.queue import Figures, Report

T = TypeVar("T")

commands = typer.Typer()
benchmarks = typer.Typer(no_args_is_help=True, help="Measure this machine, in a database of its own.")
commands.add_typer(benchmarks, name="bench")


@benchmarks.callback()
def bench() -> None:
    """Measure this machine, in a database of its own."""


def _measured(measure: Callable[[str, Callable[[str], None]], T]) -> T:
    """`measure` is handed the address of a database on the server, and whom to tell what is being done."""
    from rich.console import Console

    from allstop.bench.scratch import NoScratch

    supervisor.make_interruptible()
    progress = Console(stderr=True)
    try:
        with postgres.running(postgres.home_folder(os.environ)) as url, progress.status("") as status:
            return measure(
                url, lambda what: status.update(what) if progress.is_terminal else print(what, file=sys.stderr)
            )
    except NoScratch as refused:
        progress.print(str(refused))
        raise typer.Exit(1) from refused
    except KeyboardInterrupt:
        progress.print("Interrupted; the databases of the benchmark are removed.")
        raise typer.Exit(130) from None


def _numbers(words: str) -> list[int]:
    try:
        numbers = [int(word) for word in words.replace(" ", "").split(",")]
    except ValueError as wrong:
        raise typer.BadParameter("Give whole numbers with commas between them, like 10000,1000000.") from wrong
    if min(numbers) < 1:
        raise typer.BadParameter("Each number must be 1 or more.")
    return numbers


@benchmarks.command()
def queue(  # noqa: PLR0913 - each is an option of the command
    queued: Annotated[str, typer.Option(help="Messages waiting at the start; several with commas.")] = "10000,1000000",
    workers: Annotated[str, typer.Option(help="Worker processes; several with commas.")] = "1,2",
    slots: Annotated[int, typer.Option(min=1, max=10_000, help="Send slots of each worker.")] = 50,
    accounts: Annotated[int, typer.Option(min=1, help="Accounts that the messages belong to.")] = 1000,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long each round is measured, after its warm-up.")] = 4,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each kind; medians are shown.")] = 3,
    quiet: Annotated[bool, typer.Option("--quiet", help="Check texts and calls against quiet hours as well.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Messages a second through claim, gate and finish, beside a queue that does nothing else (the ceiling)."""
    from allstop.bench.queue import Plan, measure

    plan = Plan(
        queued=_numbers(queued),
        workers=_numbers(workers),
        slots=slots,
        accounts=accounts,
        seconds=seconds,
        rounds=rounds,
        quiet=quiet,
    )
    report = _measured(lambda url, tell: measure(url, plan, tell))
    if as_json:
        print(json.dumps(report.as_json(), indent=2))
    else:
        _show(report)


@benchmarks.command()
def chaos(
    rounds: Annotated[int, typer.Option(min=1, help="Things that happen, one after the other.")] = 1000,
    workers: Annotated[int, typer.Option(min=1, max=32, help="Worker processes.")] = 2,
    seed: Annotated[int, typer.Option(help="Of the choices; the same seed makes the same ones.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Stops, kills, freezes and cut connections while mails leave: does anything leave that must not, or get lost?

    Exit code 1 when it does.
    """
    from allstop.bench.chaos.measure import Failed, measure
    from allstop.bench.chaos.plan import Plan

    plan = Plan(rounds=rounds, workers=workers, seed=seed)
    try:
        report = _measured(lambda url, tell: measure(url, plan, tell))
    except Failed as failed:
        print(f"The run broke off before it could be judged. Its last words:\n{failed}", file=sys.stderr)
        raise typer.Exit(1) from failed
    if as_json:
        print(json.dumps(report.as_json(), indent=2))
    else:
        _show_chaos(report)
    if not report.holds:
        raise typer.Exit(1)


def _show_chaos(report: "ChaosReport") -> None:
    from rich.console import Console
    from rich.table import Table

    told = report.as_json()
    table = Table(title=f"{report.plan['rounds']:,} rounds in {report.seconds:,.0f} s", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for heading, part in (("", "happened"), ("worker ended: ", "ended"), ("stop acknowledged: ", "stops")):
        for kind, number in told[part].items():
            table.add_row(heading + kind, f"{number:,}")
        table.add_section()
    table.add_row("seconds in which nothing might begin", f"{report.watched:,.0f}")
    table.add_row("mails that arrived", f"{report.arrivals:,}")
    for status, number in report.statuses.items():
        table.add_row(f"messages {status}", f"{number:,}")
    table.add_row("attempts whose outcome is unknown", f"{report.unknown:,}")
    table.add_section()
    table.add_row("began after an acknowledged stop", f"{report.after_acknowledgement:,}")
    table.add_row("lost", f"{report.lost:,}")
    table.add_row("arrived twice unasked", f"{report.silent_duplicates:,}")
    table.add_row("arrived and said not to have left", f"{report.untold:,}")
    console = Console()
    console.print(table)
    for example in report.examples:
        console.print(example)


def _show(report: "Report") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Messages a second, medians", caption=_caption(report))
    for heading in ("queued", "workers", "Allstop", "ceiling", "ratio", "CPU of Allstop", "CPU of the ceiling"):
        table.add_column(heading, justify="right")
    for row in report.rows:
        table.add_row(
            f"{row.queued:,}",
            str(row.workers),
            f"{row.ours.per_second:,.0f}",
            f"{row.ceiling.per_second:,.0f}",
            f"{row.ratio:.2f}",
            _cpu(row.ours),
            _cpu(row.ceiling),
        )
    Console().print(table)


def _cpu(figures: "Figures") -> str:
    server = "?" if figures.server_cpu_per_1000 is None else f"{figures.server_cpu_per_1000 * 1000:.0f}"
    return f"{figures.worker_cpu_per_1000 * 1000:.0f} + {server}"


def _caption(report: "Report") -> str:
    plan, machine = report.plan, report.machine
    return (
        f"{plan.accounts:,} accounts, {plan.slots} send slots a worker, {plan.rounds} rounds of {plan.seconds:g} s, "
        f"quiet hours {'checked' if plan.quiet else 'not kept'}. "
        "CPU: milliseconds for 1,000 messages, workers + server. "
        f"{machine['cores']} cores, PostgreSQL {machine['server_version']}, Python {machine['python']}. "
        "The ceiling claims and completes on narrow tables: no gate, no attempts, no tallies."
    )
