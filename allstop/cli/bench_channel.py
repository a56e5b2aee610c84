"""`allstop bench channel ...`: how fast messages leave by a real wire, beside that wire alone."""

from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli import bench_calls
from allstop.cli.bench import benchmarks
from allstop.cli.bench_run import AsJson, run_benchmark

if TYPE_CHECKING:
    from allstop.bench.emails import Report as EmailReport
    from allstop.bench.texts import Report

commands = typer.Typer()
channels = typer.Typer(no_args_is_help=True, help="One channel, from the queue to the record, beside its wire alone.")
channels.command("call")(bench_calls.call)
benchmarks.add_typer(channels, name="channel")


@channels.callback()
def channel() -> None:
    """One channel, from the queue to the record, beside its wire alone."""


@channels.command()
def text(  # noqa: PLR0913 - each is an option of the command
    queued: Annotated[int, typer.Option(min=1, help="Texts waiting at the start.")] = 150_000,
    accounts: Annotated[int, typer.Option(min=1, help="Accounts that they belong to.")] = 10,
    window: Annotated[int, typer.Option(min=1, help="Texts on their way without an answer.")] = 200,
    slots: Annotated[int, typer.Option(min=1, help="Send slots of the worker.")] = 400,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long each round is measured, after its warm-up.")] = 5,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each kind; medians are shown.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Texts a second by SMPP, queue to finished, in one worker; beside the wire alone (the ceiling)."""
    from allstop.bench.texts import Plan, measure

    plan = Plan(queued=queued, accounts=accounts, window=window, slots=slots, seconds=seconds, rounds=rounds)
    run_benchmark(measure, plan, _show, as_json)


@channels.command()
def email(  # noqa: PLR0913 - each is an option of the command
    queued: Annotated[int, typer.Option(min=1, help="Emails waiting at the start.")] = 100_000,
    accounts: Annotated[int, typer.Option(min=1, help="Accounts that they belong to.")] = 10,
    connections: Annotated[int, typer.Option(min=1, max=1000, help="Connections of each account.")] = 20,
    slots: Annotated[int, typer.Option(min=1, help="Send slots of the worker.")] = 200,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long each round is measured, after its warm-up.")] = 5,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each kind; medians are shown.")] = 3,
    counts: Annotated[
        bool, typer.Option("--counts", help="To a mail server of our own, whose count the records must match.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Emails a second by SMTP, plain and signed, queue to finished, in one worker; beside the wire alone."""
    from allstop.bench.emails import Plan, measure

    plan = Plan(
        queued=queued,
        accounts=accounts,
        connections=connections,
        slots=slots,
        seconds=seconds,
        rounds=rounds,
        counts=counts,
    )
    run_benchmark(measure, plan, _show_emails, as_json)


def _show_emails(report: "EmailReport") -> None:
    server = "?" if report.server_cpu_per_1000 is None else f"{report.server_cpu_per_1000:.3f}"
    print(f"Emails a second, queue to finished    {report.per_second:10,.0f}")
    print(f"The same, signed (DKIM, RSA 2,048)    {report.signed_per_second:10,.0f}")
    print(f"Bare submits a second (the ceiling)   {report.ceiling_per_second:10,.0f}")
    print(f"Ratio                                 {report.ratio:10.2f}")
    print(f"CPU seconds for 1,000: worker {report.worker_cpu_per_1000:.3f}", end="")
    print(f" (signed {report.signed_worker_cpu_per_1000:.3f}), database {server}; ceiling", end="")
    print(f" {report.ceiling_cpu_per_1000:.3f}")
    print(f"To {report.mail_server}, medians of {report.plan.rounds} rounds of {report.plan.seconds:g} s.")


def _show(report: "Report") -> None:
    server = "?" if report.server_cpu_per_1000 is None else f"{report.server_cpu_per_1000:.3f}"
    print(f"Texts a second, queue to finished   {report.per_second:10,.0f}")
    print(f"Bare submits a second (the ceiling) {report.ceiling_per_second:10,.0f}")
    print(f"Ratio                               {report.ratio:10.2f}")
    print(f"CPU seconds for 1,000: worker {report.worker_cpu_per_1000:.3f}, database {server}, ", end="")
    print(f"SMSC {report.smsc_cpu_per_1000:.3f}; ceiling {report.ceiling_cpu_per_1000:.3f}")
    print(f"Medians of {report.plan.rounds} rounds of {report.plan.seconds:g} s, window {report.plan.window}.")
