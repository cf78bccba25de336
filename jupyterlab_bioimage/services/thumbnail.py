"""A small display-only picture of what lies at a place: an image, a plate's first field, a collection's first image."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from ..errors import BioImageError
from ..said import say
from .batch import read_batch, read_parts
from .limits import MIB, ByteGate
from .multiscale import Image
from .ngff import Node, Plate
from .opening import item_under, locate, read_documents, under
from .plan import Plan, View, Wanted, chunks_in, make_plan
from .preview import Picture, Previews, task_head
from .store import Item, Outcome, Store
from .worker import PreviewError
from .zarrcodecs import ITEM_BYTES

MAX_SIZE = 256  # pixels of the longer side
MAX_DEPTH = 4  # a plate in a collection: series, well, field
MAX_DECODED = 64 * MIB  # bytes of the chunks once decoded; a level of this size hardly needs more
MAX_CHUNKS = 4096  # of one picture
AT_WORK = 4  # thumbnails that are read at a time; pictures are made one by one


def _first(node: Node) -> str:
    """Path of the first thing in a plate, well or collection."""
    if isinstance(node, Plate):
        paths: tuple[str, ...] = tuple(well.path for well in node.wells)
    else:
        paths = () if isinstance(node, Image) else node.paths
    if not paths:
        raise BioImageError("UNSUPPORTED", say("There is no image in it to make a picture of."))
    return paths[0]


async def first_image(store: Store, path: str) -> tuple[str, Image]:
    """The image at ``path`` or the first one below it, and its key. NOT_FOUND, BAD_METADATA, UNSUPPORTED."""
    for _ in range(MAX_DEPTH):
        node, _documents = await read_documents(store, path)
        if isinstance(node, Image):
            return path, node
        path = under(path, _first(node))
    raise BioImageError("UNSUPPORTED", say("There is no image in it to make a picture of."))


def choose(
    image: Image, size: int, channels: tuple[int, ...] | None = None, most: int | None = None
) -> tuple[Plan, Wanted]:
    """The coarsest level that has ``size`` pixels, or a coarser one where that is too much to decode. TOO_LARGE.

    ``most``: bytes of its chunks, and of its planes, once decoded; ``MAX_DECODED`` where nothing is said. The chunks
    are all that the level has of the plane.
    """
    most = MAX_DECODED if most is None else most
    drawn = make_plan(image, View(size, size, c=channels)).drawn
    at = image.at
    for level in range(drawn, len(image.levels)):
        plan = make_plan(image, View(size, size, level=level, c=channels))
        array = image.levels[level].array
        height, width = array.shape[at["y"]], array.shape[at["x"]]
        layers = len({c // array.chunks[at["c"]] for c in plan.channels}) if "c" in at else 1
        count = array.grid[at["y"]] * array.grid[at["x"]] * layers
        planes = height * width * max(1, len(plan.channels)) * ITEM_BYTES[array.dtype]
        cost = max(array.chunk_bytes * count, planes)
        if cost <= most and count <= MAX_CHUNKS:
            whole = tuple(extent for axis in "yx" for extent in (0, image.levels[0].array.shape[at[axis]]))
            return plan, chunks_in(image, level, plan, whole, count, most)  # type: ignore[arg-type]  # four numbers
    raise BioImageError(
        "TOO_LARGE",
        say(
            "Too large to preview: the smallest level has %1 MiB in %2 chunks, %3 MiB would fit.",
            cost >> 20,
            count,
            most >> 20,
        ),
    )


class Thumbnails:
    """Makes them with the children that make the pictures of openings."""

    def __init__(self, previews: Previews, held: ByteGate) -> None:
        self._previews = previews
        self._held = held
        self._slots = asyncio.Semaphore(AT_WORK)

    async def make(self, store: Store, path: str, size: int) -> Picture:
        """A picture whose longer side has at most ``size`` pixels; what the store raises, UNSUPPORTED, TOO_LARGE."""
        async with self._slots:
            path, image = await first_image(store, path)
            plan, wanted = choose(image, size)
            part = await locate(store, path, image, wanted)
            places = [(item, chunk) for item, chunk in part.items if chunk is not None]
            outcomes = await self._read(store, path, [item for item, _ in places])
            read = read_parts([chunk for _, chunk in places], outcomes, part.failed)
            array = image.levels[wanted.level].array
            region = (0, array.shape[image.at["y"]], 0, array.shape[image.at["x"]])
            try:
                broken = [chunk for chunk, _ in read.broken]
                head = task_head(image, wanted, plan.channels, region, read.chunks, size, broken=broken)
                return await self._previews.frame(head, read.data)
            except PreviewError as error:
                raise BioImageError(
                    "UNSUPPORTED", say("No picture could be made of this image."), detail=str(error)
                ) from error

    async def _read(self, store: Store, path: str, items: list[Item]) -> list[Outcome]:
        if not items:
            return []
        found: list[Outcome] = []
        wanted = [item_under(path, item) for item in items]
        async with aclosing(read_batch(store, wanted, self._held)) as groups:  # type: ignore[type-var]  # an async generator
            async for group in groups:
                found += group
        return sorted(found, key=lambda outcome: outcome.index)
