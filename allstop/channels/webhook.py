"""One event by HTTP to the address of a webhook: signed, in limited time, without redirects, not to private addresses.

It answers in values: whether the other side has taken it (2xx), the status, the first bytes of what it said.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

from aiohttp import ThreadedResolver

from allstop import __version__
from allstop.channels.guard import PrivateAddress, PublicResolver
from allstop.channels.webhook_wire import SECURE, Place, Wire, place_of
from allstop.rules.webhooks import signature

TIME_LIMIT = 15.0  # seconds for the whole of it
LONGEST_ANSWER = 500  # of it is kept
PLAIN = "Only addresses that begin with https:// are reached."
REDIRECT = "Redirects are not followed: enter the address to which it leads."
_HEAD = (
    f"user-agent: Allstop/{__version__}\r\ncontent-type: application/json\r\naccept-encoding: identity\r\n"
    "webhook-id: %s\r\nwebhook-timestamp: %d\r\nwebhook-signature: %s\r\n"
)
_dumps = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Answer:
    is_taken: bool
    code: int | None  # None: no answer came
    words: str
    took_ms: int


def body_of(kind: str, at: datetime, data: Mapping[str, Any]) -> bytes:
    return _dumps({"type": kind, "timestamp": at.isoformat(), "data": data}).encode("ascii")


def webhook_id(key: UUID) -> str:
    return f"evt_{key.hex}"


class Caller:
    """Connections that deliveries share. `private`: also plain HTTP and addresses of the own network."""

    def __init__(self, *, private: bool) -> None:
        self._private = private
        resolver = ThreadedResolver() if private else PublicResolver()
        self._wire = Wire(resolver, public_only=not private, longest=LONGEST_ANSWER)

    async def deliver(self, url: str, secrets: Sequence[str], key: UUID, body: bytes, now: datetime) -> Answer:
        name = webhook_id(key)
        head = _HEAD % (name, int(now.timestamp()), signature(secrets, name, now, body))
        began = monotonic()
        try:
            code, said = await self._wire.post(self._place(url), head.encode("ascii"), body, TIME_LIMIT)
        except (OSError, ValueError) as fault:  # ValueError: an address that is none
            return Answer(False, None, _words(fault), _ms(began))
        words = REDIRECT if 300 <= code <= 399 else _printable(said)
        return Answer(200 <= code <= 299, code, words, _ms(began))

    def _place(self, url: str) -> Place:
        place = place_of(url)
        if not self._private and place.scheme != SECURE:
            raise PrivateAddress(PLAIN)
        return place

    async def close(self) -> None:
        await self._wire.close()


def _printable(said: bytes) -> str:
    if not said:
        return ""
    words = said.decode("utf-8", "replace")
    return "".join(c if c.isprintable() or c == "\n" else " " for c in words)[:LONGEST_ANSWER]


def _words(fault: BaseException) -> str:
    if isinstance(fault, TimeoutError):
        return f"No answer within {TIME_LIMIT:g} seconds."
    return _printable((str(fault) or type(fault).__name__).encode())


def _ms(began: float) -> int:
    return round((monotonic() - began) * 1000)
