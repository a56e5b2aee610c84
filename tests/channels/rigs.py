"""What an adapter is plugged into while it is tested: a log of events, an outbox, recipients with troubles."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Protocol

from allstop.bench.smtp_conversation import Say, Stage
from allstop.channels.adapter import Adapter, CallEvent, Event, Inbound, LinkDown, LinkUp, Outbound, Receipt
from allstop.rules.words import Channel

PATIENCE = 10.0  # seconds; only a broken adapter needs them


def wall_clock() -> datetime:
    return datetime.now(UTC)


class Trouble(Enum):
    NONE = auto()
    REFUSED_FOR_GOOD = auto()
    REFUSED_FOR_NOW = auto()  # the first attempt; the second is accepted
    LOST_BEFORE = auto()  # likewise
    LOST_AFTER = auto()
    RECEIPT_TWICE = auto()  # and late


class Rig(Protocol):
    """An adapter that was started, and the far end of its wire."""

    adapter: Adapter
    sink: "EventLog"

    def outbound(self, trouble: Trouble, number: int, attempt: int = 1) -> Outbound: ...

    def unsupported(self) -> Outbound:
        """A message that this adapter cannot carry."""
        ...

    def arrived(self) -> Counter[str]:
        """How often the far end holds each message_ref."""
        ...


class EventLog:
    """Keeps events as the store does: one of an identity once, in `kept`; all that came, in `came`."""

    def __init__(self) -> None:
        self.came: list[Event] = []
        self.kept: dict[tuple[str, ...], Event] = {}
        self._changed = asyncio.Condition()

    async def emit(self, event: Event) -> None:
        async with self._changed:
            self.came.append(event)
            self.kept.setdefault(_identity(event), event)
            self._changed.notify_all()

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(is_so)

    def receipts(self, ref: str) -> list[Receipt]:
        return [event for event in self.came if isinstance(event, Receipt) and event.ref == ref]


def _identity(event: Event) -> tuple[str, ...]:
    match event:
        case Receipt():
            return ("receipt", event.adapter, event.ref, event.state)
        case CallEvent():
            return ("call", event.adapter, event.ref, event.kind, event.data)
        case Inbound():
            return ("inbound", event.adapter, event.provider_id)
        case LinkUp() | LinkDown():
            return (type(event).__name__, event.adapter, event.at.isoformat())


class MemoryOutbox:
    """The sandbox's far end, for tests: keyed as OutboxPort demands."""

    def __init__(self) -> None:
        self.items: dict[str, Outbound] = {}  # by ref

    async def deliver(self, outbound: Outbound) -> str:
        await asyncio.sleep(0)  # a database would let others run here
        ref = f"outbox-{outbound.account_id}-{outbound.idempotency_key}"
        self.items.setdefault(ref, outbound)
        return ref

    async def find(self, ref_or_key: str) -> str | None:
        for ref, outbound in self.items.items():
            if ref_or_key in (ref, outbound.idempotency_key):
                return ref
        return None


def an_email(to: str, number: int = 1, attempt: int = 1) -> Outbound:
    return Outbound(
        account_id=1,
        message_id=number,
        attempt=attempt,
        channel=Channel.EMAIL,
        to=to,
        sender="desk@northgate.example",
        sender_name="Northgate Dental",
        subject="Your appointment",
        body="Dear Ada,\nplease come on Monday.\n",
        headers={"List-Unsubscribe": "<https://northgate.example/u/1>"},
        idempotency_key=f"message-{number}",
        message_ref=f"<{number}.1@northgate.example>",
    )


def a_phone_message(channel: Channel, to: str, number: int = 1, attempt: int = 1) -> Outbound:
    return Outbound(
        account_id=1,
        message_id=number,
        attempt=attempt,
        channel=channel,
        to=to,
        sender="+12125550100",
        body="Please come on Monday.",
        idempotency_key=f"message-{number}",
        message_ref=f"message-{number}",
    )


class TroublesomeServer:
    """Advises an SMTP peer to treat recipients by their name; see `troubles`."""

    def __init__(self) -> None:
        self._first_time_over: set[str] = set()

    def advise(self, stage: Stage, argument: str) -> Say | None:
        if stage is Stage.RCPT:
            return self._at_rcpt(argument)
        if stage is Stage.DATA and argument.startswith("lost") and self._is_first_time(argument):
            return Say(cut=True)
        if stage is Stage.DOT and argument.startswith("unknown"):
            return Say(cut=True)
        return None

    def _at_rcpt(self, line: str) -> Say | None:
        if "<bounce" in line:
            return Say("550 5.1.1 no such mailbox")
        if "<later" in line and self._is_first_time(line):
            return Say("451 4.7.1 greylisted, come back later")
        return None

    def _is_first_time(self, what: str) -> bool:
        is_first = what not in self._first_time_over
        self._first_time_over.add(what)
        return is_first
