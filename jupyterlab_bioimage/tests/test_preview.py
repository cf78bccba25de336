"""Display-only pictures: what they show, and how they travel in the opening stream."""

from __future__ import annotations

import asyncio
import io
import json
import struct
import time
from typing import Any

import numcodecs
import numpy as np
import pytest
from PIL import Image as Pillow

from ..services import decode_chunk, preview_child
from ..services.multiscale import Image
from ..services.opening import read_documents
from ..services.plan import make_plan, read_view
from ..services.preview import Previews, array_spec, task_head
from ..services.zarrmeta import read_array
from .memory import MemoryStore, collect, load, of_type, warm
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


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine that runs the tests may be busy; how long a stream waits is not what most of them ask."""
    monkeypatch.setattr("jupyterlab_bioimage.services.opening.PREVIEW_TIME", 20.0)
    monkeypatch.setattr("jupyterlab_bioimage.services.opening.PREVIEW_READ", 20.0)


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
    planes, _ = preview_child.assemble(json.loads(json.dumps(head)), parts)
    level = {"cells-2d.ome.zarr": 3, "plate-2x3.ome.zarr/A/1/0": 1}.get(path, 2)
    y, x = np.ogrid[: planes.shape[1], : planes.shape[2]]
    for slot, channel in enumerate(head["channels"]):
        z = 6 if path.startswith("stack") else 0
        np.testing.assert_array_equal(planes[slot], formula().value(path, level, c=channel["index"], z=z, y=y, x=x))


def decode(document: dict[str, Any], data: bytes) -> Any:
    spec = json.loads(json.dumps(array_spec(read_array("", document))))
    return decode_chunk.Array(spec).decode(data)


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
    data = numcodecs.Zstd(1).encode(turned)
    crc = decode_chunk.crc32c(data).to_bytes(4, "little")
    np.testing.assert_array_equal(decode(document, data + crc), PIXELS)
    with pytest.raises(ValueError, match="checksum"):
        decode(document, data + b"crc.")


def test_three_axes_are_turned_back() -> None:
    pixels = np.arange(24, dtype="<u2").reshape(2, 3, 4)
    document = {
        "zarr_format": 3,
        "node_type": "array",
        "shape": [2, 3, 4],
        "data_type": "uint16",
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [2, 3, 4]}},
        "codecs": [{"name": "transpose", "configuration": {"order": [1, 2, 0]}}, {"name": "bytes"}],
    }
    np.testing.assert_array_equal(decode(document, pixels.transpose(1, 2, 0).tobytes()), pixels)


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
        "labels": None,
        "chunk": [6, 8],
        "others": [],
        "channels": [{"index": 0, "color": "FFFFFF", "window": None}],
    }
    width, height = struct.unpack_from("<HH", preview_child.picture(head, [pixels.tobytes()]))
    assert (width, height) == (8, 6)


def test_contrast_is_found_where_there_is_little() -> None:
    assert preview_child.limits(np.zeros(16)) == (0.0, 1.0)
    assert preview_child.limits(np.full(16, np.nan)) == (0.0, 1.0)
    spots = np.zeros(10_000)
    spots[0] = 5
    assert preview_child.limits(spots) == (0.0, 5.0)
    assert preview_child.limits(np.arange(10_001)) == (10.0, 9990.0)
    assert preview_child.limits(np.full(4, -7, np.int8)) == (-14.0, 0.0)
    assert preview_child.limits(np.full(4, 255, np.uint8)) == (0.0, 255.0)


def test_what_is_not_there_does_not_count_for_contrast() -> None:
    plane = np.arange(101, 201.0).reshape(10, 10)
    there = plane > 150
    assert preview_child.contrast(plane, there) == (151.0, 200.0)


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


async def test_absent_and_damaged_chunks_are_marked() -> None:
    async with warm() as previews:
        objects = load(sample_folder() / "cells-2d.ome.zarr")
        del objects["3/0/0/0"]
        frames = await collect(MemoryStore(objects), previews=previews)
        assert frames[0].header["type"] == "preview"
        objects["3/1/0/0"] = objects["3/1/0/0"][:100]
        frames = await collect(MemoryStore(objects), previews=previews)
        assert frames[0].header["type"] == "preview"
        by_key = {frame.header["key"]: frame for frame in of_type(frames, "chunk")}
        assert by_key["3/0/0/0"].header["status"] == 404
        assert by_key["3/1/0/0"].body == objects["3/1/0/0"]  # the browser says what is wrong with it


async def test_whoever_leaves_during_the_coarsest_level_ends_its_reads() -> None:
    async with warm() as previews:
        store = MemoryStore(load(sample_folder() / "cells-2d.ome.zarr"), stuck=["3/1/0/0"])
        opening = asyncio.create_task(collect(store, previews=previews))
        async with asyncio.timeout(20):
            while not any(item.key == "3/1/0/0" for item in store.reads):
                await asyncio.sleep(0.01)
        opening.cancel()
        done, _ = await asyncio.wait({opening}, timeout=20)
        assert done
        assert opening.cancelled()
        assert store.running == 0


async def test_a_slow_coarsest_level_does_not_hold_up_the_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyterlab_bioimage.services.opening.PREVIEW_READ", 0.05)
    async with warm() as previews:
        store = MemoryStore(load(sample_folder() / "cells-2d.ome.zarr"), delay=0.2)
        frames = await collect(store, previews=previews, selection={"level": 3})
        assert frames[0].header["type"] == "digest"
        assert len(of_type(frames, "chunk")) == 3


def test_a_bright_spot_between_the_values_looked_at_counts_for_contrast() -> None:
    plane = np.zeros((1, 2 * preview_child.SAMPLE), np.uint16)
    plane[0, 1] = 900  # every second value is looked at
    assert preview_child.limits(plane.ravel()) == (0.0, 900.0)
    assert preview_child.contrast(plane, np.ones(plane.shape, bool)) == (0.0, 900.0)
    shape = list(plane.shape)
    task = {
        "array": array_spec(read_array("", {"zarr_format": 2, "shape": shape, "chunks": shape, "dtype": "<u2"})),
        "at": {"y": 0, "x": 1},
        "size": plane.shape,
        "region": [0, 1, 0, plane.shape[1]],
        "t": 0,
        "z": 0,
        "chunks": [[0, 0]],
        "chunk": plane.shape,
        "others": [],
        "channels": [{"index": 0, "color": "FFFFFF", "window": None}],
    }
    found = preview_child.windows({"tasks": [task, task]}, [np.zeros_like(plane).tobytes(), plane.tobytes()])
    assert json.loads(found) == {"0": [0.0, 900.0]}
