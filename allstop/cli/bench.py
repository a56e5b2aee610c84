"""`allstop bench ...`: how fast this machine is. In databases of its own, which are gone afterwards."""

import json
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from allstop import postgres
from allstop.cli import supervisor

if TYPE_CHECKING:
    from allstop.bench.queue import Figures, Report

commands = typer.Typer()
benchmarks = typer.Typer(no_args_is_help=True, help="Measure this machine, in a database of its own.")
commands.add_typer(benchmarks, name="bench")


@benchmarks.callback()
def bench() -> None:
    """Measure this machine, in a database of its own."""


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
    from rich.console import Console

    from allstop.bench.queue import Plan, measure
    from allstop.bench.scratch import NoScratch

    plan = Plan(
        queued=_numbers(queued),
        workers=_numbers(workers),
        slots=slots,
        accounts=accounts,
        seconds=seconds,
        rounds=rounds,
        quiet=quiet,
    )
    supervisor.make_interruptible()
    progress = Console(stderr=True)
    try:
        with postgres.running(postgres.home_folder(os.environ)) as url, progress.status("") as status:
            report = measure(
                url, plan, lambda what: status.update(what) if progress.is_terminal else print(what, file=sys.stderr)
            )
    except NoScratch as refused:
        progress.print(str(refused))
        raise typer.Exit(1) from refused
    except KeyboardInterrupt:
        progress.print("Interrupted; the databases of the benchmark are removed.")
        raise typer.Exit(130) from None
    if as_json:
        print(json.dumps(report.as_json(), indent=2))
    else:
        _show(report)


@benchmarks.command()
def phonebook(
    contacts: Annotated[int, typer.Option(min=100, help="Contacts in the account.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of all pages, filters and searches.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Pages, filters and searches of the Phonebook, marking everybody, and STOP meanwhile."""
    from rich.console import Console

    from allstop.bench import phonebook as bench_of
    from allstop.bench.scratch import NoScratch

    supervisor.make_interruptible()
    progress = Console(stderr=True)
    try:
        with postgres.running(postgres.home_folder(os.environ)) as url:
            report = bench_of.measure(
                url, bench_of.Plan(contacts=contacts, rounds=rounds), lambda what: print(what, file=sys.stderr)
            )
    except NoScratch as refused:
        progress.print(str(refused))
        raise typer.Exit(1) from refused
    except KeyboardInterrupt:
        progress.print("Interrupted; the database of the benchmark is removed.")
        raise typer.Exit(130) from None
    if as_json:
        print(json.dumps(report.as_json(), indent=2))
        return
    for name, times in (
        ("Pages", report.pages),
        ("Filters", report.filters),
        ("Searches", report.searches),
        ("STOP alone", report.stops_alone),
        ("STOP beside", report.stops),
    ):
        figures = f"median {times.p50:8.1f} ms   95% under {times.p95:8.1f} ms   worst {times.worst:8.1f} ms"
        print(f"{name:12} {figures}   {times.worst_of} (of {times.count})")
    print(f"Stop All for {report.marked:,}: {report.mark_all_s:.1f} s, its undo {report.undo_all_s:.1f} s")
    print(
        f"Counting all: {report.count_all_s:.2f} s. Memory: {report.memory_before_mb} MB, then {report.memory_after_mb}"
    )


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
