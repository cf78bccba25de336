"""Upstreams that lie, stall and break: every answer is either exact or a named failure."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote, unquote

import aiohttp
import pytest

from .conftest import Ask
from .upstream import BODY, Exchange, Script, Sink, Upstream

KEY = "stores/web/objects/image/0"
PART = {"Range": "bytes=10-19"}


def says(status: int, headers: dict[str, str] | None = None, body: bytes = b"", length: int = -1) -> Script:
    async def script(exchange: Exchange) -> None:
        await exchange.send(status, headers, body, length)

    return script


def ranged(value: str, body: bytes = BODY[10:20]) -> Script:
    return says(206, {"Content-Range": value}, body)


async def reset_after_50(exchange: Exchange) -> None:
    await exchange.send(200, {}, BODY[:50], length=1024)
    await asyncio.sleep(0.02)
    exchange.reset()


async def close_early(exchange: Exchange) -> None:
    await exchange.send(200, {}, BODY[:50], length=1024)
    exchange.writer.close()


async def chunked_without_end(exchange: Exchange) -> None:
    await exchange.send(200, {"Transfer-Encoding": "chunked"}, b"400\r\n" + BODY + b"\r\n")
    exchange.writer.close()


async def short_chunked_range(exchange: Exchange) -> None:
    headers = {"Transfer-Encoding": "chunked", "Content-Range": "bytes 10-19/1024"}
    await exchange.send(206, headers, b"5\r\n" + BODY[10:15] + b"\r\n0\r\n\r\n")


async def not_http(exchange: Exchange) -> None:
    await exchange.raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    exchange.writer.close()


async def hang_up(exchange: Exchange) -> None:
    exchange.writer.close()


HTML = {"Content-Type": "text/html; charset=utf-8"}
XML = {"Content-Type": "application/xml"}
SLOW_DOWN = b"<?xml version='1.0'?><Error><Code>SlowDown</Code></Error>"

#: row → (answer, request headers, code, tries)
ROWS: dict[str, tuple[Script, dict[str, str], str, int]] = {
    "F01 range ignored, 10 GB": (says(200, {}, b"x" * 100, 10 << 30), PART, "UPSTREAM_BAD", 1),
    "F02 wrong range": (ranged("bytes 11-20/1024"), PART, "UPSTREAM_BAD", 1),
    "F02 range too long": (ranged("bytes 10-20/1024", BODY[10:21]), PART, "UPSTREAM_BAD", 1),
    "F02 range too short": (ranged("bytes 10-18/1024", BODY[10:19]), PART, "UPSTREAM_BAD", 1),
    "F02 no Content-Range": (says(206, {}, BODY[10:20]), PART, "UPSTREAM_BAD", 1),
    "F02 stars": (ranged("bytes */*"), PART, "UPSTREAM_BAD", 1),
    "F02 unknown size": (ranged("bytes 10-19/*"), PART, "UPSTREAM_BAD", 1),
    "F02 words": (ranged("bytes ten-19/1024"), PART, "UPSTREAM_BAD", 1),
    "F02 size below end": (ranged("bytes 10-19/15"), PART, "UPSTREAM_BAD", 1),
    "F02 206 without a range": (ranged("bytes 0-1023/1024", BODY), {}, "UPSTREAM_BAD", 1),
    "F03 short range": (ranged("bytes 10-19/1024", BODY[10:15]), PART, "UPSTREAM_BAD", 1),
    "F03 long range": (ranged("bytes 10-19/1024", BODY[10:40]), PART, "UPSTREAM_BAD", 1),
    "F03 short body": (close_early, {}, "UPSTREAM_BAD", 3),
    "F03 chunked without end": (chunked_without_end, {}, "UPSTREAM_BAD", 3),
    "F03 short chunked range": (short_chunked_range, PART, "UPSTREAM_BAD", 3),
    "F06 gzip": (says(200, {"Content-Encoding": "gzip"}, b"\x1f\x8b"), {}, "UPSTREAM_BAD", 1),
    "F06 gzip range": (
        says(206, {"Content-Encoding": "gzip", "Content-Range": "bytes 10-19/1024"}, BODY[10:20]),
        PART,
        "UPSTREAM_BAD",
        1,
    ),
    "F06 double": (says(200, {"Content-Encoding": "gzip, gzip"}, b"\x1f\x8b"), {}, "UPSTREAM_BAD", 1),
    "F07 reset": (reset_after_50, {}, "UPSTREAM_BAD", 3),
    "F07 hangs up": (hang_up, {}, "UPSTREAM_DOWN", 6),  # aiohttp asks a second time by itself
    "F08 503": (says(503, {}, b"SlowDown"), {}, "UPSTREAM_DOWN", 3),
    "F08 429": (says(429), {}, "UPSTREAM_DOWN", 3),
    "F08 504": (says(504), {}, "UPSTREAM_SLOW", 3),
    "F08 408": (says(408), {}, "UPSTREAM_SLOW", 3),
    "F08 200 with SlowDown": (says(200, XML, SLOW_DOWN), {}, "UPSTREAM_DOWN", 3),
    "F08 200 with an error": (says(200, XML, b"<Error><Code>Other</Code></Error>"), {}, "UPSTREAM_BAD", 1),
    "F08 Retry-After of an hour": (says(503, {"Retry-After": "3600"}), {}, "UPSTREAM_DOWN", 1),
    "F09 403": (says(403), {}, "UPSTREAM_DENIED", 1),
    "F10 401": (says(401, {"WWW-Authenticate": "Basic realm=x"}), {}, "UPSTREAM_DENIED", 1),
    "F12 login page": (says(200, HTML, b"<html>canary-body"), {}, "UPSTREAM_BAD", 1),
    "F13 a header of 1 MB": (says(200, {"X-Long": "x" * 1_000_000}, BODY), {}, "UPSTREAM_BAD", 1),
    "F13 10,000 headers": (says(200, {f"X-{n}": "x" for n in range(10_000)}, BODY), {}, "UPSTREAM_BAD", 1),
    "F13 NUL": (says(200, {"X-Nul": "a\0b"}, BODY), {}, "UPSTREAM_BAD", 1),
    "not HTTP": (not_http, {}, "UPSTREAM_BAD", 1),
    "204": (says(204), {}, "UPSTREAM_BAD", 1),
    "400": (says(400), {}, "UPSTREAM_BAD", 1),
    "410": (says(410), {}, "UPSTREAM_BAD", 1),
    "412": (says(412), {}, "CHANGED", 1),
    "416 without a range": (says(416), {}, "UPSTREAM_BAD", 1),
    "no such bucket": (says(404, XML, b"<Error><Code>NoSuchBucket</Code></Error>"), {}, "UPSTREAM_BAD", 1),
    "404": (says(404, XML, b"<Error><Code>NoSuchKey</Code></Error>"), {}, "ABSENT", 1),
}


@pytest.mark.parametrize("row", ROWS)
async def test_a_lie_is_a_named_failure(ask: Ask, upstream: Upstream, row: str) -> None:
    upstream.script, headers, code, tries = ROWS[row]
    answer = await ask(KEY, headers=headers)
    assert answer.code == code
    assert b"canary" not in answer.body
    assert "WWW-Authenticate" not in answer.headers
    assert len(upstream.requests) == tries


async def test_a_small_object_is_cut_where_the_range_is_ignored(ask: Ask, upstream: Upstream) -> None:
    upstream.script = says(200, {}, BODY)
    answer = await ask(KEY, headers=PART)
    assert (answer.status, answer.body) == (206, BODY[10:20])
    assert answer.headers["Content-Range"] == "bytes 10-19/1024"


async def test_a_body_longer_than_announced_is_cut_and_its_connection_not_used_again(
    ask: Ask, upstream: Upstream
) -> None:
    upstream.script = says(200, {}, BODY + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", len(BODY))
    assert (await ask(KEY)).body == BODY
    upstream.script = Exchange.object
    assert (await ask("stores/web/objects/image/1")).body == BODY


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_redirect_is_refused_and_not_followed(
    ask: Ask, upstream: Upstream, sink: Sink, status: int, method: str
) -> None:
    upstream.script = says(status, {"Location": sink.url + "/latest/meta-data"})
    answer = await ask(KEY, method)
    assert answer.status == 502
    assert "Location" not in answer.headers
    batch = await ask("stores/web/batch", "POST", body={"items": [{"key": "a"}, {"key": "b", "suffix": 5}]})
    assert [header["code"] for header, _ in batch.frames] == ["UPSTREAM_BAD"] * 2
    listing = await ask("stores/bucket/list")
    assert listing.code == "UPSTREAM_BAD"


@pytest.mark.parametrize("location", ["", "file:///etc/passwd", "/elsewhere", "//evil.example/x", "http://[::1]/"])
async def test_a_redirect_anywhere_is_refused(ask: Ask, upstream: Upstream, location: str) -> None:
    upstream.script = says(302, {"Location": location})
    assert (await ask(KEY)).code == "UPSTREAM_BAD"
    assert len(upstream.requests) == 1


async def test_headers_of_the_storage_do_not_reach_the_browser(ask: Ask, upstream: Upstream) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.object(
            Set_Cookie="canary=1; Path=/",
            Content_Security_Policy="default-src *",
            Refresh="0; url=http://evil.example",
            Strict_Transport_Security="max-age=1",
            Content_Type="image/svg+xml",
            Access_Control_Allow_Origin="*",
            ETag='"strong"',
        )

    upstream.script = script
    answer = await ask(KEY)
    assert (answer.status, answer.body) == (200, BODY)
    assert "canary" not in str(list(answer.headers.get_all()))
    assert not {"Refresh", "Strict-Transport-Security", "Access-Control-Allow-Origin"} & set(answer.headers)
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment"
    assert answer.headers["Etag"] == '"strong"'
    # Cookies are not kept either, and nothing of the browser's request is passed on.
    theirs = {"Cookie": "canary=2", "X-Forwarded-For": "canary", "Referer": "canary"}
    await ask("stores/web/objects/other", headers=theirs)
    sent = upstream.requests[-1].headers
    assert not {"cookie", "authorization", "referer", "x-forwarded-for"} & set(sent)
    assert "canary" not in str(sent)
    assert sent["accept-encoding"] == "identity"


@pytest.mark.parametrize("etag", ['W/"weak"', "unquoted", '"', '""x"', ""])
async def test_only_a_strong_etag_is_passed_on(ask: Ask, upstream: Upstream, etag: str) -> None:
    upstream.script = lambda exchange: exchange.object(ETag=etag)
    assert "Etag" not in (await ask(KEY)).headers


async def test_a_suffix_is_asked_for_as_a_plain_range(ask: Ask, upstream: Upstream) -> None:
    upstream.script = lambda exchange: exchange.object(ETag='"1"')
    answer = await ask(KEY, headers={"Range": "bytes=-4"})
    assert (answer.status, answer.body) == (206, BODY[-4:])
    head, get = upstream.requests
    assert (head.method, get.headers["range"], get.headers["if-match"]) == ("HEAD", "bytes=1020-1023", '"1"')


async def test_where_head_is_refused_the_first_byte_tells_the_size(ask: Ask, upstream: Upstream) -> None:
    async def script(exchange: Exchange) -> None:
        await (exchange.send(405) if exchange.method == "HEAD" else exchange.object())

    upstream.script = script
    assert (await ask(KEY, headers={"Range": "bytes=-4"})).body == BODY[-4:]
    assert (await ask(KEY, "HEAD")).headers["Content-Length"] == "1024"


async def test_416_is_believed_only_when_the_range_lies_outside(ask: Ask, upstream: Upstream) -> None:
    assert (await ask(KEY, headers={"Range": "bytes=5000-6000"})).status == 416

    async def script(exchange: Exchange) -> None:
        await (exchange.object() if exchange.method == "HEAD" else exchange.send(416))

    upstream.script = script
    assert (await ask(KEY, headers=PART)).code == "UPSTREAM_BAD"


async def test_a_passing_failure_is_asked_again(ask: Ask, upstream: Upstream) -> None:
    async def script(exchange: Exchange) -> None:
        await (exchange.send(503) if exchange.attempt < 3 else exchange.object())

    upstream.script = script
    assert (await ask(KEY)).body == BODY


async def test_a_reset_connection_is_asked_again_and_never_mixed(ask: Ask, upstream: Upstream) -> None:
    async def script(exchange: Exchange) -> None:
        await (reset_after_50(exchange) if exchange.attempt == 1 else exchange.object(bytes(1024)))

    upstream.script = script
    assert (await ask(KEY)).body == bytes(1024)


def set_timeout(app: Any, **limits: float) -> None:
    client = app.web_app.settings["bioimage_state"].stores.get("web").client
    client._timeout = aiohttp.ClientTimeout(**limits)


async def never(exchange: Exchange) -> None:
    await asyncio.sleep(60)


async def drip(exchange: Exchange) -> None:
    await exchange.send(200, {}, b"", 1000)
    for _ in range(1000):
        await exchange.raw(b"x")
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("script", "limits"), [(never, {"sock_read": 0.2}), (drip, {"total": 0.3})], ids=["first byte", "drip"]
)
async def test_a_slow_storage_is_given_up(
    ask: Ask, upstream: Upstream, jp_serverapp: Any, script: Script, limits: dict[str, float]
) -> None:
    set_timeout(jp_serverapp, **limits)
    upstream.script = script
    assert (await ask(KEY)).code == "UPSTREAM_SLOW"
    assert len(upstream.requests) == 1


async def until(condition: Callable[[], bool]) -> float:
    """s until the condition holds, at most 5."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    while not condition():
        assert loop.time() - start < 5, "it did not come"
        await asyncio.sleep(0.005)
    return loop.time() - start


Request = Callable[[asyncio.StreamWriter], Awaitable[None]]


@pytest.mark.parametrize("script", [never, drip])
@pytest.mark.parametrize("reset", [False, True])
async def test_a_client_that_leaves_cancels_the_reads_of_the_storage(
    jp_serverapp: Any,
    http_server_client: Any,
    jp_auth_header: dict[str, str],
    jp_base_url: str,
    upstream: Upstream,
    script: Script,
    reset: bool,
) -> None:
    upstream.script = script
    _, writer = await asyncio.open_connection("127.0.0.1", http_server_client.get_http_port())
    body = '{"items": [' + ",".join(f'{{"key": "{n}"}}' for n in range(40)) + "]}"
    writer.write(
        f"POST {jp_base_url}bioimage/stores/web/batch HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
        f"Authorization: {jp_auth_header['Authorization']}\r\n\r\n{body}".encode()
    )
    await writer.drain()
    await until(lambda: len(upstream.requests) == 16)
    if reset:
        Exchange("", "", {}, 0, writer).reset()
    else:
        writer.close()
    took = await until(lambda: upstream.closed == upstream.opened)
    assert took < 1
    assert len(upstream.requests) == 16, "nothing new was begun"
    state = jp_serverapp.web_app.settings["bioimage_state"]
    await until(lambda: state.admission.inside == 0)
    assert state.held.used == 0


async def test_a_batch_answers_in_the_order_of_completion(ask: Ask, upstream: Upstream) -> None:
    async def script(exchange: Exchange) -> None:
        await asyncio.sleep(0.3 if exchange.target.endswith("/slow") else 0)
        await exchange.object()

    upstream.script = script
    items = [{"key": "slow"}, {"key": "b"}, {"key": "c", "start": 1, "end": 3}]
    times: dict[int, float] = {}
    start = asyncio.get_running_loop().time()

    def arrived(chunk: bytes) -> None:
        times[len(times)] = asyncio.get_running_loop().time() - start

    await ask("stores/web/batch", "POST", body={"items": items}, streaming_callback=arrived)
    assert times[0] < 0.2 < max(times.values())
    answer = await ask("stores/web/batch", "POST", body={"items": items})
    assert [header["i"] for header, _ in answer.frames][-1] == 0


async def test_a_store_in_trouble_is_left_alone_for_a_while(ask: Ask, upstream: Upstream) -> None:
    upstream.script = says(500)
    items = [{"key": str(n)} for n in range(200)]
    answer = await ask("stores/web/batch", "POST", body={"items": items})
    assert {header["code"] for header, _ in answer.frames} == {"UPSTREAM_DOWN"}
    assert len(upstream.requests) < 60
    before = len(upstream.requests)
    late = await ask(KEY)
    assert late.code == "UPSTREAM_DOWN"
    assert "Trying again in" in late.json["message"]
    assert len(upstream.requests) == before
    assert (await ask("stores/data/objects/plain/note.txt")).body == b"hello"


async def test_a_web_store_cannot_be_listed(ask: Ask, upstream: Upstream) -> None:
    assert (await ask("stores/web/list")).code == "UNSUPPORTED"
    assert not upstream.requests


ODD = [  # among them full-width dots and a decomposed accent, which are just names
    "a b/ü+%20&=?#",
    "dir/.zattrs",
    "pct%2Fkey",
    "a;b'c\"d$e{f}",
    "😀/שלום",
    "x#123",
    "．．/y",
    "e\u0301",
    "~x",
]


@pytest.mark.parametrize("key", ODD)
async def test_a_key_is_quoted_exactly_once(ask: Ask, upstream: Upstream, key: str) -> None:
    answer = await ask("stores/web/objects/" + quote(key, safe="/"))
    assert answer.body == BODY
    assert unquote(upstream.requests[0].target) == "/base/" + key
    await ask("stores/web/batch", "POST", body={"items": [{"key": key}]})
    assert upstream.requests[1].target == upstream.requests[0].target
