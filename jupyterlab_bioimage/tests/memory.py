"""A store over a dictionary that records what was read, and streams over it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

from ..errors import BioImageError, TooLargeError, absent
from ..services.limits import MAX_READ, PAGE, ByteGate
from ..services.opening import Frame, open_stream
from ..services.plan import read_view
from ..services.preview import Previews
from ..services.store import Blob, Item, Listing, Stat, Store, StoreConfig, span


class MemoryStore(Store):
    """``delay`` in s per read; keys in ``broken`` fail with UPSTREAM_DOWN, those in ``stuck`` never come.

    ``reads`` lists every item asked for, ``running`` counts the reads of the moment, ``most`` their largest number.
    """

    parallel = 4
    group = 3

    def __init__(
        self, objects: dict[str, bytes], *, delay: float = 0, broken: Sequence[str] = (), stuck: Sequence[str] = ()
    ) -> None:
        super().__init__(StoreConfig("memory", "Memory", "folder"))
        self.objects = objects
        self.delay = delay
        self.broken = set(broken)
        self.reads: list[Item] = []
        self.stuck = set(stuck)
        self.running = 0
        self.most = 0

    async def read(self, item: Item, limit: int = MAX_READ) -> Blob:
        self.reads.append(item)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(3600 if item.key in self.stuck else self.delay)
        finally:
            self.running -= 1
        if item.key in self.broken:
            raise BioImageError("UPSTREAM_DOWN")
        data = self.objects.get(item.key)
        if data is None:
            raise absent()
        start, end = span(item, len(data), MAX_READ)
        if end - start > limit:
            raise TooLargeError(end - start)
        return Blob(data[start:end], None, len(data), start)

    async def stat(self, key: str) -> Stat:
        return Stat(len(self.objects[key]), None)

    async def list(self, prefix: str, cursor: str | None = None, limit: int = PAGE) -> Listing:
        return Listing([])


def load(folder: Path, prefix: str = "") -> dict[str, bytes]:
    """All files below a folder, under ``prefix``."""
    base = f"{prefix}/" if prefix else ""
    return {base + p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def encode(documents: dict[str, Any]) -> dict[str, bytes]:
    """Documents as stored: bytes stay, None is absent, everything else becomes JSON."""
    return {
        key: value if isinstance(value, bytes) else json.dumps(value).encode()
        for key, value in documents.items()
        if value is not None
    }


async def collect(
    store: Store,
    path: str = "",
    selection: Any = None,
    size: tuple[int, int] = (800, 600),
    previews: Previews | None = None,
    total: ByteGate | None = None,
) -> list[Frame]:
    """All frames of one opening."""
    frames = open_stream(store, path, read_view(selection, *size), previews, total or ByteGate(1 << 27))
    async with aclosing(frames) as stream:  # type: ignore[type-var]  # an async generator
        return [frame async for frame in stream]


def of_type(frames: Sequence[Frame], kind: str) -> list[Frame]:
    return [frame for frame in frames if frame.header["type"] == kind]


@asynccontextmanager
async def warm() -> AsyncIterator[Previews]:
    """Previews with a child that is ready."""
    previews = Previews()
    try:
        previews.warm()
        await previews.ready()
        assert previews.is_warm
        yield previews
    finally:
        await previews.close()
