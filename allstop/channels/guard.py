"""Keeps outgoing HTTP of ours away from private addresses: whoever may type a provider's address must not be able to
reach the services of this machine or of its network.

A name is looked up once, and the connection goes to exactly the addresses that were looked at. Redirects are not
followed by those who use this. Loopback is reached only where a setting says so.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import NoReturn

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

_NAT64 = IPv6Network("64:ff9b::/96")


class PrivateAddress(OSError):
    """Not reached: it is an address of this machine or of its own network."""


def is_public(address: str) -> bool:
    try:
        return _is_public(ip_address(address.partition("%")[0]))
    except ValueError:
        return False


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None,))[0]
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return _is_public(inner)
    return address.is_global and not address.is_multicast


def refuse(host: str) -> NoReturn:
    raise PrivateAddress(f"{host} is an address of this machine or of its own network, which is not reached")


def check_literal(host: str | None) -> None:
    """A host that is an address is never looked up, so it is looked at here. Raises PrivateAddress."""
    bare = (host or "").strip("[]")
    try:
        ip_address(bare.partition("%")[0])
    except ValueError:
        return
    if not is_public(bare):
        refuse(bare)


class PublicResolver(AbstractResolver):
    def __init__(self, inner: AbstractResolver | None = None) -> None:
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        public = [one for one in found if is_public(one["host"])]
        if not public:
            refuse(host)
        return public

    async def close(self) -> None:
        await self._inner.close()
