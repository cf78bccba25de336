"""The child processes that make pictures: one that misbehaves is thrown away, and the next picture works."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numcodecs
import numpy as np
import pytest

from ..services import child
from ..services.preview import Previews, array_spec
from ..services.worker import PreviewError, Worker
from ..services.zarrmeta import read_array
from .memory import warm


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def command(body: str) -> list[str]:
    """A child that says it is ready and then does ``body``."""
    ready = "import struct, sys, time; out = sys.stdout.buffer; out.write(struct.pack('<I', 0)); out.flush()\n"
    return [sys.executable, "-c", ready + body]


def task(compressor: dict[str, Any] | None = None) -> dict[str, Any]:
    document = {"zarr_format": 2, "shape": [64, 64], "chunks": [64, 64], "dtype": "<u2", "compressor": compressor}
    return {
        "array": array_spec(read_array("", document)),
        "at": {"y": 0, "x": 1},
        "size": [64, 64],
        "t": 0,
        "z": 0,
        "chunks": [[0, 0]],
        "region": [0, 64, 0, 64],
        "labels": None,
        "chunk": [64, 64],
        "others": [],
        "channels": [{"index": 0, "color": "FFFFFF", "window": None}],
    }


async def test_a_child_that_hangs_is_killed_at_its_time_limit() -> None:
    worker = Worker(command("time.sleep(60)"))
    try:
        await worker.start()
        pid = worker.pid
        assert pid is not None
        with pytest.raises(PreviewError, match="TimeoutError"):
            await worker.run({}, [], timeout=0.1)
        assert not alive(pid)
        assert not worker.warm
    finally:
        await worker.close()


@pytest.mark.parametrize(
    "body",
    [
        "sys.exit(0)",
        "sys.stdin.buffer.read(4); sys.exit(3)",
        "out.write(struct.pack('<I', 2**31)); out.flush(); time.sleep(60)",
        "out.write(b'\\x05\\0\\0\\0\\1oops'); out.flush(); time.sleep(60)",
        "out.write(b'\\x05'); out.flush(); sys.exit()",
    ],
    ids=["ends", "fails", "a huge answer", "says no", "half an answer"],
)
async def test_a_child_that_fails_is_replaced(body: str) -> None:
    worker = Worker(command(body))
    try:
        await worker.start()
        with pytest.raises(PreviewError):
            await worker.run({}, [b"x" * 100_000], timeout=5)
        assert worker.pid is None
    finally:
        await worker.close()


async def test_a_huge_answer_is_not_waited_for() -> None:
    worker = Worker(command("out.write(struct.pack('<I', 2**31)); out.flush(); time.sleep(60)"))
    try:
        with pytest.raises(PreviewError, match="too long"):
            await worker.run({}, [], timeout=20)
    finally:
        await worker.close()


@pytest.mark.parametrize("start", ["import sys; sys.exit(1)", "print('hello there')"])
async def test_a_child_that_does_not_start_is_an_error_not_a_hang(start: str) -> None:
    worker = Worker([sys.executable, "-c", start])
    with pytest.raises(PreviewError):
        await worker.start()
    assert worker.pid is None


async def test_where_children_cannot_start_not_every_request_tries() -> None:
    starts = []

    class Broken(Worker):
        def __init__(self) -> None:
            super().__init__([sys.executable, "-c", "import no_such_library"])

        async def start(self) -> None:
            starts.append(self)
            await super().start()

    previews = Previews(Broken)
    try:
        for _ in range(3):
            assert await previews.picture(task(), [b""], timeout=1) is None
            await previews.ready()
        assert len(starts) == 1
        assert previews.pids == []
    finally:
        await previews.close()


async def test_cancelling_a_task_kills_its_child_at_once() -> None:
    worker = Worker(command("time.sleep(60)"))
    await worker.start()
    pid = worker.pid
    assert pid is not None
    running = asyncio.create_task(worker.run({}, [], timeout=30))
    await asyncio.sleep(0.05)
    start = time.monotonic()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert time.monotonic() - start < 2
    assert not alive(pid)


async def test_bombs_end_the_child_and_the_next_picture_works() -> None:
    bombs: dict[str, tuple[bytes, dict[str, Any] | None]] = {
        "gzip": (gzip.compress(bytes(300 << 20), 1), {"id": "gzip", "level": 1}),
        "zstd": (bytes(numcodecs.Zstd(1).encode(bytes(1 << 30))), {"id": "zstd", "level": 1}),
        "blosc": (bytes(numcodecs.Blosc("lz4").encode(bytes(256 << 20))), {"id": "blosc"}),
        "lz4": (b"\xff\xff\xff\x7f" + b"x" * 20, {"id": "lz4"}),
        "short": (b"x" * 10, None),
    }
    good = np.arange(64 * 64, dtype="<u2").tobytes()
    async with warm() as previews:
        for name, (data, compressor) in bombs.items():
            before = previews.pids
            assert await previews.picture(task(compressor), [data], timeout=10) is None, name
            assert not [pid for pid in before if alive(pid)], name
            await previews.ready()
            picture = await previews.picture(task(), [good], timeout=10)
            assert picture is not None, name
            assert (picture.width, picture.height) == (64, 64)


async def test_a_child_has_little_memory_no_files_and_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "canary")
    async with warm() as previews:
        (pid,) = previews.pids
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        assert b"canary" not in environment
        assert b"TOKEN" not in environment
        limits = Path(f"/proc/{pid}/limits").read_text()
        for name, most in {"Max address space": 3 << 29, "Max open files": 64, "Max file size": 0}.items():
            line = next(line for line in limits.splitlines() if line.startswith(name))
            assert line[len("Max address space") :].split()[0] == str(most)


async def test_a_child_ends_after_its_tasks_and_when_idle() -> None:
    good = np.arange(64 * 64, dtype="<u2").tobytes()
    worker = Worker(tasks=2)
    try:
        pids = set()
        for _ in range(3):
            await worker.run(task(), [good], timeout=10)
            pids.add(worker.pid)
        assert len(pids) == 2
    finally:
        await worker.close()
    previews = Previews(idle=0.1)
    try:
        previews.warm()
        await previews.ready()
        await asyncio.sleep(0.5)
        assert previews.pids == []
        previews.warm()
        await previews.ready()
        assert previews.is_warm
    finally:
        await previews.close()


async def test_a_second_child_starts_when_the_first_is_busy() -> None:
    good = np.arange(64 * 64, dtype="<u2").tobytes()
    async with warm() as previews:
        first = asyncio.create_task(previews.picture(task(), [good], timeout=10))
        await asyncio.sleep(0)
        assert await previews.picture(task(), [good], timeout=10) is None  # metadata first
        assert await first is not None
        await previews.ready()
        assert len(previews.pids) == 2


async def test_a_late_picture_is_left_out_and_its_child_lives_on() -> None:
    good = np.arange(64 * 64, dtype="<u2").tobytes()
    async with warm() as previews:
        (pid,) = previews.pids
        os.kill(pid, signal.SIGSTOP)
        assert await previews.picture(task(), [good], timeout=0.05) is None
        os.kill(pid, signal.SIGCONT)
        await asyncio.sleep(0.5)
        assert alive(pid)
        assert pid in previews.pids


async def test_a_picture_nobody_waits_for_any_more_ends_its_child() -> None:
    async with warm() as previews:
        (pid,) = previews.pids
        os.kill(pid, signal.SIGSTOP)
        asking = asyncio.create_task(previews.picture(task(), [b"x"], timeout=20))
        await asyncio.sleep(0.1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.sleep(0.3)
        assert not alive(pid)


async def test_closing_ends_all_children_and_nothing_starts_after() -> None:
    previews = Previews()
    previews.warm()
    await previews.ready()
    pids = previews.pids
    await previews.close()
    await previews.close()
    assert not [pid for pid in pids if alive(pid)]
    previews.warm()
    assert previews.pids == []


async def test_the_child_imports_nothing_of_the_server() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-X", "importtime", "-P", str(Path(child.__file__)), "preview_child"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert process.returncode == 0
    assert b"numcodecs" in errors
    assert [line for line in errors.splitlines() if b"jupyter" in line or b"tornado" in line or b"zarr" in line] == []


def test_documents_of_a_picture_are_plain_json() -> None:
    assert json.loads(json.dumps(task()))["at"] == {"y": 0, "x": 1}
