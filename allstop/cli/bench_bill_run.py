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
    attempts: Annotated[int, typer.Option(min=0, help="Attempts of messages that the run counts first.")] = 0,
    as_json: AsJson = False,
) -> None:
    """How long a bill run takes, beside a bare COPY of as many lines (the ceiling)."""
    from allstop.bench.bill_run import Plan, measure

    run_benchmark(measure, Plan(accounts=accounts, rounds=rounds, attempts=attempts), table, as_json)


def table(report: "Report") -> None:
    from allstop.bench.machine import in_words

    rows = [
        (
            f"{one.seconds:,.1f}",
            f"{one.ceiling_seconds:,.2f}",
            f"{one.cpu_ms:.2f}",
            f"{one.server_cpu_ms:.2f}" if one.server_cpu_ms is not None else "",
            f"{one.memory_mb:,.0f}",
        )
        for one in report.rounds
    ]
    caption = (
        f"{report.accounts_per_second:,.0f} accounts a second; {report.lines:,} lines on {report.invoices:,} invoices, "
        f"{report.usage_days:,} days of usage, "
        f"{report.plan.attempts:,} attempts; {report.ratio:,.1f} times the ceiling. {in_words(report.machine)}"
    )
    heads = ("seconds", "bare COPY of the lines, seconds", "CPU ms an account", "of PostgreSQL", "memory, MB")
    show("A bill run", caption, heads, rows)
