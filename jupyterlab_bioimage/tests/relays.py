"""A relay over a service that a test scripts, with clocks of its own; fixtures ``clock``, ``steady``, ``make``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ..services.answercache import AnswerCache
from ..services.catalogueconfig import parse_service
from ..services.client import Upstream as Shared
from ..services.limits import DAY
from ..services.relay import Relay, Relayed
from .upstream import Exchange, Upstream

JSON = {"Content-Type": "application/json"}
Make = Callable[..., Relay]


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def steady() -> Clock:
    """The clock that nobody sets."""
    return Clock()


@pytest.fixture
def make(
    jp_asyncio_loop: asyncio.AbstractEventLoop, upstream: Upstream, tmp_path: Path, clock: Clock, steady: Clock
) -> Iterator[Make]:
    """A relay with services ``a`` and ``b`` at one host; what it keeps outlives it."""
    made: list[Relay] = []

    def new(recorded: bool = False, size: int = 1 << 20, **entries: Any) -> Relay:
        entry = {"paths": ["[a-z0-9/]+"], "post": ["ask"], "recorded": recorded}
        entries = entries or {name: {**entry, "url": f"{upstream.url}/{name}"} for name in ("a", "b")}
        services = [parse_service(name, one, {}) for name, one in entries.items()]
        cache = AnswerCache(tmp_path / "kept", size, clock)
        made.append(Relay(services, cache, Shared(), DAY, clock=clock, steady=steady))
        return made[-1]

    yield new
    for relay in made:
        jp_asyncio_loop.run_until_complete(relay.close())


def put(relay: Relay, path: str, service: str = "a", query: str = "", **options: Any) -> asyncio.Future[Relayed]:
    return asyncio.ensure_future(relay.ask(relay.question(service, path, query), **options))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


class Gate:
    """A service that answers when it is told to; counts what is under way and what was given up."""

    def __init__(self, upstream: Upstream) -> None:
        self.inside = self.most = self.given_up = 0
        self.open = asyncio.Event()
        upstream.script = self.answer

    async def answer(self, exchange: Exchange) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await self.open.wait()
            await exchange.send(200, JSON, f'"{exchange.target}"'.encode())
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        finally:
            self.inside -= 1
