"""A folder of this machine. Only below the folders that the operator allows, and never through a symbolic link.

The rule that it guards: whoever may set up a feed of an account must not be able to read another file of the machine,
nor another account's.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from allstop.channels.feeds.place import Entry, PlaceFault, plain

ACCOUNT = "{account}"  # in an allowed folder: stands for the account's number


def allowed_below(roots: Sequence[str], account_id: int) -> list[Path]:
    return [Path(root.replace(ACCOUNT, str(account_id))).resolve() for root in roots]


def open_folder(path: str, roots: Sequence[Path]) -> "Folder":
    """Raises PlaceFault: it is not allowed, or not there."""
    where = Path(path).resolve()
    if not any(where == root or root in where.parents for root in roots):
        raise PlaceFault(f"Choose a folder below {' or '.join(map(str, roots)) or 'one that the operator allows'}.")
    with _in_words():
        where.mkdir(parents=True, exist_ok=True)
        if not os.access(where, os.R_OK | os.W_OK | os.X_OK):
            raise PlaceFault("Allstop may not read and write in this folder. Change its owner or its rights.")
    return Folder(where)


class Folder:
    grows = True

    def __init__(self, where: Path) -> None:
        self._where = where

    def test(self) -> None:
        self.files()

    def files(self) -> list[Entry]:
        with _in_words(), os.scandir(self._where) as found:
            return [entry for one in found if (entry := _entry(one)) is not None]

    def read(self, name: str, most: int) -> bytes | None:
        with _in_words():
            try:
                handle = os.open(self._path(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            except FileNotFoundError:
                return None
            with os.fdopen(handle, "rb") as file:
                if not stat.S_ISREG(os.fstat(handle).st_mode):
                    return None
                return file.read(most + 1)

    def move(self, name: str, folder: str, as_name: str) -> bool:
        with _in_words():
            self._path(name).rename(self._below(folder) / plain(as_name))
        return True

    def write(self, folder: str, name: str, content: bytes) -> None:
        """Whole or not at all: it is written under another name first."""
        with _in_words():
            target = self._below(folder) / plain(name)
            draft = target.with_name(f".{target.name}.writing")
            draft.unlink(missing_ok=True)
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o640)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            draft.replace(target)

    def _path(self, name: str) -> Path:
        return self._where / plain(name)

    def _below(self, folder: str) -> Path:
        below = self._where / plain(folder)
        below.mkdir(exist_ok=True)
        if below.is_symlink():
            raise PlaceFault(f"The folder {folder} is a link. Remove it: Allstop makes a folder of its own.")
        return below


def _entry(one: "os.DirEntry[str]") -> Entry | None:
    try:
        found = one.stat(follow_symlinks=False)
    except FileNotFoundError:  # it went a moment ago
        return None
    return Entry(one.name, found.st_size, found.st_mtime) if stat.S_ISREG(found.st_mode) else None


@contextmanager
def _in_words() -> Iterator[None]:
    """No message of the system's: it names the file."""
    try:
        yield
    except OSError as fault:
        raise PlaceFault(f"The folder cannot be used: {fault.strerror or type(fault).__name__}.") from fault
