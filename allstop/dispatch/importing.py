"""Confirmed imports, each run in a process of its own, so that a large file delays neither sending nor a lease.

A worker looks about once a second. Every worker may look: an import is taken by one of them, and its process holds
a lock of the database as long as it lives. A process that was killed left nothing behind; the next look finds it.
"""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, urlencode

from django.db import connection

from allstop.actions import import_run
from allstop.store.models import Import, ImportState

PATIENCE = 2.0  # seconds that a process may take to roll back when it is asked to end


@dataclass(slots=True)
class Importing:
    """The imports that this worker runs: one at a time."""

    running: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    def look(self, now: datetime) -> int:
        """Start what is queued, notice what has died; returns how many run here. Call it outside the event loop."""
        self._reap(now)
        if not self.running:
            import_id = _next(now)
            if import_id is not None:
                self.running[import_id] = start_process("import_process", import_id)
        return len(self.running)

    def end(self) -> None:
        """The worker ends: what runs here is rolled back and queued again."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()

    def _reap(self, now: datetime) -> None:
        for import_id, process in list(self.running.items()):
            if process.poll() is None:
                continue
            del self.running[import_id]
            if process.returncode and import_run.has_died(import_id):
                import_run.after_death(import_id, now)


_here = Importing()
look = _here.look
end = _here.end


def _next(now: datetime) -> int | None:
    """An import taken for this worker: a queued one, or one whose process died with its worker."""
    waiting = Import.objects.filter(state__in=(ImportState.QUEUED, ImportState.RUNNING)).order_by("created_at")
    for import_id, state, taken_at in waiting.values_list("pk", "state", "taken_at"):
        if state == ImportState.RUNNING:
            if taken_at is not None and now - taken_at < import_run.SILENCE:
                continue
            if not import_run.has_died(import_id) or not import_run.after_death(import_id, now):
                continue
        if import_run.take(import_id, now):
            return int(import_id)
    return None


def start_process(module: str, of: int) -> subprocess.Popen[bytes]:
    package = str(Path(__file__).parent.parent.parent)
    return subprocess.Popen(
        [sys.executable, "-m", f"allstop.dispatch.{module}", str(of)],
        stdin=subprocess.DEVNULL,
        env={
            **os.environ,
            "DATABASE_URL": _database_url(),
            "DJANGO_SETTINGS_MODULE": "allstop.settings",
            "PYTHONPATH": os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH")))),
        },
    )


def _database_url() -> str:
    """The database that this process uses, whatever it was told when it started."""
    said = connection.settings_dict
    who = quote(str(said["USER"]), safe="")
    if said["PASSWORD"]:
        who += f":{quote(str(said['PASSWORD']), safe='')}"
    options = {key: value for key, value in said["OPTIONS"].items() if isinstance(value, str)}
    where = {"host": said["HOST"], "port": said["PORT"], **options}
    query = urlencode({key: value for key, value in where.items() if value}, quote_via=quote)
    return f"postgresql://{who}@/{quote(str(said['NAME']), safe='')}?{query}"
