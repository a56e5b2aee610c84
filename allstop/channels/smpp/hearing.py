"""What an SMSC delivers to us: receipts, and what people write. It hears that we have it only when it is stored.

An SMSC that grows impatient delivers the same again: while the first is being stored, the second waits for it.
"""

import asyncio
import logging
from dataclasses import dataclass, field

from allstop.channels.adapter import Clock, EventSink, Inbound, Receipt
from allstop.channels.smpp.alphabet import from_gsm
from allstop.channels.smpp.config import SmppConfig
from allstop.channels.smpp.link import Link
from allstop.channels.smpp.outcomes import is_receipt, read_receipt
from allstop.channels.smpp.pdu import Delivered, Malformed, Pdu, Tag, read_delivered
from allstop.channels.smpp.writing import INTERNATIONAL, UDH_INDICATOR
from allstop.rules.words import Channel

LATER = 0x64  # the SMSC shall deliver it again
UNREADABLE = 0x65  # it shall not
SHORTEST_NUMBER = 8  # digits; fewer are a short code, which has no country
PARTS_WAIT = 60.0  # seconds for the other parts of what somebody wrote at length

log = logging.getLogger(__name__)

Whole = tuple[str, str]  # text and an id that is the same when it comes again


@dataclass(slots=True)
class _Long:
    total: int
    parts: dict[int, str] = field(default_factory=dict)
    until: float = 0.0

    def text(self) -> str:
        return "".join(self.parts[number] for number in sorted(self.parts))


class Hearing:
    def __init__(self, name: str, prefix: str, config: SmppConfig, now: Clock, sink: EventSink) -> None:
        self._name = name
        self._prefix = prefix
        self._config = config
        self._now = now
        self._sink = sink
        self._under_way: dict[bytes, asyncio.Task[int]] = {}
        self._answers: set[asyncio.Task[None]] = set()
        self._long: dict[tuple[str, str, int], _Long] = {}

    def hear(self, link: Link, one: Pdu) -> None:
        storing = self._under_way.get(one.body)
        if storing is None:
            storing = asyncio.create_task(self._store(one))
            self._under_way[one.body] = storing
            storing.add_done_callback(lambda _: self._under_way.pop(one.body, None))
        answer = asyncio.create_task(_answer(link, one, storing))
        self._answers.add(answer)
        answer.add_done_callback(self._answers.discard)

    async def finish(self) -> None:
        """What has begun to be stored is stored, and its SMSC hears of it."""
        if self._answers:
            await asyncio.wait(self._answers, timeout=5)
        for task in (*self._answers, *self._under_way.values()):
            task.cancel()
        for key in list(self._long):
            del self._long[key]

    async def _store(self, one: Pdu) -> int:
        """The status that the SMSC is answered with."""
        try:
            delivered = read_delivered(one.body)
        except Malformed as nonsense:
            log.error("%s delivered %s", self._config.host, nonsense)
            return UNREADABLE
        try:
            if is_receipt(delivered):
                await self._receipt(delivered)
            else:
                await self._reply(delivered, one.number)
        except Exception:  # the boundary around one delivery: it comes again, the others go on
            log.exception("a delivery of %s could not be stored", self._config.host)
            return LATER
        return 0

    async def _receipt(self, delivered: Delivered) -> None:
        said = read_receipt(delivered, self._config.receipt_ids)
        if said is None:
            log.warning("%s sent a receipt that says nothing: %r", self._config.host, delivered.text[:200])
            return
        ref = self._prefix + said.message_id
        await self._sink.emit(Receipt(adapter=self._name, ref=ref, state=said.state, code=said.code, at=self._now()))

    async def _reply(self, delivered: Delivered, number: int) -> None:
        text = self._whole(delivered)
        if text is None:
            return
        at = self._now()
        await self._sink.emit(
            Inbound(
                adapter=self._name,
                provider_id=f"{self._prefix}{at.isoformat()}:{number}",
                channel=Channel.TEXT,
                sender=number_of(delivered.source, delivered.source_ton),
                to=number_of(delivered.destination, 0),
                text=text,
                at=at,
            )
        )

    def _whole(self, delivered: Delivered) -> str | None:
        """None: more of it is to come. What never becomes whole within a minute is joined to nothing."""
        place, octets = _place(delivered)
        text = _text(octets, delivered.data_coding)
        if place is None:
            return text
        reference, total, number = place
        clock = asyncio.get_running_loop().time()
        self._long = {key: long for key, long in self._long.items() if long.until > clock}
        key = (delivered.source, delivered.destination, reference)
        long = self._long.setdefault(key, _Long(total))
        long.parts[number] = text
        long.until = clock + PARTS_WAIT
        if len(long.parts) < long.total:
            return None
        del self._long[key]
        return long.text()


async def _answer(link: Link, one: Pdu, storing: asyncio.Task[int]) -> None:
    link.respond(one, await asyncio.shield(storing))


def number_of(address: str, ton: int) -> str:
    """In the form in which Allstop keeps numbers. SMSCs leave out the plus, and many the type too."""
    digits = address.removeprefix("+")
    if not digits.isdigit():
        return address
    is_international = ton == INTERNATIONAL or address.startswith("+") or len(digits) >= SHORTEST_NUMBER
    return f"+{digits}" if is_international else digits


def _place(delivered: Delivered) -> tuple[tuple[int, int, int] | None, bytes]:
    """Reference, how many parts, which one; and the text without its header."""
    tags, octets = delivered.tags, delivered.text
    if Tag.SAR_MSG_REF_NUM in tags and Tag.SAR_TOTAL_SEGMENTS in tags and Tag.SAR_SEGMENT_SEQNUM in tags:
        total, number = tags[Tag.SAR_TOTAL_SEGMENTS][0], tags[Tag.SAR_SEGMENT_SEQNUM][0]
        return (int.from_bytes(tags[Tag.SAR_MSG_REF_NUM], "big"), total, number), octets
    if not delivered.esm_class & UDH_INDICATOR or not octets:
        return None, octets
    length = octets[0]
    header, rest = octets[1 : 1 + length], octets[1 + length :]
    while len(header) >= 2 and len(header) >= 2 + header[1]:
        kind, value, header = header[0], header[2 : 2 + header[1]], header[2 + header[1] :]
        if kind == 0x00 and len(value) == 3:
            return (value[0], value[1], value[2]), rest
        if kind == 0x08 and len(value) == 4:
            return (int.from_bytes(value[:2], "big"), value[2], value[3]), rest
    return None, rest


def _text(octets: bytes, data_coding: int) -> str:
    match data_coding:
        case 3:
            return octets.decode("latin-1")
        case 8:
            return octets.decode("utf-16-be", "replace")
        case _:
            return from_gsm(octets)
