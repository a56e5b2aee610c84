"""`allstop serve`: one command that runs everything on one machine.

The rule that it guards: what cannot work is said before anything is started; whatever was started is stopped.
"""

import http.client
import os
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from allstop import __version__, postgres, stop_file
from allstop.cli import supervisor
from allstop.cli.ready import close_connections, set_up_django
from allstop.cli.supervisor import Child
from allstop.cli.welcome import DEMO_ADMIN, welcome
from allstop.cli.work import FENCED
from allstop.postgres_binaries import PostgresProblem

commands = typer.Typer()

ONE_MIGRATES = 7_221_001  # number of the advisory lock: of many machines on one database, one brings it up to date
SECONDS_TO_ANSWER = 30
WEB = 0  # the first of the children


@commands.command()
def serve(
    port: Annotated[int, typer.Option(envvar="ALLSTOP_PORT", min=1, max=65535, help="Port to listen on.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for every network.")] = "127.0.0.1",
    workers: Annotated[
        int, typer.Option(min=0, max=64, help="Worker processes that send texts and emails. Calls have another one.")
    ] = 2,
    demo: Annotated[bool, typer.Option("--demo", help="Load the demo account if there is no account yet.")] = False,
) -> None:
    """Run the console, the API and the workers, with their database, until Ctrl-C."""
    supervisor.make_interruptible()
    with listening(host, port) as listener:
        try:
            run(listener, workers, demo)
        except KeyboardInterrupt:
            say("Everything is stopped.")


def say(line: str) -> None:
    print(line, flush=True)


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as refused:
        say(f"Allstop cannot listen on {host}, port {port}: {refused.strerror}.")
        say(f"If another program uses the port, choose another one: ALLSTOP_PORT={port % 65535 + 1}")
        raise typer.Exit(1) from refused
    with listener:
        yield listener


def run(listener: socket.socket, workers: int, demo: bool) -> None:
    began = time.monotonic()
    home = postgres.home_folder(os.environ)
    # The settings are read later, here and in the children.
    os.environ |= {"ALLSTOP_HOME": str(home), "ALLSTOP_PORT": str(listener.getsockname()[1])}
    say(f"Allstop {__version__}, data in {home}")
    say(f"The stop file is {stop_file.path(home)}" + (": IT IS THERE, nothing leaves" * stop_file.is_there(home)))
    children = processes(listener, workers)
    with postgres.running(home):
        try:
            children[WEB].start(time.monotonic(), waiting=True)
            set_up_django()
            with reachable():
                say(f"Database running ({time.monotonic() - began:.1f} s)")
                migrate()
            seal_passwords()
            shows_demo = load_demo() if demo else False
            close_connections()
            children[WEB].release()
            await_answer(listener, children)
            keep_port(home, listener)
            say(f"Serving ({time.monotonic() - began:.1f} s)\n")
            say(welcome(os.environ.get("ALLSTOP_URL") or own_address(listener), shows_demo))
            supervisor.keep_alive(children, lambda: postgres.revive(home), say)
        finally:
            supervisor.stop(children)


def keep_port(home: Path, listener: socket.socket) -> None:
    """For commands, which are not told it: the links that they print lead here (settings.kept_port)."""
    draft = home / f"port.{os.getpid()}"
    draft.write_text(str(listener.getsockname()[1]))
    draft.replace(home / "port")


@contextmanager
def reachable() -> Iterator[None]:
    from django.db import OperationalError, connection

    try:
        connection.ensure_connection()
        yield
    except OperationalError as away:
        raise PostgresProblem(f"The database cannot be reached: {str(away).strip()}") from away


def migrate() -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_MIGRATES])
        executor = MigrationExecutor(connection)
        if steps := len(executor.migration_plan(executor.loader.graph.leaf_nodes())):
            say(f"Bringing the tables up to date: {steps} steps")
            call_command("migrate", verbosity=0, interactive=False)
        cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_MIGRATES])


def seal_passwords() -> None:
    """The key is made now, so that the first backup has it. What an older version wrote is sealed."""
    from allstop.actions import sealed_setups
    from allstop.actions.actor import Conflict
    from allstop.store import sealing

    try:
        sealing.make_first_key()
        sealed_setups.seal_plain()
    except (sealing.CannotOpen, Conflict) as problem:  # no reason not to run: what needs no password is sent
        say(f"{problem} Until then messages that need it wait.")


def load_demo() -> bool:
    """Whether the demo account is there in the end: an installation with accounts of its own gets none."""
    from allstop.store.models import Account, User

    if not Account.objects.exists():
        from allstop.cli import demo

        say("Loading the demo account Northgate Dental")
        demo.load_demo()
    return User.objects.filter(email=DEMO_ADMIN).exists()


def processes(listener: socket.socket, workers: int) -> list[Child]:
    web = [sys.executable, "-m", "allstop.cli.web", str(listener.fileno())]
    work = [sys.executable, "-m", "allstop", "work", "--channels"]
    # Calls have a process of their own: what goes wrong in the middle of one harms no text and no email.
    calls = [worker("worker for calls", [*work, "call", "--slots", "150"])] if workers else []
    return [
        Child("web process", web, pass_fds=[listener.fileno()]),
        *(worker(f"worker {number}", [*work, "text,email"]) for number in range(1, workers + 1)),
        *calls,
    ]


def worker(name: str, command: Sequence[str]) -> Child:
    """On a machine that is busy enough to keep it silent, a stop fences it; longer and longer pauses would not help."""
    return Child(name, command, on_death=worker_died, blameless=FENCED)


def worker_died(pid: int) -> None:
    """This process saw the worker die: what it held can be settled at once, before its lease ends."""
    from django.db import OperationalError

    from allstop.dispatch.burial import bury_dead, this_machine

    try:
        unknown = bury_dead(this_machine(), pid, datetime.now(UTC))
    except OperationalError:  # perhaps what it died of
        say("The database does not say what it held. Who works next, here or on another machine, settles that.")
    else:
        if unknown:
            say(f"It held {unknown} messages whose outcome is unknown now. They wait for a person to decide.")
    finally:
        close_connections()


def await_answer(listener: socket.socket, children: list[Child]) -> None:
    """Only the web process runs until then: workers that start beside it would take the processors from it."""
    deadline = time.monotonic() + SECONDS_TO_ANSWER
    while time.monotonic() < deadline:
        children[WEB].tend(time.monotonic(), say)
        if answers(listener):
            return
    say(f"The console has not answered for {SECONDS_TO_ANSWER} seconds. Allstop goes on trying.")


def answers(listener: socket.socket) -> bool:
    """Anything at all, also an error page. That it connects proves nothing: this process listens."""
    host, port = reached_at(listener)
    connection = http.client.HTTPConnection(host, port, timeout=1)
    with suppress(OSError, http.client.HTTPException):
        connection.request("HEAD", "/")
        connection.getresponse()
        return True
    return False


def reached_at(listener: socket.socket) -> tuple[str, int]:
    host, port = listener.getsockname()[:2]
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port  # noqa: S104 - names it, binds nothing


def own_address(listener: socket.socket) -> str:
    host, port = reached_at(listener)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
