"""An SMSC that takes every text at once and keeps nothing, as a process of its own: python -m allstop.bench.smsc.

It prints its port, and for each line on its standard input how many submits it has taken. It is as lean as it can be,
so that what is measured is the sender.
"""

import asyncio
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import uvloop

from allstop.channels.smpp.pdu import HEADER, RESPONSE, Command, pdu

SUBMIT_RESP = Command.SUBMIT_SM | RESPONSE
_ANSWER = struct.Struct(">IIII8sx")  # with an id of eight digits
taken = 0


class Session(asyncio.Protocol):
    def __init__(self) -> None:
        self._left = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)

    def data_received(self, data: bytes) -> None:
        global taken  # noqa: PLW0603 - one counter for the process
        data = self._left + data
        at, end, answers = 0, len(data), []
        while end - at >= 16:
            length, command, _, number = HEADER.unpack_from(data, at)
            if end - at < length:
                break
            at += length
            if command == Command.SUBMIT_SM:
                taken += 1
                answers.append(_ANSWER.pack(25, SUBMIT_RESP, 0, number, b"%08x" % (taken & 0xFFFF_FFFF)))
            elif not command & RESPONSE:
                answers.append(
                    pdu(command | RESPONSE, number, b"bench\0" if command == Command.BIND_TRANSCEIVER else b"")
                )
        self._left = data[at:]
        if answers and self._transport is not None:
            self._transport.write(b"".join(answers))


async def serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Session, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()

    def asked() -> None:
        if not sys.stdin.readline():
            ended.set()
            loop.remove_reader(sys.stdin)
        else:
            print(taken, flush=True)

    loop.add_reader(sys.stdin, asked)
    await ended.wait()
    server.close()


class Smsc:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.pid = process.pid
        self.port = self._line()

    def taken(self) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._line()

    def _line(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


@contextmanager
def smsc() -> Iterator[Smsc]:
    command = [sys.executable, "-m", "allstop.bench.smsc"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Smsc(process)
    finally:
        process.kill()
        process.communicate()


if __name__ == "__main__":
    uvloop.run(serve())
