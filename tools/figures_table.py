"""The parts of a table of figures, as Markdown."""

from collections.abc import Sequence
from typing import Any

Report = dict[str, Any]


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def measured_on(report: Report, words: str) -> str:
    machine = report["machine"]
    return (
        f"\n{words} {machine['cores']} cores, PostgreSQL {machine['server_version']}, Python {machine['python']},"
        f" {machine['system']}.\n"
    )


def cpu(side: dict[str, Any]) -> str:
    server = "?" if side["server_cpu_per_1000"] is None else f"{side['server_cpu_per_1000'] * 1000:.0f}"
    return f"{side['worker_cpu_per_1000'] * 1000:.0f} + {server}"


def ms(spread: dict[str, float]) -> str:
    return f"{spread['p50_ms']:,.1f} / {spread['p99_ms']:,.1f}"
