"""The rounds. A process of its own, since its database is the one in which everything goes wrong:

    python -m allstop.bench.chaos.director PLAN FOLDER

PLAN is JSON, FOLDER is for logs. It tells each round on its standard error and prints the report as JSON.
"""

import json
import os
import random
import signal
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import django
import psycopg

from allstop.bench.chaos.judge import Arrived, Message, Stop, judge
from allstop.bench.chaos.plan import Plan, Report
from allstop.bench.smtp_catcher import Catcher, start_catcher
from allstop.rules.retry import Outcome

if TYPE_CHECKING:
    from allstop.actions.actor import Actor
    from allstop.bench.chaos.crew import Crew
    from allstop.bench.chaos.people import People

PATIENCE = 60.0  # seconds until all that waits has left
HANGS = 0.6  # seconds for which a client hangs that has locked the lanes
ANSWERS = 0.03  # seconds that the mail server takes for a mail, so that many are under way
BETWEEN = (0.02, 0.3)  # seconds from one round to the next

Kinds = dict[str, tuple[int, Callable[[], bool]]]  # its weight, and what happens; False: it could not


def direct(plan: Plan, folder: Path) -> Report:
    from allstop.bench.chaos.crew import Crew
    from allstop.bench.chaos.people import People, Sink
    from allstop.bench.chaos.queueing import all_messages, open_account
    from allstop.store.models import Attempt

    chance = random.Random(plan.seed)  # noqa: S311 - so that the same choices can be had again
    catcher = start_catcher(folder / "arrivals", ANSWERS)
    began = time.monotonic()
    actor = open_account(catcher.port, datetime.now(UTC))
    people = People(actor, Sink(catcher.port), chance)
    crew = Crew(plan, chance, folder / "workers")
    try:
        happened = _rounds(plan, chance, actor, crew, _kinds(people, crew, catcher))
        stops = people.all_stops()
        _drain(actor, crew)
        crew.end()
    finally:
        crew.end_at_once()
        catcher.stop()
    told = {
        "plan": plan.as_json(),
        "seconds": round(time.monotonic() - began, 1),
        "happened": dict(sorted(happened.items())),
        "ended": dict(sorted(crew.ended.items())),
        "stops": dict(sorted(people.acknowledged.items())),
        "unknown": Attempt.objects.filter(outcome=Outcome.UNKNOWN).count(),
    }
    return _report(told, stops, all_messages(), catcher)


def _kinds(people: "People", crew: "Crew", catcher: Catcher) -> Kinds:
    def cut_mail() -> bool:
        catcher.cut_lines()
        return True

    return {
        "stop": (8, people.press_stop),
        "start": (14, people.press_start),
        "job removed": (2, people.remove_job),
        "contact marked": (3, people.mark_contact),
        "contact unmarked": (2, people.unmark_contact),
        "unknown sent again": (2, people.send_again),
        "worker killed": (2, crew.kill),
        "worker frozen": (2, crew.freeze),
        "worker ended in order": (1, crew.restart),
        "database connections cut": (2, crew.cut_database),
        "mail connections cut": (3, cut_mail),
        "client hangs with the lanes locked": (1, _hang_with_the_lanes),
    }


def _rounds(plan: Plan, chance: random.Random, actor: "Actor", crew: "Crew", kinds: Kinds) -> Counter[str]:
    from allstop.bench.chaos.queueing import bring_forward, top_up

    names, weights = list(kinds), [weight for weight, _ in kinds.values()]
    happened: Counter[str] = Counter()
    crew.start()
    crew.wait_for(plan.workers)
    while happened.total() < plan.rounds:
        top_up(actor, datetime.now(UTC))
        bring_forward(actor, datetime.now(UTC))
        crew.tend()
        crew.wait_for(1)
        (kind,) = chance.choices(names, weights)
        if kinds[kind][1]():
            happened[kind] += 1
            print(f"round {happened.total()} of {plan.rounds}: {kind}", file=sys.stderr, flush=True)
            time.sleep(chance.uniform(*BETWEEN))
    return happened


def _hang_with_the_lanes() -> bool:
    """Nothing can be claimed until it lets go; a stop cuts it off."""
    from allstop.store.queue import connection_params

    params = connection_params()

    def hang() -> None:
        try:
            with psycopg.connect(**params) as client:
                client.execute("SELECT FROM lane ORDER BY account_id, channel, by_hand FOR UPDATE")
                time.sleep(HANGS)
        except psycopg.OperationalError:
            pass  # it was cut off

    threading.Thread(target=hang, daemon=True).start()
    return True


def _drain(actor: "Actor", crew: "Crew") -> None:
    """All that waits leaves, or comes to another end. What does not within PATIENCE is lost."""
    from allstop.bench.chaos.queueing import bring_forward
    from allstop.store.models import QueueEntry

    deadline = time.monotonic() + PATIENCE
    while QueueEntry.objects.exists() and time.monotonic() < deadline:
        crew.tend()
        bring_forward(actor, datetime.now(UTC))
        time.sleep(0.3)


def _report(told: dict[str, object], stops: list[Stop], messages: dict[int, Message], catcher: Catcher) -> Report:
    arrivals = [Arrived(_message_of(one["message_id"]), one["began_monotonic"]) for one in catcher.arrivals()]
    judgement = judge(stops, messages, arrivals)
    end = time.monotonic()
    return Report.of(
        told
        | {
            "windows": sum(stop.watched > 0 for stop in stops),
            "watched": round(sum(min(stop.until, end) - stop.acknowledged for stop in stops if stop.watched), 1),
            "arrivals": len(arrivals),
            "statuses": dict(sorted(Counter(message.status for message in messages.values()).items())),
            "after_acknowledgement": len(judgement.after_acknowledgement),
            "lost": len(judgement.lost),
            "silent_duplicates": len(judgement.silent_duplicates),
            "untold": len(judgement.untold),
            "examples": judgement.examples,
        }
    )


def _message_of(message_id: str) -> int:
    """<allstop.ACCOUNT.MESSAGE.MAC@domain>"""
    return int(message_id.partition("@")[0].split(".")[2])


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that workers and mail server are ended
    django.setup()
    try:
        report = direct(Plan(**json.loads(sys.argv[1])), Path(sys.argv[2]))
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)  # people who still wait for something must not keep it alive
    print(json.dumps(report.as_json()))
