"""Free ports, for peers that cannot choose one themselves (the others bind to port 0).

A port that is asked of the system and given back may be handed out again before the peer binds it, to the next who
asks or to any connection that goes out. These lie below those that the system hands out, and each is kept by one test
process until that ends, so that test processes side by side never take the same."""

import fcntl
import functools
import os
import random
import socket
import tempfile
from pathlib import Path

SOUNDS = range(10_000, 20_000, 200)  # the first of 200 each: two for a call
PORTS = range(20_000, 28_000)
SIP_PORTS = range(28_200, 32_600, 2)

_kept: set[int] = set()


def free_port() -> int:
    while True:
        port = random.choice(PORTS)
        if _is_free(port, socket.SOCK_STREAM) and _keep(port):
            return port


def free_ports() -> tuple[int, int]:
    """For SIP, with the next one free as well, which some take for TLS; and for the sound of many calls: an even one,
    with room above it."""
    while True:
        port, sound = random.choice(SIP_PORTS), random.choice(SOUNDS)
        free = _is_free(port, socket.SOCK_DGRAM) and _is_free(sound, socket.SOCK_DGRAM)
        if free and all(_is_free(port + n, socket.SOCK_STREAM) for n in (0, 1)) and _keep(port) and _keep(sound):
            return port, sound


def _is_free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _keep(port: int) -> bool:
    """A lock of one byte of a file that all share: the byte's number is the port's."""
    if port in _kept:
        return False
    try:
        fcntl.lockf(_lock_file(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except (BlockingIOError, PermissionError):  # which of the two is up to the system
        return False
    _kept.add(port)
    return True


@functools.cache
def _lock_file() -> int:
    """Open until this process ends, and so are its locks."""
    return os.open(Path(tempfile.gettempdir()) / f"allstop-test-ports-{os.getuid()}", os.O_CREAT | os.O_RDWR, 0o600)
