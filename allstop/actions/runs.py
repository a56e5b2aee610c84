"""Work that is done slice by slice, by whoever takes it: one process for each row of a table of runs.

    queued ──take──► running ──...──► done
      ▲                │ │
      └──put_back──────┘ └──its process died: it goes on once, the second time it fails──► failed

The rule that it guards: nobody runs one twice at the same time. Who runs it holds a lock of the database for as long
as the process lives, so a death is seen without anybody's clock.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

import psycopg
from django.db.models import Model, QuerySet

from allstop.store import queue

LOOK_EVERY = 0.1  # seconds
QUEUED = "queued"
RUNNING = "running"


class HasState(Protocol):
    state: Any


Run = TypeVar("Run", bound=HasState)


@dataclass(frozen=True, kw_only=True)
class Runs:
    """`table` has the columns state, failure and taken_at (when its process last gave a sign)."""

    table: type[Model]
    going: tuple[str, ...] = (RUNNING,)  # the states in which a process works on it
    died_once: str
    fail: Callable[[int], object] | None = None  # its process died for the second time; None: it goes on all the same

    @property
    def open_states(self) -> tuple[str, ...]:
        return QUEUED, *self.going

    def open(self) -> QuerySet[Any]:
        """Queued or under way, in the order in which they were asked for."""
        return self._rows().filter(state__in=self.open_states).order_by("pk")

    @contextmanager
    def held(self, run_id: int) -> Iterator[bool]:
        """Whether it is this process's now."""
        with psycopg.connect(**queue.connection_params(), autocommit=True) as line:
            asked = "SELECT pg_try_advisory_lock(hashtextextended(%s, %s))"
            found: tuple[Any, ...] | None = line.execute(asked, (self.table._meta.db_table, run_id)).fetchone()
            assert found is not None
            try:
                yield bool(found[0])
            finally:
                let_go(line)

    def see_through(self, run_id: int, run_here: Callable[[int], Run]) -> Run:
        """To its end: in this process, unless another one was quicker, which is waited for."""
        while (found := run_here(run_id)).state in self.open_states:
            time.sleep(LOOK_EVERY)
        return found

    def has_died(self, run_id: int) -> bool:
        """Whether no process runs it."""
        with self.held(run_id) as is_free:
            return is_free

    def take(self, run_id: int, now: datetime) -> bool:
        """A queued one becomes the caller's to run. False: somebody else was quicker."""
        return self._rows().filter(pk=run_id, state=QUEUED).update(state=RUNNING, taken_at=now) == 1

    def put_back(self, run_id: int) -> None:
        """Its process was asked to end in the middle: the next one goes on."""
        self._rows().filter(pk=run_id, state=RUNNING).update(state=QUEUED)

    def after_death(self, run_id: int, now: datetime) -> bool:
        """It goes on where it was; the second time it fails with words. True: it goes on."""
        going = self._rows().filter(pk=run_id, state__in=self.going)
        again = going if self.fail is None else going.filter(failure="")
        if again.update(failure=self.died_once, taken_at=now) == 1:
            return True
        if self.fail is not None and going.exists():
            self.fail(run_id)
        return False

    def _rows(self) -> QuerySet[Any]:
        return self.table._default_manager.all()


def let_go(line: psycopg.Connection[Any]) -> None:
    """Of the locks that it holds, before it is closed: the server sees late that a connection was closed, and keeps
    them till then."""
    with suppress(psycopg.Error):
        line.execute("SELECT pg_advisory_unlock_all()")
