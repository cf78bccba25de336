"""Answers questions about images: JSON lines on standard input, one JSON answer a line on standard output.

``{"do": "find", "root"}``: every image below a folder. ``{"do": "values", "root", "path", "level", "asks"}``: raw
values, as a preview writes them. ``{"do": "compare", …, "png"}``: how far a screenshot is from what numpy draws.
``{"do": "digests"}``: arrays whose bytes differ from the listed digests.
"""

import csv
import hashlib
import json
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from . import found, geometry, labels, picture, tiffs
from .arrays import Array, Files, little_endian


@lru_cache
def entries(root: str) -> dict[str, dict[str, Any]]:
    """All images below a folder by their paths."""
    return {entry["path"]: entry for entry in found.find(Path(root))}


@lru_cache(maxsize=8)
def files_of(place: Path) -> Files:
    """The folder or archive."""
    return Files(place)


@lru_cache(maxsize=64)
def array_of(root: str, path: str, level: int) -> Array:
    """A level of a Zarr image."""
    entry = entries(root)[path]
    place = Path(root) / entry["place"] if entry["place"] else Path(root)
    return Array(files_of(place), entry["levels"][level]["path"])


def written(value: Any) -> Any:
    """A raw value as a preview writes it: what JSON has no number for is a string."""
    if value is None:
        return None
    kind, size = value.dtype.kind, value.dtype.itemsize
    if kind == "b":
        return bool(value)
    if kind in "iu":
        return str(int(value)) if size == 8 else int(value)
    number = float(value)
    if number != number:
        return "NaN"
    return number if abs(number) != float("inf") else ("Infinity" if number > 0 else "-Infinity")


def place_of(axes: str, index: dict[str, int], channel: int) -> tuple[int, ...]:
    """Indices along an array's axes, in their order."""
    return tuple(channel if axis == "c" else index.get(axis, 0) for axis in axes)


def values(root: str, path: str, level: int, asks: list[dict[str, Any]]) -> list[Any]:
    """Values of the channels of each ask; ``at`` holds the whole index where the axes have no names."""
    entry = entries(root)[path]
    if entry["kind"] == "tiff":
        pixels = tiffs.series_of(entry).level(level)
        return [[written(pixels[place_of(entry["axes"], ask["index"], c)]) for c in ask["channels"]] for ask in asks]
    array = array_of(root, path, level)
    out = []
    for ask in asks:
        if "at" in ask:
            out.append([written(array.value(tuple(ask["at"])))])
        else:
            out.append([written(array.value(place_of(entry["axes"], ask["index"], c))) for c in ask["channels"]])
    return out


def plane(root: str, path: str, level: int, index: dict[str, int], channel: int) -> tuple[np.ndarray, np.ndarray]:
    """One plane (y, x) of a channel, and where it is there."""
    entry = entries(root)[path]
    axes = entry["axes"]
    if entry["kind"] == "tiff":
        pixels = tiffs.series_of(entry).level(level)
        fixed = {**index, "c": channel}
        part = pixels[tuple(slice(None) if axis in "yx" else fixed.get(axis, 0) for axis in axes)]
        return (part if axes.index("y") < axes.index("x") else part.T), np.ones(part.shape, bool)
    array = array_of(root, path, level)
    slices = []
    for axis, length in zip(axes, array.shape, strict=True):
        start = 0 if axis in "yx" else channel if axis == "c" else index.get(axis, 0)
        slices.append((start, length if axis in "yx" else start + 1))
    part, there = array.region(slices)
    keep = tuple(slice(None) if axis in "yx" else 0 for axis in axes)
    return part[keep], there[keep]


@dataclass
class Place:
    """A view: size in screen pixels, screen pixels for a pixel of level 0, what lies in the middle (y, x)."""

    root: str
    shape: tuple[int, int]
    unit: float
    centre: list[float]
    #: Size and first corner (y, x) of a pixel of level 0 of an image laid over another, in pixels of the other's.
    laid: tuple[list[float], list[float]] = ((1.0, 1.0), (0.0, 0.0))

    def over(self, axis: str, node: dict[str, Any], position: int) -> tuple[float, float]:
        """Ratio and offset of a level along an axis, in the pixels that the view is in."""
        size, corner = (pair["yx".index(axis)] for pair in self.laid)
        return size * node["ratio"][position], corner + size * node["offset"][position]


def _seen(place: Place, name: str, level: int, index: dict[str, int], channel: int) -> tuple[np.ndarray, ...]:
    """A plane of a level in a view: values, where they are there, and where it is beyond doubt which pixel is seen."""
    entry = entries(place.root)[name]
    node, axes = entry["levels"][level], entry["axes"]
    at = {axis: axes.index(axis) for axis in axes}
    own = {
        axis: int((index.get(axis, 0) + 0.5 - node["offset"][at[axis]]) / node["ratio"][at[axis]])
        for axis in "tz"
        if axis in at
    }
    own = {axis: min(i, node["shape"][at[axis]] - 1) for axis, i in own.items()}
    values, there = plane(place.root, name, level, own, channel)
    rows, sure_rows = picture.under(place.shape[0], place.unit, place.centre[0], *place.over("y", node, at["y"]))
    columns, sure_columns = picture.under(place.shape[1], place.unit, place.centre[1], *place.over("x", node, at["x"]))
    drawn, inside = picture.sampled(values, rows, columns)
    present, _ = picture.sampled(there, rows, columns)
    return drawn, inside, present & inside, sure_rows[:, None] & sure_columns


def compare(
    root: str, path: str, level: int, index: dict[str, int], region: list[float], **view: Any
) -> dict[str, Any]:
    """How far a screenshot is from the picture of a plane; pixels without data, and those on borders, are left out.

    ``index``: plane in level-0 indices. ``channels``: index, color, range of those shown; none
    where ids have colours. ``labels``: path, level and
    opacity of the label images laid over.
    """
    entry, channels = entries(root)[path], view["channels"]
    shot = np.asarray(Image.open(view["png"]).convert("RGB")).astype(np.float64)
    axes, shape = entry["axes"], entry["levels"][0]["shape"]
    unit, centre = picture.camera(region, shot.shape, [shape[axes.index(axis)] for axis in "yx"])
    place = Place(root, shot.shape[:2], unit, centre)
    if entry["kind"] == "label" and not channels:
        drawn, _, known, sure = _seen(place, path, level, index, 0)
        tint = labels.colours(drawn, entry.get("colours"))
        return picture.compare(shot, tint[..., :3] * 255, known & sure & (tint[..., 3] == 1))
    seen = [_seen(place, path, level, index, channel["index"]) for channel in channels]
    wanted, known = picture.composed([one[0] for one in seen], channels)
    for _, _, there, sure in seen:
        known &= there & sure
    for label in view.get("labels", []):
        other = entries(root)[label["path"]]
        on = Place(root, shot.shape[:2], unit, centre, geometry.over(other, entry))
        drawn, _, there, sure = _seen(on, label["path"], label["level"], index, 0)
        tint = labels.colours(drawn, other.get("colours"))
        alpha = (tint[..., 3] * label["opacity"] * there)[..., None]
        wanted = tint[..., :3] * 255 * alpha + wanted * (1 - alpha)
        known &= sure
    return picture.compare(shot, wanted, known)


def colours(root: str, png: str, at: list[list[int]]) -> list[list[int]]:
    """Red, green and blue of a screenshot at places (row, column)."""
    shot = np.asarray(Image.open(png).convert("RGB"))
    return [shot[row, column].tolist() for row, column in at]


def digests(root: str) -> dict[str, Any]:
    """Arrays that this reader reads otherwise than the two readers of the list did."""
    wrong: list[str] = []
    rows = list(csv.DictReader((Path(root) / "EXPECTED.tsv").open(), delimiter="\t"))
    for row in rows:
        data = little_endian(Array(files_of(Path(root)), row["path"]).everything())
        if hashlib.sha256(data).hexdigest() != row["sha256_C_order_little_endian"]:
            wrong.append(row["path"])
    return {"arrays": len(rows), "wrong": wrong}


DO = {
    "find": lambda root: list(entries(root).values()),
    "values": values,
    "compare": compare,
    "colours": colours,
    "digests": digests,
}

for line in sys.stdin:
    ask = json.loads(line)
    try:
        answer = {"answer": DO[ask.pop("do")](**ask)}
    except Exception as error:  # noqa: BLE001 — the question's own failure, told to who asked
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
