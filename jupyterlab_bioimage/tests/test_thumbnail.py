"""GET stores/{id}/thumbnail: what it shows, what it costs, and how it fails."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image as Pillow

from ..errors import BioImageError
from ..services.limits import ByteGate
from ..services.opening import read_documents
from ..services.plan import Wanted
from ..services.preview import Previews
from ..services.thumbnail import AT_WORK, MAX_DECODED, Thumbnails, choose
from .client import Answer
from .conftest import Ask
from .memory import MemoryStore, load
from .samples import sample_folder

#: Place in the samples → key of the image that is shown.
SHOWN = {
    "cells-2d.ome.zarr": "cells-2d.ome.zarr",
    "stack-zt.ome.zarr": "stack-zt.ome.zarr",
    "labels.ome.zarr": "labels.ome.zarr",
    "labels.ome.zarr/labels": "labels.ome.zarr/labels/nuclei",
    "labels.ome.zarr/labels/nuclei": "labels.ome.zarr/labels/nuclei",
    "sharded.ome.zarr": "sharded.ome.zarr",
    "plate-2x3.ome.zarr": "plate-2x3.ome.zarr/A/1/0",
    "plate-2x3.ome.zarr/A/1": "plate-2x3.ome.zarr/A/1/0",
}


@pytest.fixture
def bioimage_stores(folder: Path) -> list[dict[str, Any]]:
    return [
        {"id": "data", "label": "Data", "root": str(folder)},
        {"id": "samples", "label": "Samples", "root": str(sample_folder()), "immutable": True},
    ]


def address(path: str, size: int | str = 128, store: str = "samples") -> str:
    return f"stores/{store}/thumbnail?path={quote(path, safe='')}&size={size}"


def picture_of(answer: Answer) -> Pillow.Image:
    assert answer.status == 200, answer.body
    assert answer.headers["Content-Type"] == "image/webp"
    assert int(answer.headers["Content-Length"]) == len(answer.body) <= 20_000
    return Pillow.open(io.BytesIO(answer.body))


@pytest.mark.parametrize("path", SHOWN)
async def test_a_picture_of_whatever_lies_there(ask: Ask, path: str) -> None:
    answer = await ask(address(path))
    picture = picture_of(answer)
    assert max(picture.size) == 128, "samples are larger than that"
    assert np.asarray(picture.convert("L")).std() > 5, "not a plain field"
    assert answer.body == (await ask(address(SHOWN[path]))).body


@pytest.mark.parametrize("size", [1, 16, 64, 256])
async def test_the_longer_side_is_the_size_asked_for(ask: Ask, size: int) -> None:
    picture = picture_of(await ask(address("cells-2d.ome.zarr", size)))
    assert max(picture.size) == size


async def test_it_is_kept_by_the_browser_and_confirmed_without_its_bytes(ask: Ask) -> None:
    first = await ask(address("cells-2d.ome.zarr"))
    assert first.headers["Cache-Control"] == "private, max-age=604800", "the store says that its objects never change"
    again = await ask(address("cells-2d.ome.zarr"), headers={"If-None-Match": first.headers["Etag"]})
    assert (again.status, again.body) == (304, b"")
    other = await ask(address("cells-2d.ome.zarr", 64), headers={"If-None-Match": first.headers["Etag"]})
    assert other.status == 200


async def test_ones_own_files_are_looked_at_again_soon(ask: Ask, jp_root_dir: Path) -> None:
    shutil.copytree(sample_folder() / "labels.ome.zarr" / "labels", jp_root_dir / "my labels")
    answer = await ask(address("my labels/nuclei", store="files"))
    assert answer.headers["Cache-Control"] == "private, max-age=60"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("no/such.zarr", "NOT_FOUND"),
        ("image.zarr", "BAD_METADATA"),
        ("plain", "NOT_FOUND"),
        ("../mount-secret", "PATH_DENIED"),
        ("/etc", "PATH_DENIED"),
        ("empty", "UNSUPPORTED"),
        ("nothing-written", "NOT_FOUND"),
        ("damaged", "UNSUPPORTED"),
        ("huge", "TOO_LARGE"),
    ],
)
async def test_a_failure_is_an_ordinary_error(ask: Ask, folder: Path, path: str, code: str) -> None:
    make_bad_images(folder)
    answer = await ask(address(path, store="data"))
    assert answer.code == code
    assert "Etag" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def make_bad_images(folder: Path) -> None:
    (folder / "empty").mkdir()
    (folder / "empty" / ".zattrs").write_text('{"labels": []}')
    array = {"zarr_format": 2, "shape": [64, 64], "chunks": [64, 64], "dtype": "|u1", "order": "C", "fill_value": 0}
    compressor = {"id": "zlib", "level": 1}
    for name, changes in (
        ("nothing-written", {}),
        ("damaged", {}),
        ("huge", {"shape": [60000, 60000], "chunks": [8000, 8000]}),
    ):
        (folder / name).mkdir()
        document = {**array, "compressor": compressor, "filters": None, **changes}
        (folder / name / ".zarray").write_text(json.dumps(document))
    (folder / "damaged" / "0.0").write_bytes(b"no chunk at all")


@pytest.mark.parametrize("size", ["0", "-1", "257", "1e2", "64x64", "", "٣"])
async def test_a_size_that_makes_no_sense_is_refused(ask: Ask, size: str) -> None:
    assert (await ask(address("cells-2d.ome.zarr", quote(size)))).code == "BAD_REQUEST"


async def test_the_smallest_level_that_has_the_size(ask: Ask) -> None:
    store = MemoryStore(load(sample_folder() / "cells-2d.ome.zarr"))
    node, _ = await read_documents(store, "")
    sides = [max(level.array.shape[-2:]) for level in node.levels]  # type: ignore[union-attr]  # an image
    for size in (8, 64, 256):
        _, wanted = choose(node, size)  # type: ignore[arg-type]  # an image
        assert sides[wanted.level] >= size or wanted.level == 0
        assert all(side < size for side in sides[wanted.level + 1 :])


async def test_a_level_that_is_too_much_to_decode_gives_way_to_a_coarser_one() -> None:
    store = MemoryStore(load(sample_folder() / "cells-2d.ome.zarr"))
    node, _ = await read_documents(store, "")
    least: Wanted | None = None
    for bound in (MAX_DECODED, 1):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("jupyterlab_bioimage.services.thumbnail.MAX_DECODED", bound)
            if bound == 1:
                with pytest.raises(BioImageError, match="Too large"):
                    choose(node, 256)  # type: ignore[arg-type]  # an image
            else:
                least = choose(node, 256)[1]  # type: ignore[arg-type]  # an image
    assert least is not None


async def test_many_at_once_are_made_one_after_the_other() -> None:
    store = MemoryStore(load(sample_folder() / "cells-2d.ome.zarr"))
    previews, held = Previews(), ByteGate(1 << 27)
    thumbnails = Thumbnails(previews, held)
    inside = most = 0
    frame = previews.frame

    async def counted(*args: Any) -> Any:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        try:
            return await frame(*args)
        finally:
            inside -= 1

    previews.frame = counted  # type: ignore[assignment,method-assign]  # counts
    pictures = await asyncio.gather(*(thumbnails.make(store, "", 64) for _ in range(20)))
    assert len({picture.data for picture in pictures}) == 1
    assert most <= AT_WORK
    assert len(previews.pids) <= 2
    assert held.used == 0
    await previews.close()


async def test_who_leaves_gives_his_place_back() -> None:
    store = MemoryStore(load(sample_folder() / "cells-2d.ome.zarr"))
    previews, held = Previews(), ByteGate(1 << 27)
    thumbnails = Thumbnails(previews, held)
    leaving = [asyncio.ensure_future(thumbnails.make(store, "", 64)) for _ in range(10)]
    await asyncio.sleep(0)
    for task in leaving:
        task.cancel()
    await asyncio.gather(*leaving, return_exceptions=True)
    assert (await thumbnails.make(store, "", 64)).width == 64
    assert held.used == 0
    await previews.close()
