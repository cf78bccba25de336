"""Bounds by themselves: the log, frames, gates, turns, retries and the breaker."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, cast

import pytest

from ..errors import BioImageError
from ..handlers.base import BioImageHandler
from ..handlers.frames import PIECE, FrameWriter
from ..services.errorlog import ErrorLog
from ..services.limits import Admission, ByteGate
from ..services.retry import Breaker, Retrier, RetryableError, RetryBudget

MIB = 1 << 20


def test_the_log_counts_what_it_left_out(caplog: pytest.LogCaptureFixture, monkeypatch: Any) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    errors = ErrorLog(logging.getLogger("bioimage-test"))
    first = errors.record(BioImageError("UPSTREAM_DOWN", detail="x" * 1000))
    assert [errors.record(BioImageError("UPSTREAM_DOWN")) for _ in range(5)] == [first] * 5
    now[0] = 11
    second = errors.record(BioImageError("UPSTREAM_DOWN"))
    assert second != first
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == 2
    assert len(messages[0]) == 500
    assert messages[1].endswith(f"(5 more since {first})")


class Sent:
    """Stands for a handler: notes the bytes written between two flushes."""

    def __init__(self) -> None:
        self.flushes: list[int] = []
        self.unsent = 0

    def set_header(self, name: str, value: str) -> None:
        pass

    def write(self, data: bytes) -> None:
        self.unsent += len(data)

    async def flush(self) -> None:
        self.flushes.append(self.unsent)
        self.unsent = 0


async def test_frames_leave_in_pieces_of_100_kb_and_small_ones_together() -> None:
    sent = Sent()
    writer = FrameWriter(cast(BioImageHandler, sent))
    await writer.frame({"i": 0}, bytes(10 * MIB), more=True)
    assert len(sent.flushes) > 100
    assert max(sent.flushes) < PIECE + 1024
    sent.flushes.clear()
    for number in range(10):
        await writer.frame({"i": number}, bytes(1000), more=number < 9)
    assert len(sent.flushes) == 1
    assert sent.unsent == 0


async def test_a_gate_lets_one_large_reservation_through_alone() -> None:
    gate = ByteGate(10)
    await gate.acquire(4)
    large = asyncio.ensure_future(gate.acquire(100))
    small = asyncio.ensure_future(gate.acquire(1))
    await asyncio.sleep(0)
    assert not large.done()
    assert not small.done(), "arrival order: nobody passes the large one"
    gate.release(4)
    await large
    assert not small.done()
    gate.release(100)
    await small
    assert gate.used == 1
    with pytest.raises(BioImageError, match="Many requests"):
        await gate.acquire(10, timeout=0.01)
    leaving = asyncio.ensure_future(gate.acquire(10))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    gate.release(1)
    await gate.acquire(10)
    assert gate.used == 10


async def test_a_turn_is_given_back_by_those_who_give_up() -> None:
    admission = Admission(2)
    admission.enter()
    admission.enter()
    with pytest.raises(BioImageError, match="Many requests"):
        admission.enter()

    async def work() -> None:
        async with admission.turn():
            await asyncio.sleep(60)

    working, waiting = asyncio.ensure_future(work()), asyncio.ensure_future(work())
    await asyncio.sleep(0)
    for task in (waiting, working):
        task.cancel()
    await asyncio.gather(waiting, working, return_exceptions=True)
    async with asyncio.timeout(1), admission.turn():
        pass
    admission.leave()
    admission.enter()


def test_retries_are_a_tenth_of_the_requests_or_three_a_second() -> None:
    now = [0.0]
    budget = RetryBudget(lambda: now[0])
    assert [budget.take() for _ in range(4)] == [True, True, True, False]
    for _ in range(100):
        budget.request()
    assert sum(budget.take() for _ in range(100)) in (9, 10)
    now[0] = 1
    assert sum(budget.take() for _ in range(100)) in (3, 4)


def is_open(breaker: Breaker) -> bool:
    try:
        breaker.check()
    except BioImageError:
        return True
    return False


def test_the_breaker_opens_probes_and_closes() -> None:
    now = [0.0]
    breaker = Breaker(lambda: now[0])
    for _ in range(10):
        assert not is_open(breaker)
        breaker.record(False)
    assert is_open(breaker)
    now[0] = 5.1
    assert not is_open(breaker), "one request may find out"
    assert is_open(breaker), "the others wait for it"
    breaker.record(False)
    now[0] = 5.1 + 9
    assert is_open(breaker), "the rest has doubled"
    now[0] = 5.1 + 10.1
    assert not is_open(breaker)
    breaker.record(True)
    assert not is_open(breaker)
    for at in range(9):
        now[0] = 100 + at * 3.0
        breaker.record(False)
    assert not is_open(breaker), "old failures do not count"


async def test_a_lagging_server_does_not_blame_the_store(monkeypatch: Any) -> None:
    async def operation() -> None:
        raise BioImageError("UPSTREAM_SLOW")

    async def lagging() -> float:
        return 0.3

    monkeypatch.setattr("jupyterlab_bioimage.services.retry.loop_lag", lagging)
    retrier = Retrier()
    for _ in range(20):
        with pytest.raises(BioImageError, match="too slow"):
            await retrier.run(operation)
    monkeypatch.undo()
    for _ in range(10):
        with pytest.raises(BioImageError, match="too slow"):
            await retrier.run(operation)
    with pytest.raises(BioImageError, match="Trying again"):
        await retrier.run(operation)


async def test_many_failures_are_not_met_by_many_retries(monkeypatch: Any) -> None:
    tries = 0

    async def operation() -> None:
        nonlocal tries
        tries += 1
        raise RetryableError("UPSTREAM_BAD")  # of the answer, so that the breaker does not step in

    monkeypatch.setattr("jupyterlab_bioimage.services.retry.SHORTEST", 0.0)
    monkeypatch.setattr("jupyterlab_bioimage.services.retry.LONGEST", 0.0)
    retrier = Retrier()
    for _ in range(200):
        with pytest.raises(RetryableError):
            await retrier.run(operation)
    assert 210 <= tries <= 300


async def test_a_long_retry_after_is_not_waited_for() -> None:
    tries = 0

    async def operation() -> None:
        nonlocal tries
        tries += 1
        raise RetryableError("UPSTREAM_DOWN", after=11)

    with pytest.raises(RetryableError):
        await Retrier().run(operation)
    assert tries == 1
