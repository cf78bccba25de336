"""Plates made for tests, and the frames of their pictures."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

import numpy as np
from PIL import Image as Pillow

from ..services import preview_child
from ..services.limits import ByteGate
from ..services.opening import Frame
from ..services.plate import plate_stream
from ..services.plateview import read_plate_view
from ..services.preview import Previews
from ..services.store import Store
from .memory import encode

Objects = dict[str, bytes]


def image(
    path: str,
    planes: Any,
    levels: int = 1,
    chunk: int = 64,
    omero: dict[str, Any] | None = None,
    axes: str | None = None,
    absent: bool = False,
) -> Objects:
    """An uncompressed image of Zarr v2: ``planes`` is (c, y, x) or as ``axes`` says; a level has every second pixel."""
    names = axes or "cyx"[-planes.ndim :]
    datasets = [{"path": str(level)} for level in range(levels)]
    attributes: dict[str, Any] = {"multiscales": [{"version": "0.4", "axes": list(names), "datasets": datasets}]}
    if omero is not None:
        attributes["omero"] = omero
    made: Objects = encode({f"{path}/.zattrs": attributes})
    for level in range(levels):
        shape = planes.shape
        chunks = [min(chunk, size) if name in "yx" else 1 for name, size in zip(names, shape, strict=True)]
        document = {"zarr_format": 2, "shape": shape, "chunks": chunks, "dtype": planes.dtype.str, "order": "C"}
        document |= {"fill_value": 0, "compressor": None, "filters": None, "dimension_separator": "/"}
        made |= encode({f"{path}/{level}/.zarray": document})
        for place in np.ndindex(*(-(-size // edge) for size, edge in zip(shape, chunks, strict=True))):
            start = [at * edge for at, edge in zip(place, chunks, strict=True)]
            part = planes[tuple(slice(a, a + edge) for a, edge in zip(start, chunks, strict=True))]
            padded = np.zeros(chunks, planes.dtype)
            padded[tuple(slice(0, size) for size in part.shape)] = part
            if not absent:
                made[f"{path}/{level}/{'/'.join(map(str, place))}"] = padded.tobytes()
        planes = planes[tuple(slice(None, None, 2 if name in "yx" else 1) for name in names)]
    return made


def plate(rows: int, columns: int, root: str = "", **more: Any) -> Objects:
    """The description of a plate whose wells are listed column by column."""
    letters = [chr(65 + row) for row in range(rows)]
    wells = [
        {"path": f"{letters[row]}/{column + 1}", "rowIndex": row, "columnIndex": column}
        for column in range(columns)
        for row in range(rows)
    ]
    description = {
        "version": "0.4",
        "name": "made",
        "rows": [{"name": letter} for letter in letters],
        "columns": [{"name": str(column + 1)} for column in range(columns)],
        "wells": wells,
    }
    return encode({f"{root}.zattrs": {"plate": description | more}})


def well(path: str, fields: int = 1, acquisitions: list[int] | None = None) -> Objects:
    images: list[dict[str, Any]] = [{"path": str(field)} for field in range(fields)]
    for entry, acquisition in zip(images, acquisitions or [], strict=False):
        entry["acquisition"] = acquisition
    return encode({f"{path}/.zattrs": {"well": {"version": "0.4", "images": images}}})


def plain(value: int, channels: int = 1, edge: int = 64, dtype: str = "<u2") -> Any:
    """An image of one value in all channels but for a dark left half."""
    planes = np.full((channels, edge, edge), value, dtype)
    planes[..., : edge // 2] = 0
    return planes


class Straight(Previews):
    """Draws in the test's own process: starting a child takes longer than most tests."""

    def warm(self) -> None:
        """There is no child."""

    async def _ask(self, head: dict[str, Any], parts: Sequence[bytes], most: int = 0) -> bytes:
        await asyncio.sleep(0)
        return preview_child.KINDS[head.get("kind", "picture")](json.loads(json.dumps(head)), list(parts))


async def pictures(
    store: Store,
    path: str = "",
    size: int = 32,
    previews: Previews | None = None,
    gate: ByteGate | None = None,
    **view: Any,
) -> tuple[dict[str, Any], list[Frame]]:
    """The head, and the frames after it."""
    asked = read_plate_view(json.dumps(view), size)
    frames = plate_stream(store, path, asked, previews or Straight(), gate or ByteGate(1 << 27))
    async with aclosing(frames) as stream:  # type: ignore[type-var]  # an async generator
        found = [frame async for frame in stream]
    assert found[0].header == {"type": "plate"}
    return json.loads(found[0].body), found[1:]


def pixels_of(frame: Frame) -> Any:
    """Red, green and blue of a picture."""
    assert frame.header["state"] == "picture", frame.header
    assert frame.header["mime"] == "image/webp"
    picture = Pillow.open(io.BytesIO(frame.body)).convert("RGB")
    assert picture.size == (frame.header["width"], frame.header["height"])
    return np.asarray(picture)


def pixels(frame: Frame) -> Any:
    """Those of a picture's middle row."""
    found = pixels_of(frame)
    return found[len(found) // 2]


WHITE = {"channels": [{"color": "FFFFFF", "window": {"start": 0, "end": 1000}}]}


def full(rows: int, columns: int, value: Any = lambda row, column: 1000, **more: Any) -> Objects:
    """A plate with one field in each well, which shows ``value(row, column)``."""
    made = plate(rows, columns)
    for row in range(rows):
        for column in range(columns):
            path = f"{chr(65 + row)}/{column + 1}"
            made |= well(path) | image(f"{path}/0", plain(value(row, column)), omero=WHITE, **more)
    return made
