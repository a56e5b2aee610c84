"""What a figure was measured on: it is printed with every figure."""

import os
import platform
from typing import Any

import psycopg

_SETTINGS = ("server_version", "shared_buffers", "synchronous_commit", "fsync")


def machine(address: str) -> dict[str, Any]:
    with psycopg.connect(address) as connection:
        server = {name: _setting(connection, name) for name in _SETTINGS}
    return {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version(), **server}


def _setting(connection: psycopg.Connection[Any], name: str) -> str:
    row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
    assert row is not None
    return str(row[0])


def in_words(machine: dict[str, Any]) -> str:
    return f"{machine['cores']} cores, PostgreSQL {machine['server_version']}, Python {machine['python']}."
