"""Files that are read from inside by the browser: zip archives and TIFF files, by ranges, however large they are."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from .client import read_frames
from .conftest import Ask
from .samples import sample_folder
from .upstream import Exchange, Upstream

SIZE = 5 * 2**30 + 17  # bytes: beyond what 32 bits hold
MARKS = {0: b"II*\0", 2**31 - 2: b"edge", 2**32 + 5: b"far away", SIZE - 22: b"PK\5\6" + bytes(18)}


@pytest.fixture
def large(folder: Path) -> Path:
    """A sparse file with marks in it."""
    path = folder / "plain" / "slide.ome.tif"
    with path.open("wb") as file:
        file.truncate(SIZE)
        for at, mark in MARKS.items():
            file.seek(at)
            file.write(mark)
    return path


def batch(*items: dict[str, Any]) -> bytes:
    return json.dumps({"items": [{"key": "plain/slide.ome.tif", **item} for item in items]}).encode()


async def test_it_is_listed_as_a_file_with_its_size(ask: Ask, large: Path) -> None:
    (large.parent / "a.zarr.zip").write_bytes(b"PK")
    (large.parent / "b.ozx").write_bytes(b"PK")
    entries = (await ask("stores/data/list?prefix=plain")).json["entries"]
    found = {entry["name"]: (entry["kind"], entry.get("size")) for entry in entries}
    assert found["slide.ome.tif"] == ("file", SIZE)
    assert found["a.zarr.zip"] == found["b.ozx"] == ("file", 2)


async def test_single_ranges_reach_every_byte(ask: Ask, large: Path) -> None:
    path = "stores/data/objects/plain/slide.ome.tif"
    assert (await ask(path, "HEAD")).headers["Content-Length"] == str(SIZE)
    for at, mark in MARKS.items():
        answer = await ask(path, headers={"Range": f"bytes={at}-{at + len(mark) - 1}"})
        assert (answer.status, answer.body) == (206, mark)
        assert answer.headers["Content-Range"] == f"bytes {at}-{at + len(mark) - 1}/{SIZE}"
    last = await ask(path, headers={"Range": "bytes=-22"})
    assert last.body == MARKS[SIZE - 22]
    assert (await ask(path)).code == "TOO_LARGE"
    assert (await ask(path, headers={"Range": f"bytes={SIZE}-"})).status == 416


async def test_many_ranges_travel_in_one_batch(ask: Ask, large: Path) -> None:
    items: list[dict[str, Any]] = [{"start": at, "end": at + len(mark)} for at, mark in MARKS.items()]
    items += [{"suffix": 22}, {"start": SIZE - 4, "end": SIZE + 100}, {"start": SIZE, "end": SIZE + 1}, {}]
    items += [{"start": 4096 * i, "end": 4096 * i + 512} for i in range(200)]
    answer = await ask("stores/data/batch", "POST", body=batch(*items))
    got = {header["i"]: (header, body) for header, body in read_frames(answer.body)}
    assert len(got) == len(items)
    for i, mark in enumerate(MARKS.values()):
        assert got[i][1] == mark
        assert (got[i][0]["status"], got[i][0]["size"]) == (206, SIZE)
    count = len(MARKS)
    assert got[count][1] == MARKS[SIZE - 22]
    assert got[count + 1][1] == bytes(4), "cut at the end of the file"
    assert got[count + 2][0]["status"] == 416
    assert got[count + 3][0]["code"] == "TOO_LARGE"
    assert all(got[i][0]["status"] == 206 and len(got[i][1]) == 512 for i in range(count + 4, len(items)))
    assert len({header["etag"] for header, _ in got.values() if header["status"] == 206}) == 1


async def test_ranges_of_a_web_server_are_passed_on_one_by_one(ask: Ask, upstream: Upstream) -> None:
    data = bytes(range(256)) * 64

    async def script(exchange: Exchange) -> None:
        await exchange.object(data, ETag='"one"')

    upstream.script = script
    items = [{"key": "a.ozx", "start": i * 1000, "end": i * 1000 + 10} for i in range(10)] + [
        {"key": "a.ozx", "suffix": 22}
    ]
    answer = await ask("stores/web/batch", "POST", body=json.dumps({"items": items}).encode())
    got = {header["i"]: (header, body) for header, body in read_frames(answer.body)}
    assert [got[i][1] for i in range(10)] == [data[i * 1000 : i * 1000 + 10] for i in range(10)]
    assert got[10][1] == data[-22:]
    assert {header["etag"] for header, _ in got.values()} == {'"one"'}


@pytest.mark.parametrize(
    "path", ["x.ozx", "x.zarr.zip", "x.ome.tif", "x.zarr.zip/0", "x.ome.tif/2", "X.SVS", "no/such.tif"]
)
@pytest.mark.parametrize("route", ["thumbnail", "open", "plate", "plane"])
async def test_no_picture_is_made_of_them_and_the_answer_says_so(ask: Ask, folder: Path, path: str, route: str) -> None:
    name = path.partition("/")[0]
    if "." in name:
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr("zarr.json", "{}")
    answer = await ask(f"stores/data/{route}?path={path}")
    assert (answer.status, answer.code) == (415, "UNSUPPORTED")
    assert "browser" in answer.json["message"]


async def test_a_folder_with_such_a_name_is_a_folder(ask: Ask, jp_root_dir: Path) -> None:
    shutil.copytree(sample_folder() / "labels.ome.zarr" / "labels", jp_root_dir / "cells.zip")
    assert (await ask("stores/files/thumbnail?path=cells.zip/nuclei&size=64")).status == 200
