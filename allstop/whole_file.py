"""Files that other processes read, and that a power failure must not lose: whole and on the disk before they have their
name.

    draft ──► the caller names it: `replace` takes the place of an older file, `hardlink_to` leaves it ──► flush_names
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def draft(file: Path, text: str, mode: int = 0o600) -> Iterator[Path]:
    """Beside `file`, of this process alone, with these words. Gone when the block has ended, whatever happens."""
    made = file.with_name(f"{file.name}.{os.getpid()}")
    made.unlink(missing_ok=True)
    try:
        opened = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(opened, "w", encoding="utf-8") as writing:
            writing.write(text)
            writing.flush()
            os.fsync(writing.fileno())
        yield made
    finally:
        made.unlink(missing_ok=True)


def flush_names(folder: Path) -> None:
    with suppress(PermissionError):  # files may be made in it, but it may not be opened
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
