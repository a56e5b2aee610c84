"""`allstop bench chaos`: in 200 rounds of everything going wrong no stop leaks, and nothing is lost or comes twice.

A control shows that the check can fail: with workers that acknowledge stops and ignore them it counts what leaked.
"""

import json
import math
import os
import signal
import subprocess
import sys
from typing import Any

import psycopg
import pytest

from allstop.bench.chaos.judge import Arrived, Judgement, Message, Stop, judge
from allstop.bench.chaos.measure import measure
from allstop.bench.chaos.plan import Plan
from tests.dispatch.processes import PATIENCE

ROUNDS, CONTROL_ROUNDS = 200, 40
FAULTS = {
    "worker killed",
    "worker frozen",
    "worker ended in order",
    "database connections cut",
    "mail connections cut",
    "client hangs with the lanes locked",
}
ACTS = {"stop", "start", "job removed", "contact marked", "contact unmarked", "unknown sent again"}


@pytest.mark.slow
def test_two_hundred_rounds_leak_lose_and_repeat_nothing(server: str) -> None:
    """000-02, 000-10, TN3, TN6: by a real mail server that says when each mail began."""
    command = [sys.executable, "-m", "allstop", "bench", "chaos", "--rounds", str(ROUNDS), "--workers", "2", "--json"]
    environ = os.environ | {"DATABASE_URL": server}
    bench = subprocess.run(command, check=False, env=environ, capture_output=True, text=True, timeout=900)
    assert bench.stdout, bench.stderr
    report: dict[str, Any] = json.loads(bench.stdout)
    print(json.dumps(report))
    assert report["after_acknowledgement"] == 0, report["examples"]
    assert report["lost"] == 0, report["examples"]
    assert report["silent_duplicates"] == 0, report["examples"]
    assert report["untold"] == 0, report["examples"]
    assert bench.returncode == 0
    assert sum(report["happened"].values()) == ROUNDS
    assert set(report["happened"]) == FAULTS | ACTS, "every kind happened"
    assert report["ended"]["killed"] == report["happened"]["worker killed"]
    assert set(report["stops"]) == {"installation", "account", "channel", "location", "job", "contact"}
    assert report["windows"] > 20, "most stops were watched for a while"
    assert report["arrivals"] > 300
    assert report["unknown"] > 0, "those that died were at work"


@pytest.mark.slow
def test_workers_that_ignore_stops_are_found_out(server: str) -> None:
    plan = Plan(rounds=CONTROL_ROUNDS, workers=2, seed=3, worker="tests.bench.deaf_worker")
    report = measure(server, plan, lambda what: None)
    assert report.after_acknowledgement > 0
    assert not report.holds


@pytest.mark.slow
def test_ctrl_c_leaves_no_database_and_no_process_behind(server: str) -> None:
    environ = os.environ | {"DATABASE_URL": server, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "allstop", "bench", "chaos", "--rounds", "100000"]
    bench = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environ)
    assert bench.stderr is not None
    for line in bench.stderr:
        if line.startswith("round 3 "):
            break
    bench.send_signal(signal.SIGINT)
    assert bench.wait(PATIENCE) == 130
    with psycopg.connect(server) as connection:
        names = connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s", (f"bench\\_{bench.pid}\\_%",)
        )
        assert names.fetchall() == [], "a database can only be dropped when no process is connected to it"


def judged(stops: list[Stop], messages: dict[int, Message], *arrivals: tuple[int, float]) -> Judgement:
    return judge(stops, messages, [Arrived(id_, began) for id_, began in arrivals])


SENT = Message(job=20, contact=30, status="sent", location=40)


@pytest.mark.parametrize(
    ("stop", "began", "leaks"),
    [
        (Stop("account", 1, 5.0), 5.1, True),
        (Stop("account", 1, 5.0), 4.9, False),
        (Stop("account", 1, 5.0, 6.0), 5.9, True),
        (Stop("account", 1, 5.0, 6.0), 6.1, False),
        (Stop("account", 1, 7.0, 6.0), 6.5, False),
        (Stop("job", 20, 5.0), 9.0, True),
        (Stop("job", 21, 5.0), 9.0, False),
        (Stop("contact", 30, 5.0), 9.0, True),
        (Stop("contact", 20, 5.0), 9.0, False),
        (Stop("location", 40, 5.0), 9.0, True),
        (Stop("location", 20, 5.0), 9.0, False),
        (Stop("channel", 0, 5.0), 9.0, True),
        (Stop("installation", 0, 5.0), 9.0, True),
    ],
)
def test_what_begins_between_an_acknowledgement_and_the_lift_leaks(stop: Stop, began: float, leaks: bool) -> None:
    assert bool(judged([stop], {7: SENT}, (7, began)).after_acknowledgement) is leaks


@pytest.mark.parametrize(
    ("message", "times", "fault"),
    [
        (SENT, 1, None),
        (SENT, 0, "lost"),
        (SENT, 2, "silent_duplicates"),
        (Message(20, 30, "sent", again=1), 2, None),
        (Message(20, 30, "sent", again=1), 3, "silent_duplicates"),
        (Message(20, 30, "unknown"), 0, None),
        (Message(20, 30, "unknown"), 1, None),
        (Message(20, 30, "waiting"), 0, "lost"),
        (Message(20, 30, "removed"), 0, None),
        (Message(20, 30, "removed"), 1, "untold"),
        (Message(20, 30, "removed", again=1), 1, None),
    ],
)
def test_what_became_of_a_message_is_compared_with_its_arrivals(
    message: Message, times: int, fault: str | None
) -> None:
    judgement = judged([], {7: message}, *[(7, 1.0)] * times)
    faults = ("after_acknowledgement", "lost", "silent_duplicates", "untold")
    assert [name for name in faults if getattr(judgement, name)] == ([fault] if fault else [])


def test_a_stop_that_nobody_lifted_is_watched_to_the_end() -> None:
    assert math.isinf(Stop("job", 20, 5.0).watched)
    assert Stop("account", 1, 7.0, 6.0).watched == 0, "START came before the acknowledgement"
