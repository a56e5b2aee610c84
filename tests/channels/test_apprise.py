"""Other services by Apprise through the conformance suite, and what their yes or no means."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from urllib3.connection import HTTPConnection

from allstop.channels.adapter import LinkDown, Outbound, SendState, Unsupported
from allstop.channels.apprise.adapter import AppriseAdapter
from allstop.channels.apprise.config import EMAIL, SERVICES, AppriseConfig
from allstop.channels.apprise.service import service_of
from allstop.channels.configuration import ConfigError, read_config
from allstop.rules.words import Channel
from tests.channels.conformance import Conformance
from tests.channels.rigs import EventLog, Trouble, a_phone_message, an_email, wall_clock
from tests.peers.any_service import AnyService, any_service
from tests.peers.ports import free_port

KINDS = {
    Trouble.NONE: 200,
    Trouble.REFUSED_FOR_GOOD: 201,
    Trouble.REFUSED_FOR_NOW: 202,
    Trouble.LOST_BEFORE: 203,
    Trouble.LOST_AFTER: 204,
    Trouble.RECEIPT_TWICE: 200,
}


def a_config(port: int, **changes: Any) -> AppriseConfig:
    url = f"json://desk:s3cret@127.0.0.1:{port}/send/{{to}}"
    return AppriseConfig(**{"service_url": url, "allow_private": True, "max_connections": 10, **changes})


class AppriseRig:
    def __init__(self, peer: AnyService, **changes: Any) -> None:
        self.peer = peer
        self.sink = EventLog()
        self.adapter = AppriseAdapter(a_config(peer.port, **changes), wall_clock)

    def outbound(self, trouble: Trouble, number: int, attempt: int = 1) -> Outbound:
        return a_phone_message(Channel.TEXT, f"+1{KINDS[trouble]}{number:07d}", number, attempt)

    def unsupported(self) -> Outbound:
        return an_email("ada@patients.example")  # it has headers

    def arrived(self) -> Counter[str]:
        return Counter(f"message-{int(one['to'][5:])}" for one in self.peer.arrivals)


class TestApprise(Conformance):
    @pytest.fixture
    async def rig(self) -> AsyncIterator[AppriseRig]:
        async with any_service() as peer:
            rig = AppriseRig(peer)
            await rig.adapter.start(rig.sink)
            yield rig
            await rig.adapter.close()


@pytest.fixture
async def rig() -> AsyncIterator[AppriseRig]:
    async with any_service() as peer:
        rig = AppriseRig(peer, answer_seconds=0.3)
        await rig.adapter.start(rig.sink)
        yield rig
        await rig.adapter.close()


def text(kind: int) -> Outbound:
    return a_phone_message(Channel.TEXT, f"+1{kind}0000001")


@pytest.mark.parametrize(
    ("kind", "state", "permanent", "code", "wait"),
    [
        (200, SendState.ACCEPTED, False, "http:204", None),
        (201, SendState.REJECTED, True, "http:400", None),
        (202, SendState.REJECTED, False, "http:503", 30),
        (204, SendState.UNKNOWN, False, "allstop:no_answer", None),
        (207, SendState.THROTTLED, False, "http:429", 7),
        (208, SendState.UNKNOWN, False, "http:500", None),
        (211, SendState.THROTTLED, False, "http:301", 60),
        (212, SendState.UNKNOWN, False, "allstop:no_answer", None),
        (213, SendState.THROTTLED, False, "http:401", 60),
    ],
)
async def test_an_answer_is_told_as_it_is_known(
    rig: AppriseRig, kind: int, state: SendState, permanent: bool, code: str, wait: int | None
) -> None:
    result = await rig.adapter.send(text(kind))
    assert (result.state, result.permanent, result.code) == (state, permanent, code)
    assert result.retry_after == (None if wait is None else timedelta(seconds=wait))
    assert not rig.peer.strays, "a redirect is not followed"


async def test_what_the_service_is_told_and_what_is_logged(rig: AppriseRig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await rig.adapter.send(replace(text(200), body="Réponse 🛑 & <co>"))
    await rig.adapter.send(text(208))
    plain = replace(an_email("ada@patients.example"), headers={})
    await rig.adapter.send(replace(plain, subject="Your appointment"))
    first, mail = rig.peer.arrivals
    assert (first["to"], first["title"], first["message"]) == ("+12000000001", "", "Réponse 🛑 & <co>")
    assert (mail["to"], mail["title"]) == ("ada@patients.example", "Your appointment")
    logged = [one.getMessage() for one in caplog.records if one.name != "aiohttp.access"]  # the service's own
    assert not [line for line in logged if any(secret in line for secret in ("s3cret", "1208", "ada@patients"))]


async def test_nothing_comes_between_the_last_look_and_the_request(
    rig: AppriseRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TN1: the library works in a thread, but the event loop, on which a stop is acknowledged, stands still."""
    order: list[str] = []
    request = HTTPConnection.request

    def slowly(*args: Any, **kwargs: Any) -> None:
        time.sleep(0.05)
        request(*args, **kwargs)
        order.append("written")

    def look() -> bool:
        order.append("looked")
        asyncio.get_running_loop().call_soon(order.append, "the next step of the loop")
        return True

    monkeypatch.setattr(HTTPConnection, "request", slowly)
    await rig.adapter.send(text(200), look)
    assert order[-3:] == ["looked", "written", "the next step of the loop"]


async def test_a_service_that_is_not_there_stops_messages_in_words() -> None:
    sink = EventLog()
    adapter = AppriseAdapter(a_config(free_port()), wall_clock)
    await adapter.start(sink)
    result = await adapter.send(text(200))
    assert (result.state, result.code) == (SendState.THROTTLED, "allstop:no_link")
    assert "Connection refused" in result.text
    assert [type(event) for event in sink.came] == [LinkDown]
    await adapter.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
async def test_without_the_setting_nothing_of_this_machine_is_reached(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with any_service() as peer:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{peer.port}")
        adapter = AppriseAdapter(AppriseConfig(f"jsons://{host}:{peer.port}/send/{{to}}"), wall_clock)
        await adapter.start(EventLog())
        result = await adapter.send(text(200))
        assert (result.state, result.code) == (SendState.THROTTLED, "allstop:no_link")
        assert "an address of this machine or of its own network" in result.text
        assert not peer.arrivals
        assert not peer.strays
        await adapter.close()


async def test_promotions_that_must_be_unsubscribable_are_refused(rig: AppriseRig) -> None:
    with pytest.raises(Unsupported, match="promotions need email by SMTP"):
        await rig.adapter.send(an_email("ada@patients.example"))
    with pytest.raises(Unsupported):
        await rig.adapter.send(a_phone_message(Channel.CALL, "+12000000001"))


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"service_url": "file:///etc/passwd"}, "must begin with one of these"),
        ({"service_url": "mailto://desk:s3cret@example.com?to={to}"}, "must begin with one of these"),
        ({"service_url": "twilio"}, "must begin with one of these"),
        ({"service_url": "jsons://host.example/send"}, "must have {to} once"),
        ({"service_url": "jsons://{to}/send"}, "must have {to} once"),
        ({"service_url": "json://host.example/{to}"}, "not encrypted: use jsons://"),
        ({"service_url": "twilio://s3cret/{to}"}, "Apprise cannot read the service_url"),
        ({"service_url": "jsons://host.example/{to}", "max_connections": 0}, "1 to 50 connections"),
    ],
)
def test_settings_that_cannot_be_are_refused_without_repeating_them(settings: dict[str, object], fault: str) -> None:
    with pytest.raises(ConfigError) as told:
        read_config(AppriseConfig, settings)
    assert fault in str(told.value)
    assert "s3cret" not in str(told.value)
    assert "s3cret" not in repr(AppriseConfig("twilio://s3cret"))


def test_each_service_of_the_list_is_known_to_the_library_and_speaks_http_only() -> None:
    from apprise.manager_plugins import NotificationManager

    manager = NotificationManager()  # type: ignore[no-untyped-call]
    for name in SERVICES:
        assert name in manager, name
        module = import_module(manager[name].__module__)
        assert hasattr(module, "requests"), f"{name} does not speak HTTP by requests"
    assert SERVICES["mailgun"] == EMAIL
    for shape in ("bulksms://id:key@{to}", "clicksend://me:key@{to}", "d7sms://key@{to}", "smsmanager://key@{to}"):
        assert read_config(AppriseConfig, {"service_url": shape}).service == shape.partition(":")[0]
    twilio = "twilio://AC0123456789abcdef0123456789abcdef:0123456789abcdef0123456789abcdef@+12125550100/{to}"
    assert service_of(AppriseConfig(twilio).address_for("+12125550123")).targets == [("T", "+12125550123")]
