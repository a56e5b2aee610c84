"""Who keeps the processes alive: how soon one that ended is started again. The times are the test's own."""

import sys

from allstop.cli.supervisor import LONGEST_PAUSE, Child
from allstop.cli.work import FENCED


def pauses(code: int, deaths: int) -> list[float]:
    """Seconds before each new start of a process that ends with this code as soon as it has begun."""
    child = Child("worker 1", [sys.executable, "-c", f"raise SystemExit({code})"], blameless=FENCED)
    now, found = 0.0, []
    for _ in range(deaths):
        child.tend(now, lambda line: None)
        assert child.process is not None
        assert child.process.wait(30) == code
        child.tend(now, lambda line: None)
        found.append(child.next_start_at - now)
        now = child.next_start_at
    return found


def test_what_ends_again_and_again_is_started_after_longer_and_longer_pauses() -> None:
    assert pauses(1, 8) == [0.5, 1, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE]


def test_a_worker_that_was_fenced_is_started_again_soon_however_often() -> None:
    """A busy machine keeps a live worker silent long enough for each of many stops."""
    assert pauses(FENCED, 5) == [0.5] * 5
