"""The opening stream: everything the first view of an image needs, from one request, in the order it is needed.

A small picture and a digest of the metadata (together within TCP's first window of about 14 KB), the documents, the
list of what follows, the chunks of the coarsest level, the chunks of the level drawn from the centre outwards.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from ..errors import BioImageError, TooLargeError
from ..said import say
from .batch import read_batch
from .limits import MAX_DOCUMENT, MIB, ByteGate
from .multiscale import Image, Missing
from .ngff import Group, Node, Plate, build_node
from .plan import Chunk, Plan, Region, View, Wanted, make_plan, region_at_level, region_of_level
from .planes import with_axes
from .preview import Picture, Previews, task_head
from .shards import Index, index_item, place_of, read_index
from .store import Item, Outcome, Store
from .zarrmeta import ArrayMeta

T = TypeVar("T")

MAX_ROUNDS = 40  # of reading documents; a collection whose images are found by number needs the most
MAX_DIGEST = 3 * 1024  # bytes
MAX_ARRAY_DOCUMENT = 1 * MIB
MAX_DOCUMENTS = 16 * MIB  # all of one image together
MAX_SIDE = 96  # names of rows and columns in a digest; no plate has more
#: A segment of a path that is an archive or a TIFF file, by its name; ``src/pixels/containers.ts`` has the same list.
CONTAINER = re.compile(r"\.(?:zip|ozx|tiff?|btf|tf2|tf8|svs|ndpi|scn|qptiff)(?:/|$)", re.IGNORECASE)
MAX_SERIES = 64  # images of a collection in a digest
MAX_INDEX = 1 * MIB + 4  # bytes of a shard's index that is read here, with its checksum
SPARE = 64 * 1024  # bytes: a compressed chunk is hardly longer than its values twice over
PREVIEW_DECODED = 16 * MIB  # bytes of chunks and of planes up to which a picture is made
PREVIEW_READ = 1.0  # s the metadata may wait for the coarsest level's bytes
PREVIEW_TIME = 0.15  # s it may then wait for the picture, which takes some 10 to 40 ms


@dataclass(frozen=True, slots=True)
class Frame:
    """Header and body; ``more`` says that another follows at once."""

    header: dict[str, Any]
    body: bytes = b""
    more: bool = False


@dataclass(slots=True)
class Part:
    """What is read of one level, in the order it is sent: (item relative to the image, the chunk it is or None)."""

    wanted: Wanted
    items: list[tuple[Item, Chunk | None]] = field(default_factory=list)
    known: dict[Item, Outcome] = field(default_factory=dict)  # indices of shards, read for planning
    failed: list[tuple[Chunk, BioImageError]] = field(default_factory=list)  # chunks whose place cannot be known


def under(path: str, key: str) -> str:
    """The key in the store of what lies at ``key`` below ``path``."""
    return f"{path}/{key}" if path else key


def item_under(path: str, item: Item) -> Item:
    """The same read, its key counted from the store's root instead of ``path``."""
    return replace(item, key=under(path, item.key))


async def together(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """All results in order. The first failure, as it is, cancels the others; so does being cancelled."""
    failure: BaseException | None = None
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    except* BioImageError as failures:
        failure = failures.exceptions[0]
    if failure is not None:
        raise failure
    return [task.result() for task in tasks]


async def read_all(store: Store, path: str, items: Sequence[Item], limit: int) -> list[Outcome]:
    """Small objects in parallel, one outcome each, in the order of ``items`` (keys relative to ``path``)."""
    wanted = [item_under(path, item) for item in items]
    found: dict[int, Outcome] = {}
    while len(found) < len(wanted):
        open_items = [(i, item) for i, item in enumerate(wanted) if i not in found]
        groups = await together(store.read_group(part, limit) for part in store.plan(open_items))
        before = len(found)
        found.update((outcome.index, outcome) for group in groups for outcome in group)
        if len(found) == before:
            raise BioImageError("INTERNAL", detail="a store answered nothing")
    return [found[i] for i in range(len(wanted))]


async def read_documents(store: Store, path: str) -> tuple[Node, dict[str, bytes | None]]:
    """The node at ``path`` and the documents it was known by (None = absent), keys relative to ``path``.

    NOT_FOUND, BAD_METADATA, UNSUPPORTED, TOO_LARGE, and what the store raises. Archives and TIFF files are not looked
    into here: their readers are the browser's.
    """
    try:
        return await _read_documents(store, path)
    except BioImageError as error:
        if error.code == "NOT_FOUND" and CONTAINER.search(path):
            raise BioImageError(
                "UNSUPPORTED",
                say("Archives and TIFF files are read by the browser only; the server makes no pictures of them."),
                hint=say("Open the image, or use the code snippet."),
            ) from error
        raise


async def _read_documents(store: Store, path: str) -> tuple[Node, dict[str, bytes | None]]:
    documents: dict[str, bytes | None] = {}
    hidden: set[str] = set()
    for _ in range(MAX_ROUNDS):
        # Parsing some MiB of JSON takes longer than the event loop may be held up.
        node = await asyncio.to_thread(build_node, documents)
        if not isinstance(node, Missing):
            return node, {key: data for key, data in documents.items() if key not in hidden}
        root = any("/" not in key for key in node.keys)
        limit = MAX_DOCUMENT if root or node.keys[0].endswith(".xml") else MAX_ARRAY_DOCUMENT
        outcomes = await read_all(store, path, [Item(key) for key in node.keys], limit)
        for key, outcome in zip(node.keys, outcomes, strict=True):
            error = outcome.error
            if isinstance(error, TooLargeError) and key.endswith((".xml", ".zmetadata")):
                hidden.add(key)  # a convenience; the browser decides for itself
            elif error is not None and error.code != "ABSENT":
                raise error
            documents[key] = outcome.blob.data if outcome.blob else None
        if sum(len(data) for data in documents.values() if data) > MAX_DOCUMENTS:
            raise BioImageError("TOO_LARGE", say("Too large to preview (the description)."))
    raise BioImageError("TOO_LARGE", say("Too large to preview (too many documents)."))


def _levels(image: Image) -> list[dict[str, Any]]:
    return [
        {"path": level.path, "shape": level.array.shape, "chunks": level.array.chunks, "dtype": level.array.dtype}
        for level in image.levels
    ]


def make_digest(node: Node, plan: Plan | None) -> bytes:
    """What can be shown before the documents are read, cut to ``MAX_DIGEST`` bytes: the least important goes first."""
    digest: dict[str, Any] = {"kind": node.kind, "version": node.version, "name": node.name}
    if isinstance(node, Image) and plan is not None:
        digest |= {
            "axes": [axis.name for axis in node.axes],
            "levels": _levels(node),
            "channels": [
                {"label": channel.label, "color": channel.color, "active": channel.active, "window": channel.window}
                for channel in node.channels
            ],
            "t": plan.t,
            "z": plan.z,
            "c": plan.channels,
            "level": plan.drawn,
        }
    elif isinstance(node, Plate):
        digest |= {"rows": node.rows[:MAX_SIDE], "columns": node.columns[:MAX_SIDE], "wells": len(node.wells)}
    elif isinstance(node, Group):
        digest |= {"images": len(node.paths)}
        if node.kind == "collection":
            names = node.names or ("",) * len(node.paths)
            digest["series"] = [
                {"path": path, "name": name}
                for path, name in zip(node.paths[:MAX_SERIES], names[:MAX_SERIES], strict=True)
            ]
    digest["notices"] = node.notices
    for name in (None, "notices", "series", "channels", "rows", "columns", "c", "levels", "axes"):
        if name is not None:
            digest[name] = digest.get(name, ())[:8]
            if len(_compact(digest)) > MAX_DIGEST:
                digest[name] = []
        text = _compact(digest)
        if len(text) <= MAX_DIGEST:
            return text
    return _compact({"kind": node.kind, "version": node.version})


def _compact(value: Any) -> bytes:
    """JSON as browsers read it: no NaN and no infinity."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


async def locate(store: Store, path: str, image: Image, wanted: Wanted) -> Part:
    """The reads that get the chunks; the indices of shards are read here, for they say where inner chunks lie.

    Chunks that an index marks as missing, and those of a shard that is not there, are in none of the lists.
    """
    part, array = Part(wanted), image.levels[wanted.level].array
    if array.shard is None:
        part.items = [(Item(array.object_key(chunk)), chunk) for chunk in wanted.chunks]
        return part
    if array.shard.index_bytes > MAX_INDEX:
        too_large = TooLargeError(array.shard.index_bytes)
        part.failed = [(chunk, too_large) for chunk in wanted.chunks]
        return part
    keys = tuple(dict.fromkeys(array.object_key(chunk) for chunk in wanted.chunks))
    indices = [index_item(array, key) for key in keys]
    outcomes = await read_all(store, path, indices, MAX_INDEX) if keys else []
    part.known = dict(zip(indices, outcomes, strict=True))
    part.items = [(item, None) for item in indices]
    # Sorting and checking 1 MiB of entries takes longer than the event loop may be held up.
    found = dict(zip(keys, await asyncio.to_thread(_read_indices, array, outcomes), strict=True))
    for chunk in wanted.chunks:
        key = array.object_key(chunk)
        try:
            part.items.append((_inner(array, key, chunk, found[key]), chunk))
        except BioImageError as error:
            if error.code != "ABSENT":
                part.failed.append((chunk, error))
    return part


def _read_indices(array: ArrayMeta, outcomes: Sequence[Outcome]) -> list[Index | BioImageError]:
    found: list[Index | BioImageError] = []
    for outcome in outcomes:
        try:
            found.append(read_index(outcome, array))
        except BioImageError as error:
            found.append(error)
    return found


def _inner(array: ArrayMeta, key: str, chunk: Chunk, index: Index | BioImageError) -> Item:
    """The read of one inner chunk; ABSENT where its shard or itself is not there, the error of its index."""
    if isinstance(index, BioImageError):
        raise index
    start, end = place_of(array, chunk, index)
    if end - start > 2 * array.chunk_bytes + SPARE:
        raise TooLargeError(end - start)
    return Item(key, start, end, match=index.etag)


def _describe(item: Item) -> dict[str, Any]:
    entry: dict[str, Any] = {"key": item.key}
    for name in ("start", "end", "suffix"):
        if getattr(item, name) is not None:
            entry[name] = getattr(item, name)
    return entry


def _chunk_frame(item: Item, outcome: Outcome, more: bool) -> Frame:
    header = {"type": "chunk", **_describe(item)}
    if outcome.blob is not None:
        etag = {} if item.whole or outcome.blob.etag is None else {"etag": outcome.blob.etag}
        return Frame(header | {"status": 200 if item.whole else 206} | etag, outcome.blob.data, more)
    error = outcome.error or BioImageError("INTERNAL")
    return Frame(header | {"status": error.status, "code": error.code}, b"", more)


class _Opening:
    """One stream. Reads are cancelled when the generator that uses it is closed."""

    def __init__(self, store: Store, path: str, view: View, previews: Previews | None, total: ByteGate) -> None:
        self._store = store
        self._path = path
        self._view = view
        self._previews = previews
        self._total = total

    async def frames(self) -> AsyncIterator[Frame]:
        node, documents = await read_documents(self._store, self._path)
        if isinstance(node, Image) and self._view.plane is not None:
            node = with_axes(node, self._view.plane)
        plan: Plan | None = None
        parts: list[Part] = []
        if isinstance(node, Image):
            plan = make_plan(node, self._view)
            parts = await together(locate(self._store, self._path, node, wanted) for wanted in plan.wanted)
        early = asyncio.create_task(self._collect(parts[0])) if self._wants_picture(node, parts) else None
        try:
            if early is not None and isinstance(node, Image) and plan is not None:
                done, _ = await asyncio.wait({early}, timeout=PREVIEW_READ)
                picture = await self._picture(node, plan, parts[0], early.result()) if done else None
                if picture is not None:
                    yield picture
            yield Frame({"type": "digest"}, make_digest(node, plan))
            for key, data in documents.items():
                yield Frame({"type": "doc", "key": key, "status": 404 if data is None else 200}, data or b"", True)
            planned = [_describe(item) for part in parts if self._is_sent(node, part) for item, _ in part.items]
            yield Frame({"type": "plan"}, _compact(planned))
            for place, part in enumerate(parts):
                if not self._is_sent(node, part):
                    continue
                if place == 0 and early is not None:
                    for index, outcome in enumerate(await early):
                        yield _chunk_frame(part.items[index][0], outcome, index + 1 < len(part.items))
                else:
                    async with aclosing(self._read(part)) as outcomes:  # type: ignore[type-var]  # an async generator
                        async for outcome, more in outcomes:
                            yield _chunk_frame(part.items[outcome.index][0], outcome, more)
        finally:
            if early is not None:
                early.cancel()
                await asyncio.gather(early, return_exceptions=True)

    def _is_sent(self, node: Node, part: Part) -> bool:
        """A browser that lacks the codec asks for decoded units instead."""
        return isinstance(node, Image) and node.levels[part.wanted.level].array.decoded_by == "browser"

    async def _read(self, part: Part) -> AsyncIterator[tuple[Outcome, bool]]:
        """Outcomes as they come, and whether the next is there already; what is known from planning comes first."""
        todo: list[tuple[int, Item]] = []
        for index, (item, _) in enumerate(part.items):
            if item in part.known:
                known = part.known[item]
                yield Outcome(index, known.blob, known.error), True
            else:
                todo.append((index, item_under(self._path, item)))
        if not todo:
            return
        reading = read_batch(self._store, [item for _, item in todo], self._total)
        async with aclosing(reading) as groups:  # type: ignore[type-var]  # an async generator
            async for group in groups:
                for outcome in group:
                    yield Outcome(todo[outcome.index][0], outcome.blob, outcome.error), outcome is not group[-1]
                await asyncio.sleep(0)  # a fast store does not let others run by itself

    async def _collect(self, part: Part) -> list[Outcome]:
        """All outcomes of a small part, in the order of its items."""
        found = [outcome async for outcome, _ in self._read(part)]
        return sorted(found, key=lambda outcome: outcome.index)

    def _wants_picture(self, node: Node, parts: list[Part]) -> bool:
        """Only where a child is warm and the coarsest level is small; else the metadata goes first."""
        if self._previews is None or not isinstance(node, Image) or not parts:
            return False
        if not self._previews.is_warm:
            self._previews.warm()
            return False
        wanted = parts[0].wanted
        array, channels = node.levels[wanted.level].array, len(node.channels)
        plane = array.shape[node.at["y"]] * array.shape[node.at["x"]]
        chunk = array.chunks[node.at["y"]] * array.chunks[node.at["x"]]
        decoded = array.chunk_bytes * len(wanted.chunks)
        planes = plane * min(channels, len(wanted.chunks)) * array.chunk_bytes // max(1, chunk)
        return 0 < decoded <= PREVIEW_DECODED and planes <= 2 * PREVIEW_DECODED

    async def _picture(self, image: Image, plan: Plan, part: Part, outcomes: list[Outcome]) -> Frame | None:
        """The coarsest level of what the view shows, encoded; None where it cannot be had in time or without holes."""
        assert self._previews is not None  # noqa: S101  asked for with children only
        chunks: list[Chunk] = []
        data: list[bytes] = []
        if part.failed or any(outcome.error and outcome.error.code != "ABSENT" for outcome in outcomes):
            return None
        for (_, chunk), outcome in zip(part.items, outcomes, strict=True):
            if chunk is not None and outcome.blob is not None:
                chunks.append(chunk)
                data.append(outcome.blob.data)
        level = part.wanted.level
        array = image.levels[level].array
        y, x = image.at["y"], image.at["x"]
        region: Region = (0, array.shape[y], 0, array.shape[x])
        if self._view.region is not None:
            region = region_at_level(image, level, self._view.region)
        if not chunks or region[0] >= region[1] or region[2] >= region[3]:
            return None
        head = task_head(image, part.wanted, plan.channels, region, chunks)
        picture: Picture | None = await self._previews.picture(head, data, PREVIEW_TIME)
        if picture is None:
            return None
        header = {
            "type": "preview",
            "mime": picture.mime,
            "width": picture.width,
            "height": picture.height,
            "level": level,
            "region": list(region_of_level(image, level, region)),
        }
        return Frame(header, picture.data, True)


def open_stream(
    store: Store, path: str, view: View, previews: Previews | None, total: ByteGate
) -> AsyncIterator[Frame]:
    """The frames of one opening, without the last (``end``); use it under ``contextlib.aclosing``.

    ``path`` is the key of the image, plate or collection in the store, "" for its root; keys in the frames are relative
    to it. Raises BioImageError before the first frame where there is nothing that can be shown.
    """
    return _Opening(store, path, view, previews, total).frames()
