"""Whole objects of a bucket are compared with the MD5 that the storage names for them (bytes flipped on the way)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from .conftest import Ask
from .upstream import BODY, Exchange, Upstream

KEY = "stores/bucket/objects/image/0"
MD5 = hashlib.md5(BODY, usedforsecurity=False).hexdigest()
FLIPPED = BODY[:500] + bytes([BODY[500] ^ 1]) + BODY[501:]


@pytest.fixture
def bioimage_stores(folder: Path, upstream: Upstream) -> list[dict[str, Any]]:
    bucket = {"endpoint": upstream.url, "bucket": "images"}
    return [{"id": "bucket", **bucket}, {"id": "opaque", **bucket, "opaque_etags": True}]


def serves(*bodies: bytes, etag: str = MD5) -> Any:
    """One body per attempt, the last for all further ones."""

    async def script(exchange: Exchange) -> None:
        await exchange.object(bodies[min(exchange.attempt, len(bodies)) - 1], ETag=f'"{etag}"')

    return script


async def test_the_right_bytes_pass_at_once(ask: Ask, upstream: Upstream) -> None:
    upstream.script = serves(BODY)
    assert (await ask(KEY)).body == BODY
    assert [request.method for request in upstream.requests].count("GET") == 1


async def test_bytes_flipped_once_are_read_again(ask: Ask, upstream: Upstream) -> None:
    upstream.script = serves(FLIPPED, BODY)
    assert (await ask(KEY)).body == BODY


async def test_bytes_flipped_twice_are_a_damaged_chunk(ask: Ask, upstream: Upstream) -> None:
    upstream.script = serves(FLIPPED)
    assert (await ask(KEY)).code == "BAD_CHUNK"
    batch = await ask("stores/bucket/batch", "POST", body={"items": [{"key": "image/0"}]})
    assert [header["code"] for header, _ in batch.frames] == ["BAD_CHUNK"]


@pytest.mark.parametrize("etag", [f"{MD5}-2", "abc", "0" * 31, "x" * 32])
async def test_an_etag_that_is_no_md5_says_nothing(ask: Ask, upstream: Upstream, etag: str) -> None:
    upstream.script = serves(FLIPPED, etag=etag)
    assert (await ask(KEY)).body == FLIPPED


async def test_an_operator_can_say_that_etags_are_opaque(ask: Ask, upstream: Upstream) -> None:
    upstream.script = serves(FLIPPED)
    assert (await ask("stores/opaque/objects/image/0")).body == FLIPPED


async def test_a_large_object_is_hashed_beside_the_event_loop(ask: Ask, upstream: Upstream) -> None:
    body = BODY * 2048  # 2 MiB
    upstream.script = serves(body, etag=hashlib.md5(body, usedforsecurity=False).hexdigest())
    assert (await ask(KEY)).body == body
