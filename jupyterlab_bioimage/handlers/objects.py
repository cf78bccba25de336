"""GET and HEAD of one object: single ranges, ETag, 304."""

from __future__ import annotations

import re

from tornado import web

from ..errors import BioImageError
from ..said import say
from ..services.keys import check_key
from ..services.limits import SMALL_READ, WAIT
from ..services.store import Blob, Item, Stat, Store
from .base import BINARY, BioImageHandler, cancellable
from .frames import PIECE

_RANGE = re.compile(r"bytes=(\d{0,16})-(\d{0,16})")


def parse_range(key: str, header: str | None) -> Item:
    """The item a Range header asks for. Exactly one range; anything else is BAD_REQUEST rather than a surprise."""
    if header is None:
        return Item(key)
    match = _RANGE.fullmatch(header.strip())
    if not match or match[1] == match[2] == "":
        raise BioImageError("BAD_REQUEST", say("Only a single range of bytes can be asked for."))
    if match[1] == "":
        if int(match[2]) == 0:
            raise BioImageError("BAD_REQUEST", say("The range is empty."), status=416)
        return Item(key, suffix=int(match[2]))
    start = int(match[1])
    end = int(match[2]) + 1 if match[2] else None  # HTTP's end is inclusive, ours exclusive
    if end is not None and end <= start:
        raise BioImageError("BAD_REQUEST", say("The range ends before it begins."))
    return Item(key, start, end)


class ObjectHandler(BioImageHandler):
    """GET and HEAD of one object or one range of it."""

    @web.authenticated
    @cancellable
    async def head(self, id: str, key: str) -> None:
        store = self.stores.get(id)
        stat = await store.stat(check_key(key))
        self._describe(store, stat)
        if self._unchanged(stat):
            return
        self.set_header("Content-Length", str(stat.size))
        await self.finish(set_content_type=BINARY)

    @web.authenticated
    @cancellable
    async def get(self, id: str, key: str) -> None:
        store = self.stores.get(id)
        ranges = self.request.headers.get_list("Range")
        if len(ranges) > 1:
            raise BioImageError("BAD_REQUEST", say("Only a single range of bytes can be asked for."))
        item = parse_range(check_key(key), ranges[0] if ranges else None)
        headers = self.request.headers
        if "If-None-Match" in headers or "If-Range" in headers:
            stat = await store.stat(key)  # answered without reading the bytes
            self._describe(store, stat)
            if self._unchanged(stat):
                return
            if headers.get("If-Range", stat.etag) != stat.etag:
                item = Item(key)
        await self._send(store, item)

    def _describe(self, store: Store, stat: Stat | Blob) -> None:
        self.set_header("Accept-Ranges", "bytes")
        self.set_header("Content-Disposition", "attachment")  # opened in a tab it is a download, whatever it holds
        if stat.etag:
            self.set_header("Etag", stat.etag)
        kept = "private, max-age=31536000, immutable" if store.config.immutable else "private, no-cache"
        self.set_header("Cache-Control", kept)

    def _unchanged(self, stat: Stat) -> bool:
        if not stat.etag or not self.check_etag_header():
            return False
        self.set_status(304)
        self.finish(set_content_type=BINARY)
        return True

    async def _send(self, store: Store, item: Item) -> None:
        held, limit = self.state.held, self.state.config.max_read_bytes
        reserved = min(item.expected or SMALL_READ, limit)
        await held.acquire(reserved, WAIT)
        try:
            blob = await store.read(item, limit)
            held.adjust(len(blob.data) - reserved)
            reserved = len(blob.data)
            self._describe(store, blob)
            if not item.whole:
                self.set_status(206)
                self.set_header("Content-Range", f"bytes {blob.start}-{blob.start + reserved - 1}/{blob.size}")
            self.set_header("Content-Length", str(reserved))
            self.set_header("Content-Type", BINARY)
            for at in range(0, reserved, PIECE):
                self.write(blob.data[at : at + PIECE] if reserved > PIECE else blob.data)
                await self.flush()
            await self.finish(set_content_type=BINARY)
        finally:
            held.release(reserved)
