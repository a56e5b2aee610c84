"""Confirmed imports, each run in a process of its own, so that a large file delays neither sending nor a lease.

A worker looks about once a second. Every worker may look: an import is taken by one of them, and its process holds
a lock of the database as long as it lives. A process that was killed left nothing behind; the next look finds it.
"""

from datetime import datetime

from django.db.models import Exists, OuterRef

from allstop.actions import import_run
from allstop.dispatch import child
from allstop.store.models import FeedFile, Import, ImportState

OPEN = (ImportState.QUEUED, ImportState.RUNNING)


def _has_to_wait() -> Exists:
    """Files of one feed are imported in the order in which they came: a later one knows what an earlier one said."""
    earlier = FeedFile.objects.filter(
        feed=OuterRef("feed_file__feed"), pk__lt=OuterRef("feed_file__pk"), source__state__in=OPEN
    )
    return Exists(earlier)


class Importing(child.Running):
    program = "allstop.dispatch.import_process"

    def goes_on(self, of: int, now: datetime) -> bool:
        if import_run.has_died(of):
            import_run.after_death(of, now)  # among the queued again, or failed
        return False

    def take(self, now: datetime) -> int | None:
        waiting = Import.objects.filter(state__in=OPEN).exclude(_has_to_wait()).order_by("created_at")
        for import_id, state, taken_at in waiting.values_list("pk", "state", "taken_at"):
            if state == ImportState.RUNNING:
                if taken_at is not None and now - taken_at < import_run.SILENCE:
                    continue
                if not import_run.has_died(import_id) or not import_run.after_death(import_id, now):
                    continue
            if import_run.take(import_id, now):
                return int(import_id)
        return None


here = Importing()
