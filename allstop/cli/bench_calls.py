"""`allstop bench channel call`: calls at once in one worker process."""

from typing import TYPE_CHECKING, Annotated

import typer

from allstop.bench.machine import in_words
from allstop.cli import bench_tables
from allstop.cli.bench_run import AsJson, run_benchmark

if TYPE_CHECKING:
    from allstop.bench.calls import Report


def call(
    calls: Annotated[int, typer.Option(min=1, max=150, help="Calls at once.")] = 100,
    seconds: Annotated[float, typer.Option(min=2, max=120, help="Of speech, about.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Calls at once in one worker process, beside the SIP stack alone (the ceiling): CPU, and sound that stutters."""
    from allstop.bench.calls import Plan, measure

    run_benchmark(measure, Plan(calls=calls, seconds=seconds), table, as_json)


def table(report: "Report") -> None:
    rows = [
        (
            name,
            f"{side.answered:,}",
            f"{side.starved_frames:,}",
            f"{side.seconds:.1f} s",
            f"{side.cpu_ms_per_call_second:.2f} ms",
            f"{side.percent_of_a_core:.0f} %",
        )
        for name, side in (("Allstop", report.ours), ("the SIP stack alone", report.ceiling))
    ]
    headings = ("", "answered", "starved frames", "took", "CPU for a second of a call", "of a core")
    bench_tables.show("Calls at once", in_words(report.machine), headings, rows)
