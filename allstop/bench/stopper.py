"""The one who presses STOP: python -m allstop.bench.stopper PLAN, on the database of the benchmark, beside its workers.

Each try stops, waits until that is confirmed, looks whether anything began afterwards, and starts again. Between two
tries one bare commit is timed on the same connection: the control.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from allstop.actions.confirming import StopReceipt

PAUSE = 0.05  # seconds between two tries, in which the workers are under full load again
THAWS = 0.5

# Stops something out of so many accounts; returns the receipt, how to start again, and the account if it was one.
Press = Callable[[int], tuple["StopReceipt", Callable[[], None], int | None]]


@dataclass(frozen=True, slots=True)
class Try:
    """Seconds. What began after the confirmation must be 0."""

    effective: float
    confirmed: float
    commit: float
    began_after: int


def _now() -> datetime:
    return datetime.now(UTC)


def stop_one(accounts: int) -> tuple["StopReceipt", Callable[[], None], int | None]:
    from allstop.actions.actor import Actor
    from allstop.actions.switch import start_account, stop_account
    from allstop.rules.roles import Role

    actor = Actor(random.randint(1, accounts), "Bench", Role.ADMIN, "command")  # noqa: S311 - no secret
    receipt = stop_account(actor, "benchmark", _now())
    return receipt, lambda: _done(start_account(actor, "benchmark", _now())), actor.account_id


def stop_everything(accounts: int) -> tuple["StopReceipt", Callable[[], None], int | None]:
    """All accounts at once, by a hold of the whole installation."""
    from allstop.actions.actor import Operator
    from allstop.actions.switch import start, stop
    from allstop.rules.holds import INSTALLATION

    operator = Operator("Bench", "command")
    receipt = stop(operator, INSTALLATION, "benchmark", _now())
    return receipt, lambda: _done(start(operator, INSTALLATION, "benchmark", _now())), None


def _done(_: object) -> None:
    pass


def attempt(stop: Press, accounts: int, frozen: int = 0) -> Try:
    """`frozen`: a process that is thawed after the confirmation and given time to do something wrong."""
    from allstop.actions.confirming import wait_until_confirmed
    from allstop.store.models import Attempt

    commit = _bare_commit()
    began = time.perf_counter()
    made, start, account_id = stop(accounts)
    effective = time.perf_counter()
    receipt = wait_until_confirmed(made)
    confirmed = time.perf_counter()
    if receipt.confirmed_at is None:
        raise RuntimeError(f"Stop {made.number} was not confirmed.")
    if frozen:
        os.kill(frozen, signal.SIGCONT)
        time.sleep(THAWS)
    of_them = {} if account_id is None else {"account_id": account_id}
    late = Attempt.objects.filter(started_at__gt=receipt.confirmed_at, **of_them).count()
    start()
    return Try(effective - began, confirmed - began, commit, late)


def _bare_commit() -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        began = time.perf_counter()
        cursor.execute("INSERT INTO bench_commit DEFAULT VALUES")
        return time.perf_counter() - began


def _at_work(pids: list[int]) -> int:
    """One of these workers: on a machine that is overloaded, a stop before this may have declared another one dead."""
    from allstop.store.models import Worker

    return Worker.objects.filter(pid__in=pids, fenced=False).order_by("pk").values_list("pid", flat=True)[0]


def run(plan: dict[str, Any]) -> list[Try]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_commit (id bigint GENERATED ALWAYS AS IDENTITY)")
    stop = stop_everything if plan["scope"] == "installation" else stop_one
    attempt(stop, plan["accounts"])  # warm
    tries = []
    for _ in range(plan["stops"]):
        time.sleep(PAUSE)
        worker = _at_work(plan["workers"]) if plan["workers"] else 0
        if worker:
            os.kill(worker, signal.Signals[plan["signal"]])
        tries.append(attempt(stop, plan["accounts"], worker if plan["signal"] == "SIGSTOP" else 0))
    return tries


if __name__ == "__main__":
    django.setup()
    print(json.dumps([asdict(one) for one in run(json.loads(sys.argv[1]))]))
