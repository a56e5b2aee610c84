"""Peers side by side never get the same port."""

import subprocess
import sys

from tests.peers.ports import PORTS, SIP_PORTS, SOUNDS, free_port, free_ports

TAKE = "from tests.peers.ports import free_port; print([free_port() for _ in range({n})])"


def test_no_port_is_given_twice_in_a_process() -> None:
    given = [free_port() for _ in range(50)] + [port for _ in range(5) for port in free_ports()]
    assert len(set(given)) == len(given)
    assert all(port in PORTS or port in SIP_PORTS or port in SOUNDS for port in given)


def test_no_port_is_given_by_two_processes() -> None:
    """So many that two which did not know of each other would meet."""
    held = {free_port() for _ in range(400)}
    taken = subprocess.check_output([sys.executable, "-c", TAKE.format(n=400)], text=True)
    assert held.isdisjoint(int(port) for port in taken.strip("[]\n").split(","))
