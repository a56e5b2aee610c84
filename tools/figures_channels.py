"""The tables of `allstop bench channel ...`."""

from collections.abc import Sequence

from tools.figures_table import Report, measured_on, table


def emails(report: Report) -> str:
    return _channel(
        report,
        (
            ("plain", "per_second", "worker_cpu_per_1000"),
            ("signed with DKIM (RSA)", "signed_per_second", "signed_worker_cpu_per_1000"),
        ),
        f"Emails of {report['plan']['accounts']} accounts by {report['plan']['connections']} connections to"
        f" {report['mail_server']}; the ceiling hands over mails that are written already.",
    )


def texts(report: Report) -> str:
    return _channel(
        report,
        (("texts", "per_second", "worker_cpu_per_1000"),),
        f"Texts of {report['plan']['accounts']} accounts by SMPP with a window of {report['plan']['window']}; the"
        " ceiling submits bytes that are written already.",
    )


def _channel(report: Report, kinds: Sequence[tuple[str, str, str]], words: str) -> str:
    ours = [
        (name, report[speed], report[speed] / report["ceiling_per_second"], report[cpu]) for name, speed, cpu in kinds
    ]
    every = [*ours, ("the ceiling", report["ceiling_per_second"], 1.0, report["ceiling_cpu_per_1000"])]
    return table(
        ("", "a second", "of the ceiling", "CPU of the process for 1,000"),
        [(name, f"{speed:,.0f}", f"{ratio:.2f}", f"{cpu:.2f} s") for name, speed, ratio, cpu in every],
    ) + measured_on(
        report,
        f"{words} One worker process, medians of {len(report['rounds'])} rounds of {report['plan']['seconds']:g} s.",
    )


def calls(report: Report) -> str:
    rows = []
    for name, side in (("Allstop", report["ours"]), ("the SIP stack alone", report["ceiling"])):
        heard = side["heard"]
        late = f"{heard['late_p50_ms']:.1f} / {heard['late_p99_ms']:.1f} / {heard['late_max_ms']:.0f}"
        shares = (f"{heard[key] / heard['frames']:.2%}" for key in ("later_than_20_ms", "later_than_60_ms"))
        cpu = f"{side['cpu_seconds_per_call_minute']:.2f} s"
        sent = f"{heard['frames']:,} of {heard['expected']:,}"
        core = f"{side['percent_of_a_core']:.0f} %"
        rows.append((name, str(heard["at_once"]), sent, late, *shares, str(side["starved_frames"]), cpu, core))
    headings = (
        "",
        "calls at once",
        "frames",
        "late by ms, p50 / p99 / worst",
        "by more than 20 ms",
        "by more than 60 ms",
        "starved",
        "CPU for a minute of a call",
        "of a core",
    )
    words = (
        f"Calls of about {report['plan']['seconds']:g} s, one process. In the minute before, {report['others']:g}"
        " processes of other programs wanted a processor."
    )
    return table(headings, rows) + measured_on(report, words)
