"""One display-only picture of a part of an image, for a view that may be large: composed as in the opening stream.

What it costs is bounded: a coarser level where the one the view would draw is too much; where there is none, all of it
chunk by chunk (see ``sampling``); where that is too much too, as much of the middle as may be decoded.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, replace

from ..errors import BioImageError
from ..said import say
from .batch import read_parts
from .limits import MIB, WAIT, ByteGate
from .multiscale import Image
from .opening import item_under, locate, read_all, read_documents
from .plan import Box, Plan, Region, View, Wanted, chunks_in, make_plan, region_at_level, region_of_level
from .planes import with_axes
from .preview import Picture, Previews, task_head
from .sampling import Sampler, grid_of
from .store import Store
from .thumbnail import MAX_CHUNKS
from .worker import PreviewError
from .zarrcodecs import ITEM_BYTES

DECODED = 64 * MIB  # bytes of chunks, and of planes, of one picture
MAX_SIDE = 2048  # pixels of a picture
MOST = 2 * MIB  # bytes of a picture
AT_WORK = 2  # planes that are read at a time


@dataclass(frozen=True, slots=True)
class Plane:
    """``region``: what the picture shows, in pixels of level 0."""

    picture: Picture
    level: int
    region: Region


def _cost(image: Image, level: int, box: Box, channels: int, layers: int) -> int:
    """Bytes once decoded of the chunks that touch the box, or of its planes if those are more."""
    array, at = image.levels[level].array, image.at
    y0, y1, x0, x1 = region_at_level(image, level, box)
    size_y, size_x = array.chunks[at["y"]], array.chunks[at["x"]]
    count = (-(-y1 // size_y) - y0 // size_y) * (-(-x1 // size_x) - x0 // size_x) * layers
    if count > MAX_CHUNKS:
        return DECODED + count  # too many, whatever their size
    return max(count * array.chunk_bytes, (y1 - y0) * (x1 - x0) * channels * ITEM_BYTES[array.dtype])


def _middle(image: Image, level: int, box: Box, channels: int, layers: int) -> Box:
    """The largest square around the middle of the box, cut to it, that may be decoded. TOO_LARGE."""
    cy, cx = (box[0] + box[1]) / 2, (box[2] + box[3]) / 2
    high, wide = (box[1] - box[0]) / 2, (box[3] - box[2]) / 2

    def part(half: float) -> Box:
        return cy - min(half, high), cy + min(half, high), cx - min(half, wide), cx + min(half, wide)

    low, top = 0.0, max(high, wide)
    while top - low > 0.5:  # pixels
        half = (low + top) / 2
        if _cost(image, level, part(half), channels, layers) <= DECODED:
            low = half
        else:
            top = half
    found = part(low)
    y0, y1, x0, x1 = region_at_level(image, level, found)
    if y1 - y0 < 2 or x1 - x0 < 2:
        array = image.levels[level].array
        raise BioImageError(
            "TOO_LARGE",
            say(
                "Too large to preview: the smallest part is %1 MiB of values, %2 MiB would fit.",
                array.chunk_bytes * layers >> 20,
                DECODED >> 20,
            ),
        )
    return found


def _layers(image: Image, level: int, plan: Plan) -> int:
    """Chunks that lie behind each other where channels are on the same place."""
    deep, at = image.levels[level].array.chunks, image.at
    return len({c // deep[at["c"]] for c in plan.channels}) if "c" in at else 1


def choose_level(image: Image, view: View) -> tuple[Plan, int, Box]:
    """Plan, the part that the view shows in pixels of level 0, and the level that can be held, else the coarsest."""
    plan = make_plan(image, view)
    at, shape = image.at, image.levels[0].array.shape
    height, width = shape[at["y"]], shape[at["x"]]
    y0, y1, x0, x1 = view.region or (0, height, 0, width)
    box: Box = (min(y0, height), min(y1, height), min(x0, width), min(x1, width))
    if box[0] >= box[1] or box[2] >= box[3]:
        raise BioImageError("BAD_REQUEST", say("The region lies outside of the image."))
    level, channels = plan.drawn, max(1, len(plan.channels))
    while _cost(image, level, box, channels, _layers(image, level, plan)) > DECODED and level + 1 < len(image.levels):
        level += 1
    return plan, level, box


def choose_part(image: Image, view: View) -> tuple[Plan, int, Box, Wanted]:
    """Plan, level, the part shown in pixels of level 0, and its chunks. TOO_LARGE where nothing fits."""
    plan, level, box = choose_level(image, view)
    channels, layers = max(1, len(plan.channels)), _layers(image, level, plan)
    if _cost(image, level, box, channels, layers) > DECODED:
        box = _middle(image, level, box, channels, layers)
    wanted = chunks_in(image, level, plan, box, MAX_CHUNKS, 2 * DECODED)
    inner = _inside(image, level, region_at_level(image, level, box), wanted)
    return plan, level, box, inner


def _inside(image: Image, level: int, region: Region, wanted: Wanted) -> Wanted:
    """Without the chunks beyond a box that ends at a chunk's edge."""
    sizes = [image.levels[level].array.chunks[image.at[axis]] for axis in "yx"]
    y0, y1, x0, x1 = region
    chunks = tuple(
        chunk
        for chunk in wanted.chunks
        if chunk[image.at["y"]] * sizes[0] < y1
        and (chunk[image.at["y"]] + 1) * sizes[0] > y0
        and chunk[image.at["x"]] * sizes[1] < x1
        and (chunk[image.at["x"]] + 1) * sizes[1] > x0
    )
    return replace(wanted, chunks=chunks)


class Planes:
    """Makes them with the children that make the other pictures."""

    def __init__(self, previews: Previews, held: ByteGate) -> None:
        self._previews = previews
        self._held = held
        self._slots = asyncio.Semaphore(AT_WORK)

    async def make(self, store: Store, path: str, view: View) -> Plane:
        """UNSUPPORTED where ``path`` is no image; NOT_FOUND where it has no pixels; what the store raises."""
        async with self._slots:
            node, _ = await read_documents(store, path)
            if not isinstance(node, Image):
                raise BioImageError("UNSUPPORTED", say("There is no image at this address."))
            if view.plane is not None:
                node = with_axes(node, view.plane)
            view = replace(view, width=min(view.width, MAX_SIDE), height=min(view.height, MAX_SIDE))
            if (sampled := await self._sampled(store, path, node, view)) is not None:
                return sampled
            plan, level, box, wanted = choose_part(node, view)
            array = node.levels[level].array
            expected = array.chunk_bytes * len(wanted.chunks)
            await self._held.acquire(expected, WAIT)
            try:
                return await self._draw(store, path, node, view, plan, box, wanted)
            finally:
                self._held.release(expected)

    async def _sampled(self, store: Store, path: str, image: Image, view: View) -> Plane | None:
        """All of what would be too much to hold; None where it is not, or too much to read even so."""
        plan, level, box = choose_level(image, view)
        if _cost(image, level, box, max(1, len(plan.channels)), _layers(image, level, plan)) <= DECODED:
            return None
        grid = grid_of(image, level, plan, view, box)
        if grid is None:
            return None
        unit = min(view.width / (box[3] - box[2]), view.height / (box[1] - box[0]))
        side = max(1, math.ceil(max(box[1] - box[0], box[3] - box[2]) * unit))
        try:
            sampler = Sampler(store, path, image, plan, grid, self._previews, self._held)
            picture = await sampler.picture(box, side, MOST)
        except PreviewError as error:
            raise BioImageError(
                "UNSUPPORTED", say("No picture could be made of this image."), detail=str(error)
            ) from error
        return Plane(picture, level, region_of_level(image, level, region_at_level(image, level, box)))

    async def _draw(
        self, store: Store, path: str, image: Image, view: View, plan: Plan, box: Box, wanted: Wanted
    ) -> Plane:
        level = wanted.level
        part = await locate(store, path, image, wanted)
        places = [(item, chunk) for item, chunk in part.items if chunk is not None]
        reads = [item_under(path, item) for item, _ in places]
        limit = 64 * 1024 + 2 * image.levels[level].array.chunk_bytes  # compressed ones are hardly longer
        outcomes = await read_all(store, "", reads, limit)
        read = read_parts([chunk for _, chunk in places], outcomes, part.failed)
        region = region_at_level(image, level, box)
        unit = min(view.width / (box[3] - box[2]), view.height / (box[1] - box[0]))
        side = max(1, math.ceil(max(box[1] - box[0], box[3] - box[2]) * unit))
        try:
            broken = [chunk for chunk, _ in read.broken]
            head = task_head(image, wanted, plan.channels, region, read.chunks, side, broken=broken)
            picture = await self._previews.frame(head, read.data, MOST)
        except PreviewError as error:
            raise BioImageError(
                "UNSUPPORTED", say("No picture could be made of this image."), detail=str(error)
            ) from error
        return Plane(picture, level, region_of_level(image, level, region))
