"""Stops of a channel beside something long, pressed in a process of their own, as the desk's is.

In a thread of the process that works they would wait for its interpreter, which no stop of a desk does.
python -m allstop.bench.stops_beside presses from each line that says begin until one that says end, and prints what it
has timed in between.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from queue import Empty, Queue
from typing import IO

import django

ACCOUNT = 1
PAUSE = 0.1  # seconds between two stops
READY, BEGIN, END = "ready", "begin", "end"
OVER = ""  # what is said when nobody says any more
Timed = tuple[str, float]  # what, milliseconds


def timed(what: str, act: Callable[[], object]) -> Timed:
    began = time.perf_counter()
    act()
    return what, (time.perf_counter() - began) * 1000


Beside = Callable[[], AbstractContextManager[list[Timed]]]


@contextmanager
def stops_beside() -> Iterator[Beside]:
    """`with beside() as taken` presses as long as the block lasts; `taken` is full when it has been left. On the
    database of this process, and with the priority that this process has now."""
    command = [sys.executable, "-m", "allstop.bench.stops_beside"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        assert process.stdin is not None and process.stdout is not None
        if process.stdout.readline().strip() != READY:
            raise RuntimeError("The process that presses STOP has not begun: see its error above.")
        yield partial(_beside, process.stdin, process.stdout)


@contextmanager
def _beside(told: IO[str], answers: IO[str]) -> Iterator[list[Timed]]:
    taken: list[Timed] = []
    told.write(f"{BEGIN}\n")
    yield taken
    told.write(f"{END}\n")
    taken += [(str(what), float(milliseconds)) for what, milliseconds in json.loads(answers.readline())]


def main() -> None:
    django.setup()
    from allstop.actions.actor import Actor
    from allstop.actions.confirming import wait_until_confirmed
    from allstop.actions.switch import start, stop
    from allstop.rules.holds import one_channel
    from allstop.rules.roles import Role
    from allstop.rules.words import Channel

    actor = Actor(ACCOUNT, "the benchmark", Role.ADMIN, "command")
    reach = one_channel(ACCOUNT, Channel.EMAIL)

    def press() -> Timed:
        taken = timed("stop", lambda: wait_until_confirmed(stop(actor, reach, "", datetime.now(UTC))))
        start(actor, reach, "", datetime.now(UTC))
        return taken

    press()  # warms up
    print(READY, flush=True)
    said: Queue[str] = Queue()
    threading.Thread(target=_listen, args=(said,), daemon=True).start()
    while said.get() == BEGIN:
        taken = [press()]
        while (word := _heard(said)) is None:
            taken.append(press())
        if word == OVER:
            break
        print(json.dumps(taken), flush=True)


def _listen(said: Queue[str]) -> None:
    for line in chain(sys.stdin, (OVER,)):
        said.put(line.strip())


def _heard(said: Queue[str]) -> str | None:
    try:
        return said.get(timeout=PAUSE)
    except Empty:
        return None


if __name__ == "__main__":
    main()
