"""CPU seconds of processes, where the kernel tells (Linux)."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def seconds(pids: Iterable[int]) -> float:
    """Used so far by these processes. One that has ended counts as nothing."""
    return sum(_ticks(pid, 11, 12) for pid in pids) / TICKS


def seconds_with_children(pid: int) -> float:
    """Used so far by this process, its children, and those of them that have ended."""
    return _ticks(pid, 11, 12, 13, 14) / TICKS + seconds(_children(pid))


def postmaster(backend: int) -> int | None:
    """The server that this backend belongs to; None where it runs on another machine or cannot be seen."""
    try:
        is_postgres = b"postgres" in Path(f"/proc/{backend}/cmdline").read_bytes()
    except OSError:
        return None
    return int(_fields(backend)[1]) if is_postgres else None


def child_running(parents: Iterable[int], module: str) -> int | None:
    """The child of one of these processes that runs this module."""
    for parent in parents:
        for child in _children(parent):
            with suppress(OSError):
                if module.encode() in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0"):
                    return child
    return None


def _children(parent: int) -> Iterator[int]:
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if int(_fields(int(folder.name))[1]) == parent:
                yield int(folder.name)


def _fields(pid: int) -> list[str]:
    """Of /proc/PID/stat after the name, which may hold anything: [0] is the state, [1] the parent."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _ticks(pid: int, *fields: int) -> int:
    with suppress(OSError):
        words = _fields(pid)
        return sum(int(words[field]) for field in fields)
    return 0
