"""What every adapter is, whatever wire it speaks. Guards one rule: an adapter never says more than it knows.

Accepting is not delivering, and a lost answer is not a refusal. So `send` answers with one of five words:

| state | what is known | so the message |
|---|---|---|
| accepted | the provider took it and answers for it from now on | is sent |
| rejected, permanent | the provider will not take it, today or ever | failed |
| rejected, not permanent | not taken: refused for now, or the link broke before the hand-over | goes later |
| throttled | not taken, through no fault of its own: too fast, no link, no log-in | waits with its lane |
| unknown | handed over, and no answer came back: it may have left | is never repeated silently |
| withdrawn | `may_leave` said no, or `use_by` passed, just before the hand-over | was not attempted |

The hand-over is one instruction in each adapter, the first after which the provider may act. `may_leave` is
asked right before it, and perhaps earlier too. What happens later comes as events: out of order, twice, or
before `send` has returned.

| event | means |
|---|---|
| Receipt | the provider's later word about a ref: how it ended, on every channel, calls included |
| CallEvent | what happens while a call lasts: it rings, a key is pressed, the speech is over, it hangs up |
| Inbound | somebody wrote to us |
| LinkUp, LinkDown | the way to the provider works again, or does not: one of them for each change |
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar, runtime_checkable

from allstop.rules.calling import CallEventKind as CallEventKind  # noqa: PLC0414 - a word of this interface
from allstop.rules.making import made_often_by_name
from allstop.rules.words import Channel

T = TypeVar("T")
Clock = Callable[[], datetime]  # aware, UTC
Sleep = Callable[[float], Awaitable[None]]  # seconds
MayLeave = Callable[[], bool]  # the worker's last look at its lease and its stop number: no I/O, some microseconds


def nobody_objects() -> bool:
    return True


class Unsupported(Exception):
    """This adapter cannot carry this message. Nothing was handed over, and trying again will not help."""


class SendState(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    THROTTLED = "throttled"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"


class ReceiptState(StrEnum):
    SENT = "sent"  # the provider passed it on
    DELIVERED = "delivered"  # it reached the phone or the mailbox
    READ = "read"
    ANSWERED = "answered"  # somebody, or a machine, took the call
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"  # the provider gave up and does not say why
    EXPIRED = "expired"  # it could not be delivered in time
    UNDELIVERABLE = "undeliverable"  # this address takes no messages


@dataclass(frozen=True, slots=True)
class File:
    name: str
    type: str  # what the mail calls it, such as "application/pdf"
    content: bytes


@dataclass(frozen=True, eq=False)
class Files:
    """What an email takes along. Many messages share one of these: what an adapter makes of it, it may keep as long."""

    all: tuple[File, ...]

    @property
    def size(self) -> int:
        return sum(len(one.content) for one in self.all)


@made_often_by_name
class Outbound:
    account_id: int
    message_id: int
    attempt: int  # 1 is the first
    channel: Channel
    to: str  # E.164, or an email address
    sender: str
    sender_name: str = ""  # emails only
    subject: str = ""  # emails only
    body: str  # a call speaks it
    headers: Mapping[str, str] = field(default_factory=dict)  # emails only
    files: Files | None = None  # emails only
    language: str = ""  # calls only: the contact's, BCP 47; "" where it is not known
    thanks: Mapping[str, str] = field(default_factory=dict)  # calls only: a key -> what is said to it
    use_by: datetime | None = None  # not handed over from this time on
    idempotency_key: str  # the same for every attempt at the message
    message_ref: str  # our own name for it, which replies and bounces repeat: the Message-ID of an email

    def __post_init__(self) -> None:
        if self.attempt < 1:
            raise ValueError(f"Attempts are counted from 1, not {self.attempt}.")
        if not self.idempotency_key:
            raise ValueError("A message needs an idempotency key.")


@made_often_by_name
class SendResult:
    state: SendState
    refs: tuple[str, ...] = ()  # the provider's names for it, one for each part; receipts carry them
    permanent: bool = False
    code: str = ""  # raw, such as "smtp:550 5.1.1"; "allstop:..." where no provider said it
    text: str = ""  # the provider's words on one line
    retry_after: timedelta | None = None  # the provider's wish, or the adapter's for it; None: the account's own rule


LastLook = Callable[[], SendResult | None]  # right before the hand-over; None: go ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a provider answers when it is asked about a message."""

    ref: str
    state: ReceiptState
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """(adapter, ref, state) is its identity: the same word twice is one receipt."""

    adapter: str
    ref: str
    state: ReceiptState
    code: str = ""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent:
    adapter: str
    ref: str
    kind: CallEventKind
    data: str = ""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """(adapter, provider_id) is its identity."""

    adapter: str
    provider_id: str
    channel: Channel
    sender: str
    to: str
    text: str
    subject: str = ""
    in_reply_to: str = ""  # a ref, where the wire tells
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkUp:
    adapter: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDown:
    adapter: str
    reason: str  # for people
    at: datetime


Event = Receipt | CallEvent | Inbound | LinkUp | LinkDown


class EventSink(Protocol):
    async def emit(self, event: Event) -> None:
        """Returns when the event is stored for good; its provider hears of it only then."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    channels: frozenset[Channel]
    max_connections: int  # sends that it can have under way at once; more of them wait inside `send`
    lasts: bool = False  # a send takes minutes: claim no more than can begin at once
    files: bool = False  # emails may take files along
    receipts: bool = False  # a Receipt will follow what it accepted
    inbound: bool = False
    can_query: bool = False
    none_is_final: bool = False  # when `query` answers None it is not there, and what came late would arrive once only
    can_cancel: bool = False
    idempotent: bool = False  # the provider takes one idempotency key once, however often it is handed over


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a test of the way to a provider came to."""

    is_good: bool
    words: str  # for people, in whole sentences
    balance: str = ""  # what is left at the provider, as it says it; "" where it does not tell


@runtime_checkable
class Checkable(Protocol):
    """An adapter that can be tried out without a message."""

    async def check(self) -> Checked: ...


class Adapter(Protocol):
    @property
    def name(self) -> str:
        """Its key in the registry; events carry it."""
        ...

    @property
    def capabilities(self) -> Capabilities: ...

    async def start(self, sink: EventSink) -> None: ...

    async def send(self, outbound: Outbound, may_leave: MayLeave = nobody_objects) -> SendResult:
        """Raises Unsupported for what it cannot carry. If its task is cancelled, the outcome is unknown."""
        ...

    async def query(self, ref: str) -> Status | None:
        """`ref`: one of a SendResult, or the idempotency key after a lost answer. None: it is not there.

        Only where `capabilities.none_is_final` may a caller conclude that it never arrived: another process may have
        frozen in the middle of its hand-over and go on later.

        Raises Unsupported where `capabilities.can_query` is False.
        """
        ...

    async def cancel(self, ref: str) -> bool:
        """True: taken back in time. Raises Unsupported where `capabilities.can_cancel` is False."""
        ...

    async def drain(self, timeout: timedelta) -> bool:
        """Begins no further hand-over (such sends are withdrawn). True: all sends under way ended in time."""
        ...

    async def close(self) -> None:
        """Waits for the sends under way, each of which has its own time limit, then lets go of everything."""
        ...


def refuse_unsupported(name: str, capable: Capabilities, outbound: Outbound) -> None:
    if outbound.channel not in capable.channels:
        known = ", ".join(sorted(capable.channels))
        raise Unsupported(f"The {name} adapter carries {known}; this message is a {outbound.channel}.")
    if outbound.channel is not Channel.EMAIL:
        extras = {
            "subject": outbound.subject,
            "sender name": outbound.sender_name,
            "headers": outbound.headers,
            "attached files": outbound.files,
        }
        if surplus := [word for word, value in extras.items() if value]:
            raise Unsupported(f"A {outbound.channel} has no {' and no '.join(surplus)}.")
    if outbound.files is not None and not capable.files:
        raise Unsupported(f"The {name} adapter carries no files. Leave them out, or use another provider for emails.")


def withdrawal(outbound: Outbound, may_leave: MayLeave, now: Clock) -> SendResult | None:
    """The last look before a hand-over. None: go ahead."""
    if not may_leave():
        return SendResult(state=SendState.WITHDRAWN, code="allstop:not_now", text="closed before it was handed over")
    if outbound.use_by is not None and now() >= outbound.use_by:
        return SendResult(state=SendState.WITHDRAWN, code="allstop:too_late", text="its use-by time passed")
    return None
