"""The witness: ALLSTOP_HOME/witness.json, what this machine has last seen of the database. rules/identity.py compares.

The rule that it guards: it is whole and on the disk before anybody relies on it, and what cannot be read says so.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

from allstop import whole_file
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
    with whole_file.draft(path(home), json.dumps(said, indent=1), mode=0o644) as draft:
        draft.replace(path(home))
    whole_file.flush_names(home)


def _changed_at(file: Path) -> datetime:
    try:
        return datetime.fromtimestamp(file.lstat().st_mtime, UTC)
    except OSError:
        return datetime.min.replace(tzinfo=UTC)
