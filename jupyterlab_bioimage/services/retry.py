"""When to ask again, and when to stop asking: a storage in trouble must not be met by a storm."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ..errors import BioImageError
from ..said import Said, say

T = TypeVar("T")

TRIES = 3
PATIENCE = 20.0  # s, all tries and pauses together
SHORTEST, LONGEST = 0.1, 2.0  # s, pause between tries
LONGEST_ASKED = 10.0  # s, a longer Retry-After means no
SHARE = 0.1  # retries per request
RATE = 3.0  # retries per s that are always allowed
WINDOW = 20.0  # s over which failures count
FAILURES = 10
REST, LONGEST_REST = 5.0, 60.0  # s
LAG = 0.25  # s, lag of the event loop beyond which failures say nothing about the store


class RetryableError(BioImageError):
    """A failure that may pass. ``after``: s the storage asked us to wait."""

    def __init__(self, code: str, message: Said | None = None, *, detail: str = "", after: float | None = None) -> None:
        super().__init__(code, message, detail=detail)
        self.after = after


class RetryBudget:
    """At most a tenth of the requests are retries, though always three per second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tokens = RATE
        self._at = clock()

    def _refill(self) -> None:
        now = self._clock()
        self._tokens = min(self._tokens + (now - self._at) * RATE, 100.0)
        self._at = now

    def request(self) -> None:
        self._refill()
        self._tokens = min(self._tokens + SHARE, 100.0)

    def take(self) -> bool:
        self._refill()
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Breaker:
    """Stops asking a store that has failed again and again; then lets a single request find out."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, failures: int = FAILURES, window: float = WINDOW
    ) -> None:
        self._clock = clock
        self._most, self._window = failures, window
        self._seen: deque[tuple[float, bool]] = deque()
        self._until = 0.0
        self._rest = REST
        self._probing = False

    def check(self) -> None:
        """UPSTREAM_DOWN while the breaker is open."""
        if not self._until:
            return
        left = self._until - self._clock()
        if left > 0 or self._probing:
            seconds = max(1, round(left))
            raise BioImageError("UPSTREAM_DOWN", say("The store is not answering. Trying again in %1 s.", seconds))
        self._probing = True

    def record(self, ok: bool) -> None:
        now = self._clock()
        if self._until:
            self._probing = False
            if ok:
                self._until, self._rest = 0.0, REST
                self._seen.clear()
            else:
                self._rest = min(self._rest * 2, LONGEST_REST)
                self._until = now + self._rest
            return
        self._seen.append((now, ok))
        while self._seen[0][0] < now - self._window:
            self._seen.popleft()
        failures = sum(not good for _, good in self._seen)
        if failures >= self._most:
            self._until = now + self._rest

    def forget(self) -> None:
        """The probing request was given up before it had an answer."""
        self._probing = False


async def loop_lag() -> float:
    """s until the event loop comes round."""
    start = time.monotonic()
    await asyncio.sleep(0)
    return time.monotonic() - start


_STORE_FAILURES = ("UPSTREAM_DOWN", "UPSTREAM_SLOW", "BUSY")


class Retrier:
    """Runs an operation with retries, within the budget and behind the breaker of one store."""

    def __init__(self, failures: int = FAILURES, window: float = WINDOW) -> None:
        self.budget = RetryBudget()
        self.breaker = Breaker(failures=failures, window=window)

    async def _record(self, error: BioImageError) -> None:
        """A server that is itself out of breath cannot tell whether the store was slow."""
        failed = error.code in _STORE_FAILURES
        if failed and await loop_lag() > LAG:
            self.breaker.forget()
        else:
            self.breaker.record(not failed)

    async def run(self, operation: Callable[[], Awaitable[T]]) -> T:
        """The operation's result, or its last failure. Operations only read, so repeating one is harmless."""
        start = time.monotonic()
        pause = SHORTEST
        for attempt in range(1, TRIES + 1):
            self.breaker.check()
            self.budget.request()
            try:
                result = await operation()
            except RetryableError as error:
                await self._record(error)
                # Decorrelated jitter: clients that failed together do not come back together.
                pause = min(LONGEST, random.uniform(SHORTEST, pause * 3))  # noqa: S311  spreads load, guards nothing
                wait = max(pause, error.after or 0.0)
                over = time.monotonic() - start + wait > PATIENCE or wait > LONGEST_ASKED
                if attempt == TRIES or over or not self.budget.take():
                    raise
                await asyncio.sleep(wait)
            except BioImageError as error:
                await self._record(error)
                raise
            except BaseException:
                self.breaker.forget()
                raise
            else:
                self.breaker.record(True)
                return result
        raise AssertionError("the last try returns or raises")
