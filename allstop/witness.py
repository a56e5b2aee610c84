"""The witness: ALLSTOP_HOME/witness.json, what this machine has last seen of the database. rules/identity.py compares.

The rule that it guards: it is whole and on the disk before anybody relies on it, and what cannot be read says so.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from allstop.rules.identity import Identity, Witnessed


def path(home: Path) -> Path:
    return home / "witness.json"


def read(home: Path) -> Witnessed | None:
    """None: there is none, since nothing was ever sent from here."""
    file = path(home)
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        return Witnessed(
            Identity(str(said["system"]), int(said["timeline"]), int(said["database"]), int(said["tables"])),
            int(said["number"]),
            int(said["written"]),
            datetime.fromisoformat(said["confirmed_at"]),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return Witnessed(None, 0, 0, _changed_at(file))


def write(home: Path, seen: Witnessed) -> None:
    """Through a draft, so that nobody reads half of it, and flushed, so that a power failure does not undo it."""
    assert seen.identity is not None
    said = {
        "system": seen.identity.system,
        "timeline": seen.identity.timeline,
        "database": seen.identity.database,
        "tables": seen.identity.tables,
        "number": seen.number,
        "written": seen.written,
        "confirmed_at": seen.confirmed_at.isoformat(),
    }
    draft = path(home).with_name(f"witness.json.{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8") as writing:
            json.dump(said, writing, indent=1)
            writing.flush()
            os.fsync(writing.fileno())
        draft.replace(path(home))
    finally:  # on a full disk it is empty, and each worker that tries has another name for it
        draft.unlink(missing_ok=True)
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _changed_at(file: Path) -> datetime:
    try:
        return datetime.fromtimestamp(file.lstat().st_mtime, UTC)
    except OSError:
        return datetime.min.replace(tzinfo=UTC)
