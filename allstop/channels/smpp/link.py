"""One bound connection to an SMSC: the window, the answers, and the line of texts that wait for room in it.

    a text ─► the line ─► room in the window ─► may it leave? ═╪═ written ─► answer
    ◄──── the link breaks here: not taken, safe to try again ───►│◄── here: unknown ──►

The line is served by one loop without a pause between the last look and the write, so nothing can come between them.
A text of several parts is looked at once: after its first part the others follow, since half a text helps nobody.
"""

import asyncio
import logging
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple, Self, cast

from allstop.channels.adapter import LastLook, SendResult
from allstop.channels.smpp.config import Encryption, SmppConfig
from allstop.channels.smpp.outcomes import TOO_FAST, code_of, lost_before, words_of
from allstop.channels.smpp.pdu import (
    HEADER,
    MOST_NUMBERS,
    RESPONSE,
    Command,
    Malformed,
    Pdu,
    Reader,
    bind_body,
    joined,
    pdu,
    read_message_id,
)

PAUSE_WHEN_TOO_FAST = 1.0  # seconds in which nothing is written after the SMSC asked for a slower pace
GOODBYE = 2.0  # seconds for the SMSC to answer unbind
NO_SUCH_COMMAND = 0x03

log = logging.getLogger(__name__)


class NoLink(Exception):
    """There is no way to the SMSC. Nothing was handed over."""

    def __init__(self, code: str, words: str, *, refused: bool = False) -> None:
        self.code = code
        self.refused = refused  # by the SMSC itself: trying again soon would not help, and may lock the log-in
        super().__init__(words)


class Answer(NamedTuple):
    """To one submit. The status None: none came."""

    status: int | None
    message_id: str = ""


LOST = Answer(None)


@dataclass(eq=False, slots=True)
class Batch:
    """The parts of one text, in the line."""

    bodies: Sequence[bytes]
    look: LastLook | None  # None: its first part has left long ago
    done: asyncio.Future[SendResult | list[Answer]]
    written: int = 0
    open: int = 0  # parts without an answer yet
    answers: list[Answer] = field(default_factory=list)

    def settle(self, part: int, answer: Answer) -> None:
        self.answers[part] = answer
        self.open -= 1
        if not self.open and self.written == len(self.bodies):
            self.end(self.answers)

    def end(self, result: SendResult | list[Answer]) -> None:
        if not self.done.done():
            self.done.set_result(result)


Hear = Callable[["Link", Pdu], None]


class Link(asyncio.Protocol):
    def __init__(self, config: SmppConfig, hear: Hear) -> None:
        self._config = config
        self._hear = hear
        self._loop = asyncio.get_running_loop()
        self._reader = Reader()
        self._transport: asyncio.Transport | None = None
        self._number = 0
        self._line: deque[Batch] = deque()
        self._submits: dict[int, tuple[float, Batch, int]] = {}  # until when, whose, which part; the oldest first
        self._requests: dict[int, asyncio.Future[Pdu]] = {}
        self._serving: asyncio.Handle | None = None  # the next look at the line
        self._not_before = 0.0
        self._heard_at = self._loop.time()
        self._watching: asyncio.Task[None] | None = None
        self.ended: asyncio.Future[str] = self._loop.create_future()  # why, for people

    @classmethod
    async def open(cls, config: SmppConfig, hear: Hear) -> Self:
        """Connected and logged in. Raises NoLink."""
        loop = asyncio.get_running_loop()
        link: Self | None = None
        try:
            async with asyncio.timeout(config.timeout_seconds):
                tls = await asyncio.to_thread(_tls, config)
                _, link = await loop.create_connection(lambda: cls(config, hear), config.host, config.port, ssl=tls)
                answer = await link.request(
                    Command.BIND_TRANSCEIVER, bind_body(config.system_id, config.password, config.system_type)
                )
        except TimeoutError as late:
            _abandon(link)
            words = f"{config.host} did not answer within {config.timeout_seconds:g} seconds"
            raise NoLink("allstop:no_link", words) from late
        except ssl.SSLError as fault:
            raise NoLink("allstop:no_tls", f"no trusted TLS with {config.host}: {fault}") from fault
        except (OSError, NoLink) as fault:
            _abandon(link)
            words = f"{config.host} closed the line at the log-in"
            if isinstance(fault, OSError):
                words = (fault.strerror or str(fault)).lower()  # without the number, which helps nobody at a desk
            raise NoLink("allstop:no_link", words) from fault
        except BaseException:
            _abandon(link)
            raise
        if answer.status:
            _abandon(link)
            raise NoLink(code_of(answer.status), words_of(answer.status), refused=True)
        link._watching = asyncio.create_task(link._watch())
        return link

    @property
    def load(self) -> int:
        return len(self._submits) + len(self._line)

    async def submit(self, bodies: Sequence[bytes], look: LastLook | None) -> SendResult | list[Answer]:
        """A SendResult: it did not leave. Else an answer for each part."""
        done: asyncio.Future[SendResult | list[Answer]] = self._loop.create_future()
        if self.ended.done():
            return lost_before(self.ended.result())
        self._line.append(Batch(bodies, look, done, answers=[LOST] * len(bodies)))
        self._serve_soon()
        return await done

    async def request(self, command: Command, body: bytes = b"") -> Pdu:
        """Anything but a submit. Raises NoLink when the link breaks meanwhile."""
        if self.ended.done():
            raise NoLink("allstop:no_link", self.ended.result())
        number = self._next_number()
        answer: asyncio.Future[Pdu] = self._loop.create_future()
        self._requests[number] = answer
        try:
            self._write(pdu(command, number, body))
            return await answer
        finally:
            self._requests.pop(number, None)

    def respond(self, to: Pdu, status: int = 0) -> None:
        if not self.ended.done():
            body = b"\0" if to.command == Command.DELIVER_SM and not status else b""
            self._write(pdu(to.command | RESPONSE, to.number, body, status))

    async def close(self) -> None:
        if not self.ended.done():
            with suppress(TimeoutError, NoLink):
                async with asyncio.timeout(GOODBYE):
                    await self.request(Command.UNBIND)
        self.abort("it was closed")

    def abort(self, why: str) -> None:
        self._end(why)
        if self._transport is not None:
            self._transport.abort()

    # --- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(f"the line to {self._config.host} broke" + (f": {exc}" if exc else ""))

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        try:
            for one in self._reader.feed(data):
                self._take(one)
        except Malformed as nonsense:
            log.error("%s sent %s: the link is given up", self._config.host, nonsense)
            self.abort(f"{self._config.host} sent {nonsense}")

    # --- what comes in

    def _take(self, one: Pdu) -> None:
        if one.command & RESPONSE:
            waiting = self._submits.pop(one.number, None)
            if waiting is not None:
                _, batch, part = waiting
                is_answer = one.command == Command.SUBMIT_SM | RESPONSE
                status = one.status if is_answer else one.status or NO_SUCH_COMMAND  # a generic_nack took nothing
                if status in TOO_FAST:
                    self._not_before = self._loop.time() + PAUSE_WHEN_TOO_FAST
                batch.settle(part, Answer(status, "" if status else read_message_id(one.body)))
                if self._line:
                    self._serve_soon()
            elif (asked := self._requests.get(one.number)) is not None and not asked.done():
                asked.set_result(one)
        elif one.command == Command.ENQUIRE_LINK:
            self.respond(one)
        elif one.command == Command.UNBIND:
            self.respond(one)
            self.abort(f"{self._config.host} has ended the log-in")
        elif one.command == Command.DELIVER_SM:
            self._hear(self, one)
        else:
            self._write(pdu(Command.GENERIC_NACK, one.number, status=NO_SUCH_COMMAND))

    # --- what goes out

    def _serve_soon(self, after: float = 0.0) -> None:
        """Whatever came in one turn of the loop is written together."""
        if self._serving is None:
            self._serving = self._loop.call_later(after, self._serve) if after else self._loop.call_soon(self._serve)

    def _serve(self) -> None:
        self._serving = None
        now = self._loop.time()
        out: list[bytes] = []
        while self._line and len(self._submits) < self._config.window:
            if self._not_before > now:
                self._serve_soon(self._not_before - now)
                break
            batch = self._line[0]
            if not batch.written and not self._may_begin(batch):
                self._line.popleft()
                continue
            number = self._next_number()
            body = batch.bodies[batch.written]
            out.append(HEADER.pack(16 + len(body), Command.SUBMIT_SM, 0, number) + body)
            self._submits[number] = (now + self._config.answer_seconds, batch, batch.written)
            batch.written += 1
            batch.open += 1
            if batch.written == len(batch.bodies):
                self._line.popleft()
            if self._config.max_per_second:
                self._not_before = max(self._not_before, now - 1) + 1 / self._config.max_per_second
        if out:
            self._write(joined(out))

    def _may_begin(self, batch: Batch) -> bool:
        if batch.done.done():  # whoever waited for it is gone
            return False
        if batch.look is None:
            return True
        try:
            withdrawn = batch.look()
        except Exception as fault:  # its own send fails with it, and no other
            batch.done.set_exception(fault)
            return False
        if withdrawn is not None:
            batch.end(withdrawn)
        return withdrawn is None

    def _next_number(self) -> int:
        self._number = self._number % MOST_NUMBERS + 1
        return self._number

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    # --- time, and the end

    async def _watch(self) -> None:
        """Gives up answers that are late, and a link that is silent."""
        config = self._config
        while True:
            await asyncio.sleep(min(config.answer_seconds, config.enquire_seconds) / 10)
            self._give_up_late()
            if self._loop.time() - self._heard_at > config.enquire_seconds:
                try:
                    async with asyncio.timeout(config.timeout_seconds):
                        await self.request(Command.ENQUIRE_LINK)
                except TimeoutError:
                    self.abort(f"{config.host} has fallen silent")
                except NoLink:
                    return

    def _give_up_late(self) -> None:
        now = self._loop.time()
        while self._submits:
            number = next(iter(self._submits))
            until, batch, part = self._submits[number]
            if until > now:
                return
            del self._submits[number]
            batch.settle(part, LOST)
            self._serve_soon()

    def _end(self, why: str) -> None:
        if self.ended.done():
            return
        self.ended.set_result(why)
        if self._serving is not None:
            self._serving.cancel()
        if self._watching is not None and self._watching is not asyncio.current_task():
            self._watching.cancel()
        line, self._line = self._line, deque()
        submits, self._submits = self._submits, {}
        for batch in line:
            if batch.written:  # the parts that are left were never written, and are told as such by their absence
                batch.written = len(batch.bodies)
                if not batch.open:
                    batch.end(batch.answers)
            else:
                batch.end(lost_before(why))
        for _, batch, part in submits.values():
            batch.settle(part, LOST)
        for request in self._requests.values():
            if not request.done():
                request.set_exception(NoLink("allstop:no_link", why))


def _tls(config: SmppConfig) -> ssl.SSLContext | None:
    if config.encryption is Encryption.NONE:
        return None
    return ssl.create_default_context(cafile=config.ca_file or None)


def _abandon(link: Link | None) -> None:
    if link is not None:
        link.abort("the log-in did not succeed")
