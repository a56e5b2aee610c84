"""The databases of the tests. The migrations make all tables once, in a database that lies on the tests' server until
they change; each test process copies it, and `allstop bench` does (ALLSTOP_BENCH_TABLES)."""

import hashlib
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

STORE = Path(__file__).parent.parent / "allstop" / "store"
ONE_MAKES_THEM = 74_001  # an advisory lock

Maintenance = psycopg.Connection[Any]


def ready_tables(server: str) -> str:
    """The name of a database with all tables, as they are now. It takes no connections, so that it can be copied."""
    name = f"tables_{_digest()}"
    with psycopg.connect(server, autocommit=True) as maintenance:
        maintenance.execute("SELECT pg_advisory_lock(%s)", [ONE_MAKES_THEM])
        known = maintenance.execute("SELECT datname FROM pg_database WHERE datname LIKE 'tables\\_%'").fetchall()
        if (name,) not in known:
            for (old,) in known:
                _run(maintenance, "DROP DATABASE {}", old)
            _make(maintenance, server, name)
    return name


def copy(server: str, tables: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as maintenance:
        _run(maintenance, "DROP DATABASE IF EXISTS {}", name)  # of a process that was killed
        _run(maintenance, "CREATE DATABASE {} TEMPLATE {}", name, tables)


def drop(server: str, name: str) -> None:
    """Not WITH (FORCE): that may not end an autovacuum, which the plain form does."""
    with psycopg.connect(server, autocommit=True) as maintenance:
        _run(maintenance, "DROP DATABASE {}", name)


def _make(maintenance: Maintenance, server: str, name: str) -> None:
    draft = "tables_draft"  # has its name when it is complete
    _run(maintenance, "CREATE DATABASE {}", draft)
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity", "0"],
        env=os.environ
        | {"DATABASE_URL": make_conninfo(server, dbname=draft), "DJANGO_SETTINGS_MODULE": "allstop.settings"},
        check=True,
    )
    _run(maintenance, "ALTER DATABASE {} ALLOW_CONNECTIONS false", draft)
    _run(maintenance, "ALTER DATABASE {} RENAME TO {}", draft, name)


def _digest() -> str:
    """Of all that the tables come from."""
    digest = hashlib.sha256(" ".join(map(version, ("django", "django-allauth"))).encode())
    for file in sorted((*STORE.glob("*.sql"), *STORE.glob("*.py"), *STORE.glob("migrations/*.py"))):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _run(maintenance: Maintenance, statement: LiteralString, *names: str) -> None:
    maintenance.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
