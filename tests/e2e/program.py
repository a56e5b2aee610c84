"""The real program, `allstop serve`, as a person starts it: a web process and workers on a free port of loopback."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

from django.conf import settings

from tests.peers.ports import free_port

SECONDS_TO_START = 120.0
WORKERS = 3  # two for texts and emails, and the one for calls


@dataclass
class Program:
    process: subprocess.Popen[bytes]
    port: int
    log: Path
    read_until: int = field(default=0)  # bytes of the log

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def errors(self) -> list[str]:
        """What the program has complained of since it was asked last.

        That a worker was fenced and started again is no complaint: a machine that is busy enough makes one silent.
        """
        with self.log.open("rb") as log:
            log.seek(self.read_until)
            fresh = log.read()
        self.read_until += len(fresh)
        lines = fresh.decode(errors="replace").splitlines()
        is_bad = any(" ERROR " in line or "Traceback" in line or "The web process" in line for line in lines)
        return lines if is_bad else []

    def stop(self) -> float:
        """As systemd or a closed terminal does it; returns the seconds that it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        return time.monotonic() - began


@contextmanager
def serving(
    database_url: str, log: Path, workers: int = 2, environ: Mapping[str, str] | None = None
) -> Iterator[Program]:
    """`environ`: what else its processes find around them."""
    port = free_port()
    command = [sys.executable, "-m", "allstop", "serve", "--port", str(port), "--workers", str(workers)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=os.environ
            | {
                "DATABASE_URL": database_url,
                "ALLSTOP_HOME": str(log.parent),
                "ALLSTOP_SECRET_KEY": settings.SECRET_KEY,  # tests make the links that it makes
                "ALLSTOP_WEBHOOKS_PRIVATE": "true",  # programs that hear of events listen on loopback here
            }
            | dict(environ or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    program = Program(process, port, log)
    try:
        await_welcome(program)
        yield program
    finally:
        if process.poll() is None:
            program.stop()


def await_welcome(program: Program) -> None:
    """The last line of a start: everything runs, and a page has been answered."""
    deadline = time.monotonic() + SECONDS_TO_START
    while "Allstop runs at" not in program.log.read_text():
        assert program.process.poll() is None, program.log.read_text()
        assert time.monotonic() < deadline, program.log.read_text()
        time.sleep(0.05)
    connection = HTTPConnection("127.0.0.1", program.port, timeout=60)
    connection.request("GET", "/accounts/login/")
    assert connection.getresponse().status == 200
    connection.close()
