"""Stops of a channel beside something long, pressed in a process of their own, as the desk's is.

In a thread of the process that works they would wait for its interpreter, which no stop of a desk does.
python -m allstop.bench.stops_beside presses until its input ends, and prints what it has timed.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import django

ACCOUNT = 1
PAUSE = 0.1  # seconds between two stops
READY = "ready"
Timed = tuple[str, float]  # what, milliseconds


def timed(what: str, act: Callable[[], object]) -> Timed:
    began = time.perf_counter()
    act()
    return what, (time.perf_counter() - began) * 1000


@contextmanager
def stops_beside() -> Iterator[list[Timed]]:
    """The list is full when the block has been left. On the database of this process."""
    taken: list[Timed] = []
    command = [sys.executable, "-m", "allstop.bench.stops_beside"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as beside:
        assert beside.stdout is not None
        if beside.stdout.readline().strip() != READY:
            raise RuntimeError("The process that presses STOP has not begun: see its error above.")
        yield taken
        answer, _ = beside.communicate()
        taken += [(str(what), float(milliseconds)) for what, milliseconds in json.loads(answer)]


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
    over = threading.Event()

    def until_input_ends() -> None:
        sys.stdin.read()
        over.set()

    threading.Thread(target=until_input_ends, daemon=True).start()
    taken = [press()]
    while not over.wait(PAUSE):
        taken.append(press())
    print(json.dumps(taken))


if __name__ == "__main__":
    main()
