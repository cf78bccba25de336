"""Display-only pictures, made in child processes of our own that are bounded and thrown away when they misbehave.

Not ``multiprocessing``: that imports the server's main module, all of JupyterLab, again in every child. Not threads:
encoding holds the interpreter's lock.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import struct
import sys
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .multiscale import Image
from .plan import Region, Wanted, index_on
from .zarrcodecs import ITEM_BYTES, Codec
from .zarrmeta import ArrayMeta

CHILD = Path(__file__).with_name("preview_child.py")
TASKS = 200  # pictures of one child, so that nothing that leaks lives long
START = 15.0  # s until a child has imported what it needs, on a machine under load
LIMIT = 5.0  # s after which a child hangs
IDLE = 600.0  # s without a task after which a child ends
MOST = 64 * 1024  # bytes of a picture
CHILDREN = 2
PAUSE = 60.0  # s until the next try after a child could not be started

#: Colours where the metadata has none, by number of channels: those of the exact viewer.
PALETTES = (("FFFFFF",), ("00FF00", "FF00FF"), ("FF0000", "00FF00", "0000FF"))
RGB = ("FF0000", "00FF00", "0000FF")  # added up they are the picture as it is
MANY = ("00FFFF", "FFFF00", "FF00FF", "FF0000", "00FF00", "0000FF")


class PreviewError(Exception):
    """No picture: the child failed, hung or ended. The image itself may be fine."""


@dataclass(frozen=True, slots=True)
class Picture:
    data: bytes
    width: int  # of the picture, in its own pixels
    height: int
    mime: str = "image/webp"


class Worker:
    """One child, one task at a time. Any failure ends the child; the next task starts another."""

    def __init__(self, command: Sequence[str] | None = None, tasks: int = TASKS) -> None:
        self._command = tuple(command or (sys.executable, "-P", str(CHILD)))
        self._tasks = tasks
        self._left = 0
        self._process: asyncio.subprocess.Process | None = None
        self.lock = asyncio.Lock()

    @property
    def alive(self) -> bool:
        """There is a child that may have another task."""
        return self._process is not None and self._process.returncode is None and self._left > 0

    @property
    def warm(self) -> bool:
        """Ready for a task at once."""
        return self.alive and not self.lock.locked()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Starts the child if there is none and waits until it is ready. PreviewError when it does not get there."""
        async with self.lock:
            if self._process is None or self._process.returncode is not None or self._left <= 0:
                await self._restart()

    async def run(self, head: dict[str, Any], parts: Sequence[bytes], timeout: float, most: int = MOST) -> bytes:
        """The child's answer. PreviewError where there is none within ``timeout`` s; cancelling kills the child."""
        await self.start()
        async with self.lock:
            process, done = self._process, False
            try:
                if process is None or process.stdin is None or process.stdout is None:
                    raise PreviewError("no child")
                self._left -= 1
                async with asyncio.timeout(timeout):
                    text = json.dumps(head | {"lens": [len(part) for part in parts]}).encode()
                    process.stdin.writelines([struct.pack("<I", len(text)), text, *parts])
                    await process.stdin.drain()
                    answer = await _answer(process.stdout, most)
                done = answer[:1] == b"\0"
                if not done:
                    raise PreviewError(answer[1:100].decode("ascii", "replace"))
                return answer[1:]
            except (OSError, asyncio.IncompleteReadError) as error:  # a TimeoutError is an OSError
                raise PreviewError(type(error).__name__) from error
            finally:
                if not done:
                    await self._kill()

    async def _restart(self) -> None:
        await self._kill()
        environment = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "LANG") if name in os.environ}
        started = False
        try:
            async with asyncio.timeout(START):
                self._process = process = await asyncio.create_subprocess_exec(
                    *self._command,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.DEVNULL,
                    env=environment | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
                    cwd="/",
                )
                _widen(process)
                if process.stdout is None or await _answer(process.stdout) != b"":
                    raise PreviewError("a child did not start")
            self._left = self._tasks
            started = True
        except (OSError, asyncio.IncompleteReadError) as error:
            raise PreviewError(f"a child did not start: {type(error).__name__}") from error
        finally:
            if not started:
                await self._kill()

    async def _kill(self) -> None:
        """Ends the child and waits for it, also when the caller is being cancelled."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await asyncio.shield(_reap(process))

    async def close(self) -> None:
        await self._kill()

    def retire(self) -> None:
        """The next task gets a new child."""
        self._left = 0


async def _reap(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    await process.wait()


async def _answer(stream: asyncio.StreamReader, most: int = MOST) -> bytes:
    (length,) = struct.unpack("<I", await stream.readexactly(4))
    if length > most:
        raise PreviewError("an answer is too long")
    return await stream.readexactly(length)


def _widen(process: asyncio.subprocess.Process) -> None:
    """A pipe of 1 MiB instead of 64 KiB saves most of the hand-overs of megabytes of chunks."""
    transport = process.stdin.transport if process.stdin else None
    pipe = transport.get_extra_info("pipe") if transport else None
    if pipe is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
        try:
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, 1 << 20)
        except (OSError, ValueError):
            return  # above the system's limit, or the child has ended already: slower, nothing else


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
                found.append(data.decode("ascii", "replace") if failed else Picture(data, width, height))
        except struct.error as error:
            raise PreviewError("an answer is too short") from error
        if any(isinstance(entry, str) for entry in found):
            self.retire()  # a decoder that failed is not trusted with the next image
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
) -> dict[str, Any]:
    """A task: ``chunks`` of the wanted level that are at hand, ``region`` in pixels of that level.

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
