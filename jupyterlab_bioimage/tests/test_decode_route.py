"""POST stores/{id}/decode: what it decodes, what it refuses, and that it stays within its bounds."""

from __future__ import annotations

import asyncio
import bz2
import json
import lzma
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ..services import decode
from ..services.decode import Decoders, Unit, decode_units, read_meta
from ..services.decode_chunk import crc32c
from ..services.limits import ByteGate
from .client import Answer, Raw
from .conftest import Ask
from .memory import MemoryStore, encode

CHUNK = np.arange(64 * 64, dtype="<u2").reshape(64, 64) // 16
BYTES = {"name": "bytes", "configuration": {"endian": "little"}}
BZ2 = {"name": "numcodecs.bz2", "configuration": {"level": 1}}


def v2(**more: Any) -> dict[str, Any]:
    return {
        "zarr_format": 2,
        "shape": [128, 192],
        "chunks": [64, 64],
        "dtype": "<u2",
        "fill_value": 0,
        "order": "C",
        "filters": None,
        "compressor": {"id": "bz2", "level": 1},
        **more,
    }


def v3(codecs: list[Any], **more: Any) -> dict[str, Any]:
    return {
        "zarr_format": 3,
        "node_type": "array",
        "shape": [128, 192],
        "data_type": "uint16",
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [128, 128]}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": 0,
        "codecs": codecs,
        **more,
    }


def sharded(**more: Any) -> dict[str, Any]:
    configuration = {"chunk_shape": [64, 64], "codecs": [BYTES, BZ2], "index_codecs": [BYTES, {"name": "crc32c"}]}
    return v3([{"name": "sharding_indexed", "configuration": {**configuration, **more}}])


def shard(parts: list[bytes | None], at_start: bool = False, spoil: int = 0) -> bytes:
    """A shard of the inner chunks in order; None is not there."""
    body, entries = b"", []
    offset = 16 * len(parts) + 4 if at_start else 0
    for part in parts:
        entries += [2**64 - 1] * 2 if part is None else [offset + len(body), len(part)]
        body += part or b""
    index = np.array(entries, "<u8").tobytes()
    index += (crc32c(index) ^ spoil).to_bytes(4, "little")
    return index + body if at_start else body + index


@pytest.fixture
def array(folder: Path) -> Path:
    """An array of bzip2 in the mounted folder; chunk (0, 1) is not there, chunk (1, 0) is damaged."""
    place = folder / "a b.zarr" / "0"
    place.mkdir(parents=True)
    (place / ".zarray").write_text(json.dumps(v2()))
    (place / "0.0").write_bytes(bz2.compress(CHUNK.tobytes()))
    (place / "1.0").write_bytes(bz2.compress(CHUNK.tobytes())[:-40])
    (place / "1.1").write_bytes(bz2.compress(CHUNK.tobytes() * 2))
    return place


async def asked(ask: Ask, body: Any, store: str = "data", **options: Any) -> Answer:
    return await ask(f"stores/{store}/decode", "POST", body=body, **options)


def unpacked(header: dict[str, Any], body: bytes) -> bytes:
    return zlib.decompress(body, 31) if header.get("encoding") == "gzip" else body


async def test_units_come_with_their_failures_beside_them(ask: Ask, array: Path) -> None:
    chunks = [[0, 0], [0, 1], [1, 0], [1, 1], [0, 3], [0, 0]]
    frames = (await asked(ask, {"array": "a b.zarr/0", "chunks": chunks})).frames
    found = {header["i"]: (header, unpacked(header, body)) for header, body in frames}
    assert len(frames) == len(found) == len(chunks)
    assert [found[i][0]["status"] for i in range(6)] == [200, 404, 422, 422, 400, 200]
    assert [found[i][0].get("code") for i in range(6)] == [
        None,
        "ABSENT",
        "BAD_CHUNK",
        "BAD_CHUNK",
        "BAD_REQUEST",
        None,
    ]
    assert found[0][1] == found[5][1] == CHUNK.tobytes()
    assert found[0][0]["encoding"] == "gzip"  # a ramp packs well


REFUSED = [
    (b"", "BAD_REQUEST"),
    (b"[" * 60_000, "BAD_REQUEST"),
    ({"array": "a b.zarr/0"}, "BAD_REQUEST"),
    ({"array": "a b.zarr/0", "chunks": []}, "BAD_REQUEST"),
    ({"array": "a b.zarr/0", "chunks": [[0, 0]] * 65}, "BAD_REQUEST"),
    ({"array": 7, "chunks": [[0, 0]]}, "BAD_REQUEST"),
    ({"array": "a b.zarr/0", "chunks": [[0]]}, "BAD_REQUEST"),
    ({"array": "a b.zarr/0", "chunks": [[0, 0, 0]]}, "BAD_REQUEST"),
    ({"array": "a b.zarr/0", "chunks": [[-1, 0]]}, "BAD_REQUEST"),
    ({"array": "a b.zarr/0", "chunks": [[2**63, 0]]}, "BAD_REQUEST"),
    ({"array": "a b.zarr/0", "chunks": [[True, 0]]}, "BAD_REQUEST"),
    ({"array": "a b.zarr/0", "chunks": [[0.5, 0]]}, "BAD_REQUEST"),
    ({"array": "a b.zarr/0", "chunks": [["0", 0]]}, "BAD_REQUEST"),
    ({"array": "../mount-secret", "chunks": [[0, 0]]}, "PATH_DENIED"),
    ({"array": "a b.zarr/../../mount-secret", "chunks": [[0, 0]]}, "PATH_DENIED"),
    ({"array": "/etc", "chunks": [[0, 0]]}, "PATH_DENIED"),
    ({"array": "a b.zarr", "chunks": [[0, 0]]}, "NOT_FOUND"),
    ({"array": "plain", "chunks": [[0, 0]]}, "NOT_FOUND"),
]


async def test_requests_that_are_refused(ask: Ask, array: Path) -> None:
    answers = [await asked(ask, body) for body, _ in REFUSED]
    assert [answer.code for answer in answers] == [code for _, code in REFUSED]
    assert all(answer.status >= 400 for answer in answers)


async def test_only_our_own_pages_and_logins_may_ask_for_listed_stores(ask: Ask, array: Path) -> None:
    body = {"array": "a b.zarr/0", "chunks": [[0, 0]]}
    for store in ("nope", "..", "data%2f..%2fother"):
        assert (await asked(ask, body, store)).status in (403, 404)
    assert (await asked(ask, body, auth=False)).status in (401, 403)
    assert (await asked(ask, body, headers={"Sec-Fetch-Site": "cross-site"})).code == "CROSS_SITE"
    assert (await asked(ask, body, headers={"Origin": "https://evil.example"})).code == "CROSS_SITE"
    assert (await ask("stores/data/decode")).status == 405


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (v2(filters=[{"id": "delta", "dtype": "<u2"}] * 3000), "UNSUPPORTED"),
        (v2(compressor={"id": "pickle"}), "UNSUPPORTED"),
        (v2(compressor={"id": "imagecodecs_tiff"}), "UNSUPPORTED"),
        (v2(compressor={"id": "imagecodecs_../x"}), "UNSUPPORTED"),
        (v2(chunks=[60000, 60000]), "TOO_LARGE"),
        (v2(chunks=[8192, 8192]), "TOO_LARGE"),
        (v2(shape=[-1, 5]), "BAD_METADATA"),
        (v2(dimension_separator="/../"), "BAD_METADATA"),
        (v3([BYTES, BZ2, {"name": "bz2"}]), "UNSUPPORTED"),
        ([], "BAD_METADATA"),
    ],
    ids=lambda value: str(value)[-60:],
)
async def test_documents_that_are_refused(document: Any, code: str) -> None:
    name = "zarr.json" if isinstance(document, dict) and document["zarr_format"] == 3 else ".zarray"
    with pytest.raises(Exception) as caught:
        await read_meta(MemoryStore(encode({name: document})), "")
    assert getattr(caught.value, "code", None) == code


async def units(
    objects: dict[str, Any], chunks: list[tuple[int, ...]], decoders: Decoders | None = None
) -> dict[int, Any]:
    """What every unit came to: its bytes or its code; and nothing is held after."""
    own = decoders or Decoders()
    store, gate = MemoryStore(encode(objects)), ByteGate(1 << 27)
    try:
        array = await read_meta(store, "")
        found = {
            u.index: u.error.code if u.error else u.data
            async for u in decode_units(store, array, chunks, own, gate, False)
        }
    finally:
        if decoders is None:
            await own.close()
    assert (gate.used, store.running) == (0, 0)
    return found


@pytest.mark.parametrize("at_start", [False, True])
async def test_inner_chunks_of_shards(at_start: bool) -> None:
    place = "start" if at_start else "end"
    parts = [bz2.compress((CHUNK + i).tobytes()) for i in range(3)]
    objects = {"zarr.json": sharded(index_location=place), "c/0/0": shard([*parts, None], at_start)}
    found = await units(objects, [(0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (9, 9)])
    assert [found[i] == (CHUNK + i).tobytes() for i in range(3)] == [True] * 3
    assert [found[i] for i in (3, 4, 5)] == ["ABSENT", "ABSENT", "BAD_REQUEST"]


async def test_damaged_shards() -> None:
    good = bz2.compress(CHUNK.tobytes())
    whole = shard([good] * 4)
    beyond, twice = bytearray(whole), bytearray(whole)
    beyond[-68 + 8 : -68 + 16] = (2**62).to_bytes(8, "little")
    twice[-68 + 0 : -68 + 8] = (5).to_bytes(8, "little")
    for spoilt in (beyond, twice):  # with a checksum that is right
        spoilt[-4:] = crc32c(bytes(spoilt[-68:-4])).to_bytes(4, "little")
    for data, codes in (
        (shard([good] * 4, spoil=1), ["BAD_CHUNK", "BAD_CHUNK"]),
        (whole[-30:], ["BAD_CHUNK", "BAD_CHUNK"]),
        (bytes(beyond), ["BAD_CHUNK", None]),
        (bytes(twice), ["BAD_CHUNK", "BAD_CHUNK"]),
    ):
        found = await units({"zarr.json": sharded(), "c/0/0": data}, [(0, 0), (0, 1)])
        assert [value if isinstance(value, str) else None for value in found.values()] in (codes, codes[::-1])


#: Many times the size of a chunk, in a few kilobytes.
BOMB = bytes(8 << 20)


async def test_bombs_end_at_the_size_of_the_chunk() -> None:
    decoders = Decoders()
    try:
        for codec, data in (("bz2", bz2.compress(BOMB)), ("lzma", lzma.compress(BOMB)), ("zlib", zlib.compress(BOMB))):
            found = await units({".zarray": v2(compressor={"id": codec}), "0.0": data}, [(0, 0)], decoders)
            assert found == {0: "BAD_CHUNK"}, codec
        # And the next good chunk is right.
        good = {".zarray": v2(), "0.0": bz2.compress(CHUNK.tobytes())}
        assert await units(good, [(0, 0)], decoders) == {0: CHUNK.tobytes()}
    finally:
        await decoders.close()
    assert decoders.pids == []


async def test_what_is_no_chunk_is_damage() -> None:
    for data in (b"", b"<html>504</html>", bytes(8192)):
        assert await units({".zarray": v2(), "0.0": data}, [(0, 0)]) == {0: "BAD_CHUNK"}


async def test_a_child_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "child.py"
    script.write_text("import sys, time\nsys.stdout.buffer.write(bytes(4))\nsys.stdout.flush()\ntime.sleep(60)\n")
    monkeypatch.setattr(decode, "CHILD", (sys.executable, "-P", str(script)))
    decoders = Decoders(limit=0.3)
    try:
        good = {".zarray": v2(), "0.0": bz2.compress(CHUNK.tobytes())}
        assert await units(good, [(0, 0)], decoders) == {0: "BAD_CHUNK"}
        assert decoders.pids == []
    finally:
        await decoders.close()


async def test_leaving_ends_the_work_and_holds_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "child.py"
    script.write_text("import sys, time\nsys.stdout.buffer.write(bytes(4))\nsys.stdout.flush()\ntime.sleep(60)\n")
    monkeypatch.setattr(decode, "CHILD", (sys.executable, "-P", str(script)))
    decoders, gate = Decoders(), ByteGate(1 << 27)
    store = MemoryStore(encode({".zarray": v2(), **{f"0.{i}": bz2.compress(CHUNK.tobytes()) for i in range(3)}}))
    array = await read_meta(store, "")
    stream = decode_units(store, array, [(0, 0), (0, 1), (0, 2)], decoders, gate)
    waiting: asyncio.Task[Unit] = asyncio.create_task(anext(stream))  # type: ignore[arg-type]  # an async generator
    while not decoders.pids:
        await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await stream.aclose()  # type: ignore[attr-defined]  # an async generator
    assert (decoders.pids, gate.used, store.running) == ([], 0, 0)
    await decoders.close()


async def test_a_client_that_goes_ends_its_child(raw: Raw, array: Path, jp_serverapp: Any) -> None:
    body = json.dumps({"array": "a b.zarr/0", "chunks": [[0, 0]] * 64}).encode()
    reader, writer = await raw.send("POST", "stores/data/decode", f"Content-Length: {len(body)}\r\n", body)
    assert b"200" in await reader.readline()
    writer.close()
    state = jp_serverapp.web_app.settings["bioimage_state"]
    for _ in range(200):
        if state.held.used == 0 and state.admission.inside == 0:
            break
        await asyncio.sleep(0.05)
    assert (state.held.used, state.admission.inside) == (0, 0)


async def test_a_missing_package_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "child.py"
    script.write_text(
        "import sys, struct\nout = sys.stdout.buffer\nout.write(bytes(4)); out.flush()\n"
        "sys.stdin.buffer.read(4)\nanswer = b'\\0\\2imagecodecs_jpeg2k'\n"
        "out.write(struct.pack('<I', len(answer)) + answer); out.flush()\nsys.stdin.buffer.read()\n"
    )
    monkeypatch.setattr(decode, "CHILD", (sys.executable, "-P", str(script)))
    found = await units({".zarray": v2(compressor={"id": "imagecodecs_jpeg2k"}), "0.0": b"x"}, [(0, 0)])
    assert found == {0: "UNSUPPORTED"}
