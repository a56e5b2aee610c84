"""Installs the SQL files of this room from a migration."""

from pathlib import Path

from django.db.migrations import RunSQL

# What is installed together, in this order: the first one drops the functions of all.
QUEUE = ("queue.sql", "queue_back.sql", "queue_stop.sql", "queue_workers.sql")
_PARTS = {"queue.sql": QUEUE}
INSTALLED = (
    "queue.sql",
    "plan.sql",
    "credits.sql",
    "limits.sql",
    "ledger.sql",
    "search.sql",
    "assignment.sql",
    "conversation.sql",
    "lead.sql",
)


def texts_of(file_name: str) -> list[str]:
    """The file and its parts."""
    folder = Path(__file__).parent
    return [(folder / part).read_text(encoding="utf-8") for part in _PARTS.get(file_name, (file_name,))]


def install(file_name: str) -> RunSQL:
    """The file as it is now, with its parts: written so that it may be installed over an older version of itself."""
    return RunSQL(tuple(texts_of(file_name)), reverse_sql=RunSQL.noop)  # Django splits none of them
