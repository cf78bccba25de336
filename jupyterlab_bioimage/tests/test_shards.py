"""Pictures of sharded images: an index that fails is a failure, never a place without data."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ..errors import BioImageError
from ..services.decode_chunk import crc32c
from ..services.limits import ByteGate
from ..services.plan import read_view
from ..services.plane import Plane, Planes
from ..services.shards import NONE
from ..services.thumbnail import Thumbnails
from .memory import MemoryStore, encode
from .plates import Objects, Straight, pictures, plate, well

EDGE, INNER = 16, 8
KEY = "A/1/0/0/c/0/0"
PLAIN = {"name": "bytes", "configuration": {"endian": "little"}}
SIZE = INNER * INNER
EVEN = 8  # what a lossy picture makes of one value


def index_of(places: list[tuple[int, int]], crc: bool = True) -> bytes:
    data = np.array(places, "<u8").tobytes()
    return data + (crc32c(data).to_bytes(4, "little") if crc else b"")


def sharded(path: str, index: bytes | None = None, at: str = "end", crc: bool = True) -> Objects:
    """One shard of 2 x 2 inner chunks of bytes, uncompressed; ``index`` in the place of the right one."""
    steps = [PLAIN, {"name": "crc32c"}] if crc else [PLAIN]
    configuration = {
        "chunk_shape": [INNER, INNER],
        "codecs": [PLAIN],
        "index_codecs": steps,
        "index_location": at,
    }
    array = {
        "zarr_format": 3,
        "node_type": "array",
        "shape": [EDGE, EDGE],
        "data_type": "uint8",
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [EDGE, EDGE]}},
        "chunk_key_encoding": {"name": "default"},
        "fill_value": 0,
        "codecs": [{"name": "sharding_indexed", "configuration": configuration}],
    }
    channel = {"color": "FFFFFF", "window": {"start": 0, "end": 255}}
    multiscale = {"axes": [{"name": name, "type": "space"} for name in "yx"], "datasets": [{"path": "0"}]}
    ome = {"version": "0.5", "multiscales": [multiscale], "omero": {"channels": [channel]}}
    first = len(index_of([(0, 0)] * 4, crc)) if at == "start" else 0
    places = [(first + n * SIZE, SIZE) for n in range(4)]
    table = index_of(places, crc) if index is None else index
    values = bytes([200]) * (4 * SIZE)
    return encode(
        {
            f"{path}/zarr.json": {"zarr_format": 3, "node_type": "group", "attributes": {"ome": ome}},
            f"{path}/0/zarr.json": array,
            f"{path}/0/c/0/0": table + values if at == "start" else values + table,
        }
    )


def made(**more: Any) -> Objects:
    return plate(1, 1) | well("A/1") | sharded("A/1/0", **more)


async def outcomes(store: MemoryStore) -> list[str]:
    """What plate, plane and thumbnail make of it: "picture", "marked" (part of it), "absent" or a code."""
    _, frames = await pictures(store)
    header = frames[0].header
    found = [header["code"] if header["state"] == "failed" else "marked" if "code" in header else header["state"]]
    held = ByteGate(1 << 27)
    for work in (
        Planes(Straight(), held).make(store, "A/1/0", read_view(None, 64, 64)),
        Thumbnails(Straight(), held).make(store, "A/1/0", 64),
    ):
        try:
            made = await work
            picture = made.picture if isinstance(made, Plane) else made
            pixels = np.asarray(Image.open(BytesIO(picture.data)).convert("L"))
            found.append("picture" if np.ptp(pixels) < EVEN else "marked")
        except BioImageError as error:
            found.append(error.code)
    assert held.used == 0
    return found


@pytest.mark.parametrize("at", ["start", "end"])
@pytest.mark.parametrize("crc", [True, False])
async def test_an_intact_index_gives_a_picture(at: str, crc: bool) -> None:
    assert await outcomes(MemoryStore(made(at=at, crc=crc))) == ["picture"] * 3


async def test_an_index_that_cannot_be_read_is_a_failure() -> None:
    assert await outcomes(MemoryStore(made(), broken=[KEY])) == ["UPSTREAM_DOWN"] * 3


@pytest.mark.parametrize(
    ("places", "spoilt"),
    [([(0, SIZE)] * 4, False), ([(n * SIZE, SIZE) for n in range(4)], True)],
    ids=["the same bytes twice", "checksum"],
)
async def test_an_index_that_cannot_be_trusted_is_a_failure(places: list[tuple[int, int]], spoilt: bool) -> None:
    index = index_of(places)
    index = index[:-1] + bytes([index[-1] ^ 1]) if spoilt else index
    assert await outcomes(MemoryStore(made(index=index))) == ["BAD_CHUNK"] * 3


@pytest.mark.parametrize("place", [(10**6, SIZE), (0, 0)], ids=["outside", "length 0"])
async def test_a_place_that_cannot_be_right_is_marked(place: tuple[int, int]) -> None:
    index = index_of([place, *[(n * SIZE, SIZE) for n in range(3)]])
    assert await outcomes(MemoryStore(made(index=index))) == ["marked"] * 3


async def test_a_place_within_the_index_itself_is_marked() -> None:
    index = index_of([(0, SIZE), *[(68 + n * SIZE, SIZE) for n in range(3)]])
    assert await outcomes(MemoryStore(made(index=index, at="start"))) == ["marked"] * 3


async def test_only_what_is_missing_is_absent() -> None:
    assert await outcomes(MemoryStore(made(index=index_of([(NONE, NONE)] * 4)))) == ["absent", *["NOT_FOUND"] * 2]
    objects = made()
    del objects[KEY]
    assert await outcomes(MemoryStore(objects)) == ["absent", *["NOT_FOUND"] * 2]
    some = index_of([(0, SIZE), *[(NONE, NONE)] * 3])
    assert await outcomes(MemoryStore(made(index=some))) == ["picture", *["marked"] * 2]


async def test_an_index_over_the_bound_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyterlab_bioimage.services.opening.MAX_INDEX", 67)
    assert await outcomes(MemoryStore(made())) == ["TOO_LARGE"] * 3
