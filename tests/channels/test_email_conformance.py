"""Email by SMTP through the conformance suite, against a server that makes trouble for chosen recipients."""

from collections import Counter
from collections.abc import AsyncIterator

import pytest

from allstop.bench.smtp_conversation import SmtpPeer
from allstop.channels.adapter import Outbound
from allstop.channels.email.adapter import SmtpAdapter
from allstop.channels.email.config import Encryption, SmtpConfig
from allstop.rules.words import Channel
from tests.channels.conformance import Conformance
from tests.channels.rigs import EventLog, Trouble, TroublesomeServer, a_phone_message, an_email, wall_clock

LOCAL_PARTS = {
    Trouble.NONE: "ada",
    Trouble.REFUSED_FOR_GOOD: "bounce",
    Trouble.REFUSED_FOR_NOW: "later",
    Trouble.LOST_BEFORE: "lost",
    Trouble.LOST_AFTER: "unknown",
    Trouble.RECEIPT_TWICE: "ada",  # SMTP has no receipts
}


class SmtpRig:
    def __init__(self, peer: SmtpPeer) -> None:
        self.peer = peer
        self.sink = EventLog()
        config = SmtpConfig(
            host="127.0.0.1",
            port=peer.port,
            encryption=Encryption.NONE,
            max_connections=10,
            timeout_seconds=5,
            answer_seconds=5,
        )
        self.adapter = SmtpAdapter(config, wall_clock)

    def outbound(self, trouble: Trouble, number: int, attempt: int = 1) -> Outbound:
        return an_email(f"{LOCAL_PARTS[trouble]}+{number}@patients.example", number, attempt)

    def unsupported(self) -> Outbound:
        return a_phone_message(Channel.TEXT, "+12125550150")

    def arrived(self) -> Counter[str]:
        return Counter(arrival.message_id for arrival in self.peer.arrivals)


class TestSmtp(Conformance):
    @pytest.fixture
    async def rig(self) -> AsyncIterator[SmtpRig]:
        async with SmtpPeer(TroublesomeServer().advise) as peer:
            rig = SmtpRig(peer)
            await rig.adapter.start(rig.sink)
            yield rig
            await rig.adapter.close()
            assert peer.open_at_most <= 10
