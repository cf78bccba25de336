"""GET stores/{id}/plane: what part and level it shows, what it costs at most, how it fails."""

from __future__ import annotations

import asyncio
import io
import json
import math
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image as Pillow

from ..errors import BioImageError
from ..services.limits import ByteGate
from ..services.multiscale import Image
from ..services.ngff import build_node
from ..services.plan import read_view
from ..services.plane import DECODED, Plane, Planes, choose_part
from .conftest import Ask
from .memory import MemoryStore
from .plates import Straight, image
from .samples import formula, sample_folder

WINDOW = {"channels": [{"color": "FFFFFF", "window": {"start": 0, "end": 255}}]}


async def plane(store: MemoryStore, selection: Any = None, size: tuple[int, int] = (64, 64), path: str = "") -> Plane:
    held = ByteGate(1 << 27)
    made = await Planes(Straight(), held).make(store, path, read_view(selection, *size))
    assert held.used == 0
    return made


def pixels(made: Plane) -> Any:
    return np.asarray(Pillow.open(io.BytesIO(made.picture.data)).convert("RGB")).astype(int)


def ramp(edge: int = 256) -> Any:
    """Rises to the right, one plane."""
    return np.broadcast_to(np.arange(edge) * 255 // (edge - 1), (1, edge, edge)).astype("|u1")


async def test_the_region_at_the_level_of_the_view() -> None:
    store = MemoryStore(image("a", ramp(), levels=3, omero=WINDOW))
    whole = await plane(store, path="a")
    assert (whole.level, whole.region) == (2, (0, 256, 0, 256))
    assert (whole.picture.width, whole.picture.height) == (64, 64)
    assert pixels(whole)[32, [0, 32, 63], 0] == pytest.approx([0, 128, 252], abs=6)
    right = await plane(store, {"region": [0, 64, 192, 256]}, path="a")
    assert (right.level, right.region) == (0, (0, 64, 192, 256))
    assert pixels(right)[32, [0, 63], 0] == pytest.approx([192, 255], abs=6)
    read = [item.key for item in store.reads if item.key.startswith("a/0/0")]
    assert read == ["a/0/0/0/3"], "the one chunk it lies in"
    pinned = await plane(store, {"level": 1}, (600, 300), path="a")
    assert (pinned.level, pinned.picture.width) == (1, 128), "not enlarged"


async def test_other_planes_and_channels() -> None:
    planes = np.zeros((2, 3, 16, 16), "<u2")
    planes[1, 2] = 500
    store = MemoryStore(image("a", planes, axes="czyx"))
    dark = pixels(await plane(store, {"z": 1, "c": [0]}, path="a"))
    assert dark.max() < 8
    made = await plane(store, {"z": 2, "c": [1]}, path="a")
    assert made.picture.width == 16
    assert [item.key for item in store.reads if item.key.startswith("a/0/1")] == ["a/0/1/2/0/0"]


@pytest.mark.parametrize("edge", [64, 17], ids=["chunks of many pixels", "chunks smaller than a pixel of the picture"])
async def test_all_of_a_plane_that_is_too_large_is_sampled(monkeypatch: pytest.MonkeyPatch, edge: int) -> None:
    side = 1000
    values = (np.arange(side)[:, None] + np.arange(side)).astype("<u2")
    planes = np.stack([values, values[::-1]])
    channels = [{"color": color, "window": {"start": 0, "end": 1998}} for color in ("FF0000", "00FF00")]
    made = image("a", planes, chunk=edge, omero={"channels": channels})
    whole = await plane(MemoryStore(made), {}, path="a", size=(40, 40))
    monkeypatch.setattr("jupyterlab_bioimage.services.plane.DECODED", 1 << 18)
    monkeypatch.setattr("jupyterlab_bioimage.services.sampling.GROUP", 1 << 15)
    store = MemoryStore(made)
    found = await plane(store, {}, path="a", size=(40, 40))
    assert (found.level, found.region) == (0, (0, side, 0, side))
    assert (found.picture.width, found.picture.height) == (40, 40)
    assert np.abs(pixels(found) - pixels(whole)).max() < 24
    chunks = [item.key for item in store.reads if item.key.startswith("a/0/") and not item.key.endswith(".zarray")]
    assert len(chunks) == len(set(chunks)) <= 2 * math.ceil(side / edge) ** 2
    if edge < side / 40:
        assert len(chunks) <= 2 * 61**2


async def test_of_a_sampled_plane_what_is_damaged_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    made = image("a", np.full((1, 256, 256), 1000, "<u2"), chunk=64, omero=WINDOW)
    made["a/0/0/0/0"] = b"short"
    del made["a/0/0/3/3"]
    monkeypatch.setattr("jupyterlab_bioimage.services.plane.DECODED", 1 << 14)
    monkeypatch.setattr("jupyterlab_bioimage.services.sampling.GROUP", 1 << 14)
    found = pixels(await plane(MemoryStore(made, broken=["a/0/0/0/3"]), {}, path="a", size=(64, 64)))
    assert found[:14, 20:44].min() > 230
    for corner in (found[:14, :14], found[:14, 50:]):
        assert corner[..., 0].mean() > 1.5 * corner[..., 1].mean()
    assert 90 < found[50:, 50:].mean() < 160


def described(shape: list[int], chunks: list[int], axes: str = "yx", dtype: str = "|u1") -> Image:
    documents = {
        "zarr.json": None,
        ".zattrs": json.dumps(
            {"multiscales": [{"version": "0.4", "axes": list(axes), "datasets": [{"path": "0"}]}]}
        ).encode(),
        "0/.zarray": json.dumps(
            {"zarr_format": 2, "shape": shape, "chunks": chunks, "dtype": dtype, "compressor": None, "order": "C"}
        ).encode(),
    }
    node = build_node(documents)
    assert isinstance(node, Image)
    return node


@pytest.mark.parametrize(
    ("shape", "chunks"),
    [
        ([100_000, 100_000], [512, 512]),
        ([2**40, 2**40], [64, 64]),
        ([60_000, 30_000], [4000, 4000]),
        ([5, 10**9], [5, 1000]),
        ([10**6, 10**6], [1, 10**6]),
    ],
    ids=str,
)
def test_of_a_huge_image_the_middle_is_shown(shape: list[int], chunks: list[int]) -> None:
    found = described(shape, chunks)
    _, level, box, wanted = choose_part(found, read_view(None, 1000, 1000))
    assert level == 0
    assert math.prod(chunks) * len(wanted.chunks) <= DECODED
    assert len(set(wanted.chunks)) == len(wanted.chunks) > 0
    for axis, (low, high) in enumerate((box[:2], box[2:])):
        assert (low + high) / 2 == pytest.approx(shape[axis] / 2)
        assert 1 < high - low < shape[axis] or shape[axis] == 5
    touched = {chunk[0] for chunk in wanted.chunks}
    assert touched == set(range(math.floor(box[0]) // chunks[0], -(-math.ceil(box[1]) // chunks[0])))


def test_where_no_part_fits_it_says_what_would() -> None:
    found = described([9, 20_000, 20_000], [9, 4000, 4000], "zyx")
    with pytest.raises(BioImageError, match="137 MiB of values, 64 MiB would fit") as caught:
        choose_part(found, read_view(None, 1000, 1000))
    assert caught.value.code == "TOO_LARGE"


def test_a_region_outside_is_refused() -> None:
    with pytest.raises(BioImageError) as caught:
        choose_part(described([10, 10], [10, 10]), read_view({"region": [10, 20, 0, 5]}, 10, 10))
    assert caught.value.code == "BAD_REQUEST"


async def test_who_leaves_gives_his_place_back() -> None:
    store = MemoryStore(image("a", ramp(), omero=WINDOW), delay=0.02)
    held = ByteGate(1 << 27)
    planes = Planes(Straight(), held)
    leaving = [asyncio.ensure_future(planes.make(store, "a", read_view(None, 64, 64))) for _ in range(5)]
    await asyncio.sleep(0.07)
    for task in leaving:
        task.cancel()
    await asyncio.gather(*leaving, return_exceptions=True)
    assert (held.used, store.running) == (0, 0)
    assert (await planes.make(store, "a", read_view(None, 64, 64))).picture.width == 64


@pytest.fixture
def bioimage_stores(folder: Path) -> list[dict[str, Any]]:
    return [
        {"id": "data", "label": "Data", "root": str(folder)},
        {"id": "samples", "label": "Samples", "root": str(sample_folder()), "immutable": True},
    ]


def address(path: str, selection: Any = None, size: str = "256x256", store: str = "samples") -> str:
    chosen = f"&selection={quote(json.dumps(selection))}" if selection is not None else ""
    return f"stores/{store}/plane?path={quote(path, safe='')}&size={size}{chosen}"


async def test_a_plane_of_a_sample_by_its_route(ask: Ask) -> None:
    answer = await ask(address("cells-2d.ome.zarr", {"region": [0, 256, 256, 512], "c": [0]}))
    assert answer.status == 200, answer.body
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["X-BioImage-Region"] == "0,256,256,512"
    assert answer.headers["X-BioImage-Level"] == "0"
    assert answer.headers["Cache-Control"] == "private, max-age=604800"
    shown = np.asarray(Pillow.open(io.BytesIO(answer.body)).convert("RGB")).sum(axis=2)
    y, x = np.ogrid[0:256, 256:512]
    values = formula().value("cells-2d.ome.zarr", 0, c=0, z=0, y=y, x=x)
    assert np.corrcoef(shown.ravel(), np.asarray(values, float).ravel())[0, 1] > 0.9
    again = await ask(
        address("cells-2d.ome.zarr", {"region": [0, 256, 256, 512], "c": [0]}),
        headers={"If-None-Match": answer.headers["Etag"]},
    )
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    ("path", "more", "code"),
    [
        ("plate-2x3.ome.zarr", {}, "UNSUPPORTED"),
        ("no/such", {}, "NOT_FOUND"),
        ("../x", {}, "PATH_DENIED"),
        ("cells-2d.ome.zarr", {"size": "0x1"}, "BAD_REQUEST"),
        ("cells-2d.ome.zarr", {"selection": [1]}, "BAD_REQUEST"),
        ("cells-2d.ome.zarr", {"selection": {"region": [10**6, 10**7, 0, 1]}}, "BAD_REQUEST"),
    ],
)
async def test_a_failure_is_an_ordinary_error(ask: Ask, path: str, more: Any, code: str) -> None:
    answer = await ask(address(path, **more))
    assert answer.code == code
    assert answer.headers["Cache-Control"] == "no-store"
