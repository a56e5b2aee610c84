"""The embedded PostgreSQL: found, started and stopped without anybody installing or setting up a database.

The rule that it guards: one data folder has one server, however many processes use it, and the last one out
stops it. Each holds a shared lock on postgres.users, which the kernel drops even after kill -9: nobody
counts. The server listens on a unix socket in a folder that only its own user can enter, never on the
network.

What lies where, under ALLSTOP_HOME:
    postgres.lock       held while a server is being started or stopped
    postgres.users      share-locked by every process that uses the server
    postgres/data       the cluster      postgres/socket   the socket      postgres/server.log
As root the server runs as an unprivileged user. Where that user cannot enter ALLSTOP_HOME, postgres is a link
to a folder under /var/lib/allstop; no permission outside Allstop's own folders is changed.
"""

import fcntl
import hashlib
import os
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from allstop import postgres_binaries
from allstop.postgres_binaries import PostgresProblem, User

SHARED_HOME = Path("/var/lib/allstop")
# 107 bytes is Linux's limit for a socket's path, 103 that of macOS.
LOOKS_LIKE = "It looks like postgresql://user:password@host/allstop"
LONGEST_SOCKET_PATH = 103
LOG_TURNED_OVER_AT = 10_000_000

SERVER_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",  # only names the socket's file
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "synchronous_commit": "on",  # an acknowledged stop must survive a power failure
    "max_wal_size": "4GB",  # the queue writes some 3 kB for each message; a checkpoint costs whole pages
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    # A client that hangs inside a transaction keeps dead rows alive and may hold a lock that a stop needs.
    "idle_in_transaction_session_timeout": "60s",
    # Queue, lane and inbox churn: the default of one look a minute is too slow for them.
    "autovacuum_naptime": "10s",
    "autovacuum_vacuum_cost_limit": "2000",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u ",
}


def home_folder(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("ALLSTOP_HOME") or ".allstop").expanduser().resolve()


def mark(home: Path) -> str:
    """Names this home's server in the list of processes, and its folders outside the home."""
    return f"allstop-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"


def socket_folder(home: Path) -> Path:
    inside = home / "postgres" / "socket"
    if len(os.fsencode(inside / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH:
        return inside
    return Path("/tmp") / mark(home)  # noqa: S108 - checked to be a private folder of the server's user before use


def address(home: Path) -> str:
    """The embedded server's URL; known whether it runs or not."""
    return f"postgresql://allstop@/allstop?host={quote(str(socket_folder(home)), safe='')}&port=5432"


def django_database(url: str) -> dict[str, Any]:
    try:
        parts: dict[str, Any] = dict(conninfo_to_dict(url))
    except psycopg.ProgrammingError as odd:  # its words may repeat a password
        raise PostgresProblem(f"DATABASE_URL cannot be read. {LOOKS_LIKE}") from odd
    if "dbname" not in parts:
        raise PostgresProblem(f"DATABASE_URL names no database. {LOOKS_LIKE}")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "OPTIONS": parts,
        # Each thread of the web process keeps its connection, and tries it before use: the server may have
        # restarted in between.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


def print_to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextmanager
def running(
    home: Path, environ: Mapping[str, str] = os.environ, say: Callable[[str], None] = print_to_stderr
) -> Iterator[str]:
    """Yields the URL of a database that runs for as long as the block does. With DATABASE_URL, that one."""
    if url := environ.get("DATABASE_URL"):
        yield url
        return
    server = Server(make_home(home), environ, say)
    with opened_lock(home / "postgres.users") as users:
        with server.locked():
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            server.revive()
            yield address(home)
        finally:
            with server.locked():
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    pass  # somebody else still uses the server
                else:
                    server.stop()


def in_use(home: Path, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether any other process uses the database, as far as this machine can tell."""
    if environ.get("DATABASE_URL"):
        return True
    try:
        with (home / "postgres.users").open() as users:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def revive(home: Path, environ: Mapping[str, str] = os.environ, say: Callable[[str], None] = print_to_stderr) -> None:
    """For those inside `running`: starts the server again if it crashed."""
    if not environ.get("DATABASE_URL"):
        Server(home, environ, say).revive()


@contextmanager
def opened_lock(file: Path) -> Iterator[int]:
    """Root may be a guest in another user's home: the file is then that user's, who needs it next time."""
    lock = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        if os.geteuid() == 0:
            owner = file.parent.stat()
            os.fchown(lock, owner.st_uid, owner.st_gid)
        yield lock
    finally:
        os.close(lock)


def make_home(home: Path) -> Path:
    if not home.exists():
        try:
            home.mkdir(parents=True, exist_ok=True)
        except PermissionError as refused:
            raise PostgresProblem(f"{home} cannot be made. Choose another data folder with ALLSTOP_HOME.") from refused
        if os.geteuid() == 0:
            home.chmod(0o711)  # the server's user must pass through, and needs to see nothing else in it
    folder = home / "postgres"
    owner = folder.stat().st_uid if folder.exists() else os.geteuid()
    if os.geteuid() not in (0, owner):
        raise PostgresProblem(
            f"{folder} belongs to another user (number {owner}). Run Allstop as that user or as root, "
            "or choose another data folder with ALLSTOP_HOME."
        )
    return home


@dataclass(frozen=True)
class Server:
    home: Path
    environ: Mapping[str, str]
    say: Callable[[str], None]

    @property
    def folder(self) -> Path:
        """Where the server's files really are, with the link to /var/lib followed."""
        return (self.home / "postgres").resolve()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @contextmanager
    def locked(self) -> Iterator[None]:
        with opened_lock(self.home / "postgres.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def revive(self) -> None:
        """Starts the server unless it runs. Costs a fraction of a millisecond when it does."""
        with self.locked():
            user = postgres_binaries.server_user(self.home / "postgres")
            if not self.is_ready():
                self.start(user)

    def is_ready(self) -> bool:
        """Waits while the server is on its way up or down: whoever started it may have been killed since."""
        while (found := self.postmaster()) is not None:
            if found[1] == "ready":
                return True
            time.sleep(0.05)
        return False

    def postmaster(self) -> tuple[int, str] | None:
        """Process id and status of the live server. A postmaster.pid that a crash left does not count."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None
        if not lines or int(lines[0]) not in self.processes(int(lines[0])):
            return None
        return int(lines[0]), lines[7].strip() if len(lines) > 7 else "starting"

    def processes(self, only: int | None = None) -> set[int]:
        """This server's processes, by the mark in their titles: a process id alone may belong to another."""
        if not Path("/proc/self/cmdline").exists():
            return {only} if only and process_exists(only) else set()
        marks = (f"postgres: {mark(self.home)}:".encode(), f"cluster_name={mark(self.home)}".encode())
        found = set()
        for file in [Path(f"/proc/{only}/cmdline")] if only else Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(FileNotFoundError, ProcessLookupError):
                title = file.read_bytes()
                if title.startswith(marks[0]) or marks[1] in title:
                    found.add(int(file.parent.name))
        return found

    def start(self, user: User | None) -> None:
        self.settle(user)
        self.outlive_a_crash(user)
        binaries = postgres_binaries.find(self.environ, user, self.data, SHARED_HOME, self.say)
        if not (self.data / "PG_VERSION").exists():
            self.say(f"Creating the database in {self.folder} (PostgreSQL {binaries.version})")
            self.create(binaries.folder, user)
        listening = self.private_socket_folder(user)
        log = self.folder / "server.log"
        if log.exists() and log.stat().st_size > LOG_TURNED_OVER_AT:
            as_server(user, "mv", log, f"{log}.1")
        wanted = {
            **SERVER_SETTINGS,
            "unix_socket_directories": str(listening),
            "cluster_name": mark(self.home),
        }
        options = shlex.join(word for name, value in wanted.items() for word in ("-c", f"{name}={value}"))
        control = (
            binaries.folder / "pg_ctl",
            "-D",
            self.data,
            "-l",
            log,
            "-w",
            "-t",
            "300",
            "-o",
            options,
            "start",
        )
        try:
            as_server(user, *control)
        except PostgresProblem as problem:
            last = "\n".join(log.read_text(errors="replace").splitlines()[-6:]) if log.exists() else ""
            raise PostgresProblem(f"PostgreSQL did not start. The end of {log}:\n{last}") from problem

    def settle(self, user: User | None) -> None:
        """Makes the server's folder. Root gives it to the server's user, who makes everything inside."""
        folder = self.home / "postgres"
        if user is None:
            folder.mkdir(mode=0o700, exist_ok=True)
        elif not folder.exists():
            folder.unlink(missing_ok=True)  # a link whose target somebody removed
            give(folder, user)
        if user is None or postgres_binaries.can_enter(user, self.folder):
            return
        if any(folder.iterdir()):
            raise PostgresProblem(f"The user {user.name}, who runs PostgreSQL, can no longer enter {self.folder}.")
        elsewhere = SHARED_HOME / mark(self.home)
        if (elsewhere / "data").exists():
            self.say(f"Using the data that an earlier {self.home} left in {elsewhere}")
        SHARED_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
        if not elsewhere.exists():
            give(elsewhere, user)
        folder.rmdir()
        folder.symlink_to(elsewhere)
        self.say(f"The user {user.name} cannot enter {self.home}, so the database is kept in {elsewhere}")

    def outlive_a_crash(self, user: User | None) -> None:
        """After kill -9 of the server its children leave within moments; a new server must not meet them."""
        deadline = time.monotonic() + 30
        while self.processes() and time.monotonic() < deadline:
            time.sleep(0.02)
        with suppress(FileNotFoundError):
            left = (self.data / "postmaster.pid").read_text().split()
            if left and process_exists(int(left[0])) and Path("/proc/self").exists():
                # The number is some other program's now, or that of a dead process nobody has collected.
                # PostgreSQL cannot tell and would not start.
                locks = (self.data / "postmaster.pid", socket_folder(self.home).resolve() / ".s.PGSQL.5432.lock")
                as_server(user, "rm", "-f", *locks)

    def create(self, binaries: Path, user: User | None) -> None:
        """Beside its place, then moved: what a crash leaves half-made is never taken for a database."""
        draft = self.folder / "data.new"
        as_server(user, "rm", "-rf", draft)
        form = ("-U", "postgres", "-E", "UTF8", "--locale=C", "--data-checksums")
        doors = ("--auth-local=trust", "--auth-host=reject")
        as_server(user, binaries / "initdb", "-D", draft, *form, *doors)
        # Allstop's own role is no superuser: through it nobody can read the machine's files or run programs.
        roles = "CREATE ROLE allstop LOGIN CREATEDB;\nCREATE DATABASE allstop OWNER allstop;\n"
        as_server(user, binaries / "postgres", "--single", "-D", draft, "postgres", stdin=roles)
        as_server(user, "mv", draft, self.data)

    def private_socket_folder(self, user: User | None) -> Path:
        folder = socket_folder(self.home)
        folder = folder.parent.resolve() / folder.name
        if not folder.is_symlink() and not folder.exists():
            as_server(user, "mkdir", "-m", "700", folder)
        found = folder.lstat()
        if found.st_uid != (user.uid if user else os.geteuid()) or found.st_mode & 0o170777 != 0o040700:
            raise PostgresProblem(f"{folder} must be a private folder of the database's user. Remove it and try again.")
        return folder

    def stop(self) -> None:
        """Fast: sessions end, what is committed is written out, and the next start needs no recovery."""
        if (found := self.postmaster()) is None:
            return
        os.kill(found[0], signal.SIGINT)
        deadline = time.monotonic() + 120
        while self.postmaster() is not None:
            if time.monotonic() > deadline:
                raise PostgresProblem(f"PostgreSQL (process {found[0]}) did not stop within two minutes.")
            time.sleep(0.01)
        if socket_folder(self.home).parent != self.home / "postgres":
            with suppress(OSError):
                socket_folder(self.home).rmdir()


def as_server(user: User | None, *command: str | Path, stdin: str = "") -> None:
    """Runs a program as the server's user, in a session of its own so that Ctrl-C reaches only Allstop."""
    done = postgres_binaries.run_as(user, *command, stdin=stdin)
    if done.returncode != 0:
        raise PostgresProblem(f"{shlex.join(str(word) for word in command)}\n{done.stderr or done.stdout}")


def give(folder: Path, user: User) -> None:
    folder.mkdir(mode=0o700)
    os.chown(folder, user.uid, user.gid, follow_symlinks=False)


def process_exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
