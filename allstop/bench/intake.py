"""Pause Account while many clients create leads: is any created after the acknowledgement, and how long does it take?

Clients are threads with a connection each, in several processes, that create leads of new people as fast as they can.
After a while the pause is pressed; when it returns the leads are counted. The clients go on for a while and are all
refused. Then they are counted again: the two counts must be the same. Then the account is unpaused for a new round.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from allstop.bench.machine import machine
from allstop.bench.scratch import environment, scratch
from allstop.bench.spread import Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    clients: int
    processes: int
    rounds: int
    seconds: float  # how long clients create before the pause, and are refused after it


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    machine: dict[str, Any]
    plan: Plan
    created: int
    created_per_second: float
    refused: int
    refused_counted: int  # as the account shows it
    created_after: int  # after the acknowledgement: must be 0
    failed: int  # requests that ended in an error: must be 0
    pause: Spread  # from pressing to the acknowledgement

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(url: str, plan: Plan, tell: Callable[[str], None]) -> Report:
    with scratch(url) as databases:
        tell("Making an empty database")
        address = databases.make_with_tables("intake")
        told = _presser(address, plan, tell)
        return Report(machine=machine(address), plan=plan, **told | {"pause": Spread.of(told["pause"])})


def _presser(address: str, plan: Plan, tell: Callable[[str], None]) -> dict[str, Any]:
    """In a process of its own: Django is set up once in a process, for one database."""
    each = [
        plan.clients // plan.processes + (number < plan.clients % plan.processes) for number in range(plan.processes)
    ]
    presser = [
        sys.executable,
        "-m",
        "allstop.bench.intake_presser",
        str(plan.rounds),
        str(plan.seconds),
        *map(str, each),
    ]
    tell(f"{plan.clients} clients create leads, and the account is paused {plan.rounds} times")
    done = subprocess.run(presser, env=environment(address), stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@contextmanager
def clients(counts: list[int], account: int) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Processes of clients. They end when their standard input is closed, and then print what they did."""
    with ExitStack() as ends:
        started = [ends.enter_context(_client(number, count, account)) for number, count in enumerate(counts, start=1)]
        for process in started:
            assert process.stdout is not None
            if process.stdout.readline() != b"ready\n":
                raise RuntimeError("A process of clients ended before it was ready.")
        yield started


@contextmanager
def _client(number: int, count: int, account: int) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "allstop.bench.intake_clients", str(number), str(count), str(account)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
