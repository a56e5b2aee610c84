"""The sandbox: the conformance suite on all three channels, and each row of the table of recipients."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from allstop.channels.adapter import (
    CallEvent,
    CallEventKind,
    Inbound,
    Outbound,
    Receipt,
    ReceiptState,
    SendState,
)
from allstop.channels.sandbox.adapter import SandboxAdapter
from allstop.channels.sandbox.conduct import BY_LOCAL_PART, BY_PHONE_ENDING
from allstop.channels.sandbox.config import SandboxConfig
from allstop.rules.words import Channel
from tests.channels.conformance import Conformance
from tests.channels.rigs import EventLog, MemoryOutbox, Trouble, a_phone_message, an_email, wall_clock

ENDINGS = {
    Trouble.NONE: "0150",
    Trouble.REFUSED_FOR_GOOD: "0197",
    Trouble.REFUSED_FOR_NOW: "0196",
    Trouble.LOST_BEFORE: "0191",
    Trouble.LOST_AFTER: "0195",
    Trouble.RECEIPT_TWICE: "0190",
}
LOCAL_PARTS = {
    Trouble.NONE: "ada",
    Trouble.REFUSED_FOR_GOOD: "bounce",
    Trouble.REFUSED_FOR_NOW: "later",
    Trouble.LOST_BEFORE: "lost",
    Trouble.LOST_AFTER: "unknown",
    Trouble.RECEIPT_TWICE: "twice",
}


class SandboxRig:
    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.outbox = MemoryOutbox()
        self.sink = EventLog()
        config = SandboxConfig(shortest_delay_ms=1, longest_delay_ms=3, max_connections=10)
        self.adapter = SandboxAdapter(config, self.outbox, wall_clock, asyncio.sleep)

    def outbound(self, trouble: Trouble, number: int, attempt: int = 1) -> Outbound:
        if self.channel is Channel.EMAIL:
            return an_email(f"{LOCAL_PARTS[trouble]}+{number}@patients.example", number, attempt)
        return a_phone_message(self.channel, f"+1212555{ENDINGS[trouble]}", number, attempt)

    def unsupported(self) -> Outbound:
        text = a_phone_message(Channel.TEXT, "+12125550150")
        return replace(text, subject="A text has none")

    def arrived(self) -> Counter[str]:
        return Counter(outbound.message_ref for outbound in self.outbox.items.values())


class TestSandbox(Conformance):
    @pytest.fixture(params=list(Channel))
    async def rig(self, request: pytest.FixtureRequest) -> AsyncIterator[SandboxRig]:
        rig = SandboxRig(request.param)
        await rig.adapter.start(rig.sink)
        yield rig
        await rig.adapter.close()


class Unhurried:
    """Time that passes only in the records: every sleep is over at once and noted."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


async def told_about(channel: Channel, to: str, *, events: int) -> tuple[SendState, list[str]]:
    """The state of the first attempt, and what was told afterwards, in order."""
    log = EventLog()
    adapter = SandboxAdapter(SandboxConfig(), MemoryOutbox(), wall_clock, Unhurried().sleep)
    await adapter.start(log)
    outbound = an_email(to) if channel is Channel.EMAIL else a_phone_message(channel, to)
    result = await adapter.send(outbound)
    await log.until(lambda: len(log.came) == 1 + events)
    for _ in range(20):  # anything more would come now
        await asyncio.sleep(0)
    await adapter.close()
    return result.state, [in_words(event) for event in log.came[1:]]


def in_words(event: object) -> str:
    match event:
        case Receipt():
            return event.state
        case CallEvent(kind=CallEventKind.DIGIT):
            return f"digit {event.data}"
        case CallEvent():
            return event.kind
        case Inbound():
            return f"writes {event.text}"
        case _:
            return repr(event)


ACCEPTED, REJECTED = SendState.ACCEPTED, SendState.REJECTED
HEARD = ["ringing", "answered", "speech_done", "hangup"]


@pytest.mark.parametrize(
    ("channel", "to", "state", "told"),
    [
        (Channel.TEXT, "+12125550150", ACCEPTED, ["delivered"]),
        (Channel.TEXT, "+12125550199", ACCEPTED, ["expired"]),
        (Channel.TEXT, "+12125550198", ACCEPTED, ["undeliverable"]),
        (Channel.TEXT, "+12125550197", REJECTED, []),
        (Channel.TEXT, "+12125550196", REJECTED, []),
        (Channel.TEXT, "+12125550195", SendState.UNKNOWN, []),
        (Channel.TEXT, "+12125550194", ACCEPTED, ["delivered", "writes STOP"]),
        (Channel.TEXT, "+12125550193", ACCEPTED, ["delivered", "writes YES"]),
        (Channel.TEXT, "+12125550192", SendState.THROTTLED, []),
        (Channel.TEXT, "+12125550191", REJECTED, []),
        (Channel.TEXT, "+12125550190", ACCEPTED, ["delivered", "delivered"]),
        (Channel.CALL, "+12125550150", ACCEPTED, HEARD),
        (Channel.CALL, "+12125550199", ACCEPTED, ["ringing", "no_answer"]),
        (Channel.CALL, "+12125550198", ACCEPTED, ["busy"]),
        (Channel.CALL, "+12125550197", REJECTED, []),
        (Channel.CALL, "+12125550194", ACCEPTED, ["ringing", "answered", "digit 9", "speech_done", "hangup"]),
        (Channel.CALL, "+12125550193", ACCEPTED, ["ringing", "answered", "digit 1", "speech_done", "hangup"]),
        (Channel.EMAIL, "ada@patients.example", ACCEPTED, ["delivered"]),
        (Channel.EMAIL, "bounce@patients.example", REJECTED, []),
        (Channel.EMAIL, "Later@patients.example", REJECTED, []),
        (Channel.EMAIL, "unknown+7@patients.example", SendState.UNKNOWN, []),
        (Channel.EMAIL, "stop@patients.example", ACCEPTED, ["delivered", "writes STOP"]),
        (Channel.EMAIL, "yes@patients.example", ACCEPTED, ["delivered", "writes YES"]),
        (Channel.EMAIL, "slow@patients.example", SendState.THROTTLED, []),
        (Channel.EMAIL, "lost@patients.example", REJECTED, []),
        (Channel.EMAIL, "twice@patients.example", ACCEPTED, ["delivered", "delivered"]),
        (Channel.EMAIL, "read@patients.example", ACCEPTED, ["delivered", "read"]),
        (Channel.EMAIL, "gone@patients.example", ACCEPTED, ["undeliverable"]),
    ],
)
async def test_a_recipient_behaves_as_the_table_says(
    channel: Channel, to: str, state: SendState, told: list[str]
) -> None:
    assert await told_about(channel, to, events=len(told)) == (state, told)


def test_every_row_of_the_table_says_in_words_what_it_does() -> None:
    assert all(conduct.words for conduct in [*BY_PHONE_ENDING.values(), *BY_LOCAL_PART.values()])


async def test_the_same_recipient_takes_the_same_time_within_the_bounds() -> None:
    async def times(to: str) -> list[float]:
        time, log = Unhurried(), EventLog()
        adapter = SandboxAdapter(SandboxConfig(), MemoryOutbox(), wall_clock, time.sleep)
        await adapter.start(log)
        await adapter.send(a_phone_message(Channel.TEXT, to))
        await log.until(lambda: len(log.came) == 2)
        await adapter.close()
        return time.slept

    first, second, another = [await times(to) for to in ("+12125550150", "+12125550150", "+12125550151")]
    assert first == second != another
    assert all(0.020 <= seconds <= 0.080 for seconds in first + another)


async def test_a_reply_names_the_message_and_has_one_identity_however_often_it_comes() -> None:
    rig = SandboxRig(Channel.TEXT)
    await rig.adapter.start(rig.sink)
    outbound = a_phone_message(Channel.TEXT, "+12125550194")
    ref = (await rig.adapter.send(outbound)).refs[0]
    await rig.adapter.send(replace(outbound, attempt=2))
    await rig.sink.until(lambda: sum(isinstance(event, Inbound) for event in rig.sink.came) == 2)
    await rig.adapter.close()
    [reply] = [event for event in rig.sink.kept.values() if isinstance(event, Inbound)]
    assert (reply.sender, reply.to, reply.text, reply.in_reply_to) == (
        "+12125550194",
        "+12125550100",
        "STOP",
        ref,
    )


async def test_an_unknown_message_sent_again_under_its_key_is_not_delivered_twice() -> None:
    rig = SandboxRig(Channel.TEXT)
    await rig.adapter.start(rig.sink)
    outbound = a_phone_message(Channel.TEXT, "+12125550195")
    assert (await rig.adapter.send(outbound)).state is SendState.UNKNOWN
    status = await rig.adapter.query(outbound.idempotency_key)
    again = await rig.adapter.send(replace(outbound, attempt=2))
    await rig.adapter.close()
    assert status is not None
    assert status.state is ReceiptState.SENT
    assert again.refs == (status.ref,)
    assert rig.arrived().total() == 1
