"""An SMSC that takes every text at once and keeps nothing, as a process of its own: python -m allstop.bench.smsc.

It counts submits (peer.py says how it is asked), and is as lean as it can be, so that what is measured is the sender.
"""

import asyncio
import struct
from typing import cast

import uvloop

from allstop.bench.peer import serve
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


if __name__ == "__main__":
    uvloop.run(serve(Session, lambda: taken))
