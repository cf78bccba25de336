"""Which level a view draws, and which chunks it needs, in the order they are sent.

Pixels of level 0 unless said otherwise; regions are ``[y0, y1, x0, x1)``. The browser's viewer follows the same rules.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import BioImageError
from ..said import say
from .multiscale import Image
from .planes import ArrayPlane

#: Bounds of one opening stream; the browser asks for what lies beyond.
MAX_CHUNKS = 256
MAX_DECODED = 128 << 20  # bytes once decoded
#: A level's pixel may be larger than a screen pixel by rounding only.
TOLERANCE = 1.0001
MAX_LIST = 1024  # entries of a list in a selection
MAX_SIDE = 1 << 15  # device pixels of a view

Region = tuple[int, int, int, int]
Chunk = tuple[int, ...]
Box = tuple[float, float, float, float]  # pixels of level 0: y0, y1, x0, x1


@dataclass(frozen=True, slots=True)
class View:
    """Size in device pixels, and the parts of a selection that decide what is drawn."""

    width: int
    height: int
    level: int | None = None
    t: int | None = None
    z: int | None = None
    c: tuple[int, ...] | None = None
    region: Region | None = None
    plane: ArrayPlane | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The chunks of one level, centre-out; ``planes`` are the indices at that level along t and z."""

    level: int
    t: int
    z: int
    chunks: tuple[Chunk, ...]


@dataclass(slots=True)
class Plan:
    """``channels`` are the visible ones in order. ``wanted`` has the coarsest level, then the one drawn if another."""

    drawn: int
    t: int
    z: int
    channels: tuple[int, ...]
    wanted: list[Wanted] = field(default_factory=list)


def _refuse(name: str) -> BioImageError:
    return BioImageError("BAD_REQUEST", say("The selection is not valid: %1.", name))


def _index(value: Any, name: str) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise _refuse(name)
    return value


def read_view(selection: Any, width: int, height: int) -> View:
    """A selection of any origin: unknown fields are dropped; a wrong type or an empty region is BAD_REQUEST."""
    if not 1 <= width <= MAX_SIDE or not 1 <= height <= MAX_SIDE:
        raise BioImageError("BAD_REQUEST", say("The size of the view is not valid."))
    given: Mapping[str, Any] = {} if selection is None else selection
    if not isinstance(given, dict):
        raise _refuse("selection")
    numbers = {name: _index(given[name], name) for name in ("level", "t", "z") if given.get(name) is not None}
    lists: dict[str, tuple[int, ...]] = {}
    for name in ("c", "region"):
        value = given.get(name)
        if value is None:
            continue
        if not isinstance(value, list) or len(value) > MAX_LIST:
            raise _refuse(name)
        lists[name] = tuple(_index(entry, name) for entry in value)
    region: Region | None = None
    if "region" in lists:
        if len(lists["region"]) != 4:
            raise _refuse("region")
        y0, y1, x0, x1 = lists["region"]
        if y0 >= y1 or x0 >= x1:
            raise _refuse("region")
        region = (y0, y1, x0, x1)
    return View(
        width,
        height,
        numbers.get("level"),
        numbers.get("t"),
        numbers.get("z"),
        lists.get("c"),
        region,
        _array_plane(given.get("plane")),
    )


def _array_plane(value: Any) -> ArrayPlane | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise _refuse("plane")
    at = value.get("at")
    if at is not None and (not isinstance(at, list) or len(at) > MAX_LIST):
        raise _refuse("plane.at")
    axes = [_index(value.get(axis), f"plane.{axis}") for axis in "yx"]
    return ArrayPlane(axes[0], axes[1], None if at is None else tuple(_index(index, "plane.at") for index in at))


def index_on(image: Image, level: int, axis: int, index: int) -> int | None:
    """The index along an axis of a level that covers ``index`` of level 0; None where the level does not reach there.

    An index beyond level 0 means its last one; what a level lacks by rounding only at its end is its last index.
    """
    found, whole = image.levels[level], image.levels[0].array.shape[axis]
    ratio, corner, size = found.ratio[axis], found.offset[axis], found.array.shape[axis]
    if not whole or not size:
        return 0
    place = math.floor((min(index, whole - 1) + 0.5 - corner) / ratio)
    if place < 0:
        return None
    reaches = corner + ratio * (size + max(1, level)) > whole
    return place if place < size else size - 1 if reaches else None


def index_at_level(image: Image, level: int, axis: str, index: int) -> int | None:
    """``index_on`` along an axis by its name; 0 without that axis."""
    return index_on(image, level, image.at[axis], index) if axis in image.at else 0


def region_at_level(image: Image, level: int, region: tuple[float, float, float, float]) -> Region:
    """``[floor((a - o) / s), ceil((b - o) / s))`` in pixels of the level, clipped to it.

    s is the level's ratio, o the corner of its first pixel.
    """
    found = image.levels[level]
    ends: list[int] = []
    for axis, low, high in (("y", *region[:2]), ("x", *region[2:])):
        at = image.at[axis]
        ratio, corner, size = found.ratio[at], found.offset[at], found.array.shape[at]
        start = min(max(0, math.floor((low - corner) / ratio)), size)
        ends += [start, min(max(start, math.ceil((high - corner) / ratio)), size)]
    return ends[0], ends[1], ends[2], ends[3]


def region_of_level(image: Image, level: int, region: Region) -> Region:
    """A region of a level in pixels of level 0, rounded; what lies before the image is cut off."""
    found = image.levels[level]
    edges = [
        max(0, round(edge * found.ratio[image.at[axis]] + found.offset[image.at[axis]]))
        for axis, edge in zip("yyxx", region, strict=True)
    ]
    return edges[0], edges[1], edges[2], edges[3]


def visible_channels(image: Image, view: View) -> tuple[int, ...]:
    """As selected, as far as they exist; else those that are active."""
    wanted = tuple(dict.fromkeys(c for c in view.c or () if c < len(image.channels)))
    return wanted or tuple(i for i, channel in enumerate(image.channels) if channel.active)


def _extent(image: Image) -> tuple[int, int]:
    shape = image.levels[0].array.shape
    return shape[image.at["y"]], shape[image.at["x"]]


def shown_box(image: Image, view: View) -> tuple[tuple[float, float, float, float], float]:
    """What the view shows, and screen pixels per level-0 pixel: the region, or all of the image, fits into it."""
    height, width = _extent(image)
    y0, y1, x0, x1 = view.region or (0, height, 0, width)
    unit = min(view.width / max(1, x1 - x0), view.height / max(1, y1 - y0))
    cy, cx = (y0 + y1) / 2, (x0 + x1) / 2
    half_y, half_x = view.height / unit / 2, view.width / unit / 2
    return (max(0.0, cy - half_y), min(height, cy + half_y), max(0.0, cx - half_x), min(width, cx + half_x)), unit


def drawn_level(image: Image, view: View, unit: float) -> int:
    """The coarsest level whose pixel is not larger than a screen pixel, or the one that is pinned."""
    level = len(image.levels) - 1
    if view.level is not None:
        return min(view.level, level)
    y, x = image.at["y"], image.at["x"]
    while level > 0 and max(image.levels[level].ratio[y], image.levels[level].ratio[x]) * unit > TOLERANCE:
        level -= 1
    return level


def chunks_in(
    image: Image,
    level: int,
    plan: Plan,
    box: tuple[float, float, float, float],
    most: int = MAX_CHUNKS,
    decoded: int = MAX_DECODED,
) -> Wanted:
    """Chunks of the level that touch ``box``, nearest to its centre first, all channels of a place together.

    At most about ``most`` of them and ``decoded`` bytes once decoded.
    """
    array, at = image.levels[level].array, image.at
    t, z = index_at_level(image, level, "t", plan.t), index_at_level(image, level, "z", plan.z)
    others = [(axis, index_on(image, level, axis, index)) for axis, index in image.others]
    if t is None or z is None or any(index is None for _, index in others):
        return Wanted(level, 0, 0, ())  # nothing of it is drawn there
    y0, y1, x0, x1 = region_at_level(image, level, box)
    size_y, size_x = array.chunks[at["y"]], array.chunks[at["x"]]
    # A box that ends at a chunk's edge touches the next one, too, as the viewer sees it.
    rows = range(y0 // size_y, min(y1 // size_y + 1, array.grid[at["y"]])) if y1 > y0 else range(0)
    columns = range(x0 // size_x, min(x1 // size_x + 1, array.grid[at["x"]])) if x1 > x0 else range(0)
    centre_y, centre_x = (y0 + y1) / 2, (x0 + x1) / 2

    def distance(place: tuple[int, int]) -> float:
        row, column = place
        return ((row + 0.5) * size_y - centre_y) ** 2 + ((column + 0.5) * size_x - centre_x) ** 2

    layers = dict.fromkeys(c // array.chunks[at["c"]] for c in plan.channels) if "c" in at else {0: None}
    chunks: list[Chunk] = []
    if all(array.shape):
        limit = min(most, max(1, decoded // array.chunk_bytes))
        for row, column in _nearest(rows, columns, distance, -(-limit // len(layers))):
            for layer in layers:
                chunk = [0] * len(array.shape)
                for other, index in others:
                    chunk[other] = (index or 0) // array.chunks[other]
                for axis, plane in (("t", t), ("z", z)):
                    if axis in at:
                        chunk[at[axis]] = plane // array.chunks[at[axis]]
                if "c" in at:
                    chunk[at["c"]] = layer
                chunk[at["y"]], chunk[at["x"]] = row, column
                chunks.append(tuple(chunk))
    return Wanted(level, t, z, tuple(chunks))


def _nearest(rows: range, columns: range, distance: Any, limit: int) -> list[tuple[int, int]]:
    """At most about ``limit`` places; a window around the centre first, so that huge grids are never listed."""
    side = math.isqrt(limit) + 2

    def middle(span: range) -> range:
        # A window of ``limit`` on a thin grid, of the root on a wide one.
        length = max(side, -(-limit // max(1, min(len(rows), len(columns)))) + 2)
        spare = max(0, len(span) - length)
        return span[spare // 2 : len(span) - (spare - spare // 2)] if spare else span

    places = itertools.product(middle(rows), middle(columns))
    return sorted(places, key=lambda place: (distance(place), place))[:limit]


def make_plan(image: Image, view: View) -> Plan:
    """Levels, planes, channels and chunks of a view. Indices beyond the image are clipped to it."""
    box, unit = shown_box(image, view)
    shape = image.levels[0].array.shape
    sizes = {axis: shape[image.at[axis]] if axis in image.at else 1 for axis in "tz"}
    plan = Plan(
        drawn=drawn_level(image, view, unit),
        t=min(image.t if view.t is None else view.t, max(0, sizes["t"] - 1)),
        z=min(image.z if view.z is None else view.z, max(0, sizes["z"] - 1)),
        channels=visible_channels(image, view),
    )
    coarsest = len(image.levels) - 1
    height, width = _extent(image)
    if plan.drawn != coarsest:
        # All of the coarsest level: it stands in while the view moves, and contrast is taken from it.
        plan.wanted.append(chunks_in(image, coarsest, plan, (0, height, 0, width)))
    plan.wanted.append(chunks_in(image, plan.drawn, plan, box))
    return _bounded(image, plan)


def _bounded(image: Image, plan: Plan) -> Plan:
    """Cut to the bounds of one stream, the coarsest level first."""
    count, decoded = 0, 0
    for place, wanted in enumerate(plan.wanted):
        size = image.levels[wanted.level].array.chunk_bytes
        room = max(0, min(MAX_CHUNKS - count, (MAX_DECODED - decoded) // max(1, size)))
        chunks = wanted.chunks[:room]
        plan.wanted[place] = Wanted(wanted.level, wanted.t, wanted.z, chunks)
        count, decoded = count + len(chunks), decoded + size * len(chunks)
    return plan


def object_keys(image: Image, plan: Plan) -> Iterator[str]:
    """Keys of all objects the plan touches, each once, in the order of the plan."""
    seen: dict[str, None] = {}
    for wanted in plan.wanted:
        array = image.levels[wanted.level].array
        for chunk in wanted.chunks:
            seen.setdefault(array.object_key(chunk))
    return iter(seen)
