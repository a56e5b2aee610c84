"""Puts the figures in docs/performance/*.json into docs/performance.md, and draws its plots.

    .venv/bin/python -m tools.figures

Each JSON is what `allstop bench ... --json` printed. A table stands between two comments with its name, and below it
the plot that goes with it. Without its JSON it says that nothing was measured.
"""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from tools.figures_channels import calls, emails, texts
from tools.figures_table import Report, cpu, measured_on, ms, table
from tools.plots import Plot, Points, svg

ROOT = Path(__file__).parent.parent
FIGURES = ROOT / "docs" / "performance"
PICTURES = ROOT / "docs" / "pictures"
PAGE = ROOT / "docs" / "performance.md"


def read(name: str) -> Report | None:
    file = FIGURES / f"{name}.json"
    if not file.exists():
        return None
    report: Report = json.loads(file.read_text(encoding="utf-8"))
    return report


def queue(report: Report) -> str:
    return table(
        ("queued", "workers", "Allstop", "ceiling", "ratio", "CPU of Allstop", "CPU of the ceiling"),
        [
            (
                f"{row['queued']:,}",
                str(row["workers"]),
                f"{row['ours']['per_second']:,.0f}",
                f"{row['ceiling']['per_second']:,.0f}",
                f"{row['ratio']:.2f}",
                cpu(row["ours"]),
                cpu(row["ceiling"]),
            )
            for row in report["rows"]
        ],
    ) + measured_on(
        report,
        f"Medians of {report['plan']['rounds']} rounds of {report['plan']['seconds']:g} s; CPU is milliseconds for"
        f" 1,000 messages, workers + server. {report['plan']['accounts']:,} accounts with 3 channels,"
        f" {report['plan']['slots']} send slots a worker.",
    )


def stop(report: Report) -> str:
    return table(
        ("scenario", "workers", "stops", "effective", "confirmed", "bare commit", "began after it"),
        [
            (
                row["scenario"],
                str(row["workers"]),
                str(row["effective"]["tries"]),
                *(ms(row[name]) for name in ("effective", "confirmed", "bare_commit")),
                str(row["began_after"]),
            )
            for row in report["rows"]
        ],
    ) + measured_on(report, f"Milliseconds, p50 / p99. {report['plan']['queued']:,} queued at the start.")


def totals(report: Report) -> str:
    names = ("account", "account_counted", "everything", "everything_counted")
    return table(
        ("queued", "one account", "counted", "installation", "counted", "loading", "disk"),
        [
            (
                f"{row['queued']:,}",
                *(ms(row[name]) for name in names),
                f"{row['load_seconds']:,.0f} s",
                f"{row['disk_bytes'] / 1e9:.2f} GB",
            )
            for row in report["rows"]
        ],
    ) + measured_on(report, f"Milliseconds, p50 / p99 of {report['plan']['tries']} tries.")


def idle(report: Report) -> str:
    return table(
        ("state", "CPU of the workers", "CPU of the server", "of a core", "queries a minute"),
        [
            (
                row["state"],
                f"{row['worker_cpu_per_minute']:.2f} s",
                "?" if row["server_cpu_per_minute"] is None else f"{row['server_cpu_per_minute']:.2f} s",
                "?" if row["percent_of_a_core"] is None else f"{row['percent_of_a_core']:.2f} %",
                f"{row['queries_per_minute']:,.0f}",
            )
            for row in report["rows"]
        ],
    ) + measured_on(report, f"A minute of {report['plan']['workers']} workers.")


def phonebook(report: Report) -> str:
    asked = (
        ("a bare page: names alone, by the same index", "bare_pages"),
        ("pages without a filter: the first, a letter, the middle", "pages"),
        ("filters: each alone, from half of the contacts to one, and pairs", "filters"),
        ("searches: names, parts of numbers, emails, several words, nobody", "searches"),
        ("counts, as Select all says them: everybody, and each filter", "counts"),
        ("STOP of a channel until confirmed, before anything is changed", "stops_alone"),
    )
    reading = table(
        ("", "median", "95% under", "worst"),
        [(words, *(f"{report[name][key]:,.1f} ms" for key in ("p50", "p95", "worst"))) for words, name in asked],
    )
    memory = (
        f"Memory of the process that reads the pages: {report['memory_before_mb']:.0f} MB after the first round,"
        f" {report['memory_after_mb']:.0f} MB at the end; of the one that makes the changes:"
        f" {report['changing_before_mb']:.0f} MB, then {report['changing_after_mb']:.0f} MB."
    )
    return (
        reading
        + "\n"
        + _changes(report)
        + measured_on(
            report,
            f"{memory} {report['plan']['contacts']:,} contacts, {report['plan']['rounds']} rounds of all pages; loading"
            f" took {report['loading_s']:,.0f} s.",
        )
    )


def _changes(report: Report) -> str:
    """Of everybody in the Phonebook, beside what nobody could undo."""
    return table(
        ("change", "contacts", "takes", "STOP beside it, median", "99% under", "worst"),
        [
            (
                one["what"].replace("_", " "),
                f"{one['changed']:,}",
                f"{one['seconds']:,.1f} s",
                *(f"{one['stops'][key]:,.1f} ms" for key in ("p50", "p99", "worst")),
            )
            for one in report["changes"]
        ]
        + [
            (
                "a bare UPDATE of one column",
                f"{report['bare_updated']:,}",
                f"{report['bare_update_s']:,.1f} s",
                "",
                "",
                "",
            )
        ],
    )


def contacts_import(report: Report) -> str:
    stops = [
        f"median {report[name]['p50']:.0f} ms, 95% under {report[name]['p95']:.0f} ms"
        for name in ("stops_alone", "stops")
    ]
    return table(
        ("what", "seconds", "rows a second", "CPU of the import", "CPU of the server"),
        [
            (
                run["what"],
                f"{run['seconds']:,.1f}",
                f"{run['per_second']:,.0f}",
                f"{run['cpu_s']:,.1f} s",
                "?" if run["server_cpu_s"] is None else f"{run['server_cpu_s']:,.1f} s",
            )
            for run in report["runs"]
        ],
    ) + measured_on(
        report,
        f"{report['plan']['rows']:,} rows, a file of {report['file_mb']:g} MB; the process had at most"
        f" {report['memory_mb']:.0f} MB. STOP of a channel until it was confirmed: {stops[0]};"
        f" while it imported: {stops[1]}.",
    )


def intake(report: Report) -> str:
    return table(
        (
            "created",
            "created a second",
            "refused while paused",
            "created after the acknowledgement",
            "pause acknowledged",
        ),
        [
            (
                f"{report['created']:,}",
                f"{report['created_per_second']:,.0f}",
                f"{report['refused']:,}",
                str(report["created_after"]),
                ms(report["pause"]),
            )
        ],
    ) + measured_on(
        report,
        f"Milliseconds, p50 / p99 of {report['plan']['rounds']} pauses. {report['plan']['clients']} clients in"
        f" {report['plan']['processes']} processes.",
    )


def mass_end(report: Report) -> str:
    return table(
        ("", "ends", "takes", "STOP beside it, median", "99% under", "worst"),
        [
            (
                "End Conversations",
                f"{report['ended']:,}",
                f"{report['seconds']:,.1f} s",
                *(f"{report['stops'][key]:,.1f} ms" for key in ("p50", "p99", "worst")),
            ),
            ("a bare UPDATE and DELETE", f"{report['ended']:,}", f"{report['ceiling_seconds']:,.1f} s", "", "", ""),
            ("nothing", "", "", *(f"{report['stops_alone'][key]:,.1f} ms" for key in ("p50", "p99", "worst"))),
        ],
    ) + measured_on(
        report,
        f"{report['withdrawn']:,} messages were withdrawn, {report['events']} events of webhooks written; the process"
        f" had at most {report['memory_mb']:.0f} MB.",
    )


def webhooks(report: Report) -> str:
    def row(name: str, rounds: list[Report]) -> tuple[str, ...]:
        def middle(value: Callable[[Report], float | None], unit: str = "") -> str:
            known = [found for one in rounds if (found := value(one)) is not None]
            return f"{median(known):,.0f}{unit}" if known else ""

        cpu = (middle(partial(_cpu_ms, part), " ms") for part in _WHO)
        events = middle(lambda one: one["events_per_second"] or None)
        return name, middle(lambda one: one["messages_per_second"]), events, *cpu

    return table(
        ("", "messages a second", "events a second", *_WHO.values()),
        [
            row("no webhook", report["alone"]),
            row("with events", report["told"]),
            row("a bare client, no events", report["bare"]),
            ("the ceiling: bare POSTs, nothing else", "", f"{report['ceiling']:,.0f}", *[""] * len(_WHO)),
        ],
    ) + measured_on(
        report,
        f"Ratio of the dispatch with events to that without: {report['ratio']:.2f}, the median of"
        f" {len(report['told'])} rounds; beside the bare client {report['bare_ratio']:.2f}. What Allstop itself needs"
        f" for so many events a second is {report['share'] or 0:.0%} of all cores."
        f" {report['plan']['workers']} workers; {report['plan']['events']:,} events a second were asked for.",
    )


_WHO = {"sender": "webhook process", "server": "its PostgreSQL", "writing": "writing down", "peer": "who listens"}


def _cpu_ms(part: str, one: Report) -> float | None:
    seconds = (one["cpu"] or {}).get(part)
    return None if seconds is None else seconds * 1000


def feed(report: Report) -> str:
    return table(
        ("file", "taken", "queued", "messages", "canceled by rules", "withdrawn"),
        [
            *(
                (
                    one["what"],
                    f"{one['taken_s']:,.1f} s",
                    f"{one['queued_s']:,.1f} s",
                    *(f"{one[key]:,}" for key in ("waiting", "canceled", "withdrawn")),
                )
                for one in report["files"]
            ),
            ("a bare COPY of as many rows", "", f"{report['ceiling_s']:,.1f} s", "", "", ""),
        ],
    ) + measured_on(
        report,
        f"{report['plan']['rows']:,} appointments of {report['plan']['locations']} locations, {report['file_mb']} MB."
        f" STOP, p50 / p99: alone {report['stops_alone']['p50']:,.1f} / {report['stops_alone']['p99']:,.1f} ms, beside"
        f" it {report['stops']['p50']:,.1f} / {report['stops']['p99']:,.1f} ms. The process had at most"
        f" {report['memory_mb']:.0f} MB.",
    )


def bill_run(report: Report) -> str:
    plan = report["plan"]
    rows = [
        (
            f"{plan['accounts']:,}",
            f"{report['lines']:,}",
            f"{one['seconds']:,.1f} s",
            f"{one['cpu_ms']:.2f} + {one['server_cpu_ms'] or 0:.2f}",
            f"{one['ceiling_seconds']:,.2f} s",
            f"{one['memory_mb']:,.0f} MB",
        )
        for one in report["rounds"]
    ]
    return table(
        ("accounts", "lines", "takes", "CPU ms an account", "a bare COPY of the lines", "memory"), rows
    ) + measured_on(
        report,
        f"{report['usage_days']:,} days of usage, and {plan['attempts']:,} attempts of messages that the run counted"
        " first. CPU is of the process that bills + of PostgreSQL, the counting included.",
    )


TABLES: dict[str, Callable[[Report], str]] = {
    "queue": queue,
    "queue-old-snapshot": queue,
    "stop": stop,
    "totals": totals,
    "idle": idle,
    "phonebook": phonebook,
    "contacts-import": contacts_import,
    "emails": emails,
    "texts": texts,
    "calls": calls,
    "intake": intake,
    "mass-end": mass_end,
    "webhooks": webhooks,
    "feed": feed,
    "bill-run": bill_run,
}


def queue_growth(free: Report, held: Report | None) -> Plot:
    """With the most workers. `held`: measured while an old snapshot was held."""
    most = max(row["workers"] for row in free["rows"])
    curves: dict[str, Points] = {
        "Allstop": _per_second(free, most, "ours"),
        "ceiling": _per_second(free, most, "ceiling"),
    }
    if held is not None and (points := _per_second(held, most, "ours")):
        curves["Allstop, old snapshot"] = points
    return Plot(f"Messages a second, {most} workers", "messages queued", "messages a second", curves)


def _per_second(report: Report, workers: int, side: str) -> Points:
    return [(row["queued"], row[side]["per_second"]) for row in report["rows"] if row["workers"] == workers]


def totals_growth(report: Report) -> Plot:
    names = {
        "account": "one account",
        "everything": "installation",
        "account_counted": "account, counted",
        "everything_counted": "all, counted",
    }
    curves: dict[str, Points] = {
        words: [(row["queued"], row[name]["p50_ms"]) for row in report["rows"]] for name, words in names.items()
    }
    return Plot("Totals of the dialogs, medians", "messages queued", "milliseconds", curves, y_is_logarithmic=True)


def pictures() -> dict[str, str]:
    """File name -> drawing."""
    drawn = {}
    if (free := read("queue")) is not None:
        drawn["growth-queue.svg"] = svg(queue_growth(free, read("queue-old-snapshot")))
    if (report := read("totals")) is not None:
        drawn["growth-totals.svg"] = svg(totals_growth(report))
    return drawn


PLOTS = {
    "queue": "![Messages a second by messages queued, beside the ceiling](pictures/growth-queue.svg)",
    "totals": "![Milliseconds of the totals by messages queued, beside counting](pictures/growth-totals.svg)",
}


def block(name: str) -> str:
    report = read(name)
    if report is None:
        return "Not measured yet with this version.\n"
    plot = f"\n{PLOTS[name]}\n" if name in PLOTS else ""
    return TABLES[name](report) + plot


def page(before: str) -> str:
    """The page with its tables as the figures are now."""
    after = before
    for name in TABLES:
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        if after.count(start) != 1 or after.count(end) != 1:
            raise ValueError(f"{PAGE} has no place for the table {name}.")
        head, rest = after.split(start)
        after = head + start + block(name) + end + rest.split(end)[1]
    return after


def main() -> None:
    for name, drawn in pictures().items():
        (PICTURES / name).write_text(drawn, encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
