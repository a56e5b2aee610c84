"""`allstop bench webhooks`."""

from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.bench import Accounts, Slots, benchmarks
from allstop.cli.bench_run import AsJson, run_benchmark
from allstop.cli.bench_tables import show

if TYPE_CHECKING:
    from allstop.bench.webhooks import Report

commands = typer.Typer()


@benchmarks.command()
def webhooks(  # noqa: PLR0913 - each is an option of the command
    queued: Annotated[int, typer.Option(min=1, help="Messages waiting at the start.")] = 1_000_000,
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 2,
    slots: Slots = 50,
    accounts: Accounts = 1000,
    events: Annotated[int, typer.Option(min=20, help="Events a second that are told.")] = 1000,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long each round is measured, after its warm-up.")] = 5,
    rounds: Annotated[int, typer.Option(min=1, help="Pairs of rounds; medians are shown.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Messages a second while events are told to a webhook, and without; deliveries beside bare POSTs (the ceiling)."""
    from allstop.bench.webhooks import Plan, measure

    plan = Plan(
        queued=queued,
        workers=workers,
        slots=slots,
        accounts=accounts,
        events=events,
        seconds=seconds,
        rounds=rounds,
    )
    run_benchmark(measure, plan, table, as_json)


def table(report: "Report") -> None:
    from allstop.bench.machine import in_words

    rows = [("without", f"{one.messages_per_second:,.0f}", "", "") for one in report.alone] + [
        ("with", f"{one.messages_per_second:,.0f}", f"{one.happened_per_second:,.0f}", f"{one.events_per_second:,.0f}")
        for one in report.told
    ]
    caption = (
        f"With events the dispatch has {report.ratio:.2f} of its speed. Ceiling of deliveries: {report.ceiling:,.0f} "
        f"bare POSTs a second. {report.plan.workers} workers. {in_words(report.machine)}"
    )
    show("Messages a second", caption, ("webhook", "messages/s", "events/s", "delivered/s"), rows)
