"""Texts by an HTTP API through the conformance suite, and what its answers mean."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from allstop.channels.adapter import LinkDown, Outbound, ReceiptState, SendState, Unsupported
from allstop.channels.configuration import ConfigError, read_config
from allstop.channels.guard import PrivateAddress, PublicResolver, check_literal, is_public
from allstop.channels.text_api.adapter import TextApiAdapter
from allstop.channels.text_api.config import TextApiConfig
from allstop.rules.words import Channel
from tests.channels.conformance import Conformance
from tests.channels.rigs import EventLog, Trouble, a_phone_message, an_email, wall_clock
from tests.peers.ports import free_port
from tests.peers.text_api import SID, TOKEN, TextApi, text_api

KINDS = {
    Trouble.NONE: 200,
    Trouble.REFUSED_FOR_GOOD: 201,
    Trouble.REFUSED_FOR_NOW: 202,
    Trouble.LOST_BEFORE: 203,  # nobody was there to read it
    Trouble.LOST_AFTER: 204,
    Trouble.RECEIPT_TWICE: 200,  # receipts come through a door
}


def a_config(peer: TextApi, **changes: Any) -> TextApiConfig:
    settings = {"account_sid": SID, "password": TOKEN, "base_url": peer.url, "allow_private": True}
    return TextApiConfig(**{**settings, "max_connections": 10, **changes})


class TextApiRig:
    def __init__(self, peer: TextApi, **changes: Any) -> None:
        self.peer = peer
        self.sink = EventLog()
        self.adapter = TextApiAdapter(a_config(peer, **changes), wall_clock)

    def outbound(self, trouble: Trouble, number: int, attempt: int = 1) -> Outbound:
        return a_phone_message(Channel.TEXT, f"+1{KINDS[trouble]}{number:07d}", number, attempt)

    def unsupported(self) -> Outbound:
        return an_email("ada@patients.example")

    def arrived(self) -> Counter[str]:
        return Counter(f"message-{int(form['To'][5:])}" for form in self.peer.arrivals)


class TestTextApi(Conformance):
    @pytest.fixture(params=[False, True], ids=["", "keys"])
    async def rig(self, request: pytest.FixtureRequest) -> AsyncIterator[TextApiRig]:
        async with text_api() as peer:
            peer.honours_keys = request.param
            rig = TextApiRig(peer, honours_keys=request.param)
            await rig.adapter.start(rig.sink)
            yield rig
            await rig.adapter.close()


@pytest.fixture
async def rig() -> AsyncIterator[TextApiRig]:
    async with text_api() as peer:
        rig = TextApiRig(peer, answer_seconds=0.3, callback_url="https://desk.example")
        await rig.adapter.start(rig.sink)
        yield rig
        await rig.adapter.close()


def text(kind: int) -> Outbound:
    return a_phone_message(Channel.TEXT, f"+1{kind}0000001")


@pytest.mark.parametrize(
    ("kind", "state", "permanent", "code", "wait"),
    [
        (200, SendState.ACCEPTED, False, "http:201", None),
        (201, SendState.REJECTED, True, "http:400 21211", None),
        (202, SendState.REJECTED, False, "http:503", 30),
        (203, SendState.REJECTED, False, "http:503", 60),
        (204, SendState.UNKNOWN, False, "allstop:no_answer", None),
        (207, SendState.THROTTLED, False, "http:429 20429", 7),
        (208, SendState.UNKNOWN, False, "http:500", None),
        (209, SendState.UNKNOWN, False, "http:200", None),
        (211, SendState.THROTTLED, False, "http:301", 60),
        (212, SendState.UNKNOWN, False, "allstop:no_answer", None),
    ],
)
async def test_an_answer_is_told_as_it_is_known(
    rig: TextApiRig, kind: int, state: SendState, permanent: bool, code: str, wait: int | None
) -> None:
    result = await rig.adapter.send(text(kind))
    assert (result.state, result.permanent, result.code) == (state, permanent, code)
    assert result.retry_after == (None if wait is None else timedelta(seconds=wait))


async def test_what_the_provider_is_told(rig: TextApiRig) -> None:
    outbound = replace(text(200), body="Réponse 🛑 & co", account_id=7, use_by=wall_clock() + timedelta(minutes=10))
    await rig.adapter.send(outbound)
    [form] = rig.peer.arrivals
    assert 590 <= int(form.pop("ValidityPeriod")) <= 600
    assert form == {
        "To": outbound.to,
        "From": "+12125550100",
        "Body": "Réponse 🛑 & co",
        "StatusCallback": "https://desk.example/hooks/texts/7/status",
    }
    assert rig.peer.headers[0]["Idempotency-Key"] == outbound.idempotency_key


async def test_a_stop_that_comes_while_it_waits_for_a_connection_is_heeded() -> None:
    async with text_api() as peer:
        rig = TextApiRig(peer, max_connections=1, answer_seconds=0.3)
        await rig.adapter.start(rig.sink)
        is_open = True
        first = asyncio.create_task(rig.adapter.send(text(212)))
        second = asyncio.create_task(rig.adapter.send(text(200), lambda: is_open))
        await asyncio.sleep(0.1)
        is_open = False
        assert [(await one).state for one in (first, second)] == [SendState.UNKNOWN, SendState.WITHDRAWN]
        assert len(peer.arrivals) == 1
        await rig.adapter.close()


async def test_a_wrong_token_and_a_server_that_is_not_there_stop_texts_in_words(rig: TextApiRig) -> None:
    stranger = TextApiAdapter(a_config(rig.peer, password="wrong"), wall_clock)
    nowhere = TextApiAdapter(a_config(rig.peer, base_url=f"http://127.0.0.1:{free_port()}"), wall_clock)
    sink = EventLog()
    for adapter in (stranger, nowhere):
        await adapter.start(sink)
    result = await stranger.send(text(200))
    assert (result.state, result.code) == (SendState.THROTTLED, "http:401 20003")
    assert result.text == "the provider refused the log-in: Authenticate"
    assert "check the account_sid and the auth token" in (await stranger.check()).words
    result = await nowhere.send(text(200))
    assert (result.state, result.code) == (SendState.THROTTLED, "allstop:no_link")
    assert any(isinstance(event, LinkDown) for event in sink.came)
    assert "Could not reach 127.0.0.1" in (await nowhere.check()).words
    for adapter in (stranger, nowhere):
        await adapter.close()


async def test_a_test_tells_the_balance_where_the_provider_does(rig: TextApiRig) -> None:
    """004-14."""
    checked = await rig.adapter.check()
    assert (checked.is_good, checked.balance) == (True, "Left at the provider: 12.34 EUR.")
    rig.peer.has_balance = False
    checked = await rig.adapter.check()
    assert (checked.is_good, checked.words) == (True, "Logged in to 127.0.0.1. It does not tell what is left.")


async def test_a_text_is_asked_about_and_taken_back_by_its_sid(rig: TextApiRig) -> None:
    result = await rig.adapter.send(text(200))
    [ref] = result.refs
    status = await rig.adapter.query(ref)
    assert status is not None
    assert (status.state, status.code) == (ReceiptState.SENT, "text_api:queued")
    assert await rig.adapter.query(ref + "0") is None
    assert await rig.adapter.cancel(ref)
    assert not await rig.adapter.cancel(ref)
    with pytest.raises(Unsupported):
        await rig.adapter.query("AC1:SM1")


# --- where it does not connect to


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("localhost", False),
    ],
)
def test_private_addresses_are_known_in_every_disguise(address: str, public: bool) -> None:
    assert is_public(address) is public


async def test_names_that_lead_inside_are_not_followed() -> None:
    with pytest.raises(PrivateAddress, match="localhost is an address of this machine"):
        await PublicResolver().resolve("localhost", 80)
    with pytest.raises(PrivateAddress):
        check_literal("[::1]")
    check_literal("api.twilio.com")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
async def test_without_the_setting_nothing_of_this_machine_is_reached(host: str) -> None:
    async with text_api() as peer:
        adapter = TextApiAdapter(
            TextApiConfig(account_sid=SID, password=TOKEN, base_url=f"https://{host}:{peer.port}"), wall_clock
        )
        await adapter.start(EventLog())
        result = await adapter.send(text(200))
        assert (result.state, result.code) == (SendState.THROTTLED, "allstop:no_link")
        assert "an address of this machine or of its own network" in result.text
        assert not peer.arrivals
        await adapter.close()


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"base_url": "http://api.example"}, "http:// needs allow_private"),
        ({"base_url": "ftp://api.example", "allow_private": True}, "The base_url must be"),
        ({"base_url": "https://user:pw@api.example"}, "The base_url must be"),
        ({"account_sid": "../x"}, "characters that no address can have"),
        ({"password": ""}, "the auth token"),
        ({"callback_url": "https://desk.example/hooks"}, "without a path"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, object], fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        read_config(TextApiConfig, {"account_sid": SID, "password": TOKEN, **settings})
