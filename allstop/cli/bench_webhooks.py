"""`allstop bench webhooks`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.bench import Accounts, Slots, benchmarks
from allstop.cli.bench_run import AsJson, run_benchmark
from allstop.cli.bench_tables import show

if TYPE_CHECKING:
    from allstop.bench.webhooks import Cpu, Report

commands = typer.Typer()


@benchmarks.command()
def webhooks(  # noqa: PLR0913 - each is an option of the command
    queued: Annotated[int, typer.Option(min=1, help="Messages waiting at the start.")] = 1_000_000,
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 2,
    slots: Slots = 50,
    accounts: Accounts = 1000,
    events: Annotated[int, typer.Option(min=20, help="Events a second that are told.")] = 1000,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long each round is measured, after its warm-up.")] = 5,
    rounds: Annotated[int, typer.Option(min=1, help="Times three rounds; medians are shown.")] = 3,
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

    kinds = (("no webhook", report.alone), ("with events", report.told), ("bare POSTs", report.bare))
    rows = [
        (
            name,
            f"{one.messages_per_second:,.0f}",
            f"{one.events_per_second:,.0f}" if one.cpu else "",
            *(_ms(value(one.cpu) if one.cpu else None) for value in _CPU.values()),
        )
        for name, rounds in kinds
        for one in rounds
    ]
    share = "" if report.share is None else f"; what Allstop needs for them is {report.share:.0%} of all cores"
    caption = (
        f"With events the dispatch has {report.ratio:.2f} of its speed, beside bare POSTs to the same program "
        f"{report.bare_ratio:.2f}. Processor: milliseconds of a core for 1,000 events{share}. Events that happened: "
        f"{report.happened_per_second:,.0f} a second. Ceiling of deliveries: {report.ceiling:,.0f} "
        f"bare POSTs a second. {report.plan.workers} workers. {in_words(report.machine)}"
    )
    show("Messages a second", caption, ("", "messages/s", "delivered/s", *_CPU), rows)


_CPU: dict[str, Callable[["Cpu"], float | None]] = {
    "sender": lambda cpu: cpu.sender,
    "its server": lambda cpu: cpu.server,
    "writing down": lambda cpu: cpu.writing,
    "listener": lambda cpu: cpu.peer,
}


def _ms(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1000:,.0f}"
