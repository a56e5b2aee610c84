"""What the tests of SMPP share: settings for a peer on loopback, and a sleep that does not take long."""

import asyncio
from typing import Any

from allstop.channels.smpp.config import Encryption, SmppConfig
from tests.peers.smsc import PASSWORD, USER


def a_config(port: int, **changes: Any) -> SmppConfig:
    settings: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "system_id": USER,
        "password": PASSWORD,
        "encryption": Encryption.NONE,
        "timeout_seconds": 2.0,
        "answer_seconds": 2.0,
    }
    return SmppConfig(**{**settings, **changes})


async def sleepless(seconds: float) -> None:
    await asyncio.sleep(seconds / 100)
