"""The wire format of streams: uint32 little-endian length of a header, the header (JSON), ``bytes`` bytes of body.

The last frame is ``{"end": n}`` with n = frames before it: HTTP ends a body that broke off just like a whole one, so a
stream without that frame has failed.
"""

from __future__ import annotations

import json
import struct
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from ..services.opening import Frame
from .base import BINARY, BioImageHandler

#: Bytes per flush. Larger blocks pass malloc's mmap threshold and cost twice the time in page faults.
PIECE = 96 * 1024


class FrameWriter:
    """Writes frames to one answer and waits for the client to take them."""

    def __init__(self, handler: BioImageHandler) -> None:
        self._handler = handler
        self._unsent = 0
        self.count = 0
        handler.set_header("Content-Type", BINARY)
        handler.set_header("X-Accel-Buffering", "no")  # a proxy in between passes frames on as they come

    async def frame(self, header: dict[str, Any], body: bytes = b"", more: bool = False) -> None:
        """One frame; ``more`` says that another is ready, so that small ones travel together."""
        if body:
            header = {**header, "bytes": len(body)}
        text = json.dumps(header, separators=(",", ":")).encode()
        self._handler.write(struct.pack("<I", len(text)) + text)
        self._unsent += len(text)
        self.count += 1
        for at in range(0, len(body), PIECE):
            piece = body[at : at + PIECE] if len(body) > PIECE else body
            self._handler.write(piece)
            self._unsent += len(piece)
            if self._unsent >= PIECE:
                await self.flush()
        if not more:
            await self.flush()

    async def flush(self) -> None:
        """Waits until the bytes are with the client's kernel: this is the back-pressure of the stream."""
        self._unsent = 0
        await self._handler.flush()

    async def end(self) -> None:
        await self.frame({"end": self.count}, more=True)
        await self._handler.finish(set_content_type=BINARY)


async def send_frames(handler: BioImageHandler, frames: AsyncIterator[Frame]) -> None:
    """The whole answer. What is raised before the first frame is still an ordinary answer; later it ends the stream."""
    async with aclosing(frames) as stream:  # type: ignore[type-var]  # an async generator
        writer: FrameWriter | None = None
        async for frame in stream:
            if writer is None:
                writer = FrameWriter(handler)
            await writer.frame(frame.header, frame.body, frame.more)
    if writer is not None:
        await writer.end()
