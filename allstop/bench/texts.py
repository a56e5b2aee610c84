"""Texts a second from the queue until they are finished, by one worker process over SMPP; beside bare submits.

The SMSC is a process of our own that takes everything at once, so what is measured is Allstop: claim, gate, hand-over,
answer, and the durable record. The ceiling is the same wire code to the same SMSC with none of that.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

import psycopg

from allstop.bench import load
from allstop.bench.channel_round import Figures, one_round
from allstop.bench.load import CHANNELS, Load
from allstop.bench.machine import machine
from allstop.bench.peer import Peer, started
from allstop.bench.scratch import scratch
from allstop.rules.words import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    queued: int  # texts
    accounts: int
    window: int  # submits without an answer
    slots: int
    seconds: float
    rounds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    texts: int
    per_second: float
    worker_cpu_per_1000: float  # seconds
    server_cpu_per_1000: float | None
    smsc_cpu_per_1000: float
    ceiling_per_second: float
    ceiling_cpu_per_1000: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    machine: dict[str, Any]
    plan: Plan
    per_second: float  # medians of the rounds
    ceiling_per_second: float
    ratio: float
    worker_cpu_per_1000: float
    server_cpu_per_1000: float | None
    smsc_cpu_per_1000: float
    ceiling_cpu_per_1000: float
    rounds: list[Round]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(url: str, plan: Plan, tell: Callable[[str], None]) -> Report:
    """`url`: of any database on the server. `tell` hears what is being done."""
    with scratch(url) as databases, started("allstop.bench.smsc") as peer:
        tell(f"Queuing {plan.queued:,} texts of {plan.accounts:,} accounts")
        databases.make_with_tables("empty")
        address = databases.make("ours", copy_of="empty")
        load.load(address, Load(queued=plan.queued * CHANNELS, accounts=plan.accounts, quiet=False), datetime.now(UTC))
        _send_by(address, peer, plan)
        rounds = []
        for number in range(1, plan.rounds + 1):
            tell(f"Round {number} of {plan.rounds}: Allstop")
            ours = one_round(databases, peer, Channel.TEXT, plan.slots, plan.seconds)
            tell(f"Round {number} of {plan.rounds}: bare submits")
            rounds.append(_with_ceiling(ours, _ceiling(peer, plan)))
        return _report(machine(databases.address("empty")), plan, rounds)


def _send_by(address: str, peer: Peer, plan: Plan) -> None:
    config = {
        "host": "127.0.0.1",
        "port": peer.port,
        "system_id": "bench",
        "encryption": "none",
        "window": plan.window,
    }
    with psycopg.connect(address, autocommit=True) as connection:
        values = (json.dumps(config),)
        connection.execute("UPDATE channel_setup SET provider = 'smpp', config = %s WHERE channel = 'text'", values)


def _with_ceiling(ours: Figures, ceiling: dict[str, Any]) -> Round:
    return Round(
        texts=ours.messages,
        per_second=ours.per_second,
        worker_cpu_per_1000=ours.worker_cpu_per_1000,
        server_cpu_per_1000=ours.server_cpu_per_1000,
        smsc_cpu_per_1000=ours.peer_cpu_per_1000,
        **ceiling,
    )


def _ceiling(peer: Peer, plan: Plan) -> dict[str, Any]:
    command = [sys.executable, "-m", "allstop.bench.submits", str(peer.port), str(plan.window), str(plan.seconds)]
    made = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    answered, took, used = (float(word) for word in made.split())
    return {"ceiling_per_second": answered / took, "ceiling_cpu_per_1000": used / answered * 1000}


def _report(on: dict[str, Any], plan: Plan, rounds: list[Round]) -> Report:
    server = [one.server_cpu_per_1000 for one in rounds if one.server_cpu_per_1000 is not None]
    return Report(
        machine=on,
        plan=plan,
        per_second=median(one.per_second for one in rounds),
        ceiling_per_second=median(one.ceiling_per_second for one in rounds),
        ratio=median(one.per_second / one.ceiling_per_second for one in rounds),
        worker_cpu_per_1000=median(one.worker_cpu_per_1000 for one in rounds),
        server_cpu_per_1000=median(server) if server else None,
        smsc_cpu_per_1000=median(one.smsc_cpu_per_1000 for one in rounds),
        ceiling_cpu_per_1000=median(one.ceiling_cpu_per_1000 for one in rounds),
        rounds=rounds,
    )
