"""Processes that a worker starts for what must not delay its sending: imports, and Allstop's own mail."""

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, urlencode

from django.db import connection

from allstop.actions.runs import QUEUED, Runs

SILENCE = timedelta(seconds=5)  # a run without a sign for so long is asked whether anybody runs it
PATIENCE = 2.0  # seconds that a process may take to end when it is asked to


def start(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    package = str(Path(__file__).parent.parent.parent)
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
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


def end(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    """Ask all of them to end, then wait; one that does not within PATIENCE is killed."""
    alive = [process for process in processes if process.poll() is None]
    for process in alive:
        process.terminate()
    for process in alive:
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass
class Running:
    """The processes of one kind that a worker runs, one at a time, by the id of what each is about."""

    program: ClassVar[str]  # the module that is started with the id
    running: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def is_busy(self) -> bool:
        """One runs here, or has just ended and was not noticed yet."""
        return bool(self.running)

    def look(self, now: datetime) -> int:
        """Start what is queued, notice what has died; returns how many run here. Call it outside the event loop."""
        for of, process in list(self.running.items()):
            if process.poll() is not None:
                del self.running[of]
                if process.returncode and self.goes_on(of, now):
                    self._start(of)
        if not self.running and (taken := self.take(now)) is not None:
            self._start(taken)
        return len(self.running)

    def _start(self, of: int) -> None:
        self.running[of] = start(self.program, str(of))

    def take(self, now: datetime) -> int | None:
        """What is to run next: a queued one, or one whose process died with its worker. It is this worker's then."""
        raise NotImplementedError

    def goes_on(self, of: int, now: datetime) -> bool:
        """Its process ended badly a moment ago: is another started at once? Else `take` finds it, when it is silent."""
        return False

    def end(self) -> None:
        """The worker ends: whoever is told to end puts back what it has begun, and it goes on elsewhere."""
        end(self.running.values())
        self.running.clear()


class Large(Running):
    """Runs that are too large for whoever asked to wait for: actions/runs.py. A small one is run by its caller, unless
    that has ended. One whose process died goes on in another, from the slice that it had come to."""

    runs: ClassVar[Runs]
    at_once: ClassVar[int]  # its total, up to which its caller runs it

    def take(self, now: datetime) -> int | None:
        known = self.runs.open().values_list("pk", "state", "total", "created_at", "taken_at")
        for run_id, state, total, created_at, taken_at in known:
            if state == QUEUED:
                if (total > self.at_once or now - created_at > SILENCE) and self.runs.take(run_id, now):
                    return int(run_id)
            elif self._is_silent(taken_at, now) and self.runs.has_died(run_id) and self.runs.after_death(run_id, now):
                return int(run_id)
        return None

    @staticmethod
    def _is_silent(taken_at: datetime | None, now: datetime) -> bool:
        return taken_at is not None and now - taken_at > SILENCE
