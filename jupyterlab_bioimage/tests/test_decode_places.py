"""POST stores/{id}/decode by places: parts of TIFF files and of archives, what it refuses, and its bounds."""

from __future__ import annotations

import bz2
import json
import lzma
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ..errors import BioImageError
from ..services import decode
from ..services.decode import MAX_DECODED, MAX_UNITS, Decoders, decode_parts
from ..services.decodeplaces import read_parts_request
from ..services.limits import ByteGate
from ..services.store import Blob, Item
from ..services.tiffcodecs import TIFF_CODECS
from .client import Answer
from .conftest import Ask
from .memory import MemoryStore
from .test_decode_route import unpacked, v2, v3

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
VALUES = np.arange(32 * 48, dtype="u1").reshape(32, 48)
XZ = lzma.compress(VALUES.tobytes())
LZMA = {"name": "lzma", "configuration": {"reversed": False}, "shape": [32, 48, 1], "dtype": "uint8"}


def whole(data: bytes, at: int = 0) -> dict[str, Any]:
    """A part of one piece."""
    return {"key": "a.tif", "start": at, "end": at + len(data), "pieces": [[0, len(data), 32, 0]]}


def request(**more: Any) -> dict[str, Any]:
    return {"tiff": LZMA, "parts": [whole(XZ, 8)], **more}


def part(**more: Any) -> dict[str, Any]:
    return request(parts=[{**whole(XZ, 8), **more}])


def codec(**more: Any) -> dict[str, Any]:
    return request(tiff={**LZMA, **more})


async def asked(ask: Ask, body: Any, **options: Any) -> Answer:
    return await ask("stores/data/decode", "POST", body=body, **options)


async def units(objects: dict[str, bytes], body: dict[str, Any]) -> list[Any]:
    """What every part came to, in order: its bytes or its code; and nothing is held after."""
    store, gate, decoders = MemoryStore(objects), ByteGate(1 << 27), Decoders()
    try:
        parts = read_parts_request(json.loads(json.dumps(body)), MAX_UNITS, MAX_DECODED)
        found = {
            unit.index: unit.error.code if unit.error else unit.data
            async for unit in decode_parts(store, parts, decoders, gate, False)
        }
    finally:
        await decoders.close()
    assert (gate.used, store.running) == (0, 0)
    return [found[i] for i in range(len(found))]


def test_the_table_is_the_browsers() -> None:
    table = [{"name": name, "parameters": list(readers)} for name, readers in TIFF_CODECS.items()]
    assert table == json.loads((FIXTURES / "tiffcodecs.json").read_text())


async def test_parts_of_a_tiff_file(ask: Ask, folder: Path) -> None:
    (folder / "a.tif").write_bytes(bytes(8) + XZ + XZ)
    halves = lzma.compress(VALUES[:16].tobytes())
    (folder / "b.tif").write_bytes(halves + halves)
    size = len(halves)
    two = {"key": "b.tif", "start": 0, "end": 2 * size, "pieces": [[0, size, 16, 0], [size, size, 8, 4]]}
    gap = {"key": "b.tif", "start": 0, "end": size, "pieces": [[-5, 0, 3, 0], [0, size, 16, 0]]}
    beyond = {**whole(XZ, 8 + len(XZ)), "end": 9 + 2 * len(XZ)}
    far = whole(XZ, 1 << 40)
    keys = [{**whole(XZ), "key": key} for key in ("../secret", "none.tif", ".hidden/a.tif")]
    answer = await asked(ask, request(parts=[whole(XZ, 8), two, gap, beyond, far, *keys, whole(XZ, 8 + len(XZ))]))
    frames = {header["i"]: (header, unpacked(header, body)) for header, body in answer.frames}
    assert [frames[i][0].get("code") for i in range(9)] == [
        *(None, None, None, "BAD_CHUNK", "BAD_REQUEST", "PATH_DENIED", "ABSENT", "PATH_DENIED", None)
    ]
    assert [frames[i][0]["status"] for i in (0, 3, 4)] == [200, 422, 416]
    assert frames[0][1] == frames[8][1] == VALUES.tobytes()
    assert frames[1][1] == VALUES[:16].tobytes() + VALUES[4:12].tobytes() + bytes(8 * 48)
    assert frames[2][1] == bytes(3 * 48) + VALUES[:16].tobytes() + bytes(13 * 48)
    assert frames[0][0]["etag"] == frames[8][0]["etag"] != frames[1][0]["etag"]


async def test_chunks_of_an_archive(ask: Ask, folder: Path) -> None:
    chunk = np.arange(64 * 64, dtype="<u2")
    packed = bz2.compress(chunk.tobytes())
    padded = bytes(1000) + packed + bytes(1000)
    with zipfile.ZipFile(folder / "a.zarr.zip", "w") as archive:
        archive.writestr("stored", packed, zipfile.ZIP_STORED)
        archive.writestr("deflated", padded, zipfile.ZIP_DEFLATED)
        infos = [archive.getinfo(name) for name in ("stored", "deflated")]
    starts = [info.header_offset + 30 + len(info.filename) for info in infos]
    key, (first, second) = "a.zarr.zip", infos
    one = {"key": key, "start": starts[0], "end": starts[0] + first.compress_size, "crc": first.CRC}
    two = {
        "key": key,
        "start": starts[1],
        "end": starts[1] + second.compress_size,
        "inflate": second.file_size,
        "crc": second.CRC,
        "from": 1000,
        "to": 1000 + len(packed),
    }
    wrong = [
        {**one, "crc": 1},
        {**two, "inflate": second.file_size - 1},
        {**two, "from": 0, "to": 9},
        {**two, "crc": 1},
    ]
    answer = await asked(ask, {"document": v2(), "parts": [one, two, *wrong]})
    frames = {header["i"]: (header, unpacked(header, body)) for header, body in answer.frames}
    assert [frames[i][0].get("code") for i in range(6)] == [None, None, *["BAD_CHUNK"] * 4]
    assert frames[0][1] == frames[1][1] == chunk.tobytes()


BOMB = {"inflate": 1 << 40}
REFUSED = [
    (request(parts=[]), "BAD_REQUEST"),
    (request(parts=[whole(XZ)] * 65), "BAD_REQUEST"),
    (request(parts="a.tif"), "BAD_REQUEST"),
    (request(parts=[7]), "BAD_REQUEST"),
    (request(document=v2()), "BAD_REQUEST"),
    ({"parts": [whole(XZ)]}, "BAD_REQUEST"),
    (part(key=7), "BAD_REQUEST"),
    (part(start=-1), "BAD_REQUEST"),
    (part(start=0.5), "BAD_REQUEST"),
    (part(start=True), "BAD_REQUEST"),
    (part(end=8), "BAD_REQUEST"),
    (part(end=None), "BAD_REQUEST"),
    (part(end=1 << 60), "BAD_REQUEST"),
    (part(end=(64 << 20) + 9), "TOO_LARGE"),
    (part(**BOMB), "TOO_LARGE"),
    (part(inflate=-1), "BAD_REQUEST"),
    (part(crc=1 << 32), "BAD_REQUEST"),
    (part(**{"from": 5, "to": 4}), "BAD_REQUEST"),
    (part(**{"from": 5}), "BAD_REQUEST"),
    (part(**{"from": 0, "to": len(XZ) + 1}), "BAD_REQUEST"),
    (part(pieces=[]), "BAD_REQUEST"),
    (part(pieces=[[0, 1, 1]]), "BAD_REQUEST"),
    (part(pieces=[[0, len(XZ) + 1, 32, 0]]), "BAD_REQUEST"),
    (part(pieces=[[1, len(XZ), 32, 0]]), "BAD_REQUEST"),
    (part(pieces=[[-1, 4, 32, 0]]), "BAD_REQUEST"),
    (part(pieces=[[0, 4, 33, 0]]), "BAD_REQUEST"),
    (part(pieces=[[0, 4, 0, 0]]), "BAD_REQUEST"),
    (part(pieces=[[0, 4, 20, 0]] * 2), "BAD_REQUEST"),
    (part(pieces=[[0, 4, 1, 1 << 40]]), "BAD_REQUEST"),
    (part(pieces=[[0, 4, 1, 0]] * 300), "BAD_REQUEST"),
    (codec(shape=[32, 48]), "BAD_REQUEST"),
    (codec(shape=[0, 48, 1]), "BAD_REQUEST"),
    (codec(shape=[1 << 40, 48, 1]), "BAD_REQUEST"),
    (codec(shape=[1 << 20, 1 << 20, 1]), "TOO_LARGE"),
    (codec(shape=[32, 48, 1e9]), "BAD_REQUEST"),
    (codec(dtype="object"), "BAD_REQUEST"),
    (codec(dtype="bool"), "BAD_REQUEST"),
    (codec(dtype="uint16"), "UNSUPPORTED"),
    (codec(name="tiff"), "UNSUPPORTED"),
    (codec(name="none_decode; import os"), "UNSUPPORTED"),
    (codec(name=["lzma"]), "UNSUPPORTED"),
    (codec(configuration={}), "UNSUPPORTED"),
    (codec(configuration={"reversed": 1}), "UNSUPPORTED"),
    (codec(configuration={"reversed": False, "out": "x"}), "UNSUPPORTED"),
    (codec(name="ccittfax3", configuration={"reversed": False, "options": 8}), "UNSUPPORTED"),
    (codec(name="jpeg", configuration={"bits": 12, "photometric": 1, "tables": "*"}), "UNSUPPORTED"),
    (codec(name="jpeg", configuration={"bits": 12, "photometric": 1, "tables": "A" * 20_000}), "UNSUPPORTED"),
    (codec(name="lerc", configuration={"packed": "gzip"}), "UNSUPPORTED"),
    (request(tiff=7), "BAD_REQUEST"),
    ({"document": 7, "parts": [whole(XZ)]}, "BAD_METADATA"),
    ({"document": v2(compressor={"id": "pickle"}), "parts": [whole(XZ)]}, "UNSUPPORTED"),
    ({"document": v2(chunks=[60000, 60000]), "parts": [whole(XZ)]}, "TOO_LARGE"),
    (
        {
            "document": v3([{"name": "sharding_indexed", "configuration": {"chunk_shape": [64, 64], "codecs": []}}]),
            "parts": [whole(XZ)],
        },
        "BAD_METADATA",
    ),
]


@pytest.mark.parametrize(("body", "code"), REFUSED, ids=lambda value: str(value)[-50:])
def test_requests_that_are_refused(body: dict[str, Any], code: str) -> None:
    with pytest.raises(BioImageError) as caught:
        read_parts_request(json.loads(json.dumps(body)), MAX_UNITS, MAX_DECODED)
    assert caught.value.code == code


async def test_refusals_reach_the_browser(ask: Ask) -> None:
    assert (await asked(ask, codec(name="tiff"))).code == "UNSUPPORTED"
    assert (await asked(ask, request(), auth=False)).status in (401, 403)
    assert (await asked(ask, request(), headers={"Sec-Fetch-Site": "cross-site"})).code == "CROSS_SITE"


async def test_bombs_and_what_is_no_picture() -> None:
    """The decoders give no more than the unit has; the next good one is right."""
    pytest.importorskip("imagecodecs")
    deep = lzma.compress(bytes(64 << 20))
    assert await units({"a.tif": deep}, request(parts=[whole(deep)])) == [bytes(32 * 48)]
    inflated = zlib.compress(bytes(64 << 20))[2:-4]
    packed = {"key": "a.tif", "start": 0, "end": len(inflated), "inflate": 4096}
    assert await units({"a.tif": inflated}, {"document": v2(), "parts": [packed]}) == ["BAD_CHUNK"]
    for name in ("webp", "jpegxl", "jpegxr", "png"):
        for data in (b"", b"\0" * 64, b"<html>504</html>"):
            body = request(tiff={**LZMA, "name": name, "configuration": {}}, parts=[whole(data + b"\1")])
            assert await units({"a.tif": data + b"\1"}, body) == ["BAD_CHUNK"], name


async def test_a_picture_of_another_size_or_type_is_damage() -> None:
    codecs = pytest.importorskip("imagecodecs")
    tiff = {**LZMA, "name": "png", "configuration": {}}
    good = codecs.png_encode(VALUES)
    for picture in (VALUES[:, :-1], VALUES[:31], VALUES.astype("u2"), np.stack([VALUES] * 3, -1)):
        data = codecs.png_encode(np.ascontiguousarray(picture))
        body = request(tiff=tiff, parts=[whole(data)])
        assert await units({"a.tif": data}, body) == ["BAD_CHUNK"], picture.shape
    assert await units({"a.tif": good}, request(tiff=tiff, parts=[whole(good)])) == [VALUES.tobytes()]
    higher = codecs.png_encode(np.concatenate([VALUES, VALUES]))  # filled up below
    assert await units({"a.tif": higher}, request(tiff=tiff, parts=[whole(higher)])) == [VALUES.tobytes()]


async def test_parts_of_two_versions_of_a_file() -> None:
    class Changing(MemoryStore):
        async def read(self, item: Item, limit: int = 0) -> Blob:
            blob = await super().read(item)
            return Blob(blob.data, f'"{len(self.reads)}"', blob.size, blob.start)

    store, gate, decoders = Changing({"a.tif": bytes(8) + XZ + XZ}), ByteGate(1 << 27), Decoders()
    parts = read_parts_request(request(parts=[whole(XZ, 8), whole(XZ, 8 + len(XZ))]), MAX_UNITS, MAX_DECODED)
    try:
        found = [unit.error.code if unit.error else "" async for unit in decode_parts(store, parts, decoders, gate)]
    finally:
        await decoders.close()
    assert sorted(found) == ["", "CHANGED"]


async def test_a_missing_package_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child's own path is searched last, so an empty package there cannot hide the real one: it is hidden here."""
    python, option, script, name = decode.CHILD
    start = f'import runpy, sys; sys.modules["imagecodecs"] = None; runpy.run_path({script!r}, run_name="__main__")'
    monkeypatch.setattr(decode, "CHILD", (python, option, "-c", start, name))
    webp = request(tiff={**LZMA, "name": "webp", "configuration": {}}, parts=[whole(XZ)])
    assert await units({"a.tif": XZ}, webp) == ["UNSUPPORTED"]
    assert await units({"a.tif": XZ}, request(parts=[whole(XZ)])) == [VALUES.tobytes()]
