"""Postfix's smtp-sink: somebody else's SMTP server, so that we do not only test against our own reading."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.peers.ports import free_port

INSTALL = (
    "echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections && "
    "DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postfix"
)


class PeerMissing(Exception):
    """A test needs a program that is not installed."""


@contextmanager
def smtp_sink(*options: str) -> Iterator[int]:
    """Yields its port. `options` are smtp-sink's own, such as "-r", "RCPT" (refuse for now: 4xx)."""
    program = shutil.which("smtp-sink") or shutil.which("smtp-sink", path="/usr/sbin:/usr/libexec/postfix")
    if program is None:
        raise PeerMissing(f"smtp-sink is not installed. On Debian, as root: {INSTALL}")
    as_user = ["-u", "postfix"] if os.geteuid() == 0 else []  # it refuses to run as root
    port = free_port()
    process = subprocess.Popen(
        [program, *as_user, *options, "-h", "sink.test", f"127.0.0.1:{port}", "1000"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _await_port(port, process)
        yield port
    finally:
        process.kill()
        process.communicate()


def _await_port(port: int, process: subprocess.Popen[str]) -> None:
    give_up_at = time.monotonic() + 60
    while time.monotonic() < give_up_at:
        if process.poll() is not None:
            raise RuntimeError(f"smtp-sink ended at once: {process.communicate()[1]}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"smtp-sink did not listen on port {port} within 10 seconds.")
