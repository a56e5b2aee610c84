"""Bulk changes of contacts that are too large for their caller to wait for: each in a process of its own.

As with imports: every worker may look, one of them starts the process, and that holds a lock of the database as long
as it lives. A change whose process died goes on in another, from the slice that it had come to.
"""

from datetime import datetime, timedelta

from allstop.actions.bulk import AT_ONCE
from allstop.actions.bulk_run import after_death, has_died, take
from allstop.dispatch import child
from allstop.store.models import BulkChange, ChangeState

SILENCE = timedelta(seconds=5)  # a change without a word for so long is asked whether anybody runs it


class Changing(child.Running):
    program = "allstop.dispatch.bulk_process"

    def take(self, now: datetime) -> int | None:
        waiting = BulkChange.objects.filter(state__in=["queued", "running", "confirming"]).order_by("pk")
        for change_id, state, total, created_at, taken_at in waiting.values_list(
            "pk", "state", "total", "created_at", "taken_at"
        ):
            if state == ChangeState.QUEUED:
                # a small one is run by whoever asked for it, unless that has ended
                if (total > AT_ONCE or now - created_at > SILENCE) and take(change_id, now):
                    return int(change_id)
            elif (
                taken_at is not None
                and now - taken_at > SILENCE
                and has_died(change_id)
                and after_death(change_id, now)
            ):
                return int(change_id)
        return None


here = Changing()
