"""The S3 store against a real Ceph gateway: kinds of absence, ranges, odd keys, listings."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from .conftest import Ask
from .rgw import BODY, ODD_KEYS, Gateway

CHUNK = "image.zarr/0/0"


@pytest.fixture
def bioimage_stores(folder: Path, rgw: Gateway) -> list[dict[str, Any]]:
    def store(id: str, bucket: str, **options: Any) -> dict[str, Any]:
        return {"id": id, "endpoint": rgw.url, "bucket": bucket, **options}

    return [
        store("open", "open"),
        store("get", "get"),
        store("get-absent", "get", absent_is_403=True),
        store("closed", "closed"),
        store("acl", "acl"),
        store("none", "no-such-bucket"),
        store("below", "open", prefix="image.zarr", prefixes=["https://example.org/images"], immutable=True),
    ]


@pytest.mark.parametrize(
    ("store", "key", "code"),
    [
        ("open", CHUNK, None),
        ("open", "missing", "ABSENT"),
        ("get", CHUNK, None),
        ("get", "missing", "UPSTREAM_DENIED"),
        ("get-absent", "missing", "ABSENT"),
        ("acl", "public", None),
        ("acl", "private", "UPSTREAM_DENIED"),
        ("acl", "missing", "ABSENT"),
        ("closed", CHUNK, "UPSTREAM_DENIED"),
        ("closed", "missing", "UPSTREAM_DENIED"),
        ("none", CHUNK, "UPSTREAM_BAD"),
    ],
)
async def test_absent_refused_and_broken_are_three_things(ask: Ask, store: str, key: str, code: str | None) -> None:
    answer = await ask(f"stores/{store}/objects/{key}")
    batch = await ask(f"stores/{store}/batch", "POST", body={"items": [{"key": key}, {"key": key, "suffix": 3}]})
    frames = sorted(batch.frames, key=lambda frame: frame[0]["i"])
    if code is None:
        assert answer.status == 200
        assert [header["status"] for header, _ in frames] == [200, 206]
    else:
        assert answer.code == code
        assert frames[0][0]["code"] == code
        # By HEAD a missing bucket looks like a missing object.
        assert frames[1][0]["code"] == ("ABSENT" if store == "none" else code)


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (None, BODY),
        ("bytes=0-0", BODY[:1]),
        ("bytes=1000-1999", BODY[1000:2000]),
        ("bytes=102000-999999", BODY[102000:]),
        ("bytes=102000-", BODY[102000:]),
        ("bytes=-7", BODY[-7:]),
    ],
)
async def test_ranges_are_exact(ask: Ask, header: str | None, part: bytes) -> None:
    answer = await ask(f"stores/open/objects/{CHUNK}", headers={"Range": header} if header else {})
    assert answer.body == part
    assert answer.headers["Etag"].startswith('"')


async def test_a_range_past_the_end_is_416(ask: Ask) -> None:
    answer = await ask(f"stores/open/objects/{CHUNK}", headers={"Range": "bytes=102400-102500"})
    assert (answer.status, answer.code) == (416, "BAD_REQUEST")


async def test_head_and_304(ask: Ask) -> None:
    head = await ask(f"stores/open/objects/{CHUNK}", "HEAD")
    assert (head.status, head.headers["Content-Length"]) == (200, "102400")
    again = await ask(f"stores/open/objects/{CHUNK}", headers={"If-None-Match": head.headers["Etag"]})
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("key", ODD_KEYS)
async def test_odd_keys_are_read(ask: Ask, key: str) -> None:
    assert (await ask("stores/open/objects/" + quote(key, safe="/"))).body == key.encode()


@pytest.mark.parametrize("key", ["x//y", "a/../image.zarr/.zattrs", "./x"])
async def test_keys_that_are_no_plain_paths_are_refused(ask: Ask, key: str) -> None:
    assert (await ask(f"stores/open/objects/{key}")).code == "PATH_DENIED"


async def test_a_store_may_begin_inside_a_bucket(ask: Ask) -> None:
    answer = await ask("stores/below/objects/0/0")
    assert answer.body == BODY
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    names = [entry["name"] for entry in (await ask("stores/below/list")).json["entries"]]
    assert names == [".zattrs", "0"]
    info = (await ask("stores")).json["stores"][-1]
    assert info["prefixes"] == ["https://example.org/images", "s3://open/image.zarr"]
    assert info["direct"] == "https://example.org/images"
    assert info["access"] == {"endpoint": info["access"]["endpoint"], "bucket": "open", "prefix": "image.zarr"}


async def test_a_batch_of_256_ranges(ask: Ask) -> None:
    items = [{"key": CHUNK, "start": n * 400, "end": n * 400 + 400} for n in range(256)]
    answer = await ask("stores/open/batch", "POST", body={"items": items})
    frames = {header["i"]: body for header, body in answer.frames}
    assert b"".join(frames[n] for n in range(256)) == BODY


async def test_listing_groups_folders_and_marks_zarr(ask: Ask) -> None:
    page = (await ask("stores/open/list")).json
    kinds = {entry["name"]: entry["kind"] for entry in page["entries"]}
    assert kinds["image.zarr"] == "zarr"
    assert kinds["many"] == "folder"
    assert kinds["pct%2Fkey"] == "file"
    assert kinds["x#123"] == "file"
    assert {"a b", "😀", "．．", "e\u0301"} <= set(kinds)
    assert page["cursor"] is None
    inner = (await ask("stores/open/list?prefix=image.zarr")).json["entries"]
    # Of hidden names the one is listed that says what the folder is.
    assert inner == [{"name": ".zattrs", "kind": "file", "size": 2}, {"name": "0", "kind": "folder"}]
    odd = (await ask("stores/open/list?prefix=" + quote("a b"))).json["entries"]
    assert odd == [{"name": "ü+%20&=?#", "kind": "file", "size": 14}]
    assert (await ask("stores/open/list?prefix=nowhere")).code == "NOT_FOUND"
    assert (await ask("stores/get/list")).code == "UPSTREAM_DENIED"
    assert (await ask("stores/none/list")).code == "UPSTREAM_BAD"


async def test_listing_has_pages(ask: Ask) -> None:
    first = (await ask("stores/open/list?prefix=many")).json
    assert len(first["entries"]) == 1000
    second = (await ask("stores/open/list?prefix=many&cursor=" + quote(first["cursor"], safe=""))).json
    names = [entry["name"] for entry in first["entries"] + second["entries"]]
    assert names == [f"{n:05}" for n in range(1205)]
    assert second["cursor"] is None
