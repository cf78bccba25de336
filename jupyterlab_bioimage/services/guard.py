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

LOOKUP = 4.0  # s for a name; the system's own limit may be half a minute


class AddressDeniedError(OSError):
    """The address is not public and the operator has not named its range."""


class AddressGuard:
    """Lets public addresses through, and those of ``networks``; on one port only."""

    def __init__(self, port: int, networks: Sequence[Network]) -> None:
        self._port = port
        self._networks = tuple(networks)

    def check(self, address: str, port: int) -> None:
        """AddressDeniedError; IPv4 in IPv6 clothes is judged as the IPv4 it is."""
        ip = ipaddress.ip_address(address.partition("%")[0])
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        named = any(ip in network for network in self._networks)
        if port != self._port or not (named or (ip.is_global and not ip.is_multicast)):
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
