"""Judging an upstream's answer before a byte of it is believed."""

from __future__ import annotations

import re
import time
from email.utils import parsedate_to_datetime

import aiohttp

from ..errors import BioImageError, TooLargeError, absent
from .limits import MAX_READ
from .retry import RetryableError

_ETAG = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"')
_RANGE = re.compile(r"bytes (\d{1,16})-(\d{1,16})/(\d{1,16})")
_PAGES = ("text/html", "application/xhtml+xml")
#: Beginnings that no chunk has by chance.
_PAGE_START = re.compile(rb"\s*<(?:!doctype|html|head|\?xml|error|listbucketresult)", re.IGNORECASE)
_SNIFFED = 512  # bytes
_TEXTS = (".xml", ".html", ".htm", ".xhtml", ".svg", ".ome")
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


def bad(detail: str) -> BioImageError:
    """UPSTREAM_BAD; ``detail`` is for the log."""
    return BioImageError("UPSTREAM_BAD", detail=detail)


def strong_etag(response: aiohttp.ClientResponse) -> str | None:
    """The ETag when it identifies bytes; weak and malformed ones do not."""
    text = response.headers.get("ETag", "")
    return text if _ETAG.fullmatch(text) else None


def retry_after(response: aiohttp.ClientResponse) -> float | None:
    """s the upstream asks us to wait, given as a number or a date; None where it says nothing that can be read."""
    text = response.headers.get("Retry-After", "")
    if text.isascii() and text.isdigit() and len(text) < 8:
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if date.tzinfo is None:
        return None
    return max(0.0, date.timestamp() - time.time())


async def check_status(response: aiohttp.ClientResponse, absent_is_403: bool) -> None:
    """Returns for 200, 206, 416; all else is a failure, of which only 404 (or 403 by agreement) is absence."""
    status = response.status
    if status in (200, 206, 416):
        return
    detail = f"status {status}"
    if status == 404:
        # A missing bucket is a wrong configuration, not millions of absent chunks.
        if response.method != "HEAD" and b"NoSuchBucket" in await response.content.read(4096):
            raise bad("no such bucket")
        raise absent()
    if status == 403 and absent_is_403:
        raise absent()
    if status in (401, 403):
        raise BioImageError("UPSTREAM_DENIED", detail=detail)
    if status == 412:
        raise BioImageError("CHANGED", detail=detail)
    if status in PASSING:
        code = "UPSTREAM_SLOW" if status in (408, 504) else "UPSTREAM_DOWN"
        raise RetryableError(code, detail=detail, after=retry_after(response))
    raise bad(detail)  # redirects too


def check_type(response: aiohttp.ClientResponse, key: str) -> None:
    """Refuses compressed bodies, and a web page in the place of data (a login page, say)."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise bad("content encoding")
    if response.content_type in _PAGES and not key.endswith((".html", ".htm", ".xhtml")):
        raise bad("a web page")


def check_page(body: bytes, key: str) -> None:
    """Refuses a page that came with a good status and any type in the place of data: of a login, a proxy, an error."""
    if _PAGE_START.match(body[:_SNIFFED]) and not key.lower().endswith(_TEXTS):
        raise bad("a web page")


def content_range(response: aiohttp.ClientResponse, start: int, end: int | None) -> tuple[int, int]:
    """``(end, size)`` of a 206 that answers exactly the range asked for; ``end`` is exclusive, None = all the rest."""
    match = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if not match:
        raise bad("content range")
    first, last, size = int(match[1]), int(match[2]), int(match[3])
    wanted = size if end is None else min(end, size)
    if first != start or last + 1 != wanted or last < first:
        raise bad("content range")
    if response.content_length is not None and response.content_length != wanted - start:
        raise bad("content length")
    return wanted, size


async def read_body(response: aiohttp.ClientResponse, expected: int | None, limit: int) -> bytes:
    """Exactly ``expected`` bytes (None: as many as come). TooLargeError before more than ``limit`` are taken."""
    size = response.content_length if expected is None else expected
    if size is not None and size > limit:
        raise TooLargeError(size)
    body = bytearray()
    async for part in response.content.iter_any():
        body += part
        if expected is not None and len(body) > expected:
            raise bad("too many bytes")
        if len(body) > limit:  # no length was announced: try with the largest limit, then give up
            raise TooLargeError(MAX_READ if limit < MAX_READ else limit + 1)
    if size is not None and len(body) != size:
        raise RetryableError("UPSTREAM_BAD", detail="too few bytes")
    return bytes(body)
