"""Connections are kept, bounded and replaced; the link's ups and downs are told once each."""

import asyncio
from collections import Counter

from allstop.bench.smtp_conversation import Say, SmtpPeer, Stage
from allstop.channels.adapter import LinkDown, LinkUp, SendState
from allstop.channels.email.adapter import SmtpAdapter
from allstop.channels.email.config import Encryption, SmtpConfig
from tests.channels.rigs import EventLog, an_email, wall_clock
from tests.peers.ports import free_port


def adapter_for(port: int, max_connections: int = 10, mails_per_connection: int = 500) -> SmtpAdapter:
    config = SmtpConfig(
        host="127.0.0.1",
        port=port,
        encryption=Encryption.NONE,
        max_connections=max_connections,
        mails_per_connection=mails_per_connection,
    )
    return SmtpAdapter(config, wall_clock)


async def states(adapter: SmtpAdapter, numbers: range) -> Counter[SendState]:
    sends = (adapter.send(an_email(f"p{number}@patients.example", number)) for number in numbers)
    return Counter(result.state for result in await asyncio.gather(*sends))


async def test_mails_share_connections_that_stay_within_the_bound() -> None:
    async with SmtpPeer() as peer:
        adapter = adapter_for(peer.port, max_connections=4)
        await adapter.start(EventLog())
        assert await states(adapter, range(100)) == {SendState.ACCEPTED: 100}
        assert (peer.connections, peer.open_at_most) == (4, 4)
        for number in range(100, 110):
            await adapter.send(an_email("ada@patients.example", number))
        assert peer.connections == 4
        await adapter.close()


async def test_a_connection_is_replaced_after_its_share_of_mails() -> None:
    async with SmtpPeer() as peer:
        adapter = adapter_for(peer.port, max_connections=1, mails_per_connection=3)
        await adapter.start(EventLog())
        assert await states(adapter, range(10)) == {SendState.ACCEPTED: 10}
        await adapter.close()
        assert peer.connections == 4


async def test_connections_that_died_while_idle_cost_no_mail_its_attempt() -> None:
    async with SmtpPeer() as peer:
        log = EventLog()
        adapter = adapter_for(peer.port, max_connections=4)
        await adapter.start(log)
        await states(adapter, range(20))
        await peer.hang_up()
        assert await states(adapter, range(20, 40)) == {SendState.ACCEPTED: 20}
        await adapter.close()
        assert len(peer.arrivals) == 40
        assert [type(event) for event in log.came] == [LinkUp]


async def test_a_connection_that_breaks_at_the_first_word_of_a_later_mail_is_replaced_at_once() -> None:
    """The server hung up, and we had not heard of it yet."""
    mails = 0

    def advise(stage: Stage, argument: str) -> Say | None:
        nonlocal mails
        mails += stage is Stage.MAIL
        return Say(cut=True) if stage is Stage.MAIL and mails == 2 else None

    async with SmtpPeer(advise) as peer:
        adapter = adapter_for(peer.port, max_connections=1)
        await adapter.start(EventLog())
        assert await states(adapter, range(2)) == {SendState.ACCEPTED: 2}
        await adapter.close()
        assert peer.connections == 2
        assert len(peer.arrivals) == 2


async def test_a_server_that_is_away_throttles_and_is_told_of_once_each_way() -> None:
    port = free_port()
    log = EventLog()
    adapter = adapter_for(port)
    await adapter.start(log)
    assert log.came == []
    assert await states(adapter, range(20)) == {SendState.THROTTLED: 20}
    assert [type(event) for event in log.came] == [LinkDown]
    async with SmtpPeer(port=port):
        assert await states(adapter, range(20)) == {SendState.ACCEPTED: 20}
        await adapter.close()
    assert [type(event) for event in log.came] == [LinkDown, LinkUp]
