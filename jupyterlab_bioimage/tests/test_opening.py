"""The opening stream over a store in memory: what comes, in which order, and what is read for it."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import Any

import pytest

from ..errors import BioImageError
from ..services.limits import ByteGate
from ..services.opening import Frame, make_digest, open_stream
from ..services.plan import read_view
from .memory import MemoryStore, collect, encode, load, of_type
from .samples import sample_folder

CHUNK = 5 * 5 * 2  # bytes


def image(levels: int = 1, **omero: Any) -> dict[str, Any]:
    """An image of 10 x 10 pixels, uint16 without compression, chunks of 5."""
    datasets = [{"path": str(k)} for k in range(levels)]
    multiscale = {"version": "0.4", "axes": [{"name": "y"}, {"name": "x"}], "datasets": datasets}
    documents: dict[str, Any] = {".zgroup": {"zarr_format": 2}, ".zattrs": {"multiscales": [multiscale]} | omero}
    for k in range(levels):
        size = 10 >> k
        documents[f"{k}/.zarray"] = {
            "zarr_format": 2,
            "shape": [size, size],
            "chunks": [5, 5],
            "dtype": "<u2",
            "fill_value": 0,
            "order": "C",
            "filters": None,
            "compressor": None,
        }
    return documents


def chunks(levels: int = 1) -> dict[str, bytes]:
    """A chunk's bytes tell its key."""
    keys = [f"{k}/{y}.{x}" for k in range(levels) for y in range(2 >> k) for x in range(2 >> k)]
    return {key: key.encode().ljust(CHUNK, b".") for key in keys}


def plan_of(frames: list[Frame]) -> list[dict[str, Any]]:
    (frame,) = of_type(frames, "plan")
    found: list[dict[str, Any]] = json.loads(frame.body)
    return found


def item_of(frame: Frame) -> dict[str, Any]:
    return {key: value for key, value in frame.header.items() if key in ("key", "start", "end", "suffix")}


async def test_the_frames_come_in_their_order() -> None:
    store = MemoryStore(encode(image(2)) | chunks(2))
    frames = await collect(store)
    kinds = [frame.header["type"] for frame in frames]
    assert kinds == ["digest", *["doc"] * 4, "plan", *["chunk"] * 5]
    docs = {frame.header["key"]: (frame.header["status"], frame.body) for frame in of_type(frames, "doc")}
    assert docs["zarr.json"] == (404, b"")
    assert docs[".zattrs"] == (200, store.objects[".zattrs"])
    assert docs["1/.zarray"] == (200, store.objects["1/.zarray"])
    digest = json.loads(of_type(frames, "digest")[0].body)
    assert (digest["kind"], digest["level"], digest["levels"][1]["shape"]) == ("image", 0, [5, 5])


async def test_the_plan_lists_everything_that_follows_the_coarsest_level_first() -> None:
    store = MemoryStore(encode(image(2)) | chunks(2))
    frames = await collect(store)
    sent = [item_of(frame) for frame in of_type(frames, "chunk")]
    assert plan_of(frames)[0] == {"key": "1/0.0"}
    assert sent[0] == {"key": "1/0.0"}
    assert sorted(map(str, sent)) == sorted(map(str, plan_of(frames)))
    for frame in of_type(frames, "chunk"):
        assert frame.body == store.objects[frame.header["key"]]


async def test_nothing_is_read_beyond_documents_and_plan() -> None:
    store = MemoryStore(encode(image(2)) | chunks(2))
    frames = await collect(store, selection={"region": [0, 4, 0, 4]}, size=(4, 4))
    expected = [frame.header["key"] for frame in of_type(frames, "doc")] + [i["key"] for i in plan_of(frames)]
    assert sorted(item.key for item in store.reads) == sorted(expected)
    assert len(plan_of(frames)) == 2  # the coarsest level, and one chunk


async def test_an_absent_chunk_comes_as_404_and_a_failed_one_with_its_code() -> None:
    objects = encode(image()) | chunks()
    del objects["0/0.1"]
    frames = await collect(MemoryStore(objects, broken=["0/1.0"]))
    by_key = {frame.header["key"]: frame for frame in of_type(frames, "chunk")}
    assert len(by_key) == 4
    assert (by_key["0/0.1"].header["status"], by_key["0/0.1"].header["code"]) == (404, "ABSENT")
    assert (by_key["0/1.0"].header["status"], by_key["0/1.0"].header["code"]) == (502, "UPSTREAM_DOWN")
    assert by_key["0/1.1"].header["status"] == 200


async def test_keys_are_relative_to_the_image() -> None:
    objects = {f"deep/ü %2F.zarr/{key}": data for key, data in (encode(image()) | chunks()).items()}
    store = MemoryStore(objects)
    frames = await collect(store, "deep/ü %2F.zarr")
    assert {item["key"] for item in plan_of(frames)} == set(chunks())
    assert all(item.key.startswith("deep/ü %2F.zarr/") for item in store.reads)


async def test_a_sharded_image_has_its_indices_in_the_plan_and_reads_each_once() -> None:
    store = MemoryStore(load(sample_folder() / "sharded.ome.zarr"))
    frames = await collect(store, selection={"region": [0, 300, 0, 300], "c": [1]}, size=(300, 300))
    plan = plan_of(frames)
    assert plan[0] == {"key": "3/c/1/0/0", "suffix": 16 + 4}
    assert plan[1]["key"] == "3/c/1/0/0"
    indices = [item for item in plan if "suffix" in item and item["key"].startswith("0/")]
    assert indices == [{"key": "0/c/1/0/0", "suffix": 16 * 16 + 4}]
    inner = [item for item in plan if "start" in item and item["key"].startswith("0/")]
    assert len(inner) == 9
    sent = [item_of(frame) for frame in of_type(frames, "chunk")]
    assert sorted(map(str, sent)) == sorted(map(str, plan))
    reads = [(item.key, item.start, item.end, item.suffix) for item in store.reads]
    assert len(reads) == len(set(reads)) == len(plan) + len(of_type(frames, "doc"))
    for frame in of_type(frames, "chunk"):
        data = store.objects[frame.header["key"]]
        if "start" in frame.header:
            assert frame.body == data[frame.header["start"] : frame.header["end"]]
            assert frame.header["status"] == 206
        else:
            assert frame.body == data[-frame.header["suffix"] :]


@pytest.mark.parametrize(
    "index",
    [
        bytes(16),
        b"\xff" * 16,
        (10).to_bytes(8, "little") + (2**62).to_bytes(8, "little"),
        (2**40).to_bytes(8, "little") + (5).to_bytes(8, "little"),
        b"",
    ],
    ids=["length 0", "absent", "length 2^62", "beyond the end", "cut"],
)
async def test_a_shard_index_that_makes_no_sense_leads_nowhere(index: bytes) -> None:
    plain = {"name": "bytes", "configuration": {"endian": "little"}}
    configuration = {"chunk_shape": [4, 4], "codecs": [plain], "index_codecs": [plain]}
    array = {
        "zarr_format": 3,
        "node_type": "array",
        "shape": [4, 4],
        "data_type": "uint8",
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [4, 4]}},
        "fill_value": 0,
        "codecs": [{"name": "sharding_indexed", "configuration": configuration}],
    }
    store = MemoryStore(encode({"zarr.json": array}) | {"c/0/0": b"chunk..........." + index})
    frames = await collect(store)
    # The browser sees the index itself and says what is wrong; nothing is read where it points.
    assert plan_of(frames) == [{"key": "c/0/0", "suffix": 16}]
    assert [item.suffix for item in store.reads if item.key == "c/0/0"] == [16]


async def test_an_absent_shard_is_told_once() -> None:
    objects = load(sample_folder() / "sharded.ome.zarr")
    del objects["3/c/0/0/0"]
    frames = await collect(MemoryStore(objects), size=(100, 100))
    absent = [frame for frame in of_type(frames, "chunk") if frame.header["status"] == 404]
    assert [item_of(frame) for frame in absent] == [{"key": "3/c/0/0/0", "suffix": 20}]


@pytest.mark.parametrize(
    ("path", "kind"),
    [("plate-2x3.ome.zarr", "plate"), ("plate-2x3.ome.zarr/A/1", "well"), ("labels.ome.zarr/labels", "collection")],
)
async def test_what_is_no_image_comes_without_chunks(path: str, kind: str) -> None:
    frames = await collect(MemoryStore(load(sample_folder() / path)))
    assert [frame.header["type"] for frame in frames] == ["digest", "doc", "doc", "plan"]
    assert json.loads(frames[0].body)["kind"] == kind
    assert plan_of(frames) == []


@pytest.mark.parametrize(
    ("documents", "code"),
    [
        ({}, "NOT_FOUND"),
        ({".zattrs": b"{bad"}, "BAD_METADATA"),
        ({"zarr.json": b"null"}, "BAD_METADATA"),
        ({".zattrs": b" " * ((8 << 20) + 1)}, "TOO_LARGE"),
    ],
    ids=["nothing", "broken", "null", "8 MiB"],
)
async def test_failures_come_before_the_first_frame(documents: dict[str, Any], code: str) -> None:
    with pytest.raises(BioImageError) as caught:
        await collect(MemoryStore(encode(documents)))
    assert caught.value.code == code


async def test_a_store_that_fails_on_a_document_is_not_an_absent_image() -> None:
    with pytest.raises(BioImageError) as caught:
        await collect(MemoryStore(encode(image()), broken=[".zattrs"]))
    assert caught.value.code == "UPSTREAM_DOWN"


async def test_a_failing_group_of_reads_is_one_error_and_ends_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore(encode(image(9)) | chunks(), delay=0.05)
    read_group = MemoryStore.read_group

    async def fail(self: MemoryStore, group: Any, *args: Any) -> Any:
        if any(item.key == "5/.zarray" for _, item in group):
            raise BioImageError("BUSY")
        return await read_group(self, group, *args)

    monkeypatch.setattr(MemoryStore, "read_group", fail)
    with pytest.raises(BioImageError) as caught:
        await collect(store)
    assert caught.value.code == "BUSY"
    assert store.running == 0


async def test_many_documents_of_legal_size_are_too_large_together() -> None:
    objects = encode(image(32))
    for k in range(32):
        objects[f"{k}/.zarray"] = objects[f"{k}/.zarray"] + b" " * 900_000
    with pytest.raises(BioImageError) as caught:
        await collect(MemoryStore(objects))
    assert caught.value.code == "TOO_LARGE"


async def test_closing_the_stream_cancels_its_reads() -> None:
    store = MemoryStore(encode(image()) | chunks(), delay=0.02)
    total = ByteGate(1 << 27)
    frames = open_stream(store, "", read_view(None, 800, 600), None, total)
    async with aclosing(frames) as stream:  # type: ignore[type-var]  # an async generator
        async for frame in stream:
            if frame.header["type"] == "chunk":
                break
    assert store.running == 0
    assert total.used == 0


async def test_cancelling_the_consumer_cancels_reads_of_documents() -> None:
    store = MemoryStore(encode(image()) | chunks(), delay=10)
    task = asyncio.create_task(collect(store))
    async with asyncio.timeout(10):
        while not store.running:
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert store.running == 0


async def test_documents_of_all_levels_are_read_at_once() -> None:
    store = MemoryStore(encode(image(9)) | chunks(1), delay=0.02)
    frames = open_stream(store, "", read_view(None, 800, 600), None, ByteGate(1 << 27))
    async with aclosing(frames) as stream:  # type: ignore[type-var]  # an async generator
        async for _ in stream:
            break
    assert store.most == 3  # the nine arrays in three groups; a group is read one by one here
    assert [item.key for item in store.reads[:2]] == ["zarr.json", ".zattrs"]
    assert sorted(item.key for item in store.reads[2:]) == [f"{k}/.zarray" for k in range(9)]


async def test_the_stream_is_cut_at_its_bounds() -> None:
    documents = image()
    documents["0/.zarray"] |= {"shape": [1000, 1000]}
    frames = await collect(MemoryStore(encode(documents)))
    assert len(plan_of(frames)) == 256


async def test_the_bounds_hold_for_both_levels_together() -> None:
    documents = image(2)
    for k, size in enumerate((200, 100)):
        documents[f"{k}/.zarray"] |= {"shape": [size, size], "chunks": [5, 5]}
    frames = await collect(MemoryStore(encode(documents)), size=(200, 200))
    plan = plan_of(frames)
    assert len(plan) == 256
    assert {item["key"][:2] for item in plan} == {"1/"}  # 400 chunks: the coarsest level goes first
    documents["1/.zarray"] |= {"chunks": [50, 50]}
    plan = plan_of(await collect(MemoryStore(encode(documents)), size=(200, 200)))
    assert [sum(item["key"].startswith(level) for item in plan) for level in ("1/", "0/")] == [4, 252]


async def test_the_digest_is_small_whatever_the_image_says() -> None:
    channels = [{"label": "x" * 500, "color": "FF0000", "window": {"start": 0, "end": 1}}] * 200
    documents = image(4, omero={"channels": channels})
    documents[".zattrs"]["multiscales"][0]["name"] = "ü" * 4000
    frames = await collect(MemoryStore(encode(documents)))
    digest = of_type(frames, "digest")[0].body
    assert len(digest) <= 3 * 1024
    assert json.loads(digest)["kind"] == "image"


async def test_a_digest_of_a_large_plate_is_cut() -> None:
    rows = [{"name": f"row {i}"} for i in range(5000)]
    frames = await collect(MemoryStore(encode({".zattrs": {"plate": {"rows": rows, "columns": rows, "wells": []}}})))
    digest = of_type(frames, "digest")[0].body
    assert len(digest) <= 3 * 1024
    assert json.loads(digest)["kind"] == "plate"


async def test_lone_surrogates_in_a_name_do_not_break_the_stream() -> None:
    documents = image()
    documents[".zattrs"]["multiscales"][0]["name"] = "a\ud800b"
    frames = await collect(MemoryStore(encode(documents)))
    assert json.loads(of_type(frames, "digest")[0].body)["name"] == "a?b"


def test_the_digest_is_json_that_browsers_read() -> None:
    class Node:
        kind, version, name, notices = "other", "0.4", "", ()

    assert json.loads(make_digest(Node(), None))["kind"] == "other"  # type: ignore[arg-type]  # anything with a kind


async def test_chunks_that_a_browser_cannot_decode_are_not_sent() -> None:
    array = {
        "zarr_format": 2,
        "shape": [8, 8],
        "chunks": [8, 8],
        "dtype": "|u1",
        "fill_value": 0,
        "order": "C",
        "filters": None,
        "compressor": {"id": "bz2", "level": 1},
    }
    attributes = {"multiscales": [{"version": "0.4", "datasets": [{"path": "0"}], "axes": ["y", "x"]}]}
    objects = encode({".zattrs": attributes, ".zgroup": {"zarr_format": 2}, "0/.zarray": array, "0/0.0": bytes(9)})
    frames = await collect(MemoryStore(objects))
    assert of_type(frames, "chunk") == []
    assert [json.loads(frame.body) for frame in of_type(frames, "plan")] == [[]]
