"""The stop file: ALLSTOP_HOME/STOP. While it is there, no worker of this machine starts anything.

It needs no database, no web process and no Python: `touch STOP` is enough. What it says inside is the reason.
The rule that it guards: whatever cannot be looked at counts as there, and taking the file away starts nothing.

    STOP        made by a person or a program
    STOP.seen   made by a worker that saw STOP, until the stop stands in the database as well: so that a file which was
                taken away too early, or a worker that dies in between, forgets nothing
"""

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

LONGEST_REASON = 300
NO_REASON = "The stop file was made."
UNREADABLE = "The stop file is there and cannot be read."


def path(home: Path) -> Path:
    return home / "STOP"


def seen_path(home: Path) -> Path:
    return home / "STOP.seen"


def is_there(home: Path) -> bool:
    return _exists(path(home))


def is_unsettled(home: Path) -> bool:
    """It was seen, and nobody has written it into the database yet."""
    return _exists(seen_path(home))


def _exists(file: Path) -> bool:
    """A link that leads nowhere counts, and so does whatever the system refuses to tell."""
    try:
        os.lstat(file)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def reason(home: Path) -> str:
    """What the file says, in one line; words of our own when it says nothing."""
    file = path(home) if is_there(home) else seen_path(home)
    try:
        # Not Path.read_text: a pipe of this name would be waited for.
        opened = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            said = os.read(opened, 4 * LONGEST_REASON)
        finally:
            os.close(opened)
    except OSError:
        return UNREADABLE
    words = " ".join(said.decode("utf-8", "replace").replace("\0", " ").split())
    return words[:LONGEST_REASON] or NO_REASON


def make(home: Path, why: str) -> Path:
    """On the disk when this returns, and whole: a full disk has no room for its words, but for the name that stops.
    One that is there already keeps its words."""
    file = path(home)
    with suppress(FileExistsError):
        _write_once(file, why)
    return file


def remember(home: Path) -> None:
    """For the one who saw it. Where the folder cannot be written to, the file itself has to do."""
    with suppress(OSError):
        _write_once(seen_path(home), reason(home))


def settled(home: Path) -> None:
    """The stop stands in the database."""
    seen_path(home).unlink(missing_ok=True)


def since(home: Path) -> datetime | None:
    """When it was made, for people."""
    try:
        return datetime.fromtimestamp(os.lstat(path(home)).st_mtime).astimezone()
    except OSError:
        return None


def _write_once(file: Path, words: str) -> None:
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    opened = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
    try:
        with suppress(OSError):
            os.write(opened, words.encode())
            os.fsync(opened)
        file.hardlink_to(draft)
    finally:
        os.close(opened)
        draft.unlink(missing_ok=True)
