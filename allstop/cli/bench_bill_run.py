"""`allstop bench bill-run`."""

from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.bench import benchmarks
from allstop.cli.bench_run import AsJson, run_benchmark
from allstop.cli.bench_tables import show

if TYPE_CHECKING:
    from allstop.bench.bill_run import Report

commands = typer.Typer()


@benchmarks.command("bill-run")
def bill_run(
    accounts: Annotated[int, typer.Option(min=1, help="Accounts, each with three packages and usage.")] = 100_000,
    rounds: Annotated[int, typer.Option(min=1, help="Runs, each in a fresh copy; medians are shown.")] = 3,
    as_json: AsJson = False,
) -> None:
    """How long a bill run takes, beside a bare COPY of as many lines (the ceiling)."""
    from allstop.bench.bill_run import Plan, measure

    run_benchmark(measure, Plan(accounts=accounts, rounds=rounds), table, as_json)


def table(report: "Report") -> None:
    from allstop.bench.machine import in_words

    rows = [(f"{one.seconds:,.1f}", f"{one.ceiling_seconds:,.2f}", f"{one.memory_mb:,.0f}") for one in report.rounds]
    caption = (
        f"{report.accounts_per_second:,.0f} accounts a second; {report.lines:,} lines on {report.invoices:,} invoices, "
        f"{report.usage_days:,} days of usage; {report.ratio:,.1f} times the ceiling. {in_words(report.machine)}"
    )
    show("A bill run", caption, ("seconds", "bare COPY of the lines, seconds", "memory, MB"), rows)
