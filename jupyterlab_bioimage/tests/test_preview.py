"""Pictures made in child processes: what they show, and that a child which misbehaves is thrown away."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import os
import signal
import struct
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numcodecs
import numpy as np
import pytest
from PIL import Image as Pillow

from ..services import preview_child
from ..services.multiscale import Image
from ..services.opening import read_documents
from ..services.plan import make_plan, read_view
from ..services.preview import PreviewError, Previews, Worker, array_spec, task_head
from ..services.zarrmeta import read_array
from .memory import MemoryStore, collect, encode, load, of_type
from .samples import formula, sample_folder

WINDOW = 14 * 1024  # bytes of TCP's first window

IMAGES = [
    "cells-2d.ome.zarr",
    "stack-zt.ome.zarr",
    "plate-2x3.ome.zarr/A/1/0",
    "labels.ome.zarr",
    "labels.ome.zarr/labels/nuclei",
    "sharded.ome.zarr",
]


@asynccontextmanager
async def warm() -> AsyncIterator[Previews]:
    previews = Previews()
    try:
        previews.warm()
        await previews.ready()
        assert previews.is_warm
        yield previews
    finally:
        await previews.close()


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine that runs the tests may be busy; how long a stream waits is not what most of them ask."""
    monkeypatch.setattr("jupyterlab_bioimage.services.opening.PREVIEW_TIME", 20.0)
    monkeypatch.setattr("jupyterlab_bioimage.services.opening.PREVIEW_READ", 20.0)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


# --- what a picture shows -----------------------------------------------------------------------------------------


async def expected_picture(path: str) -> tuple[dict[str, Any], list[bytes]]:
    store = MemoryStore(load(sample_folder() / path))
    node, _ = await read_documents(store, "")
    assert isinstance(node, Image)
    plan = make_plan(node, read_view(None, 800, 600))
    wanted = plan.wanted[0]
    array = node.levels[wanted.level].array
    parts = [store.objects[array.object_key(chunk)] for chunk in wanted.chunks]
    region = (0, array.shape[node.at["y"]], 0, array.shape[node.at["x"]])
    return task_head(node, wanted, plan.channels, region, wanted.chunks), parts


@pytest.mark.parametrize("path", [p for p in IMAGES if not p.startswith("sharded")])
async def test_the_planes_under_a_picture_are_the_formula(path: str) -> None:
    head, parts = await expected_picture(path)
    planes = preview_child.assemble(json.loads(json.dumps(head)), parts)
    level = {"cells-2d.ome.zarr": 3, "plate-2x3.ome.zarr/A/1/0": 1}.get(path, 2)
    y, x = np.ogrid[: planes.shape[1], : planes.shape[2]]
    for slot, channel in enumerate(head["channels"]):
        z = 6 if path.startswith("stack") else 0
        np.testing.assert_array_equal(planes[slot], formula().value(path, level, c=channel["index"], z=z, y=y, x=x))


def decode(document: dict[str, Any], data: bytes) -> Any:
    spec = json.loads(json.dumps(array_spec(read_array("", document))))
    return preview_child.Array(spec).decode(data)


PIXELS = np.arange(6 * 8, dtype="<u2").reshape(6, 8) * 37

V2: list[tuple[str, dict[str, Any], bytes]] = [
    ("raw", {}, PIXELS.tobytes()),
    ("big-endian", {"dtype": ">u2"}, PIXELS.astype(">u2").tobytes()),
    ("order F", {"order": "F"}, PIXELS.tobytes("F")),
    *[
        (name, {"compressor": codec.get_config()}, bytes(codec.encode(PIXELS.tobytes())))
        for name, codec in {
            "zlib": numcodecs.Zlib(1),
            "gzip": numcodecs.GZip(1),
            "zstd": numcodecs.Zstd(1),
            "lz4": numcodecs.LZ4(1),
            "blosc": numcodecs.Blosc("lz4", shuffle=2),
        }.items()
    ],
    (
        "delta, shuffle and zlib",
        {
            "filters": [{"id": "delta", "dtype": "<u2"}, {"id": "shuffle", "elementsize": 2}],
            "compressor": {"id": "zlib", "level": 1},
        },
        numcodecs.Zlib(1).encode(numcodecs.Shuffle(2).encode(numcodecs.Delta("<u2").encode(PIXELS.ravel()))),
    ),
]


@pytest.mark.parametrize(("name", "more", "data"), V2, ids=[case[0] for case in V2])
def test_chunks_of_zarr_v2_are_decoded(name: str, more: dict[str, Any], data: bytes) -> None:
    document = {"zarr_format": 2, "shape": [6, 8], "chunks": [6, 8], "dtype": "<u2", "compressor": None} | more
    np.testing.assert_array_equal(decode(document, bytes(data)), PIXELS)


@pytest.mark.parametrize("endian", ["little", "big"])
def test_chunks_of_zarr_v3_are_decoded(endian: str) -> None:
    document = {
        "zarr_format": 3,
        "node_type": "array",
        "shape": [6, 8],
        "data_type": "uint16",
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [6, 8]}},
        "codecs": [
            {"name": "transpose", "configuration": {"order": [1, 0]}},
            {"name": "bytes", "configuration": {"endian": endian}},
            {"name": "zstd", "configuration": {"level": 1}},
            {"name": "crc32c"},
        ],
    }
    turned = PIXELS.T.astype(">u2" if endian == "big" else "<u2").tobytes()
    np.testing.assert_array_equal(decode(document, numcodecs.Zstd(1).encode(turned) + b"crc."), PIXELS)


@pytest.mark.parametrize("dtype", ["|b1", "|i1", "<i2", "<f2", "<f4", ">f8", "<u8"])
def test_every_type_gives_a_picture(dtype: str) -> None:
    pixels = np.linspace(0, 1, 48).reshape(6, 8).astype(dtype)
    document = {"zarr_format": 2, "shape": [6, 8], "chunks": [6, 8], "dtype": dtype, "compressor": None}
    head = {
        "array": array_spec(read_array("", document)),
        "at": {"y": 0, "x": 1},
        "size": [6, 8],
        "t": 0,
        "z": 0,
        "chunks": [[0, 0]],
        "region": [0, 6, 0, 8],
        "labels": False,
        "channels": [{"index": 0, "color": "FFFFFF", "window": None}],
    }
    width, height = struct.unpack_from("<HH", preview_child.picture(head, [pixels.tobytes()]))
    assert (width, height) == (8, 6)


def test_contrast_is_found_where_there_is_little() -> None:
    assert preview_child.contrast(np.zeros((4, 4))) == (0.0, 1.0)
    assert preview_child.contrast(np.full((4, 4), np.nan)) == (0.0, 1.0)
    spots = np.zeros((100, 100))
    spots[0, 0] = 5
    assert preview_child.contrast(spots) == (0.0, 5.0)
    assert preview_child.contrast(np.arange(10_001)) == (10.0, 9990.0)


def test_a_picture_of_noise_fits_its_bound() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (384, 384, 3), dtype=np.uint8)
    width, height, data = preview_child.encode(noise)
    assert len(data) <= preview_child.MOST
    with Pillow.open(io.BytesIO(data)) as image:
        assert (image.format, image.size) == ("WEBP", (width, height))


# --- in the stream ------------------------------------------------------------------------------------------------


async def test_preview_and_digest_of_every_sample_fit_into_the_first_window() -> None:
    async with warm() as previews:
        for path in IMAGES:
            frames = await collect(MemoryStore(load(sample_folder() / path)), previews=previews)
            kinds = [frame.header["type"] for frame in frames]
            assert kinds[:3] == ["preview", "digest", "doc"], path
            preview, digest = frames[:2]
            assert len(preview.body) <= 10 * 1024
            assert len(digest.body) <= 3 * 1024
            headers = sum(len(json.dumps(frame.header)) + 4 for frame in frames[:2])
            assert len(preview.body) + len(digest.body) + headers < WINDOW - 900  # room for the headers of HTTP
            assert kinds.count("preview") == 1
            with Pillow.open(io.BytesIO(preview.body)) as image:
                assert image.size == (preview.header["width"], preview.header["height"])
            width = {"cells-2d.ome.zarr": 1024, "sharded.ome.zarr": 1024}.get(path, 512 if "labels" in path else 256)
            assert preview.header["region"] == [0, width, 0, width]
            assert preview.header["mime"] == "image/webp"


async def test_a_preview_reads_nothing_beyond_the_plan() -> None:
    async with warm() as previews:
        for path in IMAGES:
            store = MemoryStore(load(sample_folder() / path))
            frames = await collect(store, previews=previews)
            planned = json.loads(of_type(frames, "plan")[0].body)
            expected = len(planned) + len(of_type(frames, "doc"))
            assert len(store.reads) == len(set(store.reads)) == expected


async def test_a_preview_of_a_region_shows_the_region() -> None:
    async with warm() as previews:
        store = MemoryStore(load(sample_folder() / "cells-2d.ome.zarr"))
        frames = await collect(store, previews=previews, selection={"region": [100, 301, 512, 1024], "c": [1]})
        header = frames[0].header
        assert header["region"] == [96, 304, 512, 1024]
        assert (header["width"], header["height"]) == (64, 26)


async def test_without_a_warm_child_the_metadata_goes_first_and_a_child_is_started() -> None:
    previews = Previews()
    try:
        store = MemoryStore(load(sample_folder() / "cells-2d.ome.zarr"))
        start = time.monotonic()
        frames = await collect(store, previews=previews)
        assert frames[0].header["type"] == "digest"
        assert of_type(frames, "preview") == []
        assert time.monotonic() - start < 5
        await previews.ready()
        assert previews.is_warm
    finally:
        await previews.close()


async def test_absent_chunks_leave_gaps_and_damaged_ones_no_picture() -> None:
    async with warm() as previews:
        objects = load(sample_folder() / "cells-2d.ome.zarr")
        del objects["3/0/0/0"]
        frames = await collect(MemoryStore(objects), previews=previews)
        assert frames[0].header["type"] == "preview"
        objects["3/1/0/0"] = objects["3/1/0/0"][:100]
        frames = await collect(MemoryStore(objects), previews=previews)
        assert frames[0].header["type"] == "digest"
        by_key = {frame.header["key"]: frame for frame in of_type(frames, "chunk")}
        assert by_key["3/0/0/0"].header["status"] == 404
        assert by_key["3/1/0/0"].body == objects["3/1/0/0"]  # the browser says what is wrong with it


async def test_a_slow_coarsest_level_does_not_hold_up_the_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyterlab_bioimage.services.opening.PREVIEW_READ", 0.05)
    async with warm() as previews:
        store = MemoryStore(load(sample_folder() / "cells-2d.ome.zarr"), delay=0.2)
        frames = await collect(store, previews=previews, selection={"level": 3})
        assert frames[0].header["type"] == "digest"
        assert len(of_type(frames, "chunk")) == 3


# --- children -----------------------------------------------------------------------------------------------------


def command(body: str) -> list[str]:
    """A child that says it is ready and then does ``body``."""
    ready = "import struct, sys, time; out = sys.stdout.buffer; out.write(struct.pack('<I', 0)); out.flush()\n"
    return [sys.executable, "-c", ready + body]


def task(compressor: dict[str, Any] | None = None) -> dict[str, Any]:
    document = {"zarr_format": 2, "shape": [64, 64], "chunks": [64, 64], "dtype": "<u2", "compressor": compressor}
    return {
        "array": array_spec(read_array("", document)),
        "at": {"y": 0, "x": 1},
        "size": [64, 64],
        "t": 0,
        "z": 0,
        "chunks": [[0, 0]],
        "region": [0, 64, 0, 64],
        "labels": False,
        "channels": [{"index": 0, "color": "FFFFFF", "window": None}],
    }


async def test_a_child_that_hangs_is_killed_at_its_time_limit() -> None:
    worker = Worker(command("time.sleep(60)"))
    try:
        await worker.start()
        pid = worker.pid
        assert pid is not None
        with pytest.raises(PreviewError, match="TimeoutError"):
            await worker.run({}, [], timeout=0.1)
        assert not alive(pid)
        assert not worker.warm
    finally:
        await worker.close()


@pytest.mark.parametrize(
    "body",
    [
        "sys.exit(0)",
        "sys.stdin.buffer.read(4); sys.exit(3)",
        "out.write(struct.pack('<I', 2**31)); out.flush(); time.sleep(60)",
        "out.write(b'\\x05\\0\\0\\0\\1oops'); out.flush(); time.sleep(60)",
        "out.write(b'\\x05'); out.flush(); sys.exit()",
    ],
    ids=["ends", "fails", "a huge answer", "says no", "half an answer"],
)
async def test_a_child_that_fails_is_replaced(body: str) -> None:
    worker = Worker(command(body))
    try:
        await worker.start()
        with pytest.raises(PreviewError):
            await worker.run({}, [b"x" * 100_000], timeout=5)
        assert worker.pid is None
    finally:
        await worker.close()


@pytest.mark.parametrize("start", ["import sys; sys.exit(1)", "print('hello there')"])
async def test_a_child_that_does_not_start_is_an_error_not_a_hang(start: str) -> None:
    worker = Worker([sys.executable, "-c", start])
    with pytest.raises(PreviewError):
        await worker.start()
    assert worker.pid is None


async def test_cancelling_a_task_kills_its_child_at_once() -> None:
    worker = Worker(command("time.sleep(60)"))
    await worker.start()
    pid = worker.pid
    assert pid is not None
    running = asyncio.create_task(worker.run({}, [], timeout=30))
    await asyncio.sleep(0.05)
    start = time.monotonic()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert time.monotonic() - start < 2
    assert not alive(pid)


async def test_bombs_end_the_child_and_the_next_picture_works() -> None:
    bombs: dict[str, tuple[bytes, dict[str, Any] | None]] = {
        "gzip": (gzip.compress(bytes(300 << 20), 1), {"id": "gzip", "level": 1}),
        "zstd": (bytes(numcodecs.Zstd(1).encode(bytes(1 << 30))), {"id": "zstd", "level": 1}),
        "blosc": (bytes(numcodecs.Blosc("lz4").encode(bytes(256 << 20))), {"id": "blosc"}),
        "lz4": (b"\xff\xff\xff\x7f" + b"x" * 20, {"id": "lz4"}),
        "short": (b"x" * 10, None),
    }
    good = np.arange(64 * 64, dtype="<u2").tobytes()
    async with warm() as previews:
        for name, (data, compressor) in bombs.items():
            before = previews.pids
            assert await previews.picture(task(compressor), [data], timeout=10) is None, name
            assert not [pid for pid in before if alive(pid)], name
            await previews.ready()
            picture = await previews.picture(task(), [good], timeout=10)
            assert picture is not None, name
            assert (picture.width, picture.height) == (64, 64)


async def test_a_child_has_little_memory_no_files_and_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "canary")
    async with warm() as previews:
        (pid,) = previews.pids
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        assert b"canary" not in environment
        assert b"TOKEN" not in environment
        limits = Path(f"/proc/{pid}/limits").read_text()
        for name, most in {"Max address space": 1 << 30, "Max open files": 16, "Max file size": 0}.items():
            line = next(line for line in limits.splitlines() if line.startswith(name))
            assert line[len("Max address space") :].split()[0] == str(most)


async def test_a_child_ends_after_its_tasks_and_when_idle() -> None:
    good = np.arange(64 * 64, dtype="<u2").tobytes()
    worker = Worker(tasks=2)
    try:
        pids = set()
        for _ in range(3):
            await worker.run(task(), [good], timeout=10)
            pids.add(worker.pid)
        assert len(pids) == 2
    finally:
        await worker.close()
    previews = Previews(idle=0.1)
    try:
        previews.warm()
        await previews.ready()
        await asyncio.sleep(0.5)
        assert previews.pids == []
        previews.warm()
        await previews.ready()
        assert previews.is_warm
    finally:
        await previews.close()


async def test_a_second_child_starts_when_the_first_is_busy() -> None:
    good = np.arange(64 * 64, dtype="<u2").tobytes()
    async with warm() as previews:
        first = asyncio.create_task(previews.picture(task(), [good], timeout=10))
        await asyncio.sleep(0)
        assert await previews.picture(task(), [good], timeout=10) is None  # metadata first
        assert await first is not None
        await previews.ready()
        assert len(previews.pids) == 2


async def test_a_late_picture_is_left_out_and_its_child_lives_on() -> None:
    good = np.arange(64 * 64, dtype="<u2").tobytes()
    async with warm() as previews:
        (pid,) = previews.pids
        os.kill(pid, signal.SIGSTOP)
        assert await previews.picture(task(), [good], timeout=0.05) is None
        os.kill(pid, signal.SIGCONT)
        await asyncio.sleep(0.5)
        assert alive(pid)
        assert pid in previews.pids


async def test_a_picture_nobody_waits_for_any_more_ends_its_child() -> None:
    async with warm() as previews:
        (pid,) = previews.pids
        os.kill(pid, signal.SIGSTOP)
        asking = asyncio.create_task(previews.picture(task(), [b"x"], timeout=20))
        await asyncio.sleep(0.1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.sleep(0.3)
        assert not alive(pid)


async def test_closing_ends_all_children_and_nothing_starts_after() -> None:
    previews = Previews()
    previews.warm()
    await previews.ready()
    pids = previews.pids
    await previews.close()
    await previews.close()
    assert not [pid for pid in pids if alive(pid)]
    previews.warm()
    assert previews.pids == []


async def test_the_child_imports_nothing_of_the_server() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-X", "importtime", "-P", str(Path(preview_child.__file__))),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert process.returncode == 0
    assert b"numcodecs" in errors
    assert [line for line in errors.splitlines() if b"jupyter" in line or b"tornado" in line or b"zarr" in line] == []


def test_documents_of_a_picture_are_plain_json() -> None:
    assert json.loads(json.dumps(task()))["at"] == {"y": 0, "x": 1}
    assert encode({"a": None, "b": 1}) == {"b": b"1"}
