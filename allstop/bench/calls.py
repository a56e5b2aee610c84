"""Calls at once in one worker process, from the queue to the record, beside a loop that has neither (the ceiling).

Both play as much sound to the same callees, one after the other. Whether the sound was starved is told by both ends:
here, frames that went out empty or short since nobody had written enough; there, frames that came later than their
place on the stream's grid of 20 ms.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from allstop.bench import cpu, load
from allstop.bench.callees import Callees, callees
from allstop.bench.ear import Heard
from allstop.bench.load import Load
from allstop.bench.machine import machine
from allstop.bench.processes import processes
from allstop.bench.scratch import Scratch, scratch
from allstop.speech.languages import USUAL
from allstop.speech.speaking import BYTES_A_SECOND, here

SENTENCE = "This is a safety recall. Stop using product Z. Press 9 to get no more calls. "
PATIENCE = 120.0  # seconds beyond the length of the calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    calls: int  # at once
    seconds: float  # of speech, about


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    answered: int
    heard: Heard  # by the callees
    starved_frames: int  # that went out empty or short
    seconds: float  # from the first that was dialled to the last that ended
    call_seconds: float  # of all calls together
    cpu_seconds_per_call_minute: float
    percent_of_a_core: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    machine: dict[str, Any]
    plan: Plan
    others: float  # how many processes of other programs wanted a processor, on average of the minute before
    ours: Side
    ceiling: Side
    cpu_per_1000_calls: float  # seconds, of ours, at this length
    speaking_ms_per_second: float  # to render speech that nobody has heard yet, in a process of its own

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(url: str, plan: Plan, tell: Callable[[str], None]) -> Report:
    others = os.getloadavg()[0]
    words, seconds, speaking = _speech(plan.seconds)
    port = _free_port()
    with scratch(url) as databases:
        tell("Making an empty database")
        address = databases.make_with_tables("calls")
        with callees(port) as far_end:
            tell(f"The ceiling: {plan.calls} calls of {seconds:.1f} s")
            ceiling = _bare(far_end, plan.calls, seconds)
            tell(f"Allstop: {plan.calls} calls of {seconds:.1f} s")
            ours, used = _ours(databases, address, far_end, plan.calls, words)
        return Report(
            machine=machine(address),
            plan=plan,
            others=round(others, 1),
            ours=ours,
            ceiling=ceiling,
            cpu_per_1000_calls=round(used / plan.calls * 1000, 1),
            speaking_ms_per_second=round(speaking, 1),
        )


def _speech(seconds: float) -> tuple[str, float, float]:
    """Words that take about so long, how long they take, and what it takes to render a second of them."""
    one = len(here.say(SENTENCE, USUAL)) / BYTES_A_SECOND
    words = SENTENCE * max(1, round(seconds / one))
    began = time.monotonic()
    length = len(here.say(words + " Goodbye.", USUAL)) / BYTES_A_SECOND
    speaking = (time.monotonic() - began) * 1000 / length
    exact = len(here.say(words, USUAL)) / BYTES_A_SECOND
    here.close()
    return words, exact, speaking


def _bare(far_end: Callees, calls: int, seconds: float) -> Side:
    command = [sys.executable, "-m", "allstop.bench.bare_calls", str(far_end.port), str(calls), str(seconds)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=seconds + PATIENCE)
    told: dict[str, Any] = json.loads(ran.stdout)
    return _side(far_end, told["answered"], told["starved"], told["seconds"], told["up"], told["cpu"])


def _ours(databases: Scratch, address: str, far_end: Callees, calls: int, words: str) -> tuple[Side, float]:
    load.load(address, Load(queued=3 * calls, accounts=1, quiet=False), datetime.now(UTC))
    config = {"host": "127.0.0.1", "port": far_end.port, "lines": calls, "wait_seconds": 0, "closing": ""}
    with psycopg.connect(address, autocommit=True) as watcher:
        watcher.execute(
            "UPDATE channel_setup SET provider = 'sip', sender = '+12125550100', config = %s WHERE channel = 'call'",
            (Jsonb(config),),
        )
        watcher.execute("UPDATE message SET body = %s WHERE channel = 'call'", (words,))
        with processes("allstop.bench.call_worker", address, 1, calls) as pids:
            before = cpu.seconds(pids)
            watcher.execute("UPDATE lane SET is_open = true WHERE channel = 'call'")
            watcher.execute("SELECT pg_notify('wake', '')")
            _await_all(watcher, calls)
            used = cpu.seconds(pids) - before
        row = watcher.execute(
            "SELECT count(*) FILTER (WHERE outcome = 'accepted'),"
            " COALESCE(sum((regexp_match(detail, 'stuttered (\\d+) times'))[1]::int), 0),"
            " extract(epoch FROM max(ended_at) - min(started_at))::float,"
            " sum(extract(epoch FROM ended_at - started_at))::float FROM attempt"
        ).fetchone()
    assert row is not None
    answered, starved, seconds, up = row
    return _side(far_end, answered, starved, seconds, up, used), used


def _await_all(watcher: psycopg.Connection[Any], calls: int) -> None:
    give_up_at = time.monotonic() + PATIENCE
    while time.monotonic() < give_up_at:
        row = watcher.execute("SELECT count(*) FROM attempt").fetchone()
        assert row is not None
        if row[0] >= calls:
            return
        time.sleep(0.2)
    raise RuntimeError(f"The calls were not over {PATIENCE:g} seconds after they began.")


def _side(far_end: Callees, answered: int, starved: int, seconds: float, up: float, used: float) -> Side:
    return Side(
        answered=answered,
        heard=far_end.heard(),
        starved_frames=int(starved),
        seconds=round(seconds, 2),
        call_seconds=round(up, 1),
        cpu_seconds_per_call_minute=round(used * 60 / up, 3) if up else 0.0,
        percent_of_a_core=round(used / seconds * 100, 1),
    )


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
