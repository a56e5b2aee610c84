"""A provider that takes everything at once. What remains is the price of the queue, the gate and the records."""

from collections.abc import Callable
from datetime import datetime, timedelta

from allstop.channels.adapter import (
    Capabilities,
    EventSink,
    MayLeave,
    Outbound,
    SendResult,
    SendState,
    Status,
    Unsupported,
    nobody_objects,
    withdrawal,
)
from allstop.rules.words import Channel


class NoOpAdapter:
    """Takes the last look before the hand-over as every adapter does, and gives a ref as every provider does."""

    name = "noop"
    capabilities = Capabilities(channels=frozenset(Channel), max_connections=100_000)

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    async def start(self, sink: EventSink) -> None:
        pass

    async def send(self, outbound: Outbound, may_leave: MayLeave = nobody_objects) -> SendResult:
        if withdrawn := withdrawal(outbound, may_leave, self._now):
            return withdrawn
        return SendResult(state=SendState.ACCEPTED, refs=(outbound.idempotency_key,))

    async def query(self, ref: str) -> Status | None:
        raise Unsupported("What was handed to nobody cannot be asked about.")

    async def cancel(self, ref: str) -> bool:
        raise Unsupported("What was handed to nobody cannot be taken back.")

    async def drain(self, timeout: timedelta) -> bool:
        return True

    async def close(self) -> None:
        pass
