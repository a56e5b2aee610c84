"""Processes that a worker starts for what must not delay its sending: imports, and Allstop's own mail."""

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

from django.db import connection

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


@dataclass(slots=True)
class Running:
    """The processes of one kind that a worker runs, by the id of what each is about."""

    running: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def is_busy(self) -> bool:
        """One runs here, or has just ended and was not noticed yet."""
        return bool(self.running)

    def take_ended(self) -> list[tuple[int, int]]:
        """The id and the exit code of each that has ended since the last look."""
        ended = [(of, process.returncode) for of, process in self.running.items() if process.poll() is not None]
        for of, _ in ended:
            del self.running[of]
        return ended

    def end(self) -> None:
        """The worker ends: whoever is told to end puts back what it has begun, and it goes on elsewhere."""
        end(self.running.values())
        self.running.clear()
