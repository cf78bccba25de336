"""The server's only way out: one aiohttp session per store, bound to that store's origin.

No redirects, no cookies, no proxies or credentials of the environment, no decompression.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from yarl import URL

from .. import __version__
from ..errors import BioImageError
from ..said import say
from .guard import AddressDeniedError, AddressGuard, GuardedResolver
from .retry import RetryableError
from .store import Network

PER_STORE, TOGETHER = 16, 32  # requests in flight
TIMEOUT = aiohttp.ClientTimeout(total=30, sock_connect=3, sock_read=10)  # s; sock_read: first byte, and between two


class Upstream:
    """What all stores and catalogues share: the number of requests in flight, and the name we ask under."""

    def __init__(self, agent: str = f"jupyterlab-bioimage/{__version__}") -> None:
        self.slots = asyncio.Semaphore(TOGETHER)
        self.agent = agent


class CertificateError(BioImageError):
    """The upstream is not who it says it is; nothing was asked of it."""

    def __init__(self, detail: str = "") -> None:
        super().__init__("UPSTREAM_BAD", say("The store's certificate is not valid."), detail=detail)


def _translate(error: Exception) -> BioImageError:
    """aiohttp's failures in our words. Only those that may pass are worth another try."""
    detail = type(error).__name__
    if isinstance(error, aiohttp.ClientSSLError):
        return CertificateError(detail)
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, AddressDeniedError):
        return BioImageError("STORE_DENIED", say("The store's name leads to an address that is not allowed."))
    if isinstance(error, (aiohttp.ClientConnectorDNSError, aiohttp.ConnectionTimeoutError)):
        return BioImageError("UPSTREAM_DOWN", detail=detail)
    if isinstance(error, TimeoutError):
        return BioImageError("UPSTREAM_SLOW", detail=detail)
    if isinstance(error, aiohttp.ClientConnectionError):
        return RetryableError("UPSTREAM_DOWN", detail=detail)
    if isinstance(error, aiohttp.ClientPayloadError):
        return RetryableError("UPSTREAM_BAD", detail=detail)
    return BioImageError("UPSTREAM_BAD", detail=detail)


class UpstreamClient:
    """Requests to one origin. ``base`` has no trailing slash."""

    def __init__(
        self, base: str, networks: tuple[Network, ...], upstream: Upstream, timeout: aiohttp.ClientTimeout = TIMEOUT
    ) -> None:
        self.base = base
        self._origin = URL(base, encoded=True).origin()
        self._guard = AddressGuard(self._origin.port or 0, networks)
        self._upstream = upstream
        self._own = asyncio.Semaphore(PER_STORE)
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:  # needs the running loop, so not in the constructor
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=GuardedResolver(self._guard),
                    socket_factory=self._guard.open_socket,
                    limit=PER_STORE,
                    ttl_dns_cache=60,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,
                headers={"Accept-Encoding": "identity", "User-Agent": self._upstream.agent},
                timeout=self._timeout,
            )
        return self._session

    @asynccontextmanager
    async def request(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer whose status has not been judged. ``path`` follows the base and is quoted already."""
        url = URL(self.base + path, encoded=True)
        if url.origin() != self._origin or url.user or url.password:
            raise BioImageError("STORE_DENIED")
        async with self._own, self._upstream.slots:
            try:
                async with self._open().request(
                    method, url, headers=headers, data=body, allow_redirects=False
                ) as response:
                    yield response
            except (aiohttp.ClientError, TimeoutError) as error:
                raise _translate(error) from error

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()
