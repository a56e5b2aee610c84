"""A database of its own, and the director's process in it."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from allstop.bench.chaos.plan import Plan, Report
from allstop.bench.scratch import environment, scratch

PATIENCE = 20  # seconds for the director to end what it started


class Failed(Exception):
    """The director could not go on; the words are its last ones."""


def measure(url: str, plan: Plan, tell: Callable[[str], None]) -> Report:
    """`url`: of any database on the server. `tell` hears what is being done."""
    with scratch(url) as databases, tempfile.TemporaryDirectory(prefix="allstop-chaos-") as folder:
        tell("Making an empty database")
        address = databases.make_with_tables("chaos")
        return _directed(plan, address, Path(folder), tell)


def _directed(plan: Plan, address: str, folder: Path, tell: Callable[[str], None]) -> Report:
    command = [sys.executable, "-m", "allstop.bench.chaos.director", json.dumps(plan.as_json()), str(folder)]
    words: list[str] = []
    with (folder / "report").open("w+") as report:
        director = subprocess.Popen(
            command, env=environment(address), stdout=report, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        try:
            assert director.stderr is not None
            for line in director.stderr:
                words.append(line)
                if line.startswith("round "):
                    tell(line.strip())
            if director.wait():
                raise Failed("".join(words[-30:]) + _last_words(folder / "workers"))
        finally:
            if director.poll() is None:
                director.terminate()
                try:
                    director.wait(PATIENCE)
                except subprocess.TimeoutExpired:  # workers and mail server end when it does
                    director.kill()
                    director.wait()
        report.seek(0)
        return Report.of(json.load(report))


def _last_words(log: Path) -> str:
    return log.read_text()[-3000:] if log.exists() else ""
