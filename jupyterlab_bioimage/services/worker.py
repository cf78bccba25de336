"""Child processes of our own that are bounded and thrown away when they misbehave.

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
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CHILD = Path(__file__).with_name("child.py")
TASKS = 200  # pictures of one child, so that nothing that leaks lives long
START = 15.0  # s until a child has imported what it needs, on a machine under load
MOST = 64 * 1024  # bytes of a picture


class PreviewError(Exception):
    """No picture: the child failed, hung or ended. The image itself may be fine."""


def command_of(name: str) -> tuple[str, ...]:
    """What starts the child of this module; see ``child``."""
    return (sys.executable, "-P", str(CHILD), name)


class Worker:
    """One child, one task at a time. Any failure ends the child; the next task starts another."""

    def __init__(self, command: Sequence[str] | None = None, tasks: int = TASKS) -> None:
        self._command = tuple(command or command_of("preview_child"))
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
