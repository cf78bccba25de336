"""Decoded units, for browsers that lack a codec: lossless, made in bounded children.

Of an array in the store its own document says what a unit is, and the browser names only the array and indices. Of what
lies in one file (TIFF, zip) the browser has read where a unit is, and names the place; see ``decodeplaces``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol

from ..errors import BioImageError, TooLargeError
from ..said import say
from .batch import read_batch
from .decodeplaces import Parts
from .fields import parse_json
from .limits import MAX_READ, MIB, WAIT, ByteGate
from .preview import array_spec
from .shards import Chunk, Index, damaged, index_item, place_of, read_index
from .store import Blob, Item, Outcome, Store
from .taking import Results, taken
from .worker import PreviewError, Worker, command_of
from .zarrcodecs import refuse_missing
from .zarrmeta import ArrayMeta, read_array

CHILD = command_of("decode_child")
MAX_UNITS = 64
MAX_DOCUMENT = 1 * MIB  # bytes of an array's document
MAX_INDEX = 16 * MIB  # bytes of the index of one shard
MAX_DECODED = 64 * MIB  # bytes of one unit; what the browser takes in one frame
LIMIT = 20.0  # s for one unit, on a machine under load
IDLE = 60.0  # s without a unit after which a child ends
CHILDREN = 2


@dataclass(frozen=True, slots=True)
class Unit:
    """What became of unit ``index`` of a request: bytes, perhaps in gzip, or an error; ABSENT where it is not there."""

    index: int
    data: bytes = b""
    gzip: bool = False
    error: BioImageError | None = None
    etag: str | None = None  # of the object the unit was read from


class Decoders:
    """Two children of our own, started when there is something to decode; any failure ends the child it happened in."""

    def __init__(self, limit: float = LIMIT, idle: float = IDLE) -> None:
        self._workers = [Worker(CHILD) for _ in range(CHILDREN)]
        self._free: asyncio.LifoQueue[Worker] | None = None
        self._limit = limit
        self._idle = idle
        self._busy = 0
        self._timer: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def pids(self) -> list[int]:
        return [worker.pid for worker in self._workers if worker.pid is not None]

    async def decode(self, head: dict[str, Any], data: bytes, size: int, gzip: bool) -> tuple[bytes, bool]:
        """The unit's values, C order, little-endian, exactly ``size`` bytes; and whether they are in gzip.

        ``head``: how the child decodes it. BAD_CHUNK, UNSUPPORTED where the package is missing. Cancelling ends the
        work.
        """
        if self._free is None:
            self._free = asyncio.LifoQueue()
            for worker in self._workers:
                self._free.put_nowait(worker)
        head = {**head, "gzip": gzip, "expected": size}
        worker = await self._free.get()
        self._busy += 1
        try:
            answer = await worker.run(head, [data], self._limit, size + 64)
        except PreviewError as error:
            raise BioImageError(
                "BAD_CHUNK", say("A part of the image is damaged: it cannot be decoded."), detail=str(error)[:100]
            ) from error
        finally:
            self._busy -= 1
            self._free.put_nowait(worker)
            self._rest()
        kind, body = answer[:1], answer[1:]
        if kind == b"\2":
            raise refuse_missing(body.decode("ascii", "replace")[:60])
        if kind == b"\0" and len(body) != size:
            raise BioImageError(
                "BAD_CHUNK", say("A part of the image is damaged: its length is not what the array says.")
            )
        return body, kind == b"\1"

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(self._idle, self._put_to_bed)

    def _put_to_bed(self) -> None:
        if self._busy:
            return
        for worker in self._workers:
            task = asyncio.create_task(worker.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Ends the children; twice is harmless."""
        if self._timer is not None:
            self._timer.cancel()
        await asyncio.gather(*self._closing, *(worker.close() for worker in self._workers))


async def read_meta(store: Store, key: str) -> ArrayMeta:
    """The array at ``key``, v3 before v2. NOT_FOUND, BAD_METADATA, UNSUPPORTED, TOO_LARGE, what the store raises."""
    base = f"{key}/" if key else ""
    for name in ("zarr.json", ".zarray"):
        try:
            blob = await store.read(Item(base + name), MAX_DOCUMENT)
        except BioImageError as error:
            if error.code == "ABSENT":
                continue
            raise
        array = read_array(key, await asyncio.to_thread(parse_json, blob.data))
        if array.chunk_bytes > MAX_DECODED:
            raise TooLargeError(array.chunk_bytes)
        return array
    raise BioImageError("NOT_FOUND", say("There is no array at this address."))


#: Told of a unit that needs no reading.
Done = Callable[[Unit], None]


class Wanted(Protocol):
    """The units of one request: where they are, and how each is decoded."""

    @property
    def size(self) -> int:
        """Bytes of a unit that is decoded."""

    async def items(self, done: Done) -> dict[int, Item]:
        """The read of every unit that may be there; the others are told of at once."""

    def head(self, index: int) -> dict[str, Any]:
        """What the child is told of the unit."""

    def check(self, index: int, blob: Blob) -> None:
        """BAD_CHUNK, CHANGED where what was read is not what was looked for."""


class _Chunks:
    """Units of an array in the store, by their indices."""

    def __init__(self, store: Store, array: ArrayMeta, chunks: Sequence[Chunk], held: ByteGate) -> None:
        self._store, self._array, self._chunks, self._held = store, array, chunks, held
        self._head = {"array": array_spec(array)}
        self._etags: dict[str, str | None] = {}

    @property
    def size(self) -> int:
        return self._array.chunk_bytes

    def head(self, index: int) -> dict[str, Any]:
        return self._head

    def check(self, index: int, blob: Blob) -> None:
        before = self._etags.get(self._array.object_key(self._chunks[index]))
        if before is not None and blob.etag is not None and blob.etag != before:
            raise BioImageError("CHANGED")

    async def items(self, done: Done) -> dict[int, Item]:
        base = self._array
        wanted: dict[int, Chunk] = {}
        for index, chunk in enumerate(self._chunks):
            if all(at < count for at, count in zip(chunk, base.grid, strict=True)):
                wanted[index] = chunk
            else:
                done(Unit(index, error=BioImageError("BAD_REQUEST", say("There is no such part of the array."))))
        if base.shard is None:
            return {index: Item(base.object_key(chunk)) for index, chunk in wanted.items()}
        indices = await self._indices(list(dict.fromkeys(base.object_key(chunk) for chunk in wanted.values())))
        items = {}
        for index, chunk in wanted.items():
            key = base.object_key(chunk)
            found = indices[key]
            try:
                if isinstance(found, BioImageError):
                    raise found
                start, end = place_of(base, chunk, found)
            except BioImageError as error:
                done(Unit(index, error=error))
                continue
            self._etags[key] = found.etag
            items[index] = Item(key, start, end)
        return items

    async def _indices(self, keys: Sequence[str]) -> Mapping[str, Index | BioImageError]:
        size = self._array.shard.index_bytes if self._array.shard else 0
        if size > MAX_INDEX:
            return dict.fromkeys(keys, damaged(say("the index of a shard is larger than 16 MiB")))
        items = [index_item(self._array, key) for key in keys]
        found: dict[str, Index | BioImageError] = {}
        async with aclosing(read_batch(self._store, items, self._held, len(items) * size)) as groups:  # type: ignore[type-var]  # an async generator
            async for group in groups:
                for outcome in group:
                    found[keys[outcome.index]] = await self._parsed(outcome)
        return found

    async def _parsed(self, outcome: Outcome) -> Index | BioImageError:
        try:
            return await asyncio.to_thread(read_index, outcome, self._array)
        except BioImageError as error:
            return error


class _Places:
    """Units that the browser has found itself."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._etags: dict[str, str] = {}

    @property
    def size(self) -> int:
        return self._parts.size

    def head(self, index: int) -> dict[str, Any]:
        return self._parts.head(index)

    def check(self, index: int, blob: Blob) -> None:
        self._parts.check(index, blob, self._etags)

    async def items(self, done: Done) -> dict[int, Item]:
        items = {}
        for index, part in enumerate(self._parts.parts):
            if isinstance(part.item, BioImageError):
                done(Unit(index, error=part.item))
            else:
                items[index] = part.item
        return items


class _Request:
    """One request: reads the units' bytes, has them decoded, two at a time."""

    def __init__(self, store: Store, wanted: Wanted, decoders: Decoders, held: ByteGate, gzip: bool) -> None:
        self._store, self._wanted = store, wanted
        self._decoders, self._held, self._gzip = decoders, held, gzip
        self._results: Results[Unit] = asyncio.Queue()

    def _done(self, unit: Unit, held: int = 0) -> None:
        self._results.put_nowait((unit, held))

    async def _read(self, items: dict[int, Item]) -> AsyncIterator[Outcome]:
        places = list(items)
        reading = read_batch(self._store, list(items.values()), self._held, MAX_UNITS * MAX_READ)
        async with aclosing(reading) as groups:  # type: ignore[type-var]  # an async generator
            async for group in groups:
                for outcome in group:
                    yield Outcome(places[outcome.index], outcome.blob, outcome.error)

    async def _unit(self, outcome: Outcome) -> None:
        index, blob = outcome.index, outcome.blob
        if blob is None:
            self._done(Unit(index, error=outcome.error or BioImageError("INTERNAL")))
            return
        size = self._wanted.size
        held = 0
        try:
            self._wanted.check(index, blob)
            await self._held.acquire(size, WAIT)
            held = size
            data, gzip = await self._decoders.decode(self._wanted.head(index), blob.data, size, self._gzip)
        except BioImageError as error:
            self._held.release(held)
            self._done(Unit(index, error=error))
        except BaseException:
            self._held.release(held)
            raise
        else:
            self._done(Unit(index, data, gzip, etag=blob.etag), held)

    async def _feed(self) -> None:
        try:
            items = await self._wanted.items(self._done)
            if items:
                reading = self._read(items)
                turn = asyncio.Lock()

                async def work() -> None:
                    while True:
                        async with turn:
                            outcome = await anext(reading, None)
                        if outcome is None:
                            return
                        await self._unit(outcome)

                async with aclosing(reading), asyncio.TaskGroup() as tasks:  # type: ignore[type-var]  # a generator
                    for _ in range(CHILDREN):
                        tasks.create_task(work())
        finally:
            self._results.put_nowait(None)

    def units(self) -> AsyncIterator[Unit]:
        """Units as they are ready; the bytes count as held until the next is asked for. Closing cancels the work."""
        return taken(self._feed, self._results, self._held.release)


def decode_units(
    store: Store, array: ArrayMeta, chunks: Sequence[Chunk], decoders: Decoders, held: ByteGate, gzip: bool = True
) -> AsyncIterator[Unit]:
    """One ``Unit`` for every entry of ``chunks`` (at most 64, one number per axis), in completion order."""
    return _Request(store, _Chunks(store, array, chunks, held), decoders, held, gzip).units()


def decode_parts(
    store: Store, parts: Parts, decoders: Decoders, held: ByteGate, gzip: bool = True
) -> AsyncIterator[Unit]:
    """One ``Unit`` for every one of the parts, in completion order."""
    return _Request(store, _Places(parts), decoders, held, gzip).units()
