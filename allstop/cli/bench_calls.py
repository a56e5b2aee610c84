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
    """Calls at once in one worker process, beside the SIP stack alone (the ceiling): CPU, and sound that is late."""
    from allstop.bench.calls import Plan, measure

    run_benchmark(measure, Plan(calls=calls, seconds=seconds), table, as_json)


def table(report: "Report") -> None:
    rows = [
        (
            name,
            f"{side.heard.at_once:,}",
            f"{side.heard.frames:,} of {side.heard.expected:,}",
            f"{side.heard.late_p50_ms:.1f} / {side.heard.late_p99_ms:.1f} / {side.heard.late_max_ms:.0f} ms",
            f"{side.heard.later_than_20_ms:,} / {side.heard.later_than_60_ms:,}",
            f"{side.starved_frames:,}",
            f"{side.cpu_seconds_per_call_minute:.2f} s",
            f"{side.percent_of_a_core:.0f} %",
        )
        for name, side in (("Allstop", report.ours), ("the SIP stack alone", report.ceiling))
    ]
    headings = (
        "",
        "at once",
        "frames",
        "late: p50 / p99 / worst",
        "by more than 20 / 60 ms",
        "starved",
        "CPU for a minute of a call",
        "of a core",
    )
    bench_tables.show("Calls at once", in_words(report.machine), headings, rows)
