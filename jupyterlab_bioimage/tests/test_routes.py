"""The routes over a mounted folder, through a real server at the base URL /a%40b/."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..services.store import Blob, Item
from .conftest import Ask

CHUNK = "stores/data/objects/image.zarr/0/0/0"
WHOLE = bytes(range(256)) * 400


async def test_stores_are_listed_with_the_session_files_first(ask: Ask, folder: Path, jp_root_dir: Path) -> None:
    answer = await ask("stores")
    assert answer.status == 200
    files, data, *_ = answer.json["stores"]
    assert (files["id"], files["kind"], files["access"]) == ("files", "folder", {"root": str(jp_root_dir)})
    assert data == {
        "id": "data",
        "label": "Data",
        "kind": "folder",
        "prefixes": [],
        "prefer": "session",
        "absentIs403": False,
        "access": {"root": str(folder)},
    }


async def test_an_object_is_an_attachment_of_opaque_bytes(ask: Ask) -> None:
    answer = await ask(CHUNK)
    assert (answer.status, answer.body) == (200, WHOLE)
    headers = answer.headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == "attachment"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["Content-Length"] == str(len(WHOLE))
    assert not [name for name in headers if name.startswith("Access-Control")]


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-99", 10, 100),
        ("bytes=102300-999999", 102300, 102400),
        ("bytes=102390-", 102390, 102400),
        ("bytes=-5", 102395, 102400),
        ("bytes=-999999", 0, 102400),
    ],
)
async def test_a_range_is_exact(ask: Ask, header: str, start: int, end: int) -> None:
    answer = await ask(CHUNK, headers={"Range": header})
    assert answer.status == 206
    assert answer.body == WHOLE[start:end]
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/102400"


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("bytes=0-9,20-29", 400),
        ("bytes=9-0", 400),
        ("bytes=-", 400),
        ("bytes=a-b", 400),
        ("items=0-9", 400),
        ("bytes=-0", 416),
        ("bytes=102400-", 416),
        ("bytes=99999999999999999999-", 400),
    ],
)
async def test_a_range_that_makes_no_sense_is_refused(ask: Ask, header: str, status: int) -> None:
    answer = await ask(CHUNK, headers={"Range": header})
    assert (answer.status, answer.code) == (status, "BAD_REQUEST")


async def test_head_and_304_answer_without_the_bytes(ask: Ask) -> None:
    head = await ask(CHUNK, "HEAD")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", "102400")
    etag = head.headers["Etag"]
    same = await ask(CHUNK, headers={"If-None-Match": etag})
    assert (same.status, same.body, same.headers["Etag"]) == (304, b"", etag)
    assert (await ask(CHUNK, "HEAD", headers={"If-None-Match": etag})).status == 304
    assert (await ask(CHUNK, headers={"If-None-Match": '"other"'})).status == 200
    part = {"Range": "bytes=0-9", "If-Range": etag}
    assert (await ask(CHUNK, headers=part)).status == 206
    assert (await ask(CHUNK, headers={**part, "If-Range": '"other"'})).status == 200


async def test_a_changed_file_has_another_etag(ask: Ask, folder: Path) -> None:
    etag = (await ask(CHUNK, "HEAD")).headers["Etag"]
    (folder / "image.zarr/0/0/0").write_bytes(WHOLE[:-1] + b"x")
    assert (await ask(CHUNK, headers={"If-None-Match": etag})).status == 200


async def test_what_is_not_there_is_absent(ask: Ask) -> None:
    answer = await ask("stores/data/objects/image.zarr/0/9/9")
    assert (answer.status, answer.code, answer.headers["X-Bia-Absent"]) == (404, "ABSENT", "1")
    head = await ask("stores/data/objects/image.zarr/0/9/9", "HEAD")
    assert (head.status, head.body) == (404, b"")


async def test_a_store_that_is_not_configured_is_denied(ask: Ask) -> None:
    for path in ("stores/nope/objects/a", "stores/nope/list", "stores/..%2f..%2fdata/list"):
        answer = await ask(path)
        assert (answer.status, answer.code) == (403, "STORE_DENIED")
    answer = await ask("stores/nope/batch", "POST", body={"items": [{"key": "a"}]})
    assert answer.code == "STORE_DENIED"


@pytest.mark.parametrize("path", ["", "nothing", "stores/", "stores/data", "stores/data/objects/", "../x", "a//b"])
async def test_every_other_path_is_answered_by_us(ask: Ask, path: str) -> None:
    answer = await ask(path)
    assert (answer.status, answer.code) == (404, "NOT_FOUND")


@pytest.mark.parametrize(("method", "path"), [("GET", "stores/data/batch"), ("POST", CHUNK), ("DELETE", "stores")])
async def test_a_method_that_is_not_offered_is_405(ask: Ask, method: str, path: str) -> None:
    answer = await ask(path, method, body=b"" if method == "POST" else None)
    assert (answer.status, answer.code) == (405, "BAD_REQUEST")


async def test_batch_answers_every_item(ask: Ask) -> None:
    key = "image.zarr/0/0/0"
    items: list[dict[str, Any]] = [
        {"key": key},
        {"key": key, "start": 5, "end": 9},
        {"key": key, "suffix": 4},
        {"key": "image.zarr/0/0/1"},
        {"key": "../mount-secret/token"},
        {"key": key, "start": 5, "end": 9},
        {"key": "image.zarr/.zattrs"},
        {"key": key, "start": 200000, "end": 200001},
        {"key": key, "start": 102398, "end": 200001},
    ]
    answer = await ask("stores/data/batch", "POST", body={"items": items})
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    frames = {header["i"]: (header, body) for header, body in answer.frames}
    assert sorted(frames) == list(range(len(items)))
    assert [frames[i][0]["status"] for i in range(9)] == [200, 206, 206, 404, 403, 206, 200, 416, 206]
    bodies = [frames[i][1] for i in range(9)]
    assert bodies == [WHOLE, WHOLE[5:9], WHOLE[-4:], b"", b"", WHOLE[5:9], b'{"multiscales": []}', b"", WHOLE[-2:]]
    assert frames[0][0]["size"] == 102400
    assert frames[0][0]["etag"] == (await ask(CHUNK, "HEAD")).headers["Etag"]
    assert frames[3][0] == {"i": 3, "status": 404, "code": "ABSENT"}
    assert (frames[4][0]["code"], len(frames[4][0]["id"])) == ("PATH_DENIED", 8)


DEEP = "[" * 30_000 + "]" * 30_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"items"',
        b"{}",
        b'{"items": 3}',
        b'{"items": []}',
        json.dumps({"items": [{"key": str(n)} for n in range(257)]}).encode(),
        b'{"items": [{}]}',
        b'{"items": [{"key": 3}]}',
        b'{"items": [{"key": "a", "start": 0}]}',
        b'{"items": [{"key": "a", "end": 3}]}',
        b'{"items": [{"key": "a", "start": 3, "end": 3}]}',
        b'{"items": [{"key": "a", "start": -1, "end": 3}]}',
        b'{"items": [{"key": "a", "start": 0, "end": 18446744073709551616}]}',
        b'{"items": [{"key": "a", "start": 0, "end": 1e999}]}',
        b'{"items": [{"key": "a", "start": 0.5, "end": 1}]}',
        b'{"items": [{"key": "a", "start": true, "end": 2}]}',
        b'{"items": [{"key": "a", "suffix": 0}]}',
        b'{"items": [{"key": "a", "suffix": 1, "start": 0, "end": 1}]}',
        b'{"items": [{"key": "a", "start": 0, "end": 67108865}]}',
        b'{"items": [{"key": "a", "start": 0, "end": 40000000}, {"key": "b", "start": 0, "end": 40000000}]}',
        b'{"items": [{"key": "\xff"}]}',
        DEEP.encode(),
        b"items=a",
    ],
    ids=range(25),
)
async def test_a_batch_that_makes_no_sense_is_refused(ask: Ask, body: bytes) -> None:
    answer = await ask("stores/data/batch", "POST", body=body)
    assert (answer.status, answer.code) == (400, "BAD_REQUEST")


async def test_the_same_item_256_times_is_read_once(ask: Ask, jp_serverapp: Any, monkeypatch: Any) -> None:
    store = jp_serverapp.web_app.settings["bioimage_state"].stores.get("data")
    reads: list[str] = []
    real: Callable[[Item, int], Blob] = store._read

    def read(item: Item, limit: int) -> Blob:
        reads.append(item.key)
        return real(item, limit)

    monkeypatch.setattr(store, "_read", read)
    answer = await ask("stores/data/batch", "POST", body={"items": [{"key": "plain/note.txt"}] * 256})
    assert [body for _, body in answer.frames] == [b"hello"] * 256
    assert reads == ["plain/note.txt"]


async def test_a_batch_of_files_stops_at_64_mib(ask: Ask, folder: Path) -> None:
    for name in "abcde":
        with open(folder / name, "wb") as file:
            file.truncate(20 << 20)
    answer = await ask("stores/data/batch", "POST", body={"items": [{"key": name} for name in "abcde"]})
    statuses = sorted(header["status"] for header, _ in answer.frames)
    assert statuses == [200, 200, 200, 413, 413]


async def test_an_object_beyond_64_mib_is_refused_but_its_ranges_are_read(ask: Ask, folder: Path) -> None:
    with open(folder / "big", "wb") as file:
        file.truncate(65 << 20)
        file.seek(-3, 2)
        file.write(b"end")
    assert (await ask("stores/data/objects/big")).code == "TOO_LARGE"
    assert (await ask("stores/data/objects/big", headers={"Range": "bytes=-3"})).body == b"end"
    assert (await ask("stores/data/objects/big", "HEAD")).headers["Content-Length"] == str(65 << 20)


async def test_a_listing_marks_zarr_folders(ask: Ask, folder: Path) -> None:
    (folder / "v3").mkdir()
    (folder / "v3" / "zarr.json").write_text("{}")
    (folder / "v2").mkdir()
    (folder / "v2" / ".zgroup").write_text("{}")
    (folder / ".hidden").mkdir()
    (folder / "broken").symlink_to("nowhere")
    (folder / "out").symlink_to("/etc")
    (folder / "inside").symlink_to("v2")
    (folder / "inside.zarr").symlink_to("plain")
    answer = await ask("stores/data/list")
    assert answer.json == {
        "entries": [
            {"name": "broken", "kind": "file", "broken": True},
            {"name": "image.zarr", "kind": "zarr"},
            {"name": "inside", "kind": "zarr"},
            {"name": "inside.zarr", "kind": "zarr"},
            {"name": "out", "kind": "file", "broken": True},
            {"name": "plain", "kind": "folder"},
            {"name": "v2", "kind": "zarr"},
            {"name": "v3", "kind": "zarr"},
        ],
        "cursor": None,
    }
    inner = await ask("stores/data/list?prefix=plain/")
    assert inner.json["entries"] == [{"name": "note.txt", "kind": "file", "size": 5}]
    (folder / "v2" / ".secret").write_text("{}")
    group = await ask("stores/data/list?prefix=v2")
    assert group.json["entries"] == [{"name": ".zgroup", "kind": "file", "size": 2}]
    assert (await ask("stores/data/list?prefix=out")).code == "PATH_DENIED"
    assert (await ask("stores/data/list?prefix=.hidden")).code == "PATH_DENIED"
    assert (await ask("stores/data/list?prefix=none")).code == "NOT_FOUND"
    assert (await ask("stores/data/list?cursor=%25")).code == "BAD_REQUEST"


async def test_a_listing_has_pages_of_1000(ask: Ask, folder: Path) -> None:
    names = [f"{n:05}" for n in range(2345)]
    (folder / "many").mkdir()
    for name in names:
        (folder / "many" / name).touch()
    seen: list[str] = []
    sizes = []
    cursor = ""
    while cursor is not None:
        page = (await ask(f"stores/data/list?prefix=many&cursor={cursor}")).json
        sizes.append(len(page["entries"]))
        seen += [entry["name"] for entry in page["entries"]]
        cursor = page["cursor"]
    assert (sizes, seen) == ([1000, 1000, 345], names)


async def test_the_session_files_are_a_store(ask: Ask, jp_root_dir: Path) -> None:
    (jp_root_dir / "my image.zarr").mkdir()
    (jp_root_dir / "my image.zarr" / ".zattrs").write_text("{}")
    assert (await ask("stores/files/objects/my%20image.zarr/.zattrs")).body == b"{}"


async def test_looking_does_not_keep_the_session_alive(ask: Ask, jp_serverapp: Any) -> None:
    before = jp_serverapp.web_app.settings.get("api_last_activity")
    for path in ("stores", CHUNK, "stores/data/list"):
        await ask(path)
    assert jp_serverapp.web_app.settings.get("api_last_activity") == before
