"""An SMTP connection from the log-in on: commands out, answers in, as few round trips as the server allows.

aiosmtplib opens it (greeting, TLS, log-in), and this takes its transport over: the library waits for the answer to
each command, while a server with PIPELINING (RFC 2920), which is nearly every one, takes MAIL, RCPT and DATA at once.

Guards: an answer belongs to the command that it was waited for with. So a connection is closed as soon as anything
comes that nobody waits for, or does not come in time.
"""

import asyncio
from typing import NamedTuple, cast

MOST_UNREAD = 64_000  # bytes of an answer that does not end


class Reply(NamedTuple):
    code: int  # 0: what came is no answer of SMTP
    words: str


class NotOpen(Exception):
    """The connection was closed; nothing of what was to be written has left."""


class Wire(asyncio.Protocol):
    def __init__(self, transport: asyncio.Transport, extensions: frozenset[str]) -> None:
        self.pipelines = "pipelining" in extensions
        self.takes_size = "size" in extensions
        self.takes_utf8 = "smtputf8" in extensions
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._unread = b""
        self._lines: list[str] = []  # of an answer whose last line has not come
        self._replies: list[Reply] = []
        self._wanted = 0
        self._waiter: asyncio.Future[None] | None = None
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        return not self._transport.is_closing()

    def close(self) -> None:
        self._transport.close()
        self._wake()

    async def ask(self, data: bytes, answers: int, seconds: float) -> list[Reply]:
        """Write, and wait for so many answers. There are fewer when the server said 421 or nonsense, hung up or took
        too long; the connection is closed then. Raises NotOpen: nothing was written."""
        if self._transport.is_closing():
            raise NotOpen("the connection was closed")
        self._replies, self._wanted = [], answers
        waiter = self._waiter = self._loop.create_future()
        self._transport.write(data)
        too_late = self._loop.call_later(seconds, self._wake)
        try:
            await waiter
        finally:
            too_late.cancel()
            self._waiter, self._wanted = None, 0
        if len(self._replies) < answers:
            self._transport.close()
        return self._replies

    def data_received(self, data: bytes) -> None:
        *whole, self._unread = (self._unread + data).split(b"\n")
        for line in whole:
            self._take(line.rstrip(b"\r"))
        if len(self._unread) > MOST_UNREAD or len(self._lines) > MOST_UNREAD // 80:
            self.close()

    def _take(self, line: bytes) -> None:
        if len(self._replies) >= self._wanted:
            self.close()  # nobody has asked
            return
        self._lines.append(line[4:].decode("utf-8", "surrogateescape"))
        if line[3:4] == b"-":
            return
        code = int(line[:3]) if line[:3].isdigit() else 0
        if not 200 <= code <= 599:
            code, self._lines = 0, [line.decode("utf-8", "surrogateescape")]
        self._replies.append(Reply(code, "\n".join(self._lines)))
        self._lines = []
        if len(self._replies) >= self._wanted or code in (0, 421):
            self._wake()

    def eof_received(self) -> bool:
        return False  # closes the transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._wake()

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)


def take_over(transport: asyncio.BaseTransport, extensions: frozenset[str]) -> Wire:
    return Wire(cast(asyncio.Transport, transport), extensions)
