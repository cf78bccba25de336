"""Bounds of the server on a machine with 2 cores and 4 GB, and the counters that keep them."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ..errors import BioImageError

MIB = 1 << 20
MAX_READ = 64 * MIB  # bytes of one object or range
MAX_BATCH = 64 * MIB  # bytes of one batch
MAX_ITEMS = 256  # items of one batch
MAX_BODY = 64 * 1024  # bytes of a request body
STREAM_HELD = 3 * MIB  # bytes one stream may hold between storage and browser: five slow ones cost 15 MiB
TOTAL_HELD = 128 * MIB  # the same over all streams
SMALL_READ = 2 * MIB  # an object whose size is not known beforehand is read at once up to here
GUESS = 128 * 1024  # bytes assumed for an object of unknown size, until a batch has seen some
PAGE = 1000  # entries of one listing
MAX_DOCUMENT = 8 * MIB  # bytes of JSON or XML that the server parses, in a thread
MAX_OPEN = 512  # requests admitted: half of them at work, half waiting; the rest are BUSY
WAIT = 10.0  # s a request may wait for bytes or a turn
CATALOGUE_CACHE = 64 * MIB  # bytes of catalogues' answers on disk
LARGEST = 1 << 53  # whole numbers beyond are not exact in JSON as browsers have it
DAY = 24 * 3600  # s; catalogues change slowly, and ask to be asked rarely


def busy() -> BioImageError:
    """BUSY: too much is asked for at once."""
    return BioImageError("BUSY")


def retry_after() -> str:
    """Value of a Retry-After header, 1 to 3 s, so that refused clients do not come back together."""
    return str(random.randint(1, 3))  # noqa: S311  spreads load, guards nothing


class ByteGate:
    """A bound on bytes in flight. One reservation larger than the whole gate is let through when nothing else is."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.used = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    def _fits(self, size: int) -> bool:
        return self.used == 0 or self.used + size <= self.capacity

    async def acquire(self, size: int, timeout: float | None = None) -> None:
        """Reserves ``size`` bytes in order of arrival; BUSY when that takes longer than ``timeout`` s."""
        if not self._waiting and self._fits(size):
            self.used += size
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((size, turn))
        try:
            async with asyncio.timeout(timeout):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.release(size)  # granted in the moment of giving up
            else:
                if (size, turn) in self._waiting:
                    self._waiting.remove((size, turn))
                self._grant()
            if isinstance(error, TimeoutError):
                raise busy() from None
            raise

    def release(self, size: int) -> None:
        self.used -= size
        self._grant()

    def adjust(self, size: int) -> None:
        """Corrects an estimate after the fact; never waits, so ``used`` may pass the capacity for a moment."""
        self.used += size
        if size < 0:
            self._grant()

    def _grant(self) -> None:
        while self._waiting and self._fits(self._waiting[0][0]):
            size, turn = self._waiting.popleft()
            if not turn.done():
                self.used += size
                turn.set_result(None)


class Admission:
    """At most ``capacity`` requests inside, half of them working; a request beyond is refused at once."""

    def __init__(self, capacity: int = MAX_OPEN) -> None:
        self.capacity = capacity
        self.inside = 0
        self._turns = ByteGate(max(1, capacity // 2))

    def enter(self) -> None:
        """Counts a request in, or refuses it at once; ``leave`` counts it out."""
        if self.inside >= self.capacity:
            raise busy()
        self.inside += 1

    def leave(self) -> None:
        self.inside -= 1

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Waits until the request may work."""
        await self._turns.acquire(1, WAIT)
        try:
            yield
        finally:
            self._turns.release(1)
