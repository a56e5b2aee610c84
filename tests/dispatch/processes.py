"""Real worker processes of the program, started and ended by the tests that need them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

PATIENCE = 60.0  # seconds; only a failure waits so long


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
            process.wait(10)


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, f"waited {PATIENCE:g} s in vain: {what}"
        time.sleep(0.01)
