"""What every place of files can do, and the one way in which it fails."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class PlaceFault(Exception):
    """It cannot be read now. The words say what to do, and name no file: a file may be called after a person."""


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    size: int
    changed: float


class Place(Protocol):
    def files(self) -> Sequence[Entry]:
        """Regular files that lie in it, not those below. Raises PlaceFault, as all of these."""
        ...

    def read(self, name: str, most: int) -> bytes | None:
        """Up to `most` bytes and one more, by which a larger file is known; None: it has gone."""
        ...

    def move(self, name: str, folder: str, as_name: str) -> None:
        """Into a folder below, which is made. One of this name that lies there is replaced."""
        ...

    def write(self, folder: str, name: str, content: bytes) -> None: ...
