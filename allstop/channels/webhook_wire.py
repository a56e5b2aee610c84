"""POSTs by HTTP/1.1 over connections that are kept: the part of a webhook's delivery that costs most, done for little.

aiohttp's client took three times the processor for the same POST (docs/notes/0020-webhook-wire.md), and what a delivery
takes is taken from the dispatch. So the writing and the keeping are here; httptools reads the answers.

One request at a time on a connection: what stands behind a POST that got lost could not be told from one that was
taken. No redirects, no cookies, no proxies. An answer is its status and first bytes; whoever says more is hung up on.
"""

import asyncio
import ssl
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import httptools
from aiohttp.abc import AbstractResolver
from yarl import URL

from allstop.channels.guard import check_literal, is_public, refuse

IDLE = 10.0  # seconds that a connection without work is kept: most servers close theirs after 15 or more
LOOKED_UP = 10.0  # seconds that the addresses of a name are used
LONGEST_HEAD = 64 * 1024
SECURE = "https"


class NoAnswer(OSError):
    """It hung up, or what it said is no HTTP."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address leads, and how a request to it begins."""

    scheme: str
    host: str
    port: int
    begin: bytes  # request line and Host


@lru_cache(maxsize=1024)
def place_of(url: str) -> Place:
    """Raises ValueError where it is none."""
    said = URL(url)
    if said.scheme not in ("http", "https") or not said.raw_host or not said.port:
        raise ValueError("That is no address of a web page.")
    host = f"[{said.raw_host}]" if ":" in said.raw_host else said.raw_host
    port = "" if said.is_default_port() else f":{said.port}"
    begin = f"POST {said.raw_path_qs} HTTP/1.1\r\nhost: {host}{port}\r\n"
    return Place(said.scheme, said.raw_host, said.port, begin.encode("ascii"))


class Connection(asyncio.Protocol):
    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._out_of_time: asyncio.TimerHandle | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._code = 0
        self._said = b""
        self._head = 0  # bytes of headers that have not come to their end
        self.has_begun = False  # the answer
        self.is_open = True
        self.idle_since = 0.0

    def ask(self, request: bytes, until: float) -> "asyncio.Future[tuple[int, bytes]]":
        """Its status and first bytes. Raises NoAnswer, and TimeoutError at `until`."""
        self._code, self._said, self._head, self.has_begun = 0, b"", 0, False
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        self._out_of_time = loop.call_at(until, self._break, TimeoutError())  # asyncio.timeout costs four times as much
        self._transport.write(request)
        return self._answer

    def address(self) -> str:
        return str(self._transport.get_extra_info("peername")[0])

    def is_asked(self) -> bool:
        """And has not answered to the end."""
        return self._answer is not None

    def close(self) -> None:
        self.is_open = False
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own is none by its class

    def data_received(self, data: bytes) -> None:
        if not self.is_asked():
            return self.close()  # it says something that nobody asked for
        self.has_begun = True
        if not self._code:
            self._head += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._end(keep=False)
        except httptools.HttpParserError:
            self._break(NoAnswer("What it answered is no HTTP."))
        if self._head > LONGEST_HEAD:
            self._break(NoAnswer("What it answered has no end."))
        if self.is_asked() and len(self._said) >= self._longest:
            self._end(keep=False)  # it has more to say, perhaps without end
        return None

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if self._code >= 200:
            self._end(keep=False)  # an answer may end so, and one that broke off has said its status
        else:
            self._break(NoAnswer(str(exc) if exc else "It hung up without an answer."))

    def on_headers_complete(self) -> None:
        self._code, self._head = self._parser.get_status_code(), 0

    def on_body(self, part: bytes) -> None:
        self._said += part[: self._longest - len(self._said)]

    def on_message_complete(self) -> None:
        if self._code < 200 and self._code != 101:
            self._code = 0  # "processing": the answer comes behind it
        else:
            self._end(keep=self._parser.should_keep_alive())

    def _end(self, *, keep: bool) -> None:
        answer = self._over(keep=keep)
        if answer is not None:
            answer.set_result((self._code, self._said))

    def _break(self, why: OSError) -> None:
        answer = self._over(keep=False)
        if answer is not None:
            answer.set_exception(why)

    def _over(self, *, keep: bool) -> "asyncio.Future[tuple[int, bytes]] | None":
        """Whoever still waits for the answer."""
        answer, self._answer = self._answer, None
        if self._out_of_time is not None:
            self._out_of_time.cancel()
        if not keep and self.is_open:
            self.close()
        return None if answer is None or answer.done() else answer


class Wire:
    """Connections that POSTs share. `public_only`: none to an address of the own network, whatever a name says."""

    def __init__(self, resolver: AbstractResolver, *, public_only: bool, longest: int) -> None:
        self._resolver = resolver
        self._public_only = public_only
        self._longest = longest
        self._secure: ssl.SSLContext | None = None
        self._idle: defaultdict[tuple[str, str, int], list[Connection]] = defaultdict(list)
        self._known: dict[tuple[str, int], tuple[float, list[str]]] = {}
        self._sweeping: asyncio.TimerHandle | None = None

    async def post(self, place: Place, head: bytes, body: bytes, seconds: float) -> tuple[int, bytes]:
        """`head`: lines of further headers; `seconds`: for all of it. Raises OSError: no answer (TimeoutError: in
        time), no connection, or PrivateAddress."""
        until = asyncio.get_running_loop().time() + seconds
        request = b"%b%bcontent-length: %d\r\n\r\n%b" % (place.begin, head, len(body), body)
        connection = self._kept(place)
        if connection is not None:
            try:
                return await self._ask(connection, place, request, until)
            except NoAnswer:
                if connection.has_begun:
                    raise
            # It hung up while we wrote: such a connection was idle for too long. Whoever got it nevertheless knows
            # it by the webhook-id.
        async with asyncio.timeout_at(until):
            connection = await self._connect(place)
        return await self._ask(connection, place, request, until)

    async def _ask(self, connection: Connection, place: Place, request: bytes, until: float) -> tuple[int, bytes]:
        try:
            answer = await connection.ask(request, until)
        except BaseException:  # also out of time, or cancelled: what comes later is nobody's answer
            connection.close()
            raise
        if connection.is_open:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle[_key(place)].append(connection)
            self._sweep_later()
        return answer

    def _kept(self, place: Place) -> Connection | None:
        idle = self._idle.get(_key(place))
        while idle:
            connection = idle.pop()
            if connection.is_open:
                return connection
        return None

    async def _connect(self, place: Place) -> Connection:
        fault: OSError | None = None
        for address in await self._addresses(place):
            try:
                return await self._connect_to(address, place)
            except OSError as refused:
                fault = refused
        raise fault or NoAnswer(f"No address is known of {place.host}.")

    async def _connect_to(self, address: str, place: Place) -> Connection:
        loop = asyncio.get_running_loop()
        secure = self._context() if place.scheme == SECURE else None
        _, connection = await loop.create_connection(
            lambda: Connection(self._longest),
            address,
            place.port,
            ssl=secure,
            server_hostname=place.host if secure else None,
        )
        if self._public_only and not is_public(connection.address()):
            connection.close()
            refuse(connection.address())
        return connection

    async def _addresses(self, place: Place) -> Sequence[str]:
        if self._public_only:
            check_literal(place.host)
        now, name = asyncio.get_running_loop().time(), (place.host, place.port)
        until, known = self._known.get(name, (0.0, []))
        if until <= now:
            found = await self._resolver.resolve(*name)
            known = [one["host"] for one in found]
            self._known[name] = now + LOOKED_UP, known
        return known

    def _context(self) -> ssl.SSLContext:
        if self._secure is None:
            self._secure = ssl.create_default_context()
        return self._secure

    def _sweep_later(self) -> None:
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(IDLE / 2, self._sweep)

    def _sweep(self) -> None:
        self._sweeping = None
        old = asyncio.get_running_loop().time() - IDLE
        for key, idle in list(self._idle.items()):
            for connection in idle:
                if connection.idle_since <= old:
                    connection.close()
            idle[:] = [connection for connection in idle if connection.is_open]
            if not idle:
                del self._idle[key]
        if self._idle:
            self._sweep_later()

    async def close(self) -> None:
        if self._sweeping is not None:
            self._sweeping.cancel()
        for idle in self._idle.values():
            for connection in idle:
                connection.close()
        self._idle.clear()
        await self._resolver.close()


def _key(place: Place) -> tuple[str, str, int]:
    return place.scheme, place.host, place.port
