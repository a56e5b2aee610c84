"""What the processes that a worker starts for long work have in common: see child.py.

Each is told an id as its only argument. Ended at any moment it leaves whole slices behind, and the next one goes on
from there; asked to end, it puts back what it has begun, so that nobody has to wait until it counts as dead.
"""

import os
import signal
import sys
from collections.abc import Callable

import django

# Sending comes first when both want the processor, with three parts of four: somebody waits for this too. At 10, which
# is ten of eleven, a small file had not begun after 80 seconds on a machine whose processors were all busy.
POLITENESS = 5


def begin() -> int:
    """Returns the id. Actions can be imported after it, not before."""
    os.nice(POLITENESS)
    signal.signal(signal.SIGTERM, _asked_to_end)
    signal.signal(signal.SIGINT, _asked_to_end)
    django.setup()
    return int(sys.argv[1])


def run(of: int, work: Callable[[int], object], put_back: Callable[[int], object]) -> None:
    from django.db import connection

    try:
        work(of)
    except SystemExit:
        connection.close()  # whatever it was doing is rolled back
        put_back(of)
        raise


def _asked_to_end(signum: int, frame: object) -> None:
    raise SystemExit(128 + signum)
