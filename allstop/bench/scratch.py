"""Databases that a benchmark makes on the server in use, and drops again whatever happens. The rule that it guards:
the installation's own database is only used to ask the server for another one.

A loaded database is made once and copied for each round, so that every round begins with the same pages.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

TRIES = 4  # to drop a database; the server waits five seconds in each


class NoScratch(Exception):
    """The server does not let this user make a database to measure in."""


class Scratch:
    def __init__(self, url: str) -> None:
        """`url`: of a database that exists."""
        self._url = url
        self._made: list[str] = []

    def address(self, name: str) -> str:
        return make_conninfo(self._url, dbname=f"bench_{os.getpid()}_{name}")

    def make(self, name: str, copy_of: str | None = None) -> str:
        """Returns its address."""
        template: sql.Composable = sql.SQL("")
        if copy_of is not None:
            template = sql.SQL("TEMPLATE {} STRATEGY file_copy").format(self._identifier(copy_of))
        return self._make(name, template)

    def make_with_tables(self, name: str) -> str:
        """All tables of Allstop, and no rows."""
        if ready := os.environ.get("ALLSTOP_BENCH_TABLES"):
            return self._make(name, sql.SQL("TEMPLATE {}").format(sql.Identifier(ready)))
        address = self.make(name)
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--verbosity", "0"], env=environment(address), check=True
        )
        return address

    def _make(self, name: str, template: sql.Composable) -> str:
        self._made.append(name)  # before it is there: Ctrl-C may come in between
        try:
            self._run(sql.SQL("CREATE DATABASE {} {}").format(self._identifier(name), template))
        except psycopg.errors.InsufficientPrivilege as refused:
            raise NoScratch(
                "The benchmark needs a database of its own, and this user of PostgreSQL may not make one. "
                "Give it the right (ALTER ROLE ... CREATEDB), or unset DATABASE_URL to use the embedded server."
            ) from refused
        return self.address(name)

    def drop(self, name: str) -> None:
        """Waits for its last sessions. Not WITH (FORCE): that may not end an autovacuum, which the plain form does."""
        for tries_left in reversed(range(TRIES)):
            try:
                self._run(sql.SQL("DROP DATABASE IF EXISTS {}").format(self._identifier(name)))
                break
            except psycopg.errors.ObjectInUse:
                if not tries_left:
                    raise
        self._made.remove(name)

    def drop_all(self) -> None:
        for name in list(self._made):
            self.drop(name)

    def _identifier(self, name: str) -> sql.Identifier:
        return sql.Identifier(f"bench_{os.getpid()}_{name}")

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def scratch(url: str) -> Iterator[Scratch]:
    databases = Scratch(url)
    try:
        yield databases
    finally:
        databases.drop_all()


def environment(address: str) -> dict[str, str]:
    """For a process of Allstop that shall see this database and no other."""
    return os.environ | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "allstop.settings"}


def asked(address: str, module: str, *words: str) -> dict[str, Any]:
    """What the module prints last, in a process whose Django knows that database and no other."""
    command = [sys.executable, "-m", module, *words]
    done = subprocess.run(command, env=environment(address), check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
