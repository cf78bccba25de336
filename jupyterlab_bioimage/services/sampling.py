"""A picture of all of a plane that is too large to hold: chunk by chunk, of each only the pixels that the picture has.

What is drawn is an array of samples with the same chunks, only smaller. Of every chunk the same number of pixels is
taken, evenly spread; where the picture is coarser than the chunks, whole chunks are passed over.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import BioImageError
from .ahead import ahead
from .batch import Read, read_parts
from .limits import MIB, WAIT, ByteGate
from .multiscale import Image
from .opening import item_under, locate, read_all
from .plan import Box, Chunk, Plan, Region, View, Wanted, chunks_in, region_at_level
from .preview import Picture, Previews, task_head
from .store import Store

SAMPLED = 8192 * MIB  # bytes of chunks, once decoded, that are read for one picture
SAMPLED_CHUNKS = 32_768
COARSEST = 65  # times as coarse as asked for, where chunks are too small or too many to read all of them
LEAST = 96  # pixels of the longer side of a picture that is made coarser
GROUP = 32 * MIB  # bytes that are held at a time


@dataclass(frozen=True, slots=True)
class Grid:
    """How a level is sampled: by axis, y and x, samples of a chunk, and of how many neighbouring chunks one is read."""

    wanted: Wanted  # the chunks that are read
    samples: tuple[int, int]
    every: tuple[int, int]


def grid_of(image: Image, level: int, plan: Plan, view: View, box: Box) -> Grid | None:
    """None where it would still be too much to read, or there is nothing."""
    array, at = image.levels[level].array, image.at
    y0, y1, x0, x1 = region_at_level(image, level, box)
    first_of = chunks_in(image, level, plan, box, most=1)
    layers = sorted({c // array.chunks[at["c"]] for c in plan.channels}) if "c" in at else [0]
    if not first_of.chunks or array.chunk_bytes > GROUP:
        return None
    for coarser in range(1, COARSEST):
        samples, every, places = [], [], []
        for name, low, high, side in (("y", y0, y1, view.height), ("x", x0, x1, view.width)):
            size, step = array.chunks[at[name]], max(1, (high - low) // side)
            samples.append(-(-size // step) if coarser == 1 else 1)
            every.append(max(1, step // size) * coarser)
            places.append(range(low // size // every[-1], (high - 1) // size // every[-1] + 1))
        count = len(places[0]) * len(places[1]) * len(layers)
        if coarser > 1 and max(map(len, places)) < LEAST:
            return None
        if count <= SAMPLED_CHUNKS and count * array.chunk_bytes <= SAMPLED:
            break
    else:
        return None
    found: list[Chunk] = []
    read = [
        [min(place * step + step // 2, array.grid[at[name]] - 1) for place in listed]
        for name, step, listed in zip("yx", every, places, strict=True)
    ]
    for y in read[0]:
        for x in read[1]:
            for layer in layers:
                chunk = list(first_of.chunks[0])
                chunk[at["y"]], chunk[at["x"]] = y, x
                if "c" in at:
                    chunk[at["c"]] = layer
                found.append(tuple(chunk))
    return Grid(replace(first_of, chunks=tuple(found)), (samples[0], samples[1]), (every[0], every[1]))


@dataclass(slots=True)
class Sampler:
    """One picture in the making; its reads end with the task that awaits it."""

    store: Store
    path: str
    image: Image
    plan: Plan
    grid: Grid
    previews: Previews
    held: ByteGate
    chunks: list[Chunk] = field(default_factory=list)
    data: list[bytes] = field(default_factory=list)
    broken: list[Chunk] = field(default_factory=list)

    async def picture(self, box: Box, side: int, most: int) -> Picture:
        """PreviewError where the child fails; what is wrong with the chunks where none can be read."""
        wrong: BioImageError | None = None
        groups = ahead(self._groups(), 1)
        async with aclosing(groups) as stream:  # type: ignore[type-var]  # an async generator
            async for found in stream:
                if isinstance(found, BioImageError):
                    wrong = wrong or found
                else:
                    await self._sample(found)
        if not self.chunks:
            raise wrong or BioImageError("NOT_FOUND")
        return await self.previews.frame(self._head(box, side), self.data, most)

    async def _groups(self) -> AsyncIterator[Read | BioImageError]:
        """The chunks as they were stored, a group at a time."""
        array = self.image.levels[self.grid.wanted.level].array
        step = max(1, GROUP // array.chunk_bytes)
        keys = self.grid.wanted.chunks
        for start in range(0, len(keys), step):
            wanted = replace(self.grid.wanted, chunks=keys[start : start + step])
            expected = array.chunk_bytes * len(wanted.chunks)
            await self.held.acquire(expected, WAIT)
            try:
                part = await locate(self.store, self.path, self.image, wanted)
                places = [(item, chunk) for item, chunk in part.items if chunk is not None]
                reads = [item_under(self.path, item) for item, _ in places]
                outcomes = await read_all(self.store, "", reads, 64 * 1024 + 2 * array.chunk_bytes)
                try:
                    found: Read | BioImageError = read_parts([chunk for _, chunk in places], outcomes, part.failed)
                except BioImageError as error:
                    found = error
                    failed = wanted.chunks if error.code != "NOT_FOUND" else ()
                    self.broken += [place for chunk in failed for place in self._places(chunk)]
                yield found
            finally:
                self.held.release(expected)

    def _places(self, chunk: Chunk) -> Iterator[Chunk]:
        """Where the samples of a chunk go, one place for each channel in it."""
        at, (every_y, every_x) = self.image.at, self.grid.every
        to = [0] * len(chunk)
        to[at["y"]], to[at["x"]] = chunk[at["y"]] // every_y, chunk[at["x"]] // every_x
        depth = self.image.levels[self.grid.wanted.level].array.chunks[at["c"]] if "c" in at else 1
        for channel in self.plan.channels:
            if "c" not in at:
                yield tuple(to)
                return
            if channel // depth == chunk[at["c"]]:
                to[at["c"]] = channel
                yield tuple(to)

    async def _sample(self, read: Read) -> None:
        whole = (0, 1, 0, 1)
        head = task_head(self.image, self.grid.wanted, self.plan.channels, whole, read.chunks) | {
            "kind": "sample",
            "samples": self.grid.samples,
        }
        values = await self.previews.samples(head, read.data, GROUP)
        places = [place for chunk in read.chunks for place in self._places(chunk)]
        for place, data in zip(places, values, strict=True):
            if data is None:
                self.broken.append(place)
            else:
                self.chunks.append(place)
                self.data.append(data)
        self.broken += [place for chunk, _ in read.broken for place in self._places(chunk)]

    def _head(self, box: Box, side: int) -> dict[str, Any]:
        """The task of drawing the array of samples."""
        at, array = self.image.at, self.image.levels[self.grid.wanted.level].array
        y0, y1, x0, x1 = region_at_level(self.image, self.grid.wanted.level, box)
        head = task_head(
            self.image, self.grid.wanted, self.plan.channels, (0, 1, 0, 1), self.chunks, side, None, self.broken
        )
        shape = [1] * len(array.shape)
        ends: dict[str, tuple[int, int]] = {}
        for number, (name, low, high) in enumerate((("y", y0, y1), ("x", x0, x1))):
            shape[at[name]] = self.grid.samples[number]
            step = array.chunks[at[name]] * self.grid.every[number] / self.grid.samples[number]
            ends[name] = (int(low / step), max(int(low / step) + 1, round(high / step)))
            head["size"][number] = max(1, round(array.shape[at[name]] / step))
        region: Region = (*ends["y"], *ends["x"])
        spec = {
            "format": 2,
            "chunks": shape,
            "dtype": head["array"]["dtype"].replace(">", "<"),
            "order": "C",
            "codecs": [],
        }
        others = [(axis, 0) for axis, _ in head["others"]]
        return head | {"array": spec, "chunk": shape, "region": region, "t": 0, "z": 0, "others": others}
