"""A free port, for peers that cannot choose one themselves (the others bind to port 0)."""

import random
import socket


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def free_ports() -> tuple[int, int]:
    """For SIP, and for the sound of many calls: an even one, with room above it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port, random.randrange(10_000, 28_000, 2)  # below where the system takes its own
