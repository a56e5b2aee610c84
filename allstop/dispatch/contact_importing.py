"""Imports of contacts that were confirmed, each in a process of its own, so that they delay neither sending nor a stop.

As with imports of reminders: every worker may look, one of them starts the process, and that holds a lock of the
database as long as it lives. One whose process died goes on in another, from the slice that it had come to.
"""

from datetime import datetime

from allstop.actions.contact_import_run import RUNS, SILENCE
from allstop.actions.contact_import_undo import AT_ONCE
from allstop.dispatch import child
from allstop.store.models import ContactImportState


class ContactImporting(child.Running):
    program = "allstop.dispatch.contact_import_process"

    def goes_on(self, of: int, now: datetime) -> bool:
        return RUNS.has_died(of) and RUNS.after_death(of, now)

    def take(self, now: datetime) -> int | None:
        waiting = RUNS.open()
        for import_id, state, total, taken_at in waiting.values_list("pk", "state", "rows_total", "taken_at"):
            is_silent = taken_at is not None and now - taken_at > SILENCE
            if state == ContactImportState.QUEUED:
                if RUNS.take(import_id, now):
                    return int(import_id)
            elif state == ContactImportState.UNDOING:
                # a small one is done by whoever asked for it, unless that has ended
                if (total > AT_ONCE or is_silent) and RUNS.has_died(import_id):
                    return int(import_id)
            elif is_silent and RUNS.has_died(import_id) and RUNS.after_death(import_id, now):
                return int(import_id)
        return None


here = ContactImporting()
