"""A free port, for peers that cannot choose one themselves (the others bind to port 0)."""

import random
import socket


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def free_ports() -> tuple[int, int]:
    """For SIP, with the next one free as well, which some take for TLS; and for the sound of many calls: an even one,
    with room above it. All below where the system takes its own."""
    while True:
        port = random.randrange(28_200, 32_600, 2)
        if _is_free(port, socket.SOCK_DGRAM) and all(_is_free(port + n, socket.SOCK_STREAM) for n in (0, 1)):
            return port, random.randrange(10_000, 28_000, 2)


def _is_free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
