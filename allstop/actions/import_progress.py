"""How far the run of an import is, and whether the process that runs it lives: on a connection of its own."""

from datetime import UTC, datetime
from typing import Any, Self

import psycopg

from allstop.actions.runs import let_go
from allstop.store import queue


class Progress:
    """A connection of its own: it moves the bar while the one transaction is open, and holds the lock of the run."""

    def __init__(self, import_id: int) -> None:
        self._import_id = import_id
        self._connection: psycopg.Connection[tuple[Any, ...]] = psycopg.connect(
            **queue.connection_params(), autocommit=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        let_go(self._connection)
        self._connection.close()

    def lock(self) -> bool:
        """False: another process runs this import. The server drops the lock when this process ends, however."""
        found = self._connection.execute(
            "SELECT pg_try_advisory_lock(hashtextextended('import', %s))", (self._import_id,)
        ).fetchone()
        assert found is not None
        return bool(found[0])

    def report(self, rows_done: int) -> None:
        self._connection.execute(
            "UPDATE import SET rows_done = %s, taken_at = %s WHERE id = %s",
            (rows_done, datetime.now(UTC), self._import_id),
        )
