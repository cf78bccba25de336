"""Bounds through a real server: bodies, admission, slow readers, the event loop, the log."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from .client import Raw, read_frames
from .conftest import Ask
from .upstream import Exchange, Upstream

MIB = 1 << 20


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


@pytest.mark.parametrize("route", ["objects/{}", "open?path={}", "batch", "plane?path={}", "plate?path={}&size=32"])
async def test_clients_that_vanish_leave_nothing_behind(
    raw: Raw, upstream: Upstream, jp_serverapp: Any, route: str
) -> None:
    async def send(n: int) -> asyncio.StreamWriter:
        if route == "batch":
            return (await raw.batch(json.dumps({"items": [{"key": f"{n}/{i}"} for i in range(3)]}).encode(), "web"))[1]
        return (await raw.send("GET", f"stores/web/{route.format(n)}"))[1]

    async def script(exchange: Exchange) -> None:
        await asyncio.sleep(60)

    upstream.script = script
    state = jp_serverapp.web_app.settings["bioimage_state"]
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        writers = [await send(n) for n in range(14)]
        async with asyncio.timeout(5):
            while state.admission.inside < 14:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)  # some are at work by now
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
