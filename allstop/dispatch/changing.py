"""Bulk changes of contacts that are too large for their caller to wait for: each in a process of its own.

As with imports: every worker may look, one of them starts the process, and that holds a lock of the database as long
as it lives. A change whose process died goes on in another, from the slice that it had come to.
"""

import subprocess
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from allstop.actions.bulk import AT_ONCE
from allstop.actions.bulk_run import after_death, has_died, take
from allstop.dispatch import child
from allstop.dispatch.importing import PATIENCE
from allstop.store.models import BulkChange, ChangeState

SILENCE = timedelta(seconds=5)  # a change without a word for so long is asked whether anybody runs it


@dataclass(slots=True)
class Changing:
    """The changes that this worker runs: one at a time."""

    running: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    def look(self, now: datetime) -> int:
        """Start what is queued, notice what has died; returns how many run here. Call it outside the event loop."""
        for change_id, process in list(self.running.items()):
            if process.poll() is not None:
                del self.running[change_id]
        if not self.running:
            taken = _next(now)
            if taken is not None:
                self.running[taken] = child.start("allstop.dispatch.bulk_process", str(taken))
        return len(self.running)

    def end(self) -> None:
        """The worker ends: what runs here goes on elsewhere."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()


_here = Changing()
look = _here.look
end = _here.end


def is_busy() -> bool:
    """A change runs here, or has just ended and was not noticed yet."""
    return bool(_here.running)


def _next(now: datetime) -> int | None:
    waiting = BulkChange.objects.filter(state__in=["queued", "running", "confirming"]).order_by("pk")
    for change_id, state, total, created_at, taken_at in waiting.values_list(
        "pk", "state", "total", "created_at", "taken_at"
    ):
        if state == ChangeState.QUEUED:
            # a small one is run by whoever asked for it, unless that has ended
            if (total > AT_ONCE or now - created_at > SILENCE) and take(change_id, now):
                return int(change_id)
        elif taken_at is not None and now - taken_at > SILENCE and has_died(change_id) and after_death(change_id, now):
            return int(change_id)
    return None
