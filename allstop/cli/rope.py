"""What holds when the database does not: `allstop stop` becomes the stop file.

The rule that it guards: whoever typed `allstop stop` is not left waiting for a database that is slow or away. After
half a second without an answer, and half a second more without an effect, the file stops this machine's workers at
once. It stops every account; that is said, and the exit code is 6.
"""

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from allstop import postgres, stop_file
from allstop.cli.lever import load_levers
from allstop.cli.printing import Exit, Printer
from allstop.cli.ready import ready, set_up_django
from allstop.postgres_binaries import PostgresProblem

FileOption = Annotated[
    bool, typer.Option("--file", help="Stop this machine by the stop file, all accounts, without asking the database.")
]

PATIENCE = 0.5  # seconds until the database answers, and once more until the stop is in effect
KEEP_TRYING = 10.0  # seconds; then it is left to the workers, who try for as long as the file is there
TRY_AGAIN = 0.5


class Rope:
    """Beside the command: pulls when it is late, and ends it when it hangs."""

    def __init__(self, home: Path, reason: str, out: Printer) -> None:
        self._home = home
        self._reason = reason
        self._out = out
        self._answered = threading.Event()
        self._ended = threading.Event()
        self._one_at_a_time = threading.Lock()
        self.was_pulled = False

    def answered(self) -> None:
        self._answered.set()

    def effective(self) -> None:
        """The stop stands in the database. The command may wait for workers as long as it likes."""
        with self._one_at_a_time:
            self._ended.set()

    def watch(self) -> None:
        if self._answered.wait(PATIENCE) and self._ended.wait(PATIENCE):
            return
        self.pull("The database did not answer in time.")
        if not self._ended.wait(KEEP_TRYING):
            self._out.fail("database", "The database does not answer.", {})
            if self.was_pulled:
                _say("The workers of this machine go on trying to tell the database. Exit code 6.")
            sys.stdout.flush()
            sys.stderr.flush()
            # the command itself waits for a server that may never answer
            os._exit(Exit.BY_FILE if self.was_pulled else Exit.ERROR)

    def pull(self, why: str = "") -> None:
        with self._one_at_a_time:
            if self._ended.is_set() or self.was_pulled:
                return
            try:
                file = stop_file.make(self._home, self._reason)
            except OSError as refused:
                _say(f"{_unmade(self._home, refused)} End the workers, or switch the machine off.")
                return
            self.was_pulled = True
        _say(f"{why} {_words(file)}".lstrip())


@contextmanager
def rope(reason: str, as_json: bool) -> Iterator[Rope]:
    home = postgres.home_folder(os.environ)
    set_up_django()  # it takes a while, and needs no database: a slow machine is no slow database
    load_levers()
    line = Rope(home, reason, Printer(as_json))
    if postgres.in_use(home):  # else nobody sends, and the server is started first
        threading.Thread(target=line.watch, daemon=True).start()
    try:
        yield line
    except (PostgresProblem, typer.Exit) as ended:
        if not _is_of_the_database(ended):
            raise
        if isinstance(ended, PostgresProblem):
            _say(str(ended))
        line.pull()
        line.effective()
        if not line.was_pulled:
            raise typer.Exit(Exit.ERROR) from ended
        _keep_trying(home)
        raise typer.Exit(Exit.BY_FILE) from ended
    finally:
        line.effective()
    if line.was_pulled:
        _say(f"It is in the database as well. START is refused as long as {stop_file.path(home)} is there.")
        raise typer.Exit(Exit.BY_FILE)


def stop_by_file(reason: str, as_json: bool) -> None:
    """No database, no Django: it works when nothing else does."""
    from pydantic import BaseModel

    class StopFileShape(BaseModel):
        stop_file: str
        reason: str

    home = postgres.home_folder(os.environ)
    try:
        file = stop_file.make(home, reason)
    except OSError as refused:
        Printer(as_json).fail("stop_file", _unmade(home, refused), {})
        raise typer.Exit(Exit.ERROR) from refused
    shape = StopFileShape(stop_file=str(file), reason=stop_file.reason(home))
    Printer(as_json).show(shape, lambda: print(_words(file)))


def _unmade(home: Path, refused: OSError) -> str:
    return f"{stop_file.path(home)} cannot be made: {refused.strerror}."


def _words(file: Path) -> str:
    return (
        f"STOP by the file {file}: the workers of this machine start nothing from now on, of any account, "
        "and make it a STOP of the whole installation."
    )


def _is_of_the_database(ended: BaseException) -> bool:
    from django.db import OperationalError

    return isinstance(ended, PostgresProblem) or isinstance(ended.__cause__, OperationalError)


def _keep_trying(home: Path) -> None:
    """It was refused at once: perhaps it is being started again."""
    import socket

    from django.db import DatabaseError

    from allstop.dispatch.outside import settle

    deadline = time.monotonic() + KEEP_TRYING
    while time.monotonic() < deadline:
        try:
            with ready():
                number = settle(home, socket.gethostname())
        except (DatabaseError, PostgresProblem):
            time.sleep(TRY_AGAIN)
        else:
            _say(f"The database knows it now: every account is stopped, receipt {number}.")
            return
    _say("The database still does not answer. The workers of this machine go on trying to tell it.")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
