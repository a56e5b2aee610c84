"""One event by HTTP to the address of a webhook: signed, in limited time, without redirects, not to private addresses.

It answers in values: whether the other side has taken it (2xx), the status, the first bytes of what it said.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import aiohttp

from allstop import __version__
from allstop.channels.guard import PrivateAddress, PublicResolver, check_literal
from allstop.rules.webhooks import signature

TIME_LIMIT = 15.0  # seconds for the whole of it
CONNECTIONS = 400
LONGEST_ANSWER = 500  # of it is kept
PLAIN = "Only addresses that begin with https:// are reached."


@dataclass(frozen=True, slots=True)
class Answer:
    is_taken: bool
    code: int | None  # None: no answer came
    words: str
    took_ms: int


def body_of(kind: str, at: datetime, data: Mapping[str, Any]) -> bytes:
    return json.dumps({"type": kind, "timestamp": at.isoformat(), "data": data}, separators=(",", ":")).encode()


def webhook_id(key: UUID) -> str:
    return f"evt_{key.hex}"


class Caller:
    """Connections that deliveries share. `private`: also plain HTTP and addresses of the own network."""

    def __init__(self, *, private: bool) -> None:
        self._private = private
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, resolver=None if private else PublicResolver()),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,  # a proxy would connect for us, past the guard
            auto_decompress=False,  # what is kept of an answer is short; a bomb stays packed
            timeout=aiohttp.ClientTimeout(total=TIME_LIMIT),
        )

    async def deliver(self, url: str, secrets: list[str], key: UUID, body: bytes, now: datetime) -> Answer:
        headers = {
            "content-type": "application/json",
            "user-agent": f"Allstop/{__version__}",
            "accept-encoding": "identity",
            "webhook-id": webhook_id(key),
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature(secrets, webhook_id(key), now, body),
        }
        began = monotonic()
        try:
            code, words = await self._post(url, headers, body)
        except (aiohttp.ClientError, OSError, ValueError) as fault:  # ValueError: an address that is none
            return Answer(False, None, _words(fault), _ms(began))
        return Answer(200 <= code <= 299, code, words, _ms(began))

    async def _post(self, url: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
        parts = urlsplit(url)
        if not self._private:
            if parts.scheme != "https":
                raise PrivateAddress(PLAIN)
            check_literal(parts.hostname)
        async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
            said = await answer.content.read(LONGEST_ANSWER)
            if 300 <= answer.status <= 399:
                return answer.status, "Redirects are not followed: enter the address to which it leads."
            return answer.status, _printable(said)

    async def close(self) -> None:
        await self._session.close()


def _printable(said: bytes) -> str:
    words = said.decode("utf-8", "replace")
    return "".join(c if c.isprintable() or c == "\n" else " " for c in words)[:LONGEST_ANSWER]


def _words(fault: BaseException) -> str:
    """aiohttp wraps what the guard said into words of its own."""
    if isinstance(fault, TimeoutError):
        return f"No answer within {TIME_LIMIT:g} seconds."
    cause = fault.__cause__
    words = str(cause if isinstance(cause, PrivateAddress) else fault) or type(fault).__name__
    return _printable(words.encode())[:LONGEST_ANSWER]


def _ms(began: float) -> int:
    return round((monotonic() - began) * 1000)
