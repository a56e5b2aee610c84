"""An SMTP server's side of one conversation, on plain asyncio streams, with a say at every stage.

It is small and fast (it is not the limit when a peer must take thousands of mails a second), and it can be
told to refuse, to fall silent or to cut the line exactly where a test wants it.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

LONGEST_MAIL = 10_000_000


class Stage(StrEnum):
    """Where the conversation is; a say is asked for before the server answers there."""

    GREETING = "greeting"
    EHLO = "ehlo"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"  # the command came, 354 was not sent
    CONTENT = "content"  # 354 was sent, and the mail begins to come
    DOT = "dot"  # the whole mail came, with its final dot; the answer was not sent
    RSET = "rset"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Say:
    """To say instead of the usual. `cut` closes the line without a word, `silent` keeps it open."""

    reply: str = ""
    cut: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """A whole mail. Unix times to compare with a database; monotonic ones compare within this machine."""

    sender: str
    recipient: str
    content: bytes  # as the sender wrote it: the dots are unstuffed
    began_at: float  # when DATA came
    ended_at: float  # when the final dot came
    began_monotonic: float
    ended_monotonic: float

    @property
    def message_id(self) -> str:
        for line in self.content.partition(b"\r\n\r\n")[0].split(b"\r\n"):
            if line.lower().startswith(b"message-id:"):
                return line.partition(b":")[2].strip().decode()
        return ""


Advise = Callable[[Stage, str], Say | None]  # the argument is the command's line, or the recipient from DATA on
Arrived = Callable[[Arrival], None]

USUAL = {
    Stage.GREETING: "220 peer.test ESMTP",
    Stage.EHLO: "250-peer.test\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES",
    Stage.MAIL: "250 2.1.0 OK",
    Stage.RCPT: "250 2.1.5 OK",
    Stage.DATA: "354 go ahead",
    Stage.DOT: "250 2.0.0 kept",
    Stage.RSET: "250 2.0.0 forgotten",
    Stage.QUIT: "221 2.0.0 bye",
}


class LineCut(Exception):
    """We were told to cut the line, or the other side did."""


class Conversation:
    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        advise: Advise,
        arrived: Arrived,
        pause: float = 0.0,
    ) -> None:
        self._pause = pause
        self._reader = reader
        self._writer = writer
        self._advise = advise
        self._arrived = arrived
        self._sender = ""
        self._recipient = ""

    async def hold(self) -> None:
        """Until either side ends it."""
        try:
            await self._answer(Stage.GREETING, "")
            while await self._command():
                pass
        except (LineCut, ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writer.close()

    async def _command(self) -> bool:
        line = (await self._reader.readuntil(b"\r\n")).decode().rstrip("\r\n")
        match line[:4].upper():
            case "EHLO" | "HELO":
                await self._answer(Stage.EHLO, line)
            case "MAIL":
                self._sender = _address_in(line)
                await self._answer(Stage.MAIL, line)
            case "RCPT":
                self._recipient = _address_in(line)
                await self._answer(Stage.RCPT, line)
            case "DATA":
                await self._data()
            case "RSET":
                await self._answer(Stage.RSET, line)
            case "NOOP":
                self._writer.write(b"250 2.0.0 still here\r\n")
            case "QUIT":
                await self._answer(Stage.QUIT, line)
                return False
            case _:
                self._writer.write(b"502 5.5.1 not spoken here\r\n")
        return True

    async def _data(self) -> None:
        began_at, began_monotonic = time.time(), time.monotonic()
        if not await self._answer(Stage.DATA, self._recipient):
            return
        began = await self._reader.readexactly(1)
        self._heed(self._advise(Stage.CONTENT, self._recipient))
        stuffed = began + await self._reader.readuntil(b"\r\n.\r\n")
        arrival = Arrival(
            sender=self._sender,
            recipient=self._recipient,
            content=stuffed[:-3].replace(b"\r\n..", b"\r\n."),
            began_at=began_at,
            ended_at=time.time(),
            began_monotonic=began_monotonic,
            ended_monotonic=time.monotonic(),
        )
        say = self._advise(Stage.DOT, self._recipient)
        if say is None or not say.reply:  # kept, even if the sender will never hear of it
            self._arrived(arrival)
        if self._pause:
            await asyncio.sleep(self._pause)
        await self._utter(say, USUAL[Stage.DOT])

    async def _answer(self, stage: Stage, argument: str) -> bool:
        """True: the usual was said."""
        say = self._advise(stage, argument)
        await self._utter(say, USUAL[stage])
        return say is None

    async def _utter(self, say: Say | None, usual: str) -> None:
        self._heed(say)
        if say is not None and say.silent:
            await self._reader.read()  # until the other side gives up
            raise LineCut
        self._writer.write((say.reply if say is not None else usual).encode() + b"\r\n")

    def _heed(self, say: Say | None) -> None:
        if say is not None and say.cut:
            raise LineCut


def _address_in(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]


class SmtpPeer:
    """A server on a free port of 127.0.0.1, in the event loop that it is started in."""

    def __init__(
        self,
        advise: Advise = lambda stage, argument: None,
        port: int = 0,
        *,
        arrived: Arrived | None = None,
        pause: float = 0.0,
    ) -> None:
        """`arrived`: called with each mail instead of keeping it. `pause`: seconds before a mail is answered for."""
        self.arrivals: list[Arrival] = []
        self.connections = 0
        self.open_now = 0
        self.open_at_most = 0
        self.port = port
        self._advise = advise
        self._arrived = arrived or self.arrivals.append
        self._pause = pause
        self._server: asyncio.Server | None = None
        self._conversations: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "SmtpPeer":
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", self.port, limit=LONGEST_MAIL, backlog=1000)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        await self.hang_up()

    async def hang_up(self) -> None:
        """Cuts every line that is open, as a restarting server does."""
        for task in self._conversations:
            task.cancel()
        await asyncio.gather(*self._conversations, return_exceptions=True)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._conversations.add(task)
        self.connections += 1
        self.open_now += 1
        self.open_at_most = max(self.open_at_most, self.open_now)
        try:
            await Conversation(reader, writer, self._advise, self._arrived, self._pause).hold()
        finally:
            self.open_now -= 1
            self._conversations.discard(task)
