"""Calls by SIP through the conformance suite, against SIPp."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from allstop.channels.adapter import CallEvent, Outbound, ReceiptState, SendState
from allstop.channels.sip import conversation
from allstop.channels.sip.adapter import SipAdapter
from allstop.channels.sip.config import SipConfig
from allstop.channels.sip.stack import Stack
from allstop.rules.words import Channel
from tests.channels.conformance import Conformance
from tests.channels.rigs import EventLog, Trouble, a_phone_message, an_email, wall_clock
from tests.peers.sipp import Phones, phones

LINES = 30
SHORT = bytes(1_600)  # a tenth of a second
LONG = bytes(80_000)  # longer than the line is silent before it counts as broken

FIRST_ATTEMPT = {
    Trouble.NONE: "0",
    Trouble.REFUSED_FOR_GOOD: "2",
    Trouble.REFUSED_FOR_NOW: "1",
    Trouble.LOST_BEFORE: "4",
    Trouble.LOST_AFTER: "0",
    Trouble.RECEIPT_TWICE: "0",
}


class MemoryBook:
    def __init__(self, sink: EventLog) -> None:
        self.begun: set[str] = set()
        self._sink = sink

    async def begin(self, outbound: Outbound, adapter: str, at: datetime) -> None:
        self.begun.add(outbound.idempotency_key)

    async def steps(self, key: str) -> frozenset[str] | None:
        if key not in self.begun:
            return None
        return frozenset(event.kind for event in self._sink.came if isinstance(event, CallEvent) and event.ref == key)


async def speak(words: str, language: str) -> bytes:
    return LONG if "at length" in words else SHORT


class SipRig:
    def __init__(self, peer: Phones) -> None:
        self.peer = peer
        self.sink = EventLog()
        config = SipConfig(host="127.0.0.1", port=peer.port, lines=LINES, ring_seconds=10, wait_seconds=0, closing="")
        stack = Stack("127.0.0.1", silent_for=2, grace=0.05)  # longer than a short call takes on a busy machine
        self.adapter = SipAdapter(config, stack, MemoryBook(self.sink), speak, wall_clock)
        self._before = peer.answered()
        self._refs: dict[str, str] = {}

    def outbound(self, trouble: Trouble, number: int, attempt: int = 1) -> Outbound:
        kind = FIRST_ATTEMPT[trouble] if attempt == 1 else "0"
        made = a_phone_message(Channel.CALL, f"+1212555{kind}{number:03}", number, attempt)
        self._refs[made.to] = made.message_ref
        if trouble is not Trouble.LOST_AFTER:
            return made
        return replace(made, body="Spoken at length.")

    def unsupported(self) -> Outbound:
        return an_email("ada@patients.example")

    def arrived(self) -> Counter[str]:
        answered = self.peer.answered() - self._before
        return Counter({self._refs[number]: times for number, times in answered.items()})


@pytest.fixture(scope="module")
def network() -> Iterator[Phones]:
    with phones() as peer:
        yield peer


class TestSip(Conformance):
    @pytest.fixture
    async def rig(self, network: Phones, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SipRig]:
        monkeypatch.setattr(conversation, "LAST_WORD", 0.02)  # nobody here has ears
        rig = SipRig(network)
        await rig.adapter.start(rig.sink)
        yield rig
        await rig.adapter.close()

    async def test_receipts_that_come_late_and_twice_are_one_and_carry_the_ref(self, rig: SipRig) -> None:  # type: ignore[override]
        """A call's receipt is its answer, and no network answers twice."""
        result = await rig.adapter.send(rig.outbound(Trouble.NONE, 1))
        assert result.state is SendState.ACCEPTED
        assert [receipt.state for receipt in rig.sink.receipts(result.refs[0])] == [ReceiptState.ANSWERED]
