"""Stages of a stream that run side by side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TypeVar

T = TypeVar("T")


async def ahead(source: AsyncIterator[T], depth: int) -> AsyncIterator[T]:
    """The source, which runs on while its reader is busy, at most ``depth`` entries ahead; closed with the reader."""
    room, entries = asyncio.Semaphore(depth), asyncio.Queue[tuple[T] | None]()

    async def run() -> None:
        try:
            async with aclosing(source) as stream:  # type: ignore[type-var]  # an async generator
                await room.acquire()
                async for entry in stream:
                    entries.put_nowait((entry,))
                    await room.acquire()
        finally:
            entries.put_nowait(None)

    task = asyncio.create_task(run())
    try:
        while (entry := await entries.get()) is not None:
            room.release()
            yield entry[0]
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
