"""The figures of `allstop bench` as tables."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from allstop.bench.machine import in_words
from allstop.bench.spread import Spread

if TYPE_CHECKING:
    from allstop.bench.chaos.plan import Report as ChaosReport
    from allstop.bench.contact_import import Report as ContactImportReport
    from allstop.bench.feed import Report as FeedReport
    from allstop.bench.idle import Report as IdleReport
    from allstop.bench.intake import Report as IntakeReport
    from allstop.bench.mass_end import Report as MassEndReport
    from allstop.bench.phonebook import Report as PhonebookReport
    from allstop.bench.queue import Figures
    from allstop.bench.queue import Report as QueueReport
    from allstop.bench.stop import Report as StopReport
    from allstop.bench.totals import Report as TotalsReport


def show(title: str, caption: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, caption=caption)
    for heading in headings:
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def queue(report: "QueueReport") -> None:
    headings = ("queued", "workers", "Allstop", "ceiling", "ratio", "CPU of Allstop", "CPU of the ceiling")
    rows = [
        (
            f"{row.queued:,}",
            str(row.workers),
            f"{row.ours.per_second:,.0f}",
            f"{row.ceiling.per_second:,.0f}",
            f"{row.ratio:.2f}",
            _cpu(row.ours),
            _cpu(row.ceiling),
        )
        for row in report.rows
    ]
    show("Messages a second, medians", _of_the_queue(report), headings, rows)


def _cpu(figures: "Figures") -> str:
    server = "?" if figures.server_cpu_per_1000 is None else f"{figures.server_cpu_per_1000 * 1000:.0f}"
    return f"{figures.worker_cpu_per_1000 * 1000:.0f} + {server}"


def _of_the_queue(report: "QueueReport") -> str:
    plan = report.plan
    return (
        f"{plan.accounts:,} accounts, {plan.slots} send slots a worker, {plan.rounds} rounds of {plan.seconds:g} s, "
        f"quiet hours {'checked' if plan.quiet else 'not kept'}. "
        "CPU: milliseconds for 1,000 messages, workers + server. "
        f"{'An old snapshot was held. ' if plan.old_snapshot else ''}{in_words(report.machine)} "
        "The ceiling claims and completes on narrow tables: no gate, no attempts, no tallies."
    )


def intake(report: "IntakeReport") -> None:
    headings = (
        "clients",
        "pauses",
        "pause",
        "created",
        "a second",
        "refused",
        "shown as refused",
        "created after",
        "failed",
    )
    row = (
        str(report.plan.clients),
        str(report.pause.tries),
        _ms(report.pause),
        f"{report.created:,}",
        f"{report.created_per_second:,}",
        f"{report.refused:,}",
        f"{report.refused_counted:,}",
        str(report.created_after),
        str(report.failed),
    )
    caption = (
        "pause: p50 / p99 milliseconds from pressing to the acknowledgement; "
        "created after: leads that came into being after it. "
        f"{report.plan.processes} processes of clients. {in_words(report.machine)}"
    )
    show("Pause Account while clients create leads", caption, headings, [row])


def stop(report: "StopReport") -> None:
    headings = (
        "scenario",
        "workers",
        "stops",
        "effective",
        "confirmed",
        "bare commit",
        "began after",
        "sent meanwhile",
    )
    rows = [
        (
            row.scenario,
            str(row.workers),
            str(row.effective.tries),
            _ms(row.effective),
            _ms(row.confirmed),
            _ms(row.bare_commit),
            str(row.began_after),
            f"{row.sent:,}",
        )
        for row in report.rows
    ]
    plan = report.plan
    caption = (
        "p50 / p99 milliseconds; commit: a bare one; after: attempts that began after the confirmation. "
        f"{plan.queued:,} queued, {plan.accounts:,} accounts, {plan.slots} send slots a worker. "
        f"Installation, dead and frozen stop all accounts at once. {in_words(report.machine)}"
    )
    show("From pressing STOP until it is effective, and until it is confirmed", caption, headings, rows)


def totals(report: "TotalsReport") -> None:
    headings = ("queued", "one account", "counted", "installation", "counted", "loading", "disk")
    rows = [
        (
            f"{row.queued:,}",
            _ms(row.account),
            _ms(row.account_counted),
            _ms(row.everything),
            _ms(row.everything_counted),
            f"{row.load_seconds:,.0f} s",
            f"{row.disk_bytes / 1e9:.1f} GB",
        )
        for row in report.rows
    ]
    caption = f"p50 / p99 milliseconds of {report.plan.tries} tries. {in_words(report.machine)}"
    show("Totals of the dialogs, beside counting the queue", caption, headings, rows)


def idle(report: "IdleReport") -> None:
    headings = ("state", "CPU of the workers", "CPU of the server", "of a core", "queries")
    rows = [
        (
            row.state,
            f"{row.worker_cpu_per_minute:.2f} s",
            "?" if row.server_cpu_per_minute is None else f"{row.server_cpu_per_minute:.2f} s",
            "?" if row.percent_of_a_core is None else f"{row.percent_of_a_core:.2f} %",
            f"{row.queries_per_minute:,.0f}",
        )
        for row in report.rows
    ]
    caption = f"A minute of {report.plan.workers} workers with nothing to do. {in_words(report.machine)}"
    show("What an idle installation costs a minute", caption, headings, rows)


def _ms(spread: Spread) -> str:
    return f"{spread.p50_ms:,.1f} / {spread.p99_ms:,.1f}"


def chaos(report: "ChaosReport") -> None:
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


def phonebook(report: "PhonebookReport") -> None:
    from rich.console import Console
    from rich.table import Column, Table

    for name, times in (
        ("Bare pages", report.bare_pages),
        ("Pages", report.pages),
        ("Filters", report.filters),
        ("Searches", report.searches),
        ("Counts", report.counts),
        ("STOP alone", report.stops_alone),
    ):
        figures = f"median {times.p50:8.1f} ms   95% under {times.p95:8.1f} ms   worst {times.worst:8.1f} ms"
        print(f"{name:12} {figures}   {times.worst_of} (of {times.count})")
    table = Table(
        "", *(Column(name, justify="right") for name in ("contacts", "seconds", "STOP beside", "99%", "worst"))
    )
    for one in report.changes:
        stops = (f"{one.stops.p50:.1f} ms", f"{one.stops.p99:.1f} ms", f"{one.stops.worst:.1f} ms")
        table.add_row(one.what, f"{one.changed:,}", f"{one.seconds:.1f}", *stops)
    table.add_row("one bare UPDATE", f"{report.bare_updated:,}", f"{report.bare_update_s:.1f}", "", "", "")
    Console().print(table)
    print(
        f"Memory of the process with the pages: {report.memory_before_mb} MB, then {report.memory_after_mb} MB; of the"
        f" one with the changes: {report.changing_before_mb} MB, then {report.changing_after_mb} MB."
    )


def contacts_import(report: "ContactImportReport") -> None:
    for run in report.runs:
        cpu = f"CPU {run.cpu_s:.1f} s, of the server {run.server_cpu_s or 0:.1f} s"
        print(f"{run.what:20} {run.seconds:8.1f} s   {run.per_second:10,.0f} rows a second   {cpu}")
    for name, times in (("STOP alone", report.stops_alone), ("STOP beside", report.stops)):
        print(f"{name:12} median {times.p50:8.1f} ms   95% under {times.p95:8.1f} ms   worst {times.worst:8.1f} ms")
    print(f"A file of {report.file_mb} MB; the process had {report.memory_mb} MB at its most.")


def feed(report: "FeedReport") -> None:
    for one in report.files:
        counts = f"{one.waiting:,} waiting, {one.canceled:,} canceled by rules, {one.refused:,} refused"
        print(f"{one.what:14} taken {one.taken_s:6.1f} s   queued {one.queued_s:6.1f} s   {counts}", end=", ")
        print(f"{one.errors:,} errors, {one.withdrawn:,} withdrawn")
    print(f"bare COPY      {report.ceiling_s:6.1f} s (the ceiling)")
    for name, times in (("STOP alone", report.stops_alone), ("STOP beside", report.stops)):
        print(f"{name:12} median {times.p50:8.1f} ms   95% under {times.p95:8.1f} ms   worst {times.worst:8.1f} ms")
    print(f"A file of {report.file_mb} MB; the process had {report.memory_mb} MB at its most.")


def mass_end(report: "MassEndReport") -> None:
    print(f"{report.ended:,} conversations in {report.seconds:.1f} s, {report.per_second:,.0f} a second.", end=" ")
    print(f"{report.withdrawn:,} messages withdrawn, {report.events} events for webhooks.")
    print(f"Bare UPDATE and DELETE of as many rows (the ceiling): {report.ceiling_seconds:.2f} s")
    for name, times in (("STOP alone", report.stops_alone), ("STOP beside", report.stops)):
        print(f"{name:12} median {times.p50:8.1f} ms   95% under {times.p95:8.1f} ms   worst {times.worst:8.1f} ms")
    print(f"The process had {report.memory_mb} MB at its most.")
