"""Mass ends that are too large for their caller to wait for: each in a process of its own.

As with bulk changes: every worker may look, one of them starts the process, and one that died is followed by another.
"""

from datetime import datetime, timedelta

from allstop.actions.mass_end import AT_ONCE
from allstop.actions.mass_end_run import OPEN, after_death, has_died, take
from allstop.dispatch import child
from allstop.store.models import EndState, MassEnd

SILENCE = timedelta(seconds=5)  # one without a word for so long is asked whether anybody runs it


class MassEnding(child.Running):
    program = "allstop.dispatch.mass_end_process"

    def take(self, now: datetime) -> int | None:
        waiting = MassEnd.objects.filter(state__in=OPEN).order_by("pk")
        for end_id, state, total, created_at, taken_at in waiting.values_list(
            "pk", "state", "total", "created_at", "taken_at"
        ):
            if state == EndState.QUEUED:
                # a small one is run by whoever asked for it, unless that has ended
                if (total > AT_ONCE or now - created_at > SILENCE) and take(end_id, now):
                    return int(end_id)
            elif taken_at is not None and now - taken_at > SILENCE and has_died(end_id) and after_death(end_id, now):
                return int(end_id)
        return None


here = MassEnding()
