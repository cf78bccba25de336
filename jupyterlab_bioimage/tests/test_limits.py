"""Bounds: bodies, admission, slow readers, the event loop, the log."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import time
from pathlib import Path
from typing import Any, cast

import psutil
import pytest

from ..errors import BioImageError
from ..handlers.base import BioImageHandler
from ..handlers.frames import PIECE, FrameWriter
from ..services.errorlog import ErrorLog
from ..services.limits import Admission, ByteGate
from ..services.retry import Breaker, Retrier, RetryableError, RetryBudget
from .client import read_frames
from .conftest import Ask
from .upstream import Exchange, Upstream

MIB = 1 << 20


class Raw:
    """Connections to the server under test, written byte by byte."""

    def __init__(self, port: int, base: str, authorization: str) -> None:
        self.port, self.base, self.authorization = port, base, authorization

    async def send(
        self, method: str, path: str, headers: str = "", body: bytes = b"", auth: bool = True
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        login = f"Authorization: {self.authorization}\r\n" if auth else ""
        head = f"{method} {self.base}bioimage/{path} HTTP/1.1\r\nHost: localhost\r\n{login}{headers}\r\n"
        writer.write(head.encode() + body)
        return reader, writer

    async def batch(self, body: bytes, store: str = "data") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await self.send("POST", f"stores/{store}/batch", f"Content-Length: {len(body)}\r\n", body)


@pytest.fixture
def raw(jp_serverapp: Any, http_server_client: Any, jp_base_url: str, jp_auth_header: dict[str, str]) -> Raw:
    return Raw(http_server_client.get_http_port(), jp_base_url, jp_auth_header["Authorization"])


async def status_of(reader: asyncio.StreamReader) -> int:
    line = await asyncio.wait_for(reader.readline(), 5)
    return int(line.split()[1])


async def settled(state: Any) -> None:
    """Waits until nobody is inside and nothing is held, at most 5 s."""
    async with asyncio.timeout(5):
        while state.admission.inside or state.held.used:
            await asyncio.sleep(0.01)


async def test_a_body_of_64_kib_is_read_and_one_byte_more_refused(ask: Ask) -> None:
    fitting = b'{"items": [{"key": "plain/note.txt"}]}'
    assert (await ask("stores/data/batch", "POST", body=fitting.ljust(65536))).status == 200
    assert (await ask("stores/data/batch", "POST", body=fitting.ljust(65537))).status in (400, 413)


@pytest.mark.parametrize("auth", [True, False])
@pytest.mark.parametrize("path", ["stores/data/batch", "stores", "stores/data/objects/plain/note.txt", "unknown", ""])
async def test_a_huge_body_is_refused_before_it_is_sent(raw: Raw, path: str, auth: bool) -> None:
    reader, writer = await raw.send("POST", path, f"Content-Length: {90 * MIB}\r\n", b"x" * 1000, auth)
    assert await status_of(reader) in (400, 401, 404, 405, 413)
    writer.close()


async def test_a_chunked_body_is_refused_while_it_arrives(raw: Raw) -> None:
    reader, writer = await raw.send("POST", "stores/data/batch", "Transfer-Encoding: chunked\r\n")
    for _ in range(100):
        writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
        await asyncio.sleep(0)
    # The connection is cut; whether an answer is still read before is the network's matter.
    try:
        data = await asyncio.wait_for(reader.read(), 5)
    except ConnectionError:
        data = b""
    assert not data.startswith(b"HTTP/1.1 200")
    writer.close()


@pytest.fixture
def server_options() -> dict[str, Any]:
    return {
        "BioImage": {"max_open_requests": 16},
        "ServerApp": {"tornado_settings": {"compress_response": True}},  # as hubs are advised to set it
    }


async def test_data_are_not_compressed_on_their_way(ask: Ask, folder: Path) -> None:
    (folder / "zeros").write_bytes(bytes(100_000))
    asked = {"Accept-Encoding": "gzip"}
    answer = await ask("stores/data/objects/zeros", headers=asked)
    assert answer.body == bytes(100_000)
    assert answer.headers["Content-Length"] == "100000"
    batch = await ask("stores/data/batch", "POST", body={"items": [{"key": "zeros"}]}, headers=asked)
    assert batch.frames[0][1] == bytes(100_000)
    head = await ask("stores/data/objects/zeros", "HEAD", headers=asked)
    assert head.headers["Content-Length"] == "100000"
    etag = head.headers["Etag"]
    assert (await ask("stores/data/objects/zeros", headers={**asked, "If-None-Match": etag})).status == 304


async def test_requests_beyond_the_bound_are_busy_at_once(raw: Raw, upstream: Upstream, jp_serverapp: Any) -> None:
    release = asyncio.Event()

    async def script(exchange: Exchange) -> None:
        await release.wait()
        await exchange.object()

    upstream.script = script
    state = jp_serverapp.web_app.settings["bioimage_state"]
    inside = [await raw.send("GET", f"stores/web/objects/{n}") for n in range(8)]  # at work
    inside += [await raw.send("GET", "stores/data/list") for _ in range(8)]  # waiting for their turn
    while state.admission.inside < 16:
        await asyncio.sleep(0.01)
    start = time.monotonic()
    for _ in range(50):
        reader, writer = await raw.send("GET", "stores")
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        assert head.startswith("HTTP/1.1 503")
        assert re.search("^Retry-After: [123]\r", head, re.MULTILINE)
        assert b'"BUSY"' in await reader.readuntil(b"}")
        writer.close()
    print(f"refusing 50 requests beyond the bound took {(time.monotonic() - start) * 1000:.0f} ms")
    release.set()
    for reader, writer in inside:
        assert await status_of(reader) == 200
        writer.close()
    await settled(state)


async def test_clients_that_vanish_leave_nothing_behind(raw: Raw, upstream: Upstream, jp_serverapp: Any) -> None:
    async def script(exchange: Exchange) -> None:
        await asyncio.sleep(60)

    upstream.script = script
    state = jp_serverapp.web_app.settings["bioimage_state"]
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        writers = [(await raw.send("GET", f"stores/web/objects/{n}"))[1] for n in range(14)]
        while state.admission.inside < 14:
            await asyncio.sleep(0.01)
        for writer in writers:
            writer.close()
        await settled(state)
    while upstream.closed < upstream.opened:
        await asyncio.sleep(0.01)
    async with asyncio.timeout(5):
        while len(os.listdir("/proc/self/fd")) > before + 2:
            await asyncio.sleep(0.01)


async def test_slow_readers_cost_little_memory(raw: Raw, folder: Path, jp_serverapp: Any) -> None:
    """Five clients ask for 60 MiB each and read nothing."""
    with open(folder / "large", "wb") as file:
        file.truncate(64 * MIB)
    items = [{"key": "large", "start": n * 245760, "end": (n + 1) * 245760} for n in range(256)]
    body = json.dumps({"items": items}).encode()
    process = psutil.Process()
    before = process.memory_info().rss
    clients = [await raw.batch(body) for _ in range(5)]
    peak = 0
    for _ in range(50):
        await asyncio.sleep(0.02)
        peak = max(peak, process.memory_info().rss - before)
    state = jp_serverapp.web_app.settings["bioimage_state"]
    print(f"five slow readers of 60 MiB: +{peak / MIB:.0f} MiB, of which held {state.held.used / MIB:.0f} MiB")
    assert state.held.used <= 5 * 9 * MIB
    assert peak < 100 * MIB
    # One of them wakes up and gets everything, exact.
    reader, _ = clients[0]
    head = await reader.readuntil(b"\r\n\r\n")
    assert b"200 OK" in head
    data = bytearray()
    while (size := int(await reader.readline(), 16)) > 0:
        data += await reader.readexactly(size)
        await reader.readexactly(2)
    assert sum(len(body) for _, body in read_frames(bytes(data))) == 256 * 245760
    for _, other in clients:
        other.close()
    await settled(state)


async def test_what_the_routes_cost_the_event_loop(
    ask: Ask, folder: Path, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prints the longest callback of every route; times are not asserted, a busy machine would decide."""
    (folder / "chunks").mkdir()
    for number in range(256):
        (folder / "chunks" / str(number)).write_bytes(bytes(80_000))
    (folder / "large").write_bytes(bytes(32 * MIB))
    upstream.script = lambda exchange: exchange.object(bytes(80_000))
    worst = [0.0, 0.0]
    run = asyncio.Handle._run

    def measured(handle: asyncio.Handle) -> None:
        wall, cpu = time.perf_counter(), time.thread_time()
        run(handle)
        worst[0] = max(worst[0], time.perf_counter() - wall)
        worst[1] = max(worst[1], time.thread_time() - cpu)

    monkeypatch.setattr(asyncio.Handle, "_run", measured)
    items = [{"key": f"chunks/{number}"} for number in range(256)]
    for name, path, body in (
        ("batch of 256 files", "stores/data/batch", {"items": items}),
        ("batch of 256 objects", "stores/web/batch", {"items": items}),
        ("object of 32 MiB", "stores/data/objects/large", None),
        ("listing", "stores/data/list?prefix=chunks", None),
        ("refused batch", "stores/data/batch", {"items": [{"key": "x" * 200}] * 256}),
    ):
        worst[:] = [0.0, 0.0]
        answer = await ask(path, "POST" if body else "GET", body=body)
        assert answer.status == 200
        print(f"{name}: longest callback {worst[0] * 1e3:.1f} ms, of CPU {worst[1] * 1e3:.1f} ms")


async def test_a_flood_of_failures_writes_one_line_and_every_id_names_it(
    ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    ids = {(await ask("stores/nope/list")).json["id"] for _ in range(20)}
    lines = [record.getMessage() for record in caplog.records if "STORE_DENIED" in record.getMessage()]
    assert len(ids) == len(lines) == 1
    assert ids.pop() in lines[0]


async def test_a_failure_nobody_foresaw_says_nothing(
    ask: Ask, jp_serverapp: Any, monkeypatch: Any, caplog: pytest.LogCaptureFixture
) -> None:
    store = jp_serverapp.web_app.settings["bioimage_state"].stores.get("data")

    def fail(item: Any, limit: int) -> None:
        raise RuntimeError("canary /secret/path")

    monkeypatch.setattr(store, "_read", fail)
    answer = await ask("stores/data/objects/plain/note.txt")
    assert (answer.status, answer.code) == (500, "INTERNAL")
    assert b"canary" not in answer.body
    assert answer.json["id"] in caplog.text
    batch = await ask("stores/data/batch", "POST", body={"items": [{"key": "a"}]}, headers={"Connection": "close"})
    assert b"canary" not in batch.body
    assert b'"end"' not in batch.body, "a stream that failed has no last frame"


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
