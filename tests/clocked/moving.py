"""The clock of a program that a test has started, and moves."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import connection

from allstop.store.models import Worker


class Clock:
    """Of the processes that are started with its environ; the test's own clock is the real one."""

    def __init__(self, chosen: Path) -> None:
        self._chosen = chosen

    @property
    def environ(self) -> dict[str, str]:
        folder = str(Path(__file__).parent / "clock")
        known = os.environ.get("PYTHONPATH")
        return {"TESTS_CLOCK": str(self._chosen), "PYTHONPATH": os.pathsep.join(filter(None, (folder, known)))}

    def is_at(self, moment: datetime) -> None:
        """From now on. Workers would seem dead until their next sign of life: their leases go along."""
        draft = self._chosen.with_suffix(".draft")
        draft.write_text(str((moment - datetime.now(UTC)).total_seconds()))
        lease = moment + timedelta(minutes=1)
        Worker.objects.filter(fenced=False).update(lease_until=lease)
        draft.replace(self._chosen)
        Worker.objects.filter(fenced=False).update(lease_until=lease)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('wake', '')")
