"""Pictures of the wells of a plate, or of the fields of a well: one stream in row order, sent as they are ready.

Three stages run side by side over blocks of wells: their documents are read, then the chunks of the level that is
drawn, then a child makes the pictures. Blocks are small at first, so that the first wells come soon.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from typing import Any

from ..errors import BioImageError
from ..said import say
from .ahead import ahead
from .batch import Read, read_parts
from .limits import MIB, WAIT, ByteGate
from .multiscale import Image
from .ngff import Group, Plate
from .opening import Frame, item_under, locate, read_all, read_documents, together, under
from .plan import Chunk, Plan, View, Wanted, visible_channels
from .platenodes import NodeReader
from .plateview import PlateView, Window
from .preview import Picture, Previews, colour_of, full_range, task_head
from .store import Outcome, Store
from .thumbnail import choose
from .worker import PreviewError

BLOCKS = (1, 3, 12, 32)  # wells whose documents are read together; the last number repeats
DECODED = 12 * MIB  # bytes of chunks, once decoded, of one task of the child
TASK = 24  # pictures of one task
SPREAD = 8  # wells that the common contrast is taken from
MAX_PICTURE = 64 * MIB  # bytes of one picture's chunks once decoded
MAX_FIELDS = 10_000  # of one well


@dataclasses.dataclass(slots=True)
class Spot:
    """One picture asked for: where it stands, and what is known of it so far."""

    well: str  # key of the well in the store
    row: int | None = None
    column: int | None = None
    field: int = 0  # position in the well
    fields: int | None = None
    path: str | None = None  # key of the image
    image: Image | None = None
    plan: Plan | None = None
    wanted: Wanted | None = None
    error: BioImageError | None = None
    scouted: bool = False
    loaded: bool = False
    read: Read | None = None  # its chunks, until the picture has been made
    flaw: BioImageError | None = None  # why parts of the picture are marked
    picture: Picture | None = None

    @property
    def decoded(self) -> int:
        """Bytes of its chunks once decoded, more than what is read."""
        if self.image is None or self.wanted is None:
            return 0
        return self.image.levels[self.wanted.level].array.chunk_bytes * len(self.wanted.chunks)

    @property
    def held(self) -> int:
        return sum(map(len, self.read.data)) if self.read else 0


class _Pictures:
    """One stream. Reads are cancelled when the generator that uses it is closed."""

    def __init__(self, store: Store, path: str, view: PlateView, previews: Previews, gate: ByteGate) -> None:
        self._store = store
        self._path = path
        self._view = view
        self._previews = previews
        self._gate = gate
        self._reserved = 0
        self._kind = "well"
        self._nodes = NodeReader(store, 2, self._level)
        self._windows: dict[int, Window] = {}

    async def frames(self) -> AsyncIterator[Frame]:
        self._previews.warm()
        spots = await self._list()
        try:
            yield Frame({"type": "plate"}, await self._head(spots))
            ready = ahead(self._loaded(ahead(self._scouted(spots), 2)), 1)
            async with aclosing(ready) as blocks:  # type: ignore[type-var]  # an async generator
                async for block in blocks:
                    await self._draw(block)
                    for spot in block:
                        yield self._frame(spot, spot is not block[-1])
                        spot.picture = spot.image = None
        finally:
            self._gate.release(self._reserved)

    # --- what there is ------------------------------------------------------------------------------------------------

    async def _list(self) -> list[Spot]:
        """The pictures that follow, in row order."""
        node, _ = await read_documents(self._store, self._path)
        if isinstance(node, Group) and node.kind == "well":
            self._nodes = NodeReader(self._store, node.zarr_format, self._level)
            return self._fields(Spot(self._path), node)
        if not isinstance(node, Plate):
            raise BioImageError("UNSUPPORTED", say("There is no plate and no well at this address."))
        self._nodes = NodeReader(self._store, node.zarr_format, self._level)
        wells = sorted(node.wells, key=lambda well: (well.row, well.column))
        spots = [Spot(under(self._path, well.path), well.row, well.column) for well in wells]
        if self._view.well is None:
            return spots
        chosen = next((s for s, well in zip(spots, wells, strict=True) if well.name == self._view.well), None)
        if chosen is None:
            raise BioImageError("NOT_FOUND", say("There is no such well on this plate."))
        (found,) = await self._nodes.read([chosen.well])
        if isinstance(found, BioImageError):
            raise found
        if not isinstance(found, Group | Image):
            raise BioImageError("UNSUPPORTED", say("There is no well at this address."))
        return self._fields(chosen, found)

    def _images(self, node: Group | Image) -> list[tuple[int, str]]:
        """Position and path of the fields of the acquisition asked for. A well that is an image is its own field."""
        if isinstance(node, Image):
            return [(0, "")]
        if len(node.paths) > MAX_FIELDS:
            raise BioImageError("TOO_LARGE", say("Too large to preview (%1 fields).", len(node.paths)))
        wanted = self._view.acquisition
        runs = node.acquisitions or (None,) * len(node.paths)
        fields = enumerate(zip(node.paths, runs, strict=True))
        return [(place, path) for place, (path, run) in fields if wanted is None or run == wanted]

    def _fields(self, well: Spot, node: Group | Image) -> list[Spot]:
        self._kind = "field"
        images = self._images(node)
        return [
            Spot(well.well, well.row, well.column, place, len(images), under(well.well, path) if path else well.well)
            for place, path in images
        ]

    async def _scout(self, spots: Sequence[Spot]) -> None:
        """Reads the documents of all, and plans what is drawn."""
        todo = [spot for spot in spots if not spot.scouted]
        unknown = [spot for spot in todo if spot.path is None]
        for spot, node in zip(unknown, await self._nodes.read([spot.well for spot in unknown]), strict=True):
            try:
                if isinstance(node, BioImageError):
                    raise node
                images = self._images(node) if isinstance(node, Group | Image) else []
                if not images:
                    raise BioImageError("NOT_FOUND")
                spot.fields = len(images)
                spot.field, path = images[min(self._view.field, len(images) - 1)]
                spot.path = under(spot.well, path) if path else spot.well
            except BioImageError as error:
                spot.error = error
        known = [spot for spot in todo if spot.error is None]
        for spot, node in zip(known, await self._nodes.read([spot.path or "" for spot in known]), strict=True):
            try:
                if isinstance(node, BioImageError):
                    raise node
                if not isinstance(node, Image):
                    raise BioImageError("UNSUPPORTED", say("A field of this plate is no image."))
                spot.plan, spot.wanted = choose(node, self._view.size, self._view.c, MAX_PICTURE)
                spot.image = node
            except BioImageError as error:
                spot.error = error
        for spot in todo:
            spot.scouted = True

    def _level(self, image: Image) -> int:
        """The level of which the next image's document is compared; any would do where none can be drawn."""
        try:
            return choose(image, self._view.size, self._view.c, MAX_PICTURE)[1].level
        except BioImageError:
            return 0

    # --- one contrast for all -----------------------------------------------------------------------------------------

    async def _head(self, spots: Sequence[Spot]) -> bytes:
        """``IPlateHead``: channels of the first image; windows as asked for, of the metadata, or from some wells."""
        spread = spots[:: max(1, -(-len(spots) // SPREAD))]
        await self._scout(spread)
        first = next((spot for spot in spread if spot.image), None)
        if first is None:
            for block in blocks(spots):
                await self._scout(block)
                if (first := next((spot for spot in block if spot.image), None)) is not None:
                    spread = block
                    break
        channels: list[dict[str, Any]] = []
        others: list[dict[str, Any]] = []  # there, and not shown
        if first is not None and (image := first.image) is not None:
            shown = visible_channels(image, View(1, 1, c=self._view.c))
            asked = self._view.windows or ()
            self._windows = dict(zip(self._view.c or shown, asked, strict=False))
            for c in shown:
                known = full_range(image) if image.rgb else image.channels[c].window
                if known is not None:
                    self._windows.setdefault(c, known)
            if any(c not in self._windows for c in shown):
                found = await self._find(spread)
                for c in shown:
                    self._windows.setdefault(c, found.get(c) or full_range(image))
            named = [
                {"index": c, "label": channel.label, "color": colour_of(image, c)}
                for c, channel in enumerate(image.channels)
            ]
            channels = [{**named[c], "window": self._windows[c]} for c in shown]
            others = [channel for c, channel in enumerate(named) if c not in shown]
        head = {"channels": channels, "others": others, "count": len(spots)}
        return json.dumps(head, separators=(",", ":")).encode()

    async def _find(self, spots: Sequence[Spot]) -> dict[int, Window]:
        """Common limits from the pixels of a few wells; they stay at hand for their pictures."""
        room = [spot for spot in spots if spot.image and not spot.image.image_label]
        for count in range(len(room), 0, -1):
            if sum(spot.decoded for spot in room[:count]) <= DECODED or count == 1:
                room = room[:count]
                break
        await self._load(room)
        ready = [spot for spot in room if spot.read]
        try:
            return await self._previews.windows([self._task(s) for s in ready], _bytes(ready))
        except PreviewError:
            return {}  # what is wrong shows with the pictures

    # --- the stages ---------------------------------------------------------------------------------------------------

    async def _scouted(self, spots: Sequence[Spot]) -> AsyncIterator[list[Spot]]:
        for block in blocks(spots):
            await self._scout(block)
            yield block

    async def _loaded(self, scouted: AsyncIterator[list[Spot]]) -> AsyncIterator[list[Spot]]:
        async with aclosing(scouted) as stream:  # type: ignore[type-var]  # an async generator
            async for block in stream:
                for part in tasks(block):
                    await self._load(part)
                    yield part

    async def _load(self, spots: Sequence[Spot]) -> None:
        """Reads the chunks of all, within what the server may hold."""
        todo = [spot for spot in spots if spot.image and spot.wanted and not spot.loaded]
        expected = sum(spot.decoded for spot in todo)
        await self._gate.acquire(expected, WAIT)
        self._reserved += expected
        parts = await together(
            locate(self._store, spot.path or "", spot.image, spot.wanted) for spot in todo if spot.image and spot.wanted
        )
        reads = [
            (spot, chunk, item_under(spot.path or "", item))
            for spot, part in zip(todo, parts, strict=True)
            for item, chunk in part.items
            if chunk is not None
        ]
        # A compressed chunk is hardly longer than its values.
        limit = 64 * 1024 + 2 * max((s.decoded // max(1, len(s.wanted.chunks)) for s in todo if s.wanted), default=0)
        outcomes = await read_all(self._store, "", [item for _, _, item in reads], limit)
        found: dict[int, list[tuple[Chunk, Outcome]]] = {}
        for (spot, chunk, _), outcome in zip(reads, outcomes, strict=True):
            found.setdefault(id(spot), []).append((chunk, outcome))
        for spot, part in zip(todo, parts, strict=True):
            mine = found.get(id(spot), [])
            spot.loaded = True
            try:
                spot.read = read_parts([chunk for chunk, _ in mine], [outcome for _, outcome in mine], part.failed)
            except BioImageError as error:
                spot.error = error
        self._give_back(expected - sum(spot.held for spot in todo))

    def _give_back(self, size: int) -> None:
        self._reserved -= size
        self._gate.adjust(-size)

    def _task(self, spot: Spot) -> dict[str, Any]:
        image, wanted, plan, read = spot.image, spot.wanted, spot.plan, spot.read
        assert image and wanted and plan and read  # noqa: S101, PT018  loaded ones only
        broken = [chunk for chunk, _ in read.broken]
        array = image.levels[wanted.level].array
        region = (0, array.shape[image.at["y"]], 0, array.shape[image.at["x"]])
        return task_head(image, wanted, plan.channels, region, read.chunks, self._view.size, self._windows, broken)

    async def _draw(self, block: Sequence[Spot]) -> None:
        """Makes the pictures, and lets their bytes go."""
        ready = [spot for spot in block if spot.read]
        try:
            found = await self._pictures(ready)
        except PreviewError:
            # The child has ended over one of them; each by itself, so that the others have their pictures.
            found = [await self._alone(spot) for spot in ready]
        for spot, picture in zip(ready, found, strict=True):
            if isinstance(picture, Picture):
                spot.picture = picture
                if spot.read and spot.read.broken:
                    spot.flaw = spot.read.broken[0][1]
                elif picture.damaged:
                    spot.flaw = BioImageError("BAD_CHUNK")
            else:
                spot.error = _failure(picture)
        for spot in block:
            self._give_back(spot.held)
            spot.read = None

    async def _pictures(self, spots: Sequence[Spot]) -> list[Picture | str]:
        if not spots:
            return []
        return await self._previews.frames([self._task(spot) for spot in spots], _bytes(spots))

    async def _alone(self, spot: Spot) -> Picture | str:
        try:
            return (await self._pictures([spot]))[0]
        except PreviewError:
            return ""

    def _frame(self, spot: Spot, more: bool) -> Frame:
        place = {"row": spot.row, "column": spot.column, "field": spot.field, "fields": spot.fields}
        header: dict[str, Any] = {"type": self._kind} | {k: v for k, v in place.items() if v is not None}
        if spot.picture is not None:
            picture = spot.picture
            header |= {"state": "picture", "mime": picture.mime, "width": picture.width, "height": picture.height}
            if spot.flaw is not None:
                header |= {"code": spot.flaw.code, "message": spot.flaw.message, "said": spot.flaw.said}
            return Frame(header, picture.data, more)
        error = spot.error or BioImageError("INTERNAL")
        if error.code in ("NOT_FOUND", "ABSENT"):
            return Frame(header | {"state": "absent"}, b"", more)
        told = {"state": "failed", "code": error.code, "message": error.message, "said": error.said}
        return Frame(header | told, b"", more)


def _bytes(spots: Sequence[Spot]) -> list[list[bytes]]:
    return [spot.read.data if spot.read else [] for spot in spots]


def _failure(name: str) -> BioImageError:
    """What the child's word for it means to a person."""
    if name == "MemoryError":
        return BioImageError("TOO_LARGE")
    if name in ("", "MissingError", "ImportError", "ModuleNotFoundError"):
        return BioImageError("UNSUPPORTED", say("No picture could be made of this image."))
    return BioImageError("BAD_CHUNK")


def blocks(spots: Sequence[Spot]) -> Iterator[list[Spot]]:
    """The spots in blocks of growing size."""
    at, step = 0, 0
    while at < len(spots):
        size = BLOCKS[min(step, len(BLOCKS) - 1)]
        yield list(spots[at : at + size])
        at, step = at + size, step + 1


def tasks(block: Sequence[Spot]) -> Iterator[list[Spot]]:
    """A block in parts that one task of the child may hold."""
    part: list[Spot] = []
    size = 0
    for spot in block:
        if part and (len(part) >= TASK or size + spot.decoded > DECODED):
            yield part
            part, size = [], 0
        part.append(spot)
        size += spot.decoded
    if part:
        yield part


def plate_stream(store: Store, path: str, view: PlateView, previews: Previews, gate: ByteGate) -> AsyncIterator[Frame]:
    """The frames of ``IPlateFrame`` without the last (``end``); use it under ``contextlib.aclosing``.

    ``path`` is the key of a plate or of one of its wells in the store. Raises BioImageError before the first frame
    where there is nothing that can be shown; a well that fails is a frame of its own.
    """
    return _Pictures(store, path, view, previews, gate).frames()
