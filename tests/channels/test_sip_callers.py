"""Who calls us: told by a real caller, and what of their address can be believed."""

import asyncio
import re
import socket
from datetime import UTC, datetime
from typing import Any

import pytest

from allstop.channels.adapter import Event, Inbound
from allstop.channels.configuration import ConfigError, read_config
from allstop.channels.sip.adapter import SipAdapter
from allstop.channels.sip.callers import CALLED, number_in, user_in
from allstop.channels.sip.config import SipConfig
from allstop.channels.sip.stack import Stack
from allstop.rules.words import Channel
from tests.peers.sipp import calls_us


class Heard:
    def __init__(self) -> None:
        self.callers: asyncio.Queue[Inbound] = asyncio.Queue()

    async def emit(self, event: Event) -> None:
        if isinstance(event, Inbound):
            self.callers.put_nowait(event)


@pytest.mark.parametrize(
    ("uri", "number", "user"),
    [
        ("sip:+12125550188@trunk.example;user=phone", "+12125550188", "+12125550188"),
        ('"Lee" <sips:12125550188@10.0.0.1:5061>', "+12125550188", "+12125550188"),
        ("sip:2125550188@trunk.example", "2125550188", "2125550188"),
        ("sip:desk@trunk.example", "", "desk"),
        ("sip:anonymous@anonymous.invalid", "", "anonymous"),
        ("sip:1001@pbx", "", "1001"),
        ("sip:+1212555018812345678@trunk", "", "+1212555018812345678"),
        ("sip:trunk.example", "", ""),
        ("", "", ""),
    ],
)
def test_a_number_is_read_from_an_address_or_it_is_none(uri: str, number: str, user: str) -> None:
    assert (number_in(uri), user_in(uri)) == (number, user)


def test_callers_are_told_only_where_we_register() -> None:
    with pytest.raises(ConfigError, match="only where we register"):
        read_config(SipConfig, {"host": "trunk.example", "tells_callers": True})


async def contact_registered(trunk: socket.socket) -> str:
    """What our side says at the trunk: where calls to it go. Nobody answers it, which it takes for a slow trunk."""
    loop = asyncio.get_running_loop()
    said = await asyncio.wait_for(loop.sock_recv(trunk, 65_536), 30)
    found = re.search(rb"Contact: <sip:([^;>]+)", said)
    assert found is not None, said
    return found[1].decode()


async def test_a_caller_hears_that_we_are_busy_and_is_told_once() -> None:
    """001-16: an inbound call from an unknown number is a way in."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trunk:
        trunk.bind(("127.0.0.1", 0))
        trunk.setblocking(False)
        config: dict[str, Any] = {"host": "127.0.0.1", "port": trunk.getsockname()[1], "user": "desk"}
        config |= {"password": "secret", "registers": True, "tells_callers": True}
        stack, heard = Stack("127.0.0.1", grace=0.0), Heard()
        nothing: Any = None  # no call goes out
        adapter = SipAdapter(SipConfig(**config), stack, nothing, nothing, lambda: datetime.now(UTC))
        await adapter.start(heard)
        try:
            contact = await contact_registered(trunk)
            assert await asyncio.to_thread(calls_us, contact, "12125550188", "+12125550100"), "busy, in words of SIP"
            caller = await asyncio.wait_for(heard.callers.get(), 30)
            assert (caller.channel, caller.sender, caller.to) == (Channel.CALL, "+12125550188", "+12125550100")
            assert caller.text == CALLED
            assert await asyncio.to_thread(calls_us, contact, "anonymous", "desk")
            assert heard.callers.empty(), "a withheld number is nobody to call back"
        finally:
            await adapter.close()
