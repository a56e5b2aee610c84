"""`allstop bench ...`: how fast this machine is. In databases of its own, which are gone afterwards."""

import sys
from typing import Annotated

import typer

from allstop.cli import bench_tables
from allstop.cli.bench_run import AsJson, run_benchmark

Slots = Annotated[int, typer.Option(min=1, max=10_000, help="Send slots of each worker.")]
Accounts = Annotated[int, typer.Option(min=1, help="Accounts that the messages belong to.")]
Several = "Messages waiting at the start; several with commas."

commands = typer.Typer()
benchmarks = typer.Typer(no_args_is_help=True, help="Measure this machine, in a database of its own.")
commands.add_typer(benchmarks, name="bench")


@benchmarks.callback()
def bench() -> None:
    """Measure this machine, in a database of its own."""


def _numbers(words: str) -> list[int]:
    try:
        numbers = [int(word) for word in words.replace(" ", "").split(",")]
    except ValueError as wrong:
        raise typer.BadParameter("Give whole numbers with commas between them, like 10000,1000000.") from wrong
    if min(numbers) < 1:
        raise typer.BadParameter("Each number must be 1 or more.")
    return numbers


@benchmarks.command()
def queue(  # noqa: PLR0913 - each is an option of the command
    queued: Annotated[str, typer.Option(help=Several)] = "10000,1000000",
    workers: Annotated[str, typer.Option(help="Worker processes; several with commas.")] = "1,2",
    slots: Slots = 50,
    accounts: Accounts = 1000,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long each round is measured, after its warm-up.")] = 4,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each kind; medians are shown.")] = 3,
    quiet: Annotated[bool, typer.Option("--quiet", help="Check texts and calls against quiet hours as well.")] = False,
    old_snapshot: Annotated[
        bool, typer.Option("--old-snapshot", help="Another session holds an old snapshot, as a backup does.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Messages a second through claim, gate and finish, beside a queue that does nothing else (the ceiling)."""
    from allstop.bench.queue import Plan, measure

    plan = Plan(
        queued=_numbers(queued),
        workers=_numbers(workers),
        slots=slots,
        accounts=accounts,
        seconds=seconds,
        rounds=rounds,
        quiet=quiet,
        old_snapshot=old_snapshot,
    )
    run_benchmark(measure, plan, bench_tables.queue, as_json)


@benchmarks.command()
def stop(  # noqa: PLR0913 - each is an option of the command
    queued: Annotated[int, typer.Option(min=1, help="Messages waiting at the start.")] = 1_000_000,
    workers: Annotated[str, typer.Option(help="Worker processes; several with commas.")] = "1,2,4",
    slots: Slots = 50,
    accounts: Accounts = 1000,
    stops: Annotated[int, typer.Option(min=1, help="Stops of one account, with each number of workers.")] = 200,
    everywhere: Annotated[int, typer.Option(min=1, help="Stops of all accounts at once.")] = 20,
    crashes: Annotated[int, typer.Option(min=0, help="Stops with a dead worker, and with a frozen one.")] = 3,
    as_json: AsJson = False,
) -> None:
    """How long until a STOP is effective, and until it is confirmed, under full load, beside a bare commit."""
    from allstop.bench.stop import Plan, measure

    plan = Plan(
        queued=queued,
        workers=_numbers(workers),
        slots=slots,
        accounts=accounts,
        stops=stops,
        everywhere=everywhere,
        crashes=crashes,
    )
    run_benchmark(measure, plan, bench_tables.stop, as_json)


@benchmarks.command()
def intake(
    clients: Annotated[int, typer.Option(min=1, help="Who create leads at the same time.")] = 50,
    processes: Annotated[int, typer.Option(min=1, help="Processes that these are in.")] = 2,
    rounds: Annotated[int, typer.Option(min=1, help="How often the account is paused.")] = 5,
    seconds: Annotated[float, typer.Option(min=0.1, help="Before each pause, and after it.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Pause the account while clients create leads: how many are created afterwards, and how long it takes."""
    from allstop.bench.intake import Plan, measure

    plan = Plan(clients=clients, processes=min(processes, clients), rounds=rounds, seconds=seconds)
    run_benchmark(measure, plan, bench_tables.intake, as_json)


@benchmarks.command()
def totals(
    queued: Annotated[str, typer.Option(help=Several)] = "10000,1000000,10000000",
    accounts: Accounts = 1000,
    tries: Annotated[int, typer.Option(min=1, help="How often each is asked for.")] = 200,
    as_json: AsJson = False,
) -> None:
    """How long the exact totals of the dialogs take, beside counting the rows of the queue."""
    from allstop.bench.totals import Plan, measure

    run_benchmark(measure, Plan(queued=_numbers(queued), accounts=accounts, tries=tries), bench_tables.totals, as_json)


@benchmarks.command()
def idle(
    queued: Annotated[int, typer.Option(min=1, help="Messages that wait while all is stopped.")] = 10_000,
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 2,
    accounts: Accounts = 1000,
    seconds: Annotated[float, typer.Option(min=1, help="How long each state is measured.")] = 60,
    as_json: AsJson = False,
) -> None:
    """CPU seconds and queries a minute of an installation that has nothing to do, or may do nothing."""
    from allstop.bench.idle import Plan, measure

    plan = Plan(queued=queued, workers=workers, slots=50, accounts=accounts, seconds=seconds)
    run_benchmark(measure, plan, bench_tables.idle, as_json)


@benchmarks.command()
def phonebook(
    contacts: Annotated[int, typer.Option(min=100, help="Contacts in the account.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of all pages, filters and searches.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Pages, filters and searches of the Phonebook, every change of everybody and its undo, and STOP meanwhile."""
    from allstop.bench.phonebook import Plan, measure

    run_benchmark(measure, Plan(contacts=contacts, rounds=rounds), bench_tables.phonebook, as_json)


@benchmarks.command("contacts-import")
def contacts_import(
    rows: Annotated[int, typer.Option(min=100, help="Rows of the file.")] = 1_000_000,
    as_json: AsJson = False,
) -> None:
    """An import of contacts into an empty Phonebook, and once more, beside a bare COPY; and STOP meanwhile."""
    from allstop.bench.contact_import import Plan, measure

    run_benchmark(measure, Plan(rows=rows), bench_tables.contacts_import, as_json)


@benchmarks.command()
def feed(
    rows: Annotated[int, typer.Option(min=100, help="Appointments in the file.")] = 100_000,
    locations: Annotated[int, typer.Option(min=1, max=1000, help="Locations that they are of.")] = 50,
    as_json: AsJson = False,
) -> None:
    """A file of a feed from arrival to queued, and again with a tenth moved, beside a bare COPY; and STOP meanwhile."""
    from allstop.bench.feed import Plan, measure

    run_benchmark(measure, Plan(rows=rows, locations=locations), bench_tables.feed, as_json)


@benchmarks.command("mass-end")
def mass_end(
    conversations: Annotated[int, typer.Option(min=100, help="Active conversations, each with a lead.")] = 250_000,
    as_json: AsJson = False,
) -> None:
    """End Conversations for all of them, beside a bare UPDATE and DELETE of as many rows; and STOP meanwhile."""
    from allstop.bench.mass_end import Plan, measure

    run_benchmark(measure, Plan(conversations=conversations), bench_tables.mass_end, as_json)


@benchmarks.command()
def chaos(
    rounds: Annotated[int, typer.Option(min=1, help="Things that happen, one after the other.")] = 1000,
    workers: Annotated[int, typer.Option(min=1, max=32, help="Worker processes.")] = 2,
    seed: Annotated[int, typer.Option(help="Of the choices; the same seed makes the same ones.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Stops, kills, freezes and cut connections while mails leave: does anything leave that must not, or get lost?

    Exit code 1 when it does.
    """
    from allstop.bench.chaos.measure import Failed, measure
    from allstop.bench.chaos.plan import Plan

    plan = Plan(rounds=rounds, workers=workers, seed=seed)
    try:
        report = run_benchmark(measure, plan, bench_tables.chaos, as_json)
    except Failed as failed:
        print(f"The run broke off before it could be judged. Its last words:\n{failed}", file=sys.stderr)
        raise typer.Exit(1) from failed
    if not report.holds:
        raise typer.Exit(1)
