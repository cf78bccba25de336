"""Sums that a storage names as the ETags of whole objects, and what they are worth."""

from __future__ import annotations

import asyncio
import hashlib
import re

from ..errors import BioImageError

_MD5 = re.compile(r'"([0-9a-f]{32})"')
_AT_ONCE = 1 << 20  # bytes hashed on the event loop: some 2 ms
MISSES = 8  # ETags that look like sums and are none, until a store's are not looked at any more


def _md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


class DigestError(BioImageError):
    """The bytes are not those whose MD5 the storage names."""

    def __init__(self) -> None:
        super().__init__("BAD_CHUNK", detail="MD5 differs from the ETag")


class Digests:
    """The ETags of one store. ``sure``: 32 digits are a sum (S3); else once one has matched, never by chance."""

    def __init__(self, sure: bool) -> None:
        self._sure = sure
        self._misses = 0

    async def check(self, body: bytes, etag: str | None) -> None:
        """DigestError where a whole object is not what was stored, as far as its ETag tells."""
        digest = _MD5.fullmatch(etag or "")
        if digest is None or (not self._sure and self._misses >= MISSES):
            return
        found = _md5(body) if len(body) < _AT_ONCE else await asyncio.to_thread(_md5, body)
        if found == digest[1]:
            self._sure = True
        elif self._sure:
            raise DigestError
        else:
            self._misses += 1
