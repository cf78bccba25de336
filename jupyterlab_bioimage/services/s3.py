"""S3-compatible storage without credentials, by path-style addresses."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

import aiohttp

from ..errors import BioImageError
from ..said import say
from .client import TIMEOUT, Upstream
from .folders import ZARR_DOCUMENTS
from .http import HttpStore
from .keys import check_key, check_prefix
from .limits import MAX_DOCUMENT, PAGE
from .listxml import BucketPage, parse_page
from .store import Entry, Listing, StoreConfig
from .verify import bad, check_status, read_body

_LONGEST_CURSOR = 4096


class S3Store(HttpStore):
    """Objects of one bucket below ``config.prefix``.

    An object stored in one piece has its MD5 as ETag; one of several parts has a dash in it.
    """

    sums = True

    def __init__(self, config: StoreConfig, upstream: Upstream, timeout: aiohttp.ClientTimeout = TIMEOUT) -> None:
        super().__init__(config, f"{config.endpoint}/{config.bucket}", upstream, timeout)

    def _full(self, key: str) -> str:
        return f"{self.config.prefix}/{key}" if self.config.prefix else key

    def path(self, key: str) -> str:
        return super().path(self._full(key))

    async def list(self, prefix: str, cursor: str | None = None, limit: int = PAGE) -> Listing:
        """One request: folders are what the storage itself groups, Zarr ones are known by their name."""
        prefix = check_prefix(prefix)
        if cursor is not None and len(cursor) > _LONGEST_CURSOR:
            raise BioImageError("BAD_REQUEST", say("The cursor is not valid."))
        folder = self._full(prefix) + "/" if prefix else self._full("")
        query = {
            "delimiter": "/",
            "encoding-type": "url",
            "list-type": "2",
            "max-keys": str(limit),
            "prefix": folder,
        }
        if cursor:
            query["continuation-token"] = cursor
        text = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        data = await self.retrier.run(lambda: self._fetch(f"?{text}"))
        page, entries = await asyncio.to_thread(_read_page, data, folder)
        if prefix and not cursor and not page.files and not page.folders:
            raise BioImageError("NOT_FOUND", say("There is no such folder."))
        # A storage that repeats its token would keep us asking for ever.
        return Listing(entries, page.token if page.token != cursor else None)

    async def _fetch(self, query: str) -> bytes:
        async with self.client.request("GET", query) as response:
            await check_status(response, False)
            if response.status != 200:
                raise bad(f"status {response.status}")
            return await read_body(response, None, MAX_DOCUMENT)


def _read_page(data: bytes, folder: str) -> tuple[BucketPage, list[Entry]]:
    page = parse_page(data)
    return page, _entries(page, folder)


def _entries(page: BucketPage, folder: str) -> list[Entry]:
    entries = []
    for key in page.folders:
        name = key.removeprefix(folder).removesuffix("/")
        if key.startswith(folder) and _plain(name):
            entries.append(Entry(name, "zarr" if name.endswith(".zarr") else "folder"))
    for key, size in page.files:
        name = key.removeprefix(folder)
        if key.startswith(folder) and (name in ZARR_DOCUMENTS or _plain(name)):
            entries.append(Entry(name, "file", size))
    return sorted(entries, key=lambda entry: entry.name)


def _plain(name: str) -> bool:
    """Whether a name can be asked for and is meant to be seen."""
    if name.startswith(".") or "/" in name:
        return False
    try:
        check_key(name)
    except BioImageError:
        return False
    return True
