"""Judging a catalogue's answer before it leaves: only status 200, only types of data, at most so many bytes.

A login page, an error page of a proxy or a redirect to documentation comes with 200 as well; none of it is an answer.
"""

from __future__ import annotations

import json
import re

import aiohttp

from ..errors import BioImageError, TooLargeError
from ..said import Said, say
from .limits import MIB
from .retry import RetryableError
from .verify import PASSING, retry_after

MAX_ANSWER = 16 * MIB  # bytes; a file list of 10^5 entries has some 15
PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
TEXTS = frozenset({"text/csv", "text/plain", "text/tab-separated-values"})
IMAGES = {"image/png": PNG, "image/jpeg": JPEG}
JSON = "application/json"

MAX_GLANCE = 8 * 1024  # bytes of JSON that are read here; reports of failures are short
_FAILURES = ("Error", "error", "errorMessage", "Exception")

_VALIDATOR = re.compile(r"[\x20-\x7e]{1,256}")
_JSON_START = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*([{\[\"0-9tfn-])")
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|\?xml|script)", re.IGNORECASE)


def bad_answer(detail: str, message: Said | None = None) -> BioImageError:
    """CATALOGUE_BAD; ``detail`` is for the log."""
    return BioImageError("CATALOGUE_BAD", message, detail=detail)


def answer_type(text: str) -> str | None:
    """The type under which a body may leave, None where it may not; every kind of JSON leaves as plain JSON."""
    kind = text.partition(";")[0].strip().lower()
    if kind == JSON or (kind.startswith("application/") and kind.endswith("+json")):
        return JSON
    return kind if kind in TEXTS or kind in IMAGES else None


def check_answer_status(response: aiohttp.ClientResponse) -> None:
    """Returns for 200; any other status is a failure with a code of its own."""
    status = response.status
    if status == 200:
        return
    detail = f"status {status}"
    if status in (404, 410):
        raise BioImageError("NOT_FOUND", say("The catalogue has nothing at this address."), detail=detail)
    if status == 403 and response.content_type == "text/plain" and "Content-Type" in response.headers:
        raise BioImageError(
            "UPSTREAM_DENIED",
            say("The catalogue refuses the name under which this program asks (User-Agent)."),
            hint=say("Ask the operator to set a contact address, or tell the catalogue."),
            detail=detail,
        )
    if status in (401, 403):
        raise BioImageError("UPSTREAM_DENIED", say("The catalogue refused access."), detail=detail)
    if status in (400, 422):
        raise bad_answer(detail, say("The catalogue did not understand the question."))
    if status == 429:
        raise RetryableError("BUSY", detail=detail, after=retry_after(response))
    if status in PASSING or status >= 500:
        code = "UPSTREAM_SLOW" if status in (408, 504) else "UPSTREAM_DOWN"
        raise RetryableError(code, detail=detail, after=retry_after(response))
    raise bad_answer(detail)


def check_answer_type(response: aiohttp.ClientResponse) -> str:
    """The type of the body, from headers alone."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise bad_answer("content encoding")
    kind = answer_type(response.headers.get("Content-Type", ""))
    if kind is None:
        raise bad_answer("content type")
    return kind


async def read_answer(response: aiohttp.ClientResponse, kind: str) -> bytes:
    """The whole body, which must look like what it says it is. TOO_LARGE before more than ``MAX_ANSWER`` is taken."""
    size = response.content_length
    if size is not None and size > MAX_ANSWER:
        raise TooLargeError(size)
    body = bytearray()
    async for part in response.content.iter_any():
        body += part
        if len(body) > MAX_ANSWER:
            raise TooLargeError(len(body))
    if size is not None and len(body) != size:
        raise RetryableError("CATALOGUE_BAD", detail="too few bytes")
    check_body(kind, body)
    return bytes(body)


def check_body(kind: str, body: bytes | bytearray) -> None:
    """A glance at the first bytes; reading JSON whole is the browser's part."""
    if kind == JSON and not _JSON_START.match(body):
        raise bad_answer("no JSON")
    if kind in TEXTS and _MARKUP.match(body):
        raise bad_answer("a page instead of a text")
    if kind in IMAGES and not body.startswith(IMAGES[kind]):
        raise bad_answer("no picture")


def validators(response: aiohttp.ClientResponse) -> tuple[str, str]:
    """ETag (weak ones too: only the same address is asked again) and Last-Modified, "" where there is none."""
    found = [response.headers.get(name, "") for name in ("ETag", "Last-Modified")]
    etag, modified = (text if _VALIDATOR.fullmatch(text) else "" for text in found)
    return etag, modified


def says_something(kind: str, body: bytes) -> bool:
    """False for an answer that is worth no memory: nothing at all, or a failure that was reported with status 200."""
    if kind != JSON or len(body) > MAX_GLANCE:
        return True
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return False  # begins like JSON and is none
    if isinstance(value, dict):
        return bool(value) and not any(value.get(name) for name in _FAILURES)
    return value is not None and value != []
