"""The program that listens to webhooks in a benchmark: it reads each POST to its end, answers 200 and counts.

A process of its own (peer.py). It checks no signature: what it costs is not what is measured.
"""

import asyncio

import uvloop

from allstop.bench.peer import serve

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
_LENGTH = b"content-length:"

taken = 0


class Session(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        self._said = b""

    def data_received(self, data: bytes) -> None:
        global taken  # noqa: PLW0603 - one count of one process
        self._said += data
        while (end := self._said.find(b"\r\n\r\n")) >= 0:
            head = self._said[:end].lower()
            start = head.index(_LENGTH) + len(_LENGTH)
            whole = end + 4 + int(head[start:].split(b"\r\n", 1)[0])
            if len(self._said) < whole:
                return
            self._said = self._said[whole:]
            taken += 1
            self._transport.write(ANSWER)


if __name__ == "__main__":
    uvloop.run(serve(Session, lambda: taken))
