"""Display-only pictures: tasks for the children that make them, and who of the children has which."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .multiscale import Image
from .plan import Region, Wanted, index_on
from .worker import MOST, PreviewError, Worker
from .zarrcodecs import ITEM_BYTES, Codec
from .zarrmeta import ArrayMeta

LIMIT = 5.0  # s after which a child hangs
IDLE = 600.0  # s without a task after which a child ends
CHILDREN = 2
PAUSE = 60.0  # s until the next try after a child could not be started

#: Colours where the metadata has none, by number of channels: those of the exact viewer.
PALETTES = (("FFFFFF",), ("00FF00", "FF00FF"), ("FF0000", "00FF00", "0000FF"))
RGB = ("FF0000", "00FF00", "0000FF")  # added up they are the picture as it is
MANY = ("00FFFF", "FFFF00", "FF00FF", "FF0000", "00FF00", "0000FF")


@dataclass(frozen=True, slots=True)
class Picture:
    """A display-only picture as it was encoded."""

    data: bytes
    width: int  # of the picture, in its own pixels
    height: int
    mime: str = "image/webp"
    damaged: bool = False  # some of its chunks are, and marked in it; told of pictures that are made together


class Previews:
    """Up to two children: one is started when the panel asks for the stores, another when that is busy."""

    def __init__(self, worker: type[Worker] = Worker, idle: float = IDLE) -> None:
        self._workers = [worker() for _ in range(CHILDREN)]
        self._idle = idle
        self._starting: set[asyncio.Task[None]] = set()
        self._running: dict[asyncio.Task[bytes], Worker] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        self._not_before = 0.0  # s of the loop's clock

    @property
    def pids(self) -> list[int]:
        return [worker.pid for worker in self._workers if worker.pid is not None]

    def _free(self) -> list[Worker]:
        """Workers without a task, those with a warm child first."""
        free = [w for w in self._workers if not w.lock.locked() and w not in self._running.values()]
        return sorted(free, key=lambda worker: not worker.warm)

    @property
    def is_warm(self) -> bool:
        return any(worker.warm for worker in self._free())

    def warm(self) -> None:
        """Starts a child in the background if none is free and one may be started. Returns at once."""
        free = self._free()
        if asyncio.get_running_loop().time() < self._not_before:
            return
        if not self._closed and not self._starting and free and not free[0].warm:
            self._in_background(self._start(free[0]))

    async def ready(self) -> None:
        """Waits for a child that is being started."""
        if self._starting:
            await asyncio.wait(list(self._starting))

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _start(self, worker: Worker) -> None:
        try:
            await worker.start()
        except PreviewError:
            # A library may be missing, or memory short; pictures are extras, so not every request tries again.
            self._not_before = asyncio.get_running_loop().time() + PAUSE
            return
        self._rest()

    def _rest(self) -> None:
        """Ends idle children some time after the last task."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(self._idle, self._put_to_bed)

    def _put_to_bed(self) -> None:
        for worker in self._free():
            self._in_background(worker.close())

    async def picture(self, head: dict[str, Any], parts: Sequence[bytes], timeout: float) -> Picture | None:
        """A picture within ``timeout`` s, or None: it failed, or no child is free (one is being started then).

        A child that is merely late may finish, for starting another on a busy machine would make things worse; one that
        takes longer than ``LIMIT`` is killed, as is one whose asker has gone.
        """
        worker = next((worker for worker in self._free() if worker.warm), None)
        if worker is None or self._closed:
            self.warm()
            return None
        task = asyncio.create_task(worker.run(head, parts, max(timeout, LIMIT)))
        self._running[task] = worker
        task.add_done_callback(self._ended)
        try:
            done, _ = await asyncio.wait({task}, timeout=timeout)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if not done or task.cancelled() or task.exception() is not None:
            return None
        answer = task.result()
        width, height = struct.unpack_from("<HH", answer)
        return Picture(answer[4:], width, height)

    async def frame(self, head: dict[str, Any], parts: Sequence[bytes], most: int = MOST) -> Picture:
        """A picture that is waited for, one after the other; PreviewError. Openings keep a child to themselves."""
        answer = await self._ask(head, parts, most)
        width, height = struct.unpack_from("<HH", answer)
        return Picture(answer[4:], width, height)

    async def frames(self, heads: Sequence[dict[str, Any]], parts: Sequence[Sequence[bytes]]) -> list[Picture | str]:
        """Several pictures from one task, each with its own parts, or the name of its failure; PreviewError."""
        together = [part for own in parts for part in own]
        answer = await self._ask({"kind": "pictures", "tasks": list(heads)}, together, MOST * len(heads))
        found: list[Picture | str] = []
        at = 0
        try:
            for _ in heads:
                failed, width, height, length = struct.unpack_from("<BHHI", answer, at)
                data = answer[at + 9 : at + 9 + length]
                at += 9 + length
                picture = Picture(data, width, height, damaged=failed == 2)
                found.append(data.decode("ascii", "replace") if failed == 1 else picture)
        except struct.error as error:
            raise PreviewError("an answer is too short") from error
        if any(isinstance(entry, str) or entry.damaged for entry in found):
            self.retire()  # a decoder that failed is not trusted with the next image
        return found

    async def samples(self, head: dict[str, Any], parts: Sequence[bytes], most: int) -> list[bytes | None]:
        """Values of chunks, as the child's ``sample`` gives them; None for a damaged one; PreviewError."""
        answer = await self._ask(head, parts, most + 64 * 1024)
        found: list[bytes | None] = []
        at = 0
        while at < len(answer):
            (length,) = struct.unpack_from("<I", answer, at)
            found.append(answer[at + 4 : at + 4 + length] if length else None)
            at += 4 + length
        if None in found:
            self.retire()
        return found

    async def windows(
        self, heads: Sequence[dict[str, Any]], parts: Sequence[Sequence[bytes]]
    ) -> dict[int, tuple[float, float]]:
        """Limits of contrast over several tasks together, by channel; PreviewError."""
        together = [part for own in parts for part in own]
        answer: dict[str, list[float]] = json.loads(
            await self._ask({"kind": "windows", "tasks": list(heads)}, together)
        )
        return {int(index): (low, high) for index, (low, high) in answer.items()}

    def retire(self) -> None:
        """New children from the next task on."""
        for worker in self._workers:
            worker.retire()

    async def _ask(self, head: dict[str, Any], parts: Sequence[bytes], most: int = MOST) -> bytes:
        """An answer that is waited for, from the child that openings leave alone; from theirs while it is not there."""
        if self._closed:
            raise PreviewError("closed")
        worker = self._workers[-1]
        if not worker.alive and not worker.lock.locked():
            worker = next((other for other in self._free() if other.warm), worker)
        task = asyncio.create_task(worker.run(head, parts, LIMIT, most))
        self._running[task] = worker
        task.add_done_callback(self._ended)
        self.warm()
        try:
            return await task
        except asyncio.CancelledError:
            task.cancel()
            if self._closed:
                raise PreviewError("closed") from None
            raise

    def _ended(self, task: asyncio.Task[bytes]) -> None:
        self._running.pop(task, None)
        if not task.cancelled():
            task.exception()  # has been told to whoever waited; late ones are nobody's concern
        if not self._closed:
            self._rest()
            self.warm()

    async def close(self) -> None:
        """Ends all children; twice is harmless."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        tasks: list[asyncio.Task[Any]] = [*self._starting, *self._running]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(worker.close() for worker in self._workers))


def array_spec(array: ArrayMeta) -> dict[str, Any]:
    """How the child decodes chunks of the array."""
    codecs: list[Codec] = list(array.codecs)
    letter = {"b": "b", "i": "i", "u": "u", "f": "f"}[array.dtype[0]]
    size = {"bool": 1}.get(array.dtype) or int(array.dtype.lstrip("abcdefghijklmnopqrstuvwxyz")) // 8
    return {
        "format": array.zarr_format,
        "chunks": array.chunks[1:] if array.row else array.chunks,
        "dtype": f"{'>' if array.big_endian else '<'}{letter}{size}",
        "order": array.order,
        "codecs": [(codec.name, codec.configuration) for codec in codecs],
    }


def task_head(
    image: Image,
    wanted: Wanted,
    channels: Sequence[int],
    region: Region,
    chunks: Sequence[Sequence[int]],
    side: int | None = None,
    windows: Mapping[int, tuple[float, float]] | None = None,
    broken: Sequence[Sequence[int]] = (),
) -> dict[str, Any]:
    """A task: ``chunks`` of the wanted level that are at hand, ``region`` in pixels of that level.

    ``broken``: chunks that are there and could not be read, which are marked as the damaged ones are.
    ``side``: pixels of the picture's longer side; None leaves it to the child. ``windows``: contrast by channel; that
    of the metadata, or what the child finds, for the others.
    """
    array = image.levels[wanted.level].array
    return {
        "array": array_spec(array),
        "chunk": array.chunks,
        "at": image.at,
        "others": [(axis, index_on(image, wanted.level, axis, index) or 0) for axis, index in image.others],
        "size": [array.shape[image.at["y"]], array.shape[image.at["x"]]],
        "t": wanted.t,
        "z": wanted.z,
        "chunks": [list(chunk) for chunk in chunks],
        "broken": [list(chunk) for chunk in broken],
        "region": region,
        "labels": [(label, *color) for label, color in image.colors.items()] if image.image_label else None,
        "side": side,
        "channels": [
            {
                "index": c,
                "color": colour_of(image, c),
                "window": (windows or {}).get(c) or (full_range(image) if image.rgb else image.channels[c].window),
            }
            for c in channels
            if not image.rgb or c < len(RGB)  # alpha is not drawn
        ],
    }


def colour_of(image: Image, channel: int) -> str:
    """RRGGBB that the channel is drawn in."""
    count = len(image.channels)
    palette = RGB if image.rgb else PALETTES[count - 1] if count <= len(PALETTES) else MANY
    own = None if image.rgb else image.channels[channel].color
    return own or palette[channel % len(palette)]


def full_range(image: Image) -> tuple[float, float]:
    """All values of the type; 0 to 1 of floats."""
    dtype = image.levels[0].array.dtype
    if dtype[0] not in "iu":
        return 0.0, 1.0
    bits = 8 * ITEM_BYTES[dtype]
    return (0.0, 2.0**bits - 1) if dtype[0] == "u" else (-(2.0 ** (bits - 1)), 2.0 ** (bits - 1) - 1)
