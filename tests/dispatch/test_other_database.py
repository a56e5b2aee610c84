"""Backups that are put back, by PostgreSQL's own means, and real workers: nothing leaves until a person confirms."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql

from allstop import postgres, postgres_binaries, witness
from allstop.postgres_binaries import run_as, server_user
from tests.dispatch.mail_run import queue_mails
from tests.dispatch.processes import PATIENCE, wait_until, workers
from tests.world import World

PROGRAMS = next(postgres_binaries.candidates(os.environ))


def ask(url: str, statement: LiteralString) -> Any:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(statement).fetchone()
        return row[0] if row else None


def closed_by(url: str) -> str:
    """Why every lane is closed; "" while they are open."""
    reason, is_open = ask(
        url,
        "SELECT ARRAY[(SELECT max(reason) FROM hold WHERE name = 'database_changed' AND lifted_at IS NULL),"
        " (SELECT bool_or(is_open)::text FROM lane)]",
    )
    assert (reason is None) == (is_open == "true")
    return reason or ""


def allstop(home: Path, url: str, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "ALLSTOP_HOME": str(home), "DATABASE_URL": url}
    command = [sys.executable, "-m", "allstop", *words]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def drop(server: psycopg.Connection[Any], name: str) -> None:
    """Not WITH (FORCE): that may not end an autovacuum, which the plain form does; it waits for other sessions."""
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def waiting(url: str) -> int:
    return int(ask(url, "SELECT count(*) FROM message WHERE status = 'waiting'"))


@pytest.mark.slow
def test_a_dump_in_another_database_sends_nothing_until_it_is_confirmed(
    committed_world: World, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workers(database_url):
        wait_until(lambda: witness.read(tmp_path) is not None, "the witness")
    queue_mails(committed_world, 5)
    dump = tmp_path / "allstop.dump"
    subprocess.run([PROGRAMS / "pg_dump", "-Fc", "-d", database_url, "-f", dump], check=True)
    name = f"restored_{os.getpid()}"
    restored = database_url.replace(f"/test_{os.getpid()}?", f"/{name}?")
    assert restored != database_url
    with psycopg.connect(database_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            subprocess.run([PROGRAMS / "pg_restore", "--single-transaction", "-d", restored, dump], check=True)
            # Also on a machine that has never worked with it: the row in the dump knows.
            for home in (tmp_path / "new", tmp_path):
                home.mkdir(exist_ok=True)
                monkeypatch.setenv("ALLSTOP_HOME", str(home))
                with workers(restored):
                    wait_until(lambda: "another database of the server" in closed_by(restored), "the hold")
                    time.sleep(1)
                    assert waiting(restored) == 5
            looked = allstop(tmp_path, restored, "doctor")
            assert looked.returncode == 1
            assert "another database of the server" in looked.stdout
            refused = allstop(tmp_path, restored, "start", "--account", "Northgate Dental")
            assert refused.returncode == 3
            confirmed = allstop(tmp_path, restored, "confirm-database", "--yes")
            assert confirmed.returncode == 0, confirmed.stderr
            assert "another database of the server" in confirmed.stdout
            assert closed_by(restored) == ""
            for home in (tmp_path / "new", tmp_path):
                monkeypatch.setenv("ALLSTOP_HOME", str(home))
                with workers(restored):
                    wait_until(lambda: waiting(restored) == 0, "everything to leave")
            again = allstop(tmp_path, restored, "confirm-database", "--yes")
            assert (again.returncode, again.stdout) == (3, "")
        finally:
            drop(server, name)


@pytest.mark.slow
def test_a_dump_put_back_into_the_same_database_is_found(
    committed_world: World, database_url: str, tmp_path: Path
) -> None:
    """Tables that were made anew, as docs/operating.md restores them: in a copy, since other tests need this one."""
    name = f"copy_{os.getpid()}"
    copy = database_url.replace(f"/test_{os.getpid()}?", f"/{name}?")
    dump = tmp_path / "allstop.dump"
    subprocess.run([PROGRAMS / "pg_dump", "-Fc", "-d", database_url, "-f", dump], check=True)
    restore: list[str | Path] = [PROGRAMS / "pg_restore", "--single-transaction", "-d", copy]
    with psycopg.connect(database_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            subprocess.run([*restore, dump], check=True)
            with workers(copy):
                wait_until(lambda: witness.read(tmp_path) is not None, "the witness")
            assert closed_by(copy) == ""
            later = tmp_path / "later.dump"
            subprocess.run([PROGRAMS / "pg_dump", "-Fc", "-d", copy, "-f", later], check=True)
            with psycopg.connect(copy, autocommit=True) as inside:
                inside.execute("DROP SCHEMA public CASCADE")
                inside.execute("CREATE SCHEMA public")
            subprocess.run([*restore, later], check=True)
            with workers(copy):
                wait_until(lambda: "a dump was restored" in closed_by(copy), "the hold")
        finally:
            drop(server, name)


class Machine:
    """A home with an embedded server of its own, whose files can be copied and put back."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environ = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        self.environ["ALLSTOP_HOME"] = str(home)

    @property
    def data(self) -> Path:
        return (self.home / "postgres").resolve() / "data"

    def as_server(self, *command: str | Path) -> None:
        done = run_as(server_user(self.home / "postgres"), *command)
        assert done.returncode == 0, done.stderr

    def allstop(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "allstop", *words]
        return subprocess.run(command, env=self.environ, capture_output=True, text=True, check=False)

    @contextmanager
    def worker(self) -> Iterator[str]:
        with postgres.running(self.home, {}) as url:
            process = subprocess.Popen([sys.executable, "-m", "allstop", "work"], env=self.environ)
            try:
                yield url
            finally:
                process.terminate()
                process.wait(PATIENCE)


@pytest.fixture
def machine() -> Iterator[Machine]:
    top = Path(tempfile.mkdtemp(prefix="a")).resolve()
    top.chmod(0o711)  # the server's user must pass through
    one = Machine(top / "home")
    with postgres.running(one.home, {}):
        for command in (
            ("django", "migrate", "--verbosity", "0"),
            ("accounts", "create", "Northgate Dental", "--zone", "America/New_York", "--country", "US"),
        ):
            ran = one.allstop(*command)
            assert ran.returncode == 0, ran.stderr
        with one.worker():
            wait_until(lambda: witness.read(one.home) is not None, "the witness")
    yield one
    shutil.rmtree(postgres.SHARED_HOME / postgres.mark(one.home), ignore_errors=True)
    shutil.rmtree(top)


@pytest.mark.slow
def test_the_files_of_an_older_copy_put_back_are_found_by_the_witness(machine: Machine) -> None:
    copy = machine.data.with_name("copy")
    machine.as_server("cp", "-a", machine.data, copy)
    with machine.worker() as url:
        # Not by `allstop stop`, which becomes the stop file where the machine is busy enough.
        announce = "queue_announce(NULL, 'account', 1, NULL, NULL, NULL, NULL, clock_timestamp())"
        number = int(ask(url, f"SELECT number FROM {announce}"))

        def seen() -> int:
            known = witness.read(machine.home)
            return known.number if known is not None else 0

        wait_until(lambda: seen() == number, "the witness of the stop")
    machine.as_server("rm", "-rf", machine.data)
    machine.as_server("mv", copy, machine.data)
    with machine.worker() as url:
        wait_until(lambda: "older copy" in closed_by(url), "the hold")
        assert machine.allstop("start").returncode == 3
        assert machine.allstop("confirm-database", "--yes").returncode == 0
        assert closed_by(url) == ""
        assert int(ask(url, "SELECT number FROM gate")) > number


@pytest.mark.slow
def test_a_recovery_to_a_new_timeline_is_found(machine: Machine) -> None:
    """What a promoted standby and a restore to a point in time have in common."""
    machine.as_server("touch", machine.data / "recovery.signal")
    settings = machine.data / "postgresql.auto.conf"
    machine.as_server("sh", "-c", f"echo \"restore_command = 'false'\" >> {settings}")
    with machine.worker() as url:
        wait_until(lambda: "timeline 2, before 1" in closed_by(url), "the hold")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux changes another process's limits")
def test_a_worker_whose_disk_is_full_starts_nothing_and_goes_on_when_there_is_room(
    committed_world: World, database_url: str, tmp_path: Path
) -> None:
    """What it has seen could not be told from an older copy later. It does not end and start again meanwhile."""
    queue_mails(committed_world, 5)
    unlimited = resource.RLIM_INFINITY
    with subprocess.Popen(
        [sys.executable, "-m", "allstop", "work"],
        env=os.environ | {"DATABASE_URL": database_url, "ALLSTOP_SECRET_KEY": "k" * 50, "ALLSTOP_SUPPRESSION_KEY": "k"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, unlimited)),  # noqa: PLW1509 - a limit only
        stderr=subprocess.PIPE,
        text=True,
    ) as worker:
        try:
            wait_until(lambda: ask(database_url, "SELECT count(*) FROM worker") == 1, "the worker")
            time.sleep(1)
            assert waiting(database_url) == 5
            assert [file.name for file in tmp_path.glob("witness*")] == []
            resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))
            wait_until(lambda: waiting(database_url) == 0, "them to leave")
        finally:
            worker.terminate()
            said = worker.communicate(timeout=PATIENCE)[1]
    assert witness.read(tmp_path) is not None
    assert [line for line in said.splitlines() if "starts nothing until its folder can be written to" in line]
    assert "Traceback" not in said
