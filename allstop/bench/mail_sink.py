"""A mail server that takes every mail at once and keeps nothing, as a process of its own.

Postfix's smtp-sink where it is installed, because it is somebody else's; else ours: python -m allstop.bench.mail_sink.
Ours counts mails; peer.py says how it is asked.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import uvloop

from allstop.bench.peer import Peer, serve, started

HELLO = b"250-sink.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
PLACES = "/usr/sbin:/usr/libexec/postfix"
taken = 0


class Session(asyncio.Protocol):
    def __init__(self) -> None:
        self._left = b""
        self._in_mail = False
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)
        self._transport.write(b"220 sink.test ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        global taken  # noqa: PLW0603 - one counter for the process
        data, answers = self._left + data, []
        while data:
            if self._in_mail:
                _, dot, rest = data.partition(b"\r\n.\r\n")
                if not dot:
                    break
                taken += 1
                self._in_mail, data = False, rest
                answers.append(b"250 2.0.0 taken\r\n")
                continue
            line, end, rest = data.partition(b"\r\n")
            if not end:
                break
            data, word = rest, line[:4].upper()
            self._in_mail = word == b"DATA"
            answers.append(b"354 go\r\n" if self._in_mail else HELLO if word == b"EHLO" else b"250 2.0.0 ok\r\n")
        self._left = data
        if answers and self._transport is not None:
            self._transport.write(b"".join(answers))


class Ours:
    name = "our own"

    def __init__(self, peer: Peer) -> None:
        self.pid = peer.pid
        self.port = peer.port
        self._peer = peer

    def taken(self) -> int | None:
        return self._peer.taken()


class SmtpSink:
    """It counts only for eyes, so the records cannot be compared with it."""

    name = "smtp-sink"

    def __init__(self, pid: int, port: int) -> None:
        self.pid = pid
        self.port = port

    def taken(self) -> int | None:
        return None


Sink = Ours | SmtpSink


@contextmanager
def mail_sink(wants_count: bool = False) -> Iterator[Sink]:
    program = shutil.which("smtp-sink") or shutil.which("smtp-sink", path=PLACES)
    if wants_count or program is None:
        with started("allstop.bench.mail_sink") as ours:
            yield Ours(ours)
        return
    port = _free_port()
    as_user = ["-u", "postfix"] if os.geteuid() == 0 else []  # it refuses to run as root
    sink = subprocess.Popen([program, *as_user, "-h", "sink.test", f"127.0.0.1:{port}", "1000"])
    try:
        _await_port(port)
        yield SmtpSink(sink.pid, port)
    finally:
        sink.kill()
        sink.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_port(port: int) -> None:
    give_up_at = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.02)
        else:
            return


if __name__ == "__main__":
    uvloop.run(serve(Session, lambda: taken))
