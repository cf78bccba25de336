"""What a storage says of its objects beside their bytes: sums of whole ones, versions of those read in parts."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from ..errors import BioImageError
from ..services.client import Upstream as Shared
from ..services.digests import MISSES
from ..services.http import HttpsStore
from ..services.mounted import MountedStore
from ..services.store import Item
from ..services.storeconfig import parse_store
from .upstream import BODY, Exchange, Upstream

LOGIN = b"\n <!DOCTYPE html><html><head><title>Sign in</title></head><body></body></html>"
SUM = f'"{hashlib.md5(BODY, usedforsecurity=False).hexdigest()}"'
OTHER = f'"{hashlib.md5(b"other", usedforsecurity=False).hexdigest()}"'


@pytest.fixture
def store(upstream: Upstream, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[HttpsStore]:
    store = HttpsStore(
        parse_store({"id": "web", "url": upstream.url}), Shared(), aiohttp.ClientTimeout(total=20, sock_read=10)
    )
    yield store
    jp_asyncio_loop.run_until_complete(store.close())


async def code_of(store: HttpsStore, item: Item) -> str:
    """The code of a read that fails, else how many bytes came."""
    try:
        return str(len((await store.read(item)).data))
    except BioImageError as error:
        return error.code


async def test_once_a_sum_has_matched_every_whole_object_must(store: HttpsStore, upstream: Upstream) -> None:
    upstream.script = lambda exchange: exchange.object(ETag=SUM)
    assert await code_of(store, Item("a")) == "1024"

    async def damaged_once(exchange: Exchange) -> None:
        await exchange.object(BODY if exchange.attempt > 1 else BODY[::-1], ETag=SUM)

    upstream.script = damaged_once
    assert await code_of(store, Item("b")) == "1024"
    upstream.script = lambda exchange: exchange.object(BODY[::-1], ETag=SUM)
    assert await code_of(store, Item("c")) == "BAD_CHUNK"
    assert [exchange.target for exchange in upstream.requests] == ["/a", "/b", "/b", "/c", "/c"]


async def test_etags_that_only_look_like_sums_are_believed_in_nothing(store: HttpsStore, upstream: Upstream) -> None:
    upstream.script = lambda exchange: exchange.object(ETag=OTHER)
    assert {await code_of(store, Item("a")) for _ in range(MISSES + 1)} == {"1024"}
    upstream.script = lambda exchange: exchange.object(ETag=SUM)  # by now they are not looked at
    assert await code_of(store, Item("a")) == "1024"
    upstream.script = lambda exchange: exchange.object(BODY[::-1], ETag=SUM)
    assert await code_of(store, Item("a")) == "1024"


@pytest.mark.parametrize("item", [Item("c"), Item("c", 0, 20), Item("c", 4, 20)])
async def test_a_page_is_no_chunk_whatever_its_type(store: HttpsStore, upstream: Upstream, item: Item) -> None:
    async def login(exchange: Exchange) -> None:
        await exchange.send(200, {"Content-Type": "application/octet-stream"}, LOGIN)

    upstream.script = login
    assert await code_of(store, item) == "UPSTREAM_BAD"


async def test_a_page_that_serves_ranges_is_no_chunk_either(store: HttpsStore, upstream: Upstream) -> None:
    upstream.script = lambda exchange: exchange.object(LOGIN)
    assert await code_of(store, Item("c", 0, 30)) == "UPSTREAM_BAD"
    assert await code_of(store, Item("readme.html")) == str(len(LOGIN))


async def test_a_part_of_another_version_is_told(store: HttpsStore, upstream: Upstream) -> None:
    upstream.script = lambda exchange: exchange.object(ETag='"2"')
    assert await code_of(store, Item("shard", 4, 8, match='"2"')) == "4"
    assert await code_of(store, Item("shard", 4, 8, match='"1"')) == "CHANGED"
    upstream.script = Exchange.object
    assert await code_of(store, Item("shard", 4, 8, match='"1"')) == "4", "no ETag says nothing"


async def test_where_every_answer_has_another_etag_they_say_nothing(store: HttpsStore, upstream: Upstream) -> None:
    upstream.script = lambda exchange: exchange.object(ETag=f'"{len(upstream.requests)}"')
    assert await code_of(store, Item("shard", 4, 8, match='"x"')) == "4"
    asked = len(upstream.requests)
    assert await code_of(store, Item("shard", 4, 8, match='"x"')) == "4"
    assert len(upstream.requests) == asked + 1, "it is not asked again"


async def test_a_file_of_another_version_is_told(tmp_path: Path) -> None:
    folder = MountedStore(parse_store({"id": "files", "root": str(tmp_path)}))
    file = tmp_path / "shard"
    file.write_bytes(BODY)
    etag = (await folder.read(Item("shard", 0, 4))).etag
    assert (await folder.read(Item("shard", 4, 8, match=etag))).data == BODY[4:8]
    file.write_bytes(BODY[:512])
    with pytest.raises(BioImageError) as caught:
        await folder.read(Item("shard", 4, 8, match=etag))
    assert caught.value.code == "CHANGED"
    await folder.close()
