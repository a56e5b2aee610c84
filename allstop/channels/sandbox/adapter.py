"""The sandbox adapter: carries texts, calls and emails into the outbox, and makes up what comes back.

How a recipient behaves is written in conduct.py. What is still to happen to a message lives in this process
alone and ends with it, so that after a restart a message may stay without its receipt. Guards: whatever does
happen has the same identity each time, so that a repeat is harmless.
"""

import asyncio
from datetime import timedelta
from typing import Protocol, assert_never

from allstop.channels.adapter import (
    CallEvent,
    CallEventKind,
    Capabilities,
    Checked,
    Clock,
    Event,
    EventSink,
    Inbound,
    LinkUp,
    MayLeave,
    Outbound,
    Receipt,
    ReceiptState,
    SendResult,
    SendState,
    Sleep,
    Status,
    Unsupported,
    nobody_objects,
    refuse_unsupported,
    withdrawal,
)
from allstop.channels.sandbox.conduct import (
    Answer,
    Conduct,
    KeyPress,
    Reply,
    Sequel,
    answer_to,
    conduct_of,
    sequels,
    share_of_delay,
)
from allstop.channels.sandbox.config import SandboxConfig
from allstop.channels.under_way import UnderWay
from allstop.rules.words import Channel

LATE = 10  # how many times longer a late receipt takes


class OutboxPort(Protocol):
    """The far end of the wire, lent to the sandbox by whoever has a place to keep things."""

    async def deliver(self, outbound: Outbound) -> str:
        """Keeps the message and returns its ref, which no other message of the installation has.

        An idempotency key that is there already changes nothing and returns the first ref.
        """
        ...

    async def find(self, ref_or_key: str) -> str | None:
        """The ref of what was delivered under this ref or this idempotency key."""
        ...


REFUSALS = {
    Answer.REFUSE_FOR_GOOD: SendResult(
        state=SendState.REJECTED,
        permanent=True,
        code="sandbox:no_such_address",
        text="there is no such address",
    ),
    Answer.REFUSE_FOR_NOW: SendResult(
        state=SendState.REJECTED, code="sandbox:later", text="not now", retry_after=timedelta(seconds=5)
    ),
    Answer.THROTTLE: SendResult(
        state=SendState.THROTTLED, code="sandbox:too_fast", text="too fast", retry_after=timedelta(seconds=2)
    ),
    Answer.LOSE_BEFORE: SendResult(
        state=SendState.REJECTED, code="allstop:lost_before", text="the line broke before the hand-over"
    ),
}


class SandboxAdapter:
    name = "sandbox"

    def __init__(self, config: SandboxConfig, outbox: OutboxPort, now: Clock, sleep: Sleep) -> None:
        self.capabilities = Capabilities(
            channels=frozenset(Channel),
            max_connections=config.max_connections,
            files=True,
            receipts=True,
            inbound=True,
            can_query=True,
            none_is_final=True,  # the outbox takes one key once, so that what comes late after all changes nothing
            idempotent=True,
        )
        self._shortest = config.shortest_delay_ms / 1000
        self._spread = (config.longest_delay_ms - config.shortest_delay_ms) / 1000
        self._outbox = outbox
        self._now = now
        self._sleep = sleep
        self._sink: EventSink | None = None
        self._slots = asyncio.Semaphore(config.max_connections)
        self._under_way = UnderWay()
        self._later: set[asyncio.Task[None]] = set()

    async def start(self, sink: EventSink) -> None:
        self._sink = sink
        await sink.emit(LinkUp(adapter=self.name, at=self._now()))

    async def send(self, outbound: Outbound, may_leave: MayLeave = nobody_objects) -> SendResult:
        refuse_unsupported(self.name, self.capabilities, outbound)
        with self._under_way.one():
            async with self._slots:
                return await self._answer(outbound, may_leave)

    async def _answer(self, outbound: Outbound, may_leave: MayLeave) -> SendResult:
        conduct = conduct_of(outbound.channel, outbound.to)
        answer = answer_to(conduct, outbound.attempt)
        if withdrawn := withdrawal(outbound, lambda: not self._under_way.is_draining and may_leave(), self._now):
            return withdrawn
        if answer in REFUSALS:
            await self._pause(outbound, 0)
            return REFUSALS[answer]
        ref = await self._outbox.deliver(outbound)  # the hand-over
        await self._pause(outbound, 0)
        if answer is Answer.LOSE_AFTER:
            return SendResult(
                state=SendState.UNKNOWN, code="allstop:no_answer", text="handed over, then the line broke"
            )
        self._play_later(outbound, ref, conduct)
        return SendResult(state=SendState.ACCEPTED, refs=(ref,), code="sandbox:accepted")

    async def check(self) -> Checked:
        return Checked(is_good=True, words="The sandbox takes everything into the outbox and sends nothing to anybody.")

    async def query(self, ref: str) -> Status | None:
        found = await self._outbox.find(ref)
        return Status(ref=found, state=ReceiptState.SENT) if found is not None else None

    async def cancel(self, ref: str) -> bool:
        raise Unsupported("What is in the sandbox's outbox has left: it cannot be taken back.")

    async def drain(self, timeout: timedelta) -> bool:
        return await self._under_way.drain(timeout)

    async def close(self) -> None:
        await self._under_way.drain(None)
        for task in self._later:
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)

    def _play_later(self, outbound: Outbound, ref: str, conduct: Conduct) -> None:
        if self._sink is None:
            raise RuntimeError("The sandbox was not started: there is nobody to tell of receipts.")
        task = asyncio.create_task(self._play(outbound, ref, conduct, self._sink))
        self._later.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._later.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            asyncio.get_running_loop().call_exception_handler(
                {
                    "message": "The sandbox could not pass on a receipt or a reply",
                    "exception": fault,
                    "task": task,
                }
            )

    async def _play(self, outbound: Outbound, ref: str, conduct: Conduct, sink: EventSink) -> None:
        for step, sequel in enumerate(sequels(outbound.channel, conduct), start=1):
            await self._pause(outbound, step, LATE if conduct.repeats else 1)
            await sink.emit(self._event(outbound, ref, sequel))

    async def _pause(self, outbound: Outbound, step: int, times: int = 1) -> None:
        await self._sleep(times * (self._shortest + self._spread * share_of_delay(outbound.to, step)))

    def _event(self, outbound: Outbound, ref: str, sequel: Sequel) -> Event:
        at = self._now()
        match sequel:
            case ReceiptState():
                return Receipt(adapter=self.name, ref=ref, state=sequel, code=f"sandbox:{sequel}", at=at)
            case CallEventKind():
                return CallEvent(adapter=self.name, ref=ref, kind=sequel, at=at)
            case KeyPress(key):
                return CallEvent(adapter=self.name, ref=ref, kind=CallEventKind.DIGIT, data=key, at=at)
            case Reply(text):
                return Inbound(
                    adapter=self.name,
                    provider_id=f"{ref}:{text}",
                    channel=outbound.channel,
                    sender=outbound.to,
                    to=outbound.sender,
                    text=text,
                    subject=f"Re: {outbound.subject}" if outbound.channel is Channel.EMAIL else "",
                    in_reply_to=ref,
                    at=at,
                )
        assert_never(sequel)
