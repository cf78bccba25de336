"""Results that are ready before they are taken, each with the bytes it holds until then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
#: A result and the bytes it holds; None is the end.
Results = asyncio.Queue[tuple[T, int] | None]


async def taken(
    feed: Callable[[], Coroutine[Any, Any, None]], results: Results[T], give_back: Callable[[int], None]
) -> AsyncIterator[T]:
    """Runs ``feed``, which fills ``results``, and gives what it finds; a result's bytes go back when the next is taken.

    Closing the iterator cancels ``feed`` and gives back all there is. What ``feed`` raises is raised at the end.
    """
    feeder = asyncio.create_task(feed())
    try:
        while (result := await results.get()) is not None:
            found, held = result
            try:
                yield found
            finally:
                give_back(held)
        await feeder
    finally:
        feeder.cancel()
        await asyncio.gather(feeder, return_exceptions=True)
        while not results.empty():
            if (left := results.get_nowait()) is not None:
                give_back(left[1])
