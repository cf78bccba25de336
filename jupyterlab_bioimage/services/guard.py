"""Where a connection may lead: the origin is checked per request, the address per connection.

A name's answer can change between two look-ups, so the address that is connected to is the one that is judged.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import AddrInfoType
from aiohttp.resolver import ThreadedResolver

from .store import Network

#: Of IPv6 only this is given out for the public (RFC 4291, 2.4), except what lies in it for tunnels and documents:
#: 6to4 holds an IPv4 address of anybody's choice. Python's ``is_global`` knows less, and each version something else.
_PUBLIC = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC = tuple(map(ipaddress.IPv6Network, ("2001::/32", "2002::/16", "3fff::/20")))
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # the last 32 bits are the IPv4 address it leads to (RFC 6052, 2.1)

LOOKUP = 4.0  # s for a name; the system's own limit may be half a minute


class AddressDeniedError(OSError):
    """The address is not public and the operator has not named its range."""


def _leads_to(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """IPv4 in IPv6 clothes as the IPv4 it is."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return ip.ipv4_mapped
        if ip in _NAT64:
            return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def _is_public(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(ip, ipaddress.IPv6Address) and (ip not in _PUBLIC or any(ip in range_ for range_ in _NOT_PUBLIC)):
        return False
    return ip.is_global and not ip.is_multicast


class AddressGuard:
    """Lets public addresses through, and those of ``networks``; on one port only."""

    def __init__(self, port: int, networks: Sequence[Network]) -> None:
        self._port = port
        self._networks = tuple(networks)

    def check(self, address: str, port: int) -> None:
        """AddressDeniedError where neither the operator has named the address nor everybody may reach it."""
        ip = _leads_to(ipaddress.ip_address(address.partition("%")[0]))
        named = any(ip in network for network in self._networks)
        if port != self._port or not (named or _is_public(ip)):
            raise AddressDeniedError("address not allowed")

    def open_socket(self, info: AddrInfoType) -> socket.socket:
        """The last gate: called for every address, literal ones too, just before connecting."""
        family, kind, proto, _, address = info
        self.check(str(address[0]), int(address[1]))
        return socket.socket(family, kind, proto)


class GuardedResolver(AbstractResolver):
    """Refuses a name when any of its addresses is not allowed, so that nothing depends on which one is tried."""

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        try:
            async with asyncio.timeout(LOOKUP):
                results = await self._resolver.resolve(host, port, family)
        except TimeoutError:
            raise OSError("name lookup took too long") from None
        for result in results:
            self._guard.check(result["host"], port)
        return results

    async def close(self) -> None:
        await self._resolver.close()
