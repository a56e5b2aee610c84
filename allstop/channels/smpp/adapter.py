"""The SMPP adapter: carries texts to one SMSC, over links that stay up and come back by themselves.

| a link | so |
|---|---|
| cannot be opened, or breaks | tried again after 1, 2, 4 ... 60 seconds; 30 at least when the SMSC refused the log-in |
| is down | texts are refused for now, none is taken for sent |
| breaks with submits under way | those are unknown; what still waited for room in the window was not taken |

A text in parts is accepted when all its parts are. Where some were taken and some not, those are tried again a few
times; a text of which only a part has left is unknown, since nobody may send the whole of it again without a thought.
"""

import asyncio
import logging
import random
from collections.abc import Sequence
from datetime import timedelta
from zlib import crc32

from allstop.channels.adapter import (
    Capabilities,
    Checked,
    Clock,
    EventSink,
    LastLook,
    MayLeave,
    Outbound,
    SendResult,
    SendState,
    Sleep,
    Status,
    Unsupported,
    nobody_objects,
    refuse_unsupported,
)
from allstop.channels.link_news import LinkNews
from allstop.channels.smpp.config import SmppConfig
from allstop.channels.smpp.hearing import Hearing
from allstop.channels.smpp.link import Answer, Link, NoLink
from allstop.channels.smpp.outcomes import (
    FOR_GOOD,
    STATES,
    WORD_OF_STATE,
    as_kept,
    no_link,
    refused,
    unknown,
    words_of,
)
from allstop.channels.smpp.pdu import Command, Pdu, message_id_body, read_state
from allstop.channels.smpp.writing import source_of, write_submits
from allstop.channels.under_way import UnderWay
from allstop.rules.words import Channel

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between two tries to open a link
PAUSE_WHEN_REFUSED = 30.0
PARTS_AGAIN = (0.25, 0.5, 1.0, 2.0)  # seconds before parts that were not taken are tried again
CANNOT = frozenset({0x03})  # no such command

log = logging.getLogger(__name__)


class SmppAdapter:
    name = "smpp"

    def __init__(self, config: SmppConfig, now: Clock, sleep: Sleep) -> None:
        self.capabilities = Capabilities(
            channels=frozenset({Channel.TEXT}),
            max_connections=config.window * config.connections,
            receipts=config.receipts,
            inbound=True,
            can_cancel=True,
        )
        self._config = config
        self._now = now
        self._sleep = sleep
        # Ids of two SMSCs may be equal, refs must not be.
        self._prefix = f"{crc32(f'{config.host}:{config.port}:{config.system_id}'.encode()):08x}:"
        self._links: list[Link] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._first_try = asyncio.Event()  # of opening a link has ended, well or not
        self._why_not = NoLink("allstop:no_link", "no link was opened yet")
        self._news = LinkNews(self.name, now)
        self._hearing: Hearing | None = None
        self._under_way = UnderWay()
        self._senders: dict[str, None] = {}  # of this process

    async def start(self, sink: EventSink) -> None:
        """Opens its links in the background: replies come also while nothing is sent."""
        self._news.tell(sink)
        self._hearing = Hearing(self.name, self._prefix, self._config, self._now, sink)
        self._keepers = [asyncio.create_task(self._keep()) for _ in range(self._config.connections)]

    async def send(self, outbound: Outbound, may_leave: MayLeave = nobody_objects) -> SendResult:
        refuse_unsupported(self.name, self.capabilities, outbound)
        bodies = write_submits(outbound, self._config.long_texts, self._config.receipts)

        last_look = self._under_way.last_look(outbound, may_leave, self._now)
        with self._under_way.one():
            link = await self._link()
            if link is None:
                return last_look() or no_link(self._why_not.code, str(self._why_not))
            self._senders[outbound.sender] = None
            return await self._submit(link, bodies, last_look)

    async def _submit(self, link: Link, bodies: Sequence[bytes], look: LastLook) -> SendResult:
        answers = await link.submit(bodies, look)
        if isinstance(answers, SendResult):
            return answers
        if len(answers) > 1:
            await self._complete(link, bodies, answers)
        return self._judge(answers)

    async def _complete(self, link: Link, bodies: Sequence[bytes], answers: list[Answer]) -> None:
        """Once one part was taken, the others must follow: those that were refused for now are submitted again."""
        for pause in PARTS_AGAIN:
            again = [i for i, answer in enumerate(answers) if answer.status and answer.status not in FOR_GOOD]
            if not again or not any(answer.status == 0 for answer in answers):
                return
            await asyncio.sleep(pause)
            second = await link.submit([bodies[i] for i in again], None)
            if isinstance(second, SendResult):
                return
            for i, answer in zip(again, second, strict=True):
                answers[i] = answer

    def _judge(self, answers: Sequence[Answer]) -> SendResult:
        refs = tuple(
            self._prefix + as_kept(answer.message_id, self._config.receipt_ids)
            for answer in answers
            if answer.status == 0 and answer.message_id
        )
        statuses = {answer.status for answer in answers}
        if statuses == {0}:
            return SendResult(state=SendState.ACCEPTED, refs=refs, code="smpp:0x00")
        if None in statuses:
            return unknown("it was handed over, and no answer came", refs)
        if 0 in statuses:
            taken = sum(answer.status == 0 for answer in answers)
            why = next(answer.status for answer in answers if answer.status)
            words = f"{taken} of {len(answers)} parts were taken; of the rest it says: {words_of(why)}"
            return SendResult(state=SendState.UNKNOWN, refs=refs, code="allstop:in_part", text=words)
        worst = next((answer.status for answer in answers if answer.status in FOR_GOOD), answers[0].status)
        assert worst is not None
        return refused(worst)

    async def query(self, ref: str) -> Status | None:
        """By a ref. After a lost answer there is none, and an SMSC knows no name of ours."""
        answer = await self._ask(ref, Command.QUERY_SM, None)
        if answer is None:
            return None
        message_id, state, _ = read_state(answer.body)
        kept = self._prefix + as_kept(message_id, self._config.receipt_ids)
        return Status(ref=kept, state=STATES[state], code=f"smpp:{WORD_OF_STATE[state]}") if state in STATES else None

    async def cancel(self, ref: str) -> bool:
        return await self._ask(ref, Command.CANCEL_SM, b"\0\0\0") is not None

    async def _ask(self, ref: str, command: Command, destination: bytes | None) -> Pdu | None:
        """None: the SMSC does not have it. The sender must be the text's own, so those of this process are tried."""
        if not ref.startswith(self._prefix):
            raise Unsupported(f"An SMSC is asked by its own id for a text; {ref!r} is none of this one's.")
        link = await self._link()
        if link is None:
            raise self._why_not
        message_id = ref.removeprefix(self._prefix)
        for sender in [*reversed(self._senders), ""]:
            async with asyncio.timeout(self._config.timeout_seconds):
                answer = await link.request(command, message_id_body(message_id, source_of(sender), destination))
            if answer.command == Command.GENERIC_NACK or answer.status in CANNOT:
                raise Unsupported("This SMSC answers no such question.")
            if answer.status == 0:
                return answer
        return None

    async def check(self) -> Checked:
        """Whether texts could leave now, in words."""
        who = f"{self._config.system_id} at {self._config.host}"
        link = await self._link()
        try:
            if link is not None:
                async with asyncio.timeout(self._config.timeout_seconds):
                    await link.request(Command.ENQUIRE_LINK)
            else:
                await (await Link.open(self._config, lambda *_: None)).close()
        except TimeoutError:
            return Checked(is_good=False, words=f"Logged in as {who}, but the SMSC has fallen silent.")
        except NoLink as why:
            code = f" ({why.code})" if why.refused else ""
            return Checked(is_good=False, words=f"Could not log in as {who}: {why}{code}.")
        return Checked(is_good=True, words=f"Logged in as {who}. An SMSC does not tell how many texts are left.")

    async def drain(self, timeout: timedelta) -> bool:
        return await self._under_way.drain(timeout)

    async def close(self) -> None:
        await self._under_way.drain(None)
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        if self._hearing is not None:
            await self._hearing.finish()
        links, self._links = self._links, []
        await asyncio.gather(*(link.close() for link in links))

    async def _link(self) -> Link | None:
        """The one with the most room. Waits for the first try, and for no other."""
        if not self._links and not self._first_try.is_set():
            if not self._keepers:
                raise RuntimeError("The SMPP adapter was not started: it has no links.")
            await self._first_try.wait()
        if len(self._links) == 1:
            return self._links[0]
        return min(self._links, key=lambda link: link.load, default=None)

    async def _keep(self) -> None:
        """One link, for ever: opened, watched, opened again."""
        assert self._hearing is not None
        pause = SHORTEST_PAUSE
        while True:
            try:
                link = await Link.open(self._config, self._hearing.hear)
            except NoLink as why:
                self._why_not = why
                await self._tell()
                shortest = PAUSE_WHEN_REFUSED if why.refused else 0.0
                await self._sleep(max(pause, shortest) * random.uniform(0.8, 1.2))  # noqa: S311 - not all at once
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            pause = SHORTEST_PAUSE
            self._links.append(link)
            await self._tell()
            self._why_not = NoLink("allstop:no_link", await link.ended)
            self._links.remove(link)
            await self._tell()
            await self._sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311

    async def _tell(self) -> None:
        """LinkUp with the first link, LinkDown with the last: one of them for each change."""
        self._first_try.set()
        is_up, why_not = bool(self._links), f"{self._config.host}: {self._why_not}"
        if await self._news.say(is_up, why_not) and not is_up:
            log.warning("no link to the SMSC: %s", why_not)
