"""Real worker processes of the program, started and ended by the tests that need them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from allstop.store.models import QueueEntry, Worker

PATIENCE = 90.0  # seconds; only a failure waits so long


@contextmanager
def workers(database_url: str, count: int = 1, *arguments: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Ends them in order at the end; a test may end, freeze or kill them before."""
    command = [sys.executable, "-m", "allstop", "work", *arguments]
    environ = os.environ | {"DATABASE_URL": database_url}
    processes = [subprocess.Popen(command, env=environ) for _ in range(count)]
    try:
        yield processes
    finally:
        for process in processes:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in processes:
            process.wait(PATIENCE)


def wait_until(is_so: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Looks often, but leaves the processors to those it waits for: four fifths of the time it sleeps."""
    deadline = time.monotonic() + seconds
    while True:
        began = time.monotonic()
        if is_so():
            return
        ended = time.monotonic()
        assert ended < deadline, f"waited {seconds:g} s in vain: {what}"
        time.sleep(max(0.01, 4 * (ended - began)))


def kill_with_full_hands(process: "subprocess.Popen[bytes]") -> None:
    """kill -9 at a moment at which the worker holds messages. It is frozen for the look."""

    def is_caught() -> bool:
        process.send_signal(signal.SIGSTOP)
        mine = Worker.objects.filter(pid=process.pid).values("pk")
        if QueueEntry.objects.filter(worker_id__in=mine).exists():
            return True
        process.send_signal(signal.SIGCONT)
        return False

    wait_until(is_caught, "the worker to hold something")
    process.kill()
