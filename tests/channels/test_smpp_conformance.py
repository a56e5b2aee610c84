"""Texts by SMPP through the conformance suite, against the npm SMSC."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator

import pytest

from allstop.channels.adapter import Outbound
from allstop.channels.smpp.adapter import SmppAdapter
from allstop.rules.words import Channel
from tests.channels.conformance import Conformance
from tests.channels.rigs import EventLog, Trouble, a_phone_message, an_email, wall_clock
from tests.channels.smpp_rig import a_config, sleepless
from tests.peers.smsc import Smsc, smsc

KINDS = {
    Trouble.NONE: 210,  # without receipts, which would take the peer's time
    Trouble.REFUSED_FOR_GOOD: 201,
    Trouble.REFUSED_FOR_NOW: 202,
    Trouble.LOST_BEFORE: 203,  # one line carries many texts: for a single one it is lost in a nack
    Trouble.LOST_AFTER: 204,
    Trouble.RECEIPT_TWICE: 205,
}


class SmppRig:
    def __init__(self, peer: Smsc) -> None:
        self._peer = peer
        self._before = len(peer.arrivals)
        self._refs: dict[str, str] = {}
        self.sink = EventLog()
        self.adapter = SmppAdapter(a_config(peer.port, window=10, answer_seconds=0.3), wall_clock, sleepless)

    def outbound(self, trouble: Trouble, number: int, attempt: int = 1) -> Outbound:
        outbound = a_phone_message(
            Channel.TEXT, f"+1{KINDS[trouble]}{id(self) % 1000:03d}{number:05d}", number, attempt
        )
        self._refs[outbound.to[1:]] = outbound.message_ref
        return outbound

    def unsupported(self) -> Outbound:
        return an_email("ada@patients.example")

    def arrived(self) -> Counter[str]:
        return Counter(self._refs[one["to"]] for one in self._peer.arrivals[self._before :])


@pytest.fixture(scope="module")
def peer() -> Iterator[Smsc]:
    with smsc() as peer:
        yield peer


class TestSmpp(Conformance):
    @pytest.fixture
    async def rig(self, peer: Smsc) -> AsyncIterator[SmppRig]:
        rig = SmppRig(peer)
        await rig.adapter.start(rig.sink)
        yield rig
        await rig.adapter.close()
