"""What every place of files can do, and the one way in which it fails.

There are two sorts. From a `Place` files are taken one by one, and moved away when they are done with. A `Source`
always answers with all that it knows now; what it said last is remembered by a mark.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol


class PlaceFault(Exception):
    """It cannot be read now. The words say what to do, and name no file: a file may be called after a person."""


def plain(name: str) -> str:
    """A name without a way in it."""
    assert name not in ("", ".", "..") and "/" not in name and "\0" not in name, "not a plain name"
    return name


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    size: int
    changed: float


class Place(Protocol):
    grows: bool  # whether a file may be there before all of it is

    def test(self) -> None:
        """Raises PlaceFault unless files could be taken from it. Changes nothing."""
        ...

    def files(self) -> Sequence[Entry]:
        """Regular files that lie in it, not those below. Raises PlaceFault, as all of these."""
        ...

    def read(self, name: str, most: int) -> bytes | None:
        """Up to `most` bytes and one more, by which a larger file is known; None: it has gone."""
        ...

    def move(self, name: str, folder: str, as_name: str) -> bool:
        """Into a folder below, which is made. One of this name that lies there is replaced. False: it stays for now,
        because what came with it is not done with."""
        ...

    def write(self, folder: str, name: str, content: bytes) -> None:
        """A result, beside what was moved there, where there is room for one."""
        ...


@dataclass(frozen=True, slots=True)
class Fetched:
    name: str
    content: bytes
    mark: str  # the same, whenever the same is said: not every byte of an answer says something


class Source(Protocol):
    def fetch(self, today: date, most: int) -> Fetched:
        """Raises PlaceFault, also when it is more than `most` bytes."""
        ...
