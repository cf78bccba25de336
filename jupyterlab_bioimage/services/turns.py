"""Manners towards a service: one question at a time per host, and equal questions asked once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from .limits import busy

T = TypeVar("T")

MAX_WAITING = 64  # questions per host that wait; the rest are told to come back
PATIENCE = 60.0  # s a question may wait for its turn


class HostQueue:
    """One at a time, in order of arrival; whoever gives up leaves the queue."""

    def __init__(self) -> None:
        self._asking = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """BUSY when the queue is full or does not come to an end."""
        if not self._asking:
            self._asking = True
        else:
            await self._wait()
        try:
            yield
        finally:
            self._next()

    async def _wait(self) -> None:
        if len(self._waiting) >= MAX_WAITING:
            raise busy()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(PATIENCE):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self._next()  # granted in the moment of giving up
            elif turn in self._waiting:
                self._waiting.remove(turn)
            if isinstance(error, TimeoutError):
                raise busy() from None
            raise

    def _next(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._asking = False


@dataclass(slots=True)
class _Flight(Generic[T]):
    task: asyncio.Task[T]
    waiting: int = 0


class SingleFlight(Generic[T]):
    """Equal questions that are asked while the first is under way share its answer, or its failure."""

    def __init__(self) -> None:
        self._flights: dict[str, _Flight[T]] = {}

    async def join(self, question: str, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer. Cancelling takes one asker away; the question is given up when the last of them has gone."""
        flight = self._flights.get(question)
        if flight is None:
            flight = _Flight(asyncio.ensure_future(_run(ask)))
            self._flights[question] = flight
            flight.task.add_done_callback(lambda _: self._forget(question, flight))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if flight.waiting == 0:
                self._forget(question, flight)
                flight.task.cancel()  # nothing happens where it is done

    def _forget(self, question: str, flight: _Flight[T]) -> None:
        if self._flights.get(question) is flight:
            del self._flights[question]
        if flight.task.done() and not flight.task.cancelled():
            flight.task.exception()  # told to whoever waited; where nobody did, it is nobody's concern

    async def close(self) -> None:
        tasks = [flight.task for flight in self._flights.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _run(ask: Callable[[], Awaitable[T]]) -> T:
    return await ask()
