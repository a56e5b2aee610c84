"""Which files of a folder are there completely.

A file counts as complete once two looks, some seconds apart, saw the same size and the same time of change. Programs
that write under another name and rename at the end are safe at once: their unfinished names are never looked at.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

QUIET = timedelta(seconds=10)  # from the first look that saw it like this
_UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".writing", ".swp", "~")


@dataclass(frozen=True, slots=True)
class Found:
    key: str  # stands for its name
    size: int
    changed: float  # as the folder's own machine says it


@dataclass(frozen=True, slots=True)
class Seen:
    size: int
    changed: float
    since: datetime  # of the first look that saw it so


def is_looked_at(name: str) -> bool:
    return not name.startswith((".", "~")) and not name.lower().endswith(_UNFINISHED)


def look(
    found: Iterable[Found], before: Mapping[str, Seen], now: datetime, quiet: timedelta = QUIET
) -> tuple[list[str], dict[str, Seen]]:
    """The keys of those that are complete, in their order; and what the next look has to know."""
    complete: list[str] = []
    seen: dict[str, Seen] = {}
    for one in found:
        known = before.get(one.key)
        if known is None or (known.size, known.changed) != (one.size, one.changed) or known.since > now:
            known = Seen(one.size, one.changed, now)
        seen[one.key] = known
        if now - known.since >= quiet:
            complete.append(one.key)
    return complete, seen
