"""Reading objects of a web server under the rules for answers that may lie."""

from __future__ import annotations

from urllib.parse import quote

import aiohttp

from ..errors import BioImageError, TooLargeError
from ..said import say
from .client import TIMEOUT, Upstream, UpstreamClient
from .digests import DigestError, Digests
from .limits import MAX_READ, MIB, PAGE
from .retry import Retrier, RetryableError
from .store import Blob, Item, Listing, Stat, Store, StoreConfig, span
from .verify import bad, check_page, check_status, check_type, content_range, read_body, strong_etag

#: A server that ignores Range and sends the whole object is believed up to this size, and cut here.
SLICED = 8 * MIB


class HttpStore(Store):
    """Objects below ``base``; a subclass says how to list them."""

    parallel = 16
    sums = False  # ETags of 32 digits are known to be MD5 sums

    def __init__(
        self, config: StoreConfig, base: str, upstream: Upstream, timeout: aiohttp.ClientTimeout = TIMEOUT
    ) -> None:
        super().__init__(config)
        self.client = UpstreamClient(base, config.networks, upstream, timeout)
        self.retrier = Retrier()
        self._digests = None if config.opaque_etags else Digests(self.sums)
        self._steady = True  # an object has one ETag until it changes

    def path(self, key: str) -> str:
        """What follows the base, with every byte that is not a plain letter quoted once."""
        return "/" + quote(key, safe="/~")

    async def read(self, item: Item, limit: int = MAX_READ) -> Blob:
        if item.expected is not None and item.suffix is None and item.expected > limit:
            raise TooLargeError(item.expected)
        match = None
        if item.suffix is not None:
            # Not every storage knows suffix ranges, and some get them wrong: ask for the size, then for the bytes.
            stat = await self.stat(item.key)
            start, end = span(item, stat.size, limit)
            item, match = Item(item.key, start, end, match=item.match or stat.etag), stat.etag
        try:
            try:
                blob = await self.retrier.run(lambda: self._read(item, limit, match))
            except DigestError:  # broken on the way once; broken in the storage twice
                blob = await self.retrier.run(lambda: self._read(item, limit, match))
        except _UnsatisfiableError:
            stat = await self.stat(item.key)
            span(item, stat.size, limit)  # raises 416 when the range lies outside
            raise bad("416 for a valid range") from None
        if self._steady and not item.matches(blob.etag):
            await self._refuse_change(item.key)
        return blob

    async def _refuse_change(self, key: str) -> None:
        """CHANGED, unless the storage gives an object another ETag with every answer: then they tell nothing."""
        tags = {(await self.stat(key)).etag for _ in range(3)}
        if len(tags) == 1:
            raise BioImageError("CHANGED", detail="another ETag than before")
        self._steady = False

    async def _read(self, item: Item, limit: int, match: str | None) -> Blob:
        headers = {}
        if item.start is not None:
            headers["Range"] = f"bytes={item.start}-{'' if item.end is None else item.end - 1}"
        if match:
            headers["If-Match"] = match
        async with self.client.request("GET", self.path(item.key), headers) as response:
            await check_status(response, self.config.absent_is_403)
            if response.status == 416:
                raise _UnsatisfiableError if item.start is not None else bad("416 without a range")
            check_type(response, item.key)
            etag = strong_etag(response)
            if item.start is None:
                if response.status != 200:
                    raise bad("206 without a range")
                body = await self._whole(response, item.key, etag, limit)
                return Blob(body, etag, len(body))
            if response.status == 206:
                end, size = content_range(response, item.start, item.end)
                body = await read_body(response, end - item.start, limit)
                if item.start == 0:
                    check_page(body, item.key)
                return Blob(body, etag, size, item.start)
            return await self._slice(response, item, etag, limit)

    async def _whole(self, response: aiohttp.ClientResponse, key: str, etag: str | None, limit: int) -> bytes:
        """The body of a 200, which is neither an error nor a page, and has the sum that the storage names."""
        body = await read_body(response, None, limit)
        _check_error_page(response, body)
        check_page(body, key)
        if self._digests is not None:
            await self._digests.check(body, etag)
        return body

    async def _slice(self, response: aiohttp.ClientResponse, item: Item, etag: str | None, limit: int) -> Blob:
        """A 200 to a ranged request: the whole object comes. Small ones are cut, large ones are not downloaded."""
        if response.content_length is None or response.content_length > SLICED:
            raise bad("range ignored")
        body = await self._whole(response, item.key, etag, SLICED)
        start, end = span(item, len(body), limit)
        return Blob(body[start:end], etag, len(body), start)

    async def stat(self, key: str) -> Stat:
        return await self.retrier.run(lambda: self._stat(key))

    async def _stat(self, key: str) -> Stat:
        async with self.client.request("HEAD", self.path(key)) as response:
            if response.status not in (405, 501):
                await check_status(response, self.config.absent_is_403)
                check_type(response, key)
                # Read from the header itself: a missing one must not be taken for 0.
                length = response.headers.get("Content-Length", "")
                if response.status == 200 and length.isascii() and length.isdigit():
                    return Stat(int(length), strong_etag(response))
        # No HEAD here, or one without a length: the first byte tells the size too.
        async with self.client.request("GET", self.path(key), {"Range": "bytes=0-0"}) as response:
            await check_status(response, self.config.absent_is_403)
            check_type(response, key)
            if response.status == 206:
                return Stat(content_range(response, 0, 1)[1], strong_etag(response))
            if response.status == 200 and response.content_length is not None:
                return Stat(response.content_length, strong_etag(response))
            raise bad("no length")

    async def list(self, prefix: str, cursor: str | None = None, limit: int = PAGE) -> Listing:
        raise BioImageError(
            "UNSUPPORTED", say("This store cannot be listed."), hint=say("Open an image by its address.")
        )

    async def close(self) -> None:
        await self.client.close()


class _UnsatisfiableError(BioImageError):
    """416: either the range lies outside the object, or the storage is wrong."""

    def __init__(self) -> None:
        super().__init__("UPSTREAM_BAD", detail="416")


def _check_error_page(response: aiohttp.ClientResponse, body: bytes) -> None:
    """S3 storage sometimes says 200 and then sends an error document."""
    if "xml" in response.content_type and len(body) < 4096 and b"<Error>" in body:
        if b"<Code>SlowDown<" in body or b"<Code>InternalError<" in body:
            raise RetryableError("UPSTREAM_DOWN", detail="200 with an error")
        raise bad("200 with an error")


class HttpsStore(HttpStore):
    """A web server: objects by address, no listing."""

    def __init__(self, config: StoreConfig, upstream: Upstream, timeout: aiohttp.ClientTimeout = TIMEOUT) -> None:
        super().__init__(config, config.url, upstream, timeout)
