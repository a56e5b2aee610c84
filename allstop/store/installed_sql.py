"""Installs the SQL files of this room from a migration."""

from pathlib import Path

from django.db.migrations import RunSQL


def text_of(file_name: str) -> str:
    return (Path(__file__).parent / file_name).read_text(encoding="utf-8")


def install(file_name: str) -> RunSQL:
    """The file as it is now: written so that it may be installed over an older version of itself."""
    return RunSQL(
        [text_of(file_name)], reverse_sql=RunSQL.noop
    )  # in a list: Django then does not split it into statements
