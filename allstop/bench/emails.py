"""Emails a second from the queue until they are finished, by one worker process over SMTP; beside bare submits.

The mail server takes everything at once and keeps nothing, so what is measured is Allstop: claim, gate, writing,
signing, hand-over, answer, and the durable record. The ceiling is the same wire code to the same server with none of
that.
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
from allstop.bench.mail_sink import Sink, mail_sink
from allstop.bench.scratch import scratch
from allstop.channels.email.dkim import make_key
from allstop.rules.words import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    queued: int  # emails
    accounts: int
    connections: int
    slots: int
    seconds: float
    rounds: int
    counts: bool  # by our own mail server, with which the records are compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    per_second: float
    cpu_per_1000: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    plain: Figures
    signed: Figures
    ceiling: Ceiling


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    machine: dict[str, Any]
    plan: Plan
    mail_server: str
    per_second: float  # medians of the rounds
    signed_per_second: float
    ceiling_per_second: float
    ratio: float
    worker_cpu_per_1000: float
    signed_worker_cpu_per_1000: float
    server_cpu_per_1000: float | None
    ceiling_cpu_per_1000: float
    rounds: list[Round]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(url: str, plan: Plan, tell: Callable[[str], None]) -> Report:
    """`url`: of any database on the server. `tell` hears what is being done."""
    with scratch(url) as databases, mail_sink(plan.counts) as sink:
        tell(f"Queuing {plan.queued:,} emails of {plan.accounts:,} accounts")
        databases.make_with_tables("empty")
        address = databases.make("ours", copy_of="empty")
        load.load(address, Load(queued=plan.queued * CHANNELS, accounts=plan.accounts, quiet=False), datetime.now(UTC))
        key, rounds = make_key(), []

        def sent(signed_with: str) -> Figures:
            _send_by(address, sink, plan, signed_with)
            return one_round(databases, sink, Channel.EMAIL, plan.slots, plan.seconds)

        for number in range(1, plan.rounds + 1):
            tell(f"Round {number} of {plan.rounds}: Allstop")
            plain = sent("")
            tell(f"Round {number} of {plan.rounds}: Allstop, signed")
            signed = sent(key)
            tell(f"Round {number} of {plan.rounds}: bare submits")
            rounds.append(Round(plain=plain, signed=signed, ceiling=_ceiling(sink, plan)))
        return _report(machine(databases.address("empty")), plan, sink.name, rounds)


def _send_by(address: str, sink: Sink, plan: Plan, key: str) -> None:
    config: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": sink.port,
        "encryption": "none",
        "max_connections": plan.connections,
        "mails_per_connection": 1_000_000,
    }
    if key:
        config |= {"dkim_on": True, "dkim_domain": "bench.test", "dkim_selector": "allstop1", "dkim_key": key}
    with psycopg.connect(address, autocommit=True) as connection:
        values = (json.dumps(config), "desk@bench.test")
        connection.execute(
            "UPDATE channel_setup SET provider = 'smtp', config = %s, sender = %s WHERE channel = 'email'", values
        )


def _ceiling(sink: Sink, plan: Plan) -> Ceiling:
    module = "allstop.bench.mail_submits"
    command = [sys.executable, "-m", module, str(sink.port), str(plan.connections), str(plan.seconds)]
    made = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    taken, took, used = (float(word) for word in made.split())
    return Ceiling(per_second=taken / took, cpu_per_1000=used / taken * 1000)


def _report(on: dict[str, Any], plan: Plan, name: str, rounds: list[Round]) -> Report:
    server = [one.plain.server_cpu_per_1000 for one in rounds if one.plain.server_cpu_per_1000 is not None]
    return Report(
        machine=on,
        plan=plan,
        mail_server=name,
        per_second=median(one.plain.per_second for one in rounds),
        signed_per_second=median(one.signed.per_second for one in rounds),
        ceiling_per_second=median(one.ceiling.per_second for one in rounds),
        ratio=median(one.plain.per_second / one.ceiling.per_second for one in rounds),
        worker_cpu_per_1000=median(one.plain.worker_cpu_per_1000 for one in rounds),
        signed_worker_cpu_per_1000=median(one.signed.worker_cpu_per_1000 for one in rounds),
        server_cpu_per_1000=median(server) if server else None,
        ceiling_cpu_per_1000=median(one.ceiling.cpu_per_1000 for one in rounds),
        rounds=rounds,
    )
