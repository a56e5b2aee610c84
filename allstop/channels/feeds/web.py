"""Reads an address: in limited time, of limited size, not from private addresses, and with redirects looked at too."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import aiohttp

from allstop import __version__
from allstop.channels.feeds.place import PlaceFault
from allstop.channels.guard import PrivateAddress, PublicResolver, check_literal

TIME_LIMIT = 60.0  # seconds for one answer
REDIRECTS = 4
_PIECE = 1 << 16

_REFUSALS = {
    401: "The server wants another token or password (401).",
    403: "The server does not allow this to read it (403).",
    404: "There is nothing at this address (404).",
    410: "There is nothing at this address any more (410).",
    429: "The server wants to be asked less often (429).",
}


@dataclass(frozen=True, slots=True)
class Said:
    url: str  # that answered in the end
    content: bytes


def read_address(url: str, headers: Mapping[str, str], most: int, *, private: bool) -> Said:
    """`private`: also plain HTTP and addresses of this machine and of its own network. Raises PlaceFault."""
    with _in_words():
        return asyncio.run(_read(url, dict(headers), most, private=private))


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except PrivateAddress as refused:
        raise PlaceFault(f"{refused}.") from refused
    except TimeoutError as late:
        raise PlaceFault(f"The server did not answer within {TIME_LIMIT:g} seconds.") from late
    except (aiohttp.ClientError, OSError, ValueError) as fault:  # ValueError: an address that is none
        cause = fault.__cause__
        if isinstance(cause, PrivateAddress):
            raise PlaceFault(f"{cause}.") from fault
        raise PlaceFault(f"The server cannot be reached ({type(fault).__name__}).") from fault  # its words name the URL


def post_json(url: str, headers: Mapping[str, str], body: bytes, *, private: bool) -> None:
    """Raises PlaceFault unless the server has taken it. A redirect is not followed: it would go to somebody else."""
    with _in_words():
        asyncio.run(_post(url, dict(headers), body, private=private))


async def _post(url: str, headers: dict[str, str], body: bytes, *, private: bool) -> None:
    async with _session(private=private) as session:
        _check(url, private=private)
        async with session.post(url, headers=headers, data=body, allow_redirects=False) as answer:
            if answer.status not in (200, 201, 202, 204):
                raise PlaceFault(_REFUSALS.get(answer.status, f"The server refused it (HTTP {answer.status})."))


async def _read(url: str, headers: dict[str, str], most: int, *, private: bool) -> Said:
    async with _session(private=private) as session:
        for _ in range(REDIRECTS + 1):
            _check(url, private=private)
            async with session.get(url, headers=headers, allow_redirects=False) as answer:
                if 300 <= answer.status <= 399 and (to := answer.headers.get("location")):
                    before, url = url, urljoin(url, to)
                    if urlsplit(before).netloc != urlsplit(url).netloc:
                        headers.pop("authorization", None)  # it was for the other server
                    continue
                if answer.status != 200:
                    words = _REFUSALS.get(answer.status, f"The server refused it (HTTP {answer.status}).")
                    raise PlaceFault(words)
                return Said(url, await _content(answer, most))
    raise PlaceFault("The address leads from one to the next without an end.")


def _session(*, private: bool) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=None if private else PublicResolver()),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,  # a proxy would connect for us, past the guard
        timeout=aiohttp.ClientTimeout(total=TIME_LIMIT),
        headers={"user-agent": f"Allstop/{__version__}"},
    )


def _check(url: str, *, private: bool) -> None:
    parts = urlsplit(url)
    if private:
        return
    if parts.scheme != "https":
        raise PlaceFault("Only addresses that begin with https:// are read.")
    check_literal(parts.hostname)


async def _content(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """Unpacked, so that a small answer that grows is cut off as well."""
    content = bytearray()
    async for piece in answer.content.iter_chunked(_PIECE):
        content += piece
        if len(content) > most:
            raise PlaceFault(f"The answer is larger than {most >> 20} MB.")
    return bytes(content)
