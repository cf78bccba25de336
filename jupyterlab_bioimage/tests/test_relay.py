"""The relay through a real server: what goes to a service, what comes back, and how failures are named."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from ..services.catalogueconfig import parse_service
from ..services.client import CertificateError
from ..services.relay import _said
from .conftest import Ask
from .upstream import Exchange, Upstream

JSON = {"Content-Type": "application/json"}
CANARY = "canary-4f1d"


@pytest.fixture
def server_options() -> dict[str, Any]:
    return {
        "BioImage": {"contact": "help@example.org", "rewrites": {"https://old.example/a/": "https://new.example/b"}}
    }


def says(status: int = 200, headers: dict[str, str] | None = None, body: bytes = b'{"a": 1}', length: int = -1) -> Any:
    async def script(exchange: Exchange) -> None:
        await exchange.send(status, JSON if headers is None else headers, body, length)

    return script


async def test_the_list_of_services_and_rewrites(ask: Ask) -> None:
    answer = await ask("catalogues")
    assert answer.json == {
        "services": [{"id": "cat", "label": "Cat", "recorded": False}],
        "rewrites": [["https://old.example/a", "https://new.example/b"]],
    }


async def test_an_answer_comes_through_as_it_is(ask: Ask, upstream: Upstream) -> None:
    upstream.script = says(headers={**JSON, "Set-Cookie": CANARY, "X-Secret": CANARY, "ETag": '"1"'})
    answer = await ask("catalogues/cat/study/S1?b=2&a=x%20y+z&b=%C3%A9")
    assert (answer.status, answer.body) == (200, b'{"a": 1}')
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-BioImage-From"] == "service"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert CANARY not in str(answer.headers)
    assert upstream.requests[0].target == "/cat/study/S1?b=2&a=x%20y%20z&b=%C3%A9"


async def test_nothing_of_the_client_reaches_the_service(ask: Ask, upstream: Upstream) -> None:
    upstream.script = says()
    own = {
        "Cookie": f"session={CANARY}",
        "X-XSRFToken": CANARY,
        "X-Real-IP": CANARY,
        "X-Forwarded-For": CANARY,
        "Accept-Language": CANARY,
        "User-Agent": CANARY,
        "If-None-Match": f'"{CANARY}"',
        "Range": "bytes=0-1",
    }
    assert (await ask("catalogues/cat/a", headers=own)).status == 200
    sent = upstream.requests[0].headers
    assert CANARY not in str(sent)
    assert set(sent) == {"host", "accept", "accept-encoding", "user-agent"}
    assert sent["user-agent"].startswith("jupyterlab-bioimage/")
    assert sent["user-agent"].endswith("(+help@example.org)")


async def test_a_head_has_the_headers_only(ask: Ask, upstream: Upstream) -> None:
    upstream.script = says()
    answer = await ask("catalogues/cat/a", "HEAD")
    assert (answer.status, answer.body, answer.headers["Content-Length"]) == (200, b"", "8")


async def test_a_question_with_a_body(ask: Ask, upstream: Upstream) -> None:
    upstream.script = says()
    body = b'{ "query": {"a": [1, "\xc3\xa9"]} }'
    answer = await ask("catalogues/cat/ask?x=1", "POST", headers=JSON, body=body)
    assert answer.status == 200
    assert (upstream.requests[0].method, upstream.requests[0].headers["content-type"]) == ("POST", "application/json")
    assert upstream.requests[0].headers["content-length"] == str(
        len(json.dumps(json.loads(body), separators=(",", ":")))
    )


async def test_an_empty_body_asks_for_everything(ask: Ask, upstream: Upstream) -> None:
    upstream.script = says()
    assert (await ask("catalogues/cat/ask", "POST", headers=JSON, body=b"")).status == 200
    assert upstream.requests[0].headers["content-length"] == "0"


async def test_a_persons_contact_stands_beside_the_operators(ask: Ask, upstream: Upstream) -> None:
    upstream.script = says()
    for number, (contact, end) in enumerate(
        [
            ("ada@example.org", "(+help@example.org) (+ada@example.org)"),
            ("https://lab.example/ada", "(+help@example.org) (+https://lab.example/ada)"),
            ("ada) evil", "(+help@example.org)"),
            ("a\\b", "(+help@example.org)"),
            ("x" * 101, "(+help@example.org)"),
        ]
    ):
        await ask(f"catalogues/cat/{number}", headers={"X-BioImage-Contact": contact})
        assert upstream.requests[-1].headers["user-agent"].endswith(end)


# --- failures ---------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyterlab_bioimage.services.retry.SHORTEST", 0.0)
    monkeypatch.setattr("jupyterlab_bioimage.services.retry.LONGEST", 0.0)


PAGE = b"<!doctype html><title>Sign in</title>"
HTML, TEXT = {"Content-Type": "text/html; charset=utf-8"}, {"Content-Type": "text/plain"}
LATER = "Wed, 21 Oct 2099 07:28:00 GMT"
FAILURES: dict[str, tuple[Any, str, int]] = {
    "404": (says(404), "NOT_FOUND", 1),
    "404 with a page": (says(404, HTML, PAGE), "NOT_FOUND", 1),
    "410": (says(410), "NOT_FOUND", 1),
    "401": (says(401), "UPSTREAM_DENIED", 1),
    "403": (says(403, {}, b""), "UPSTREAM_DENIED", 1),
    "400": (says(400), "CATALOGUE_BAD", 1),
    "422": (says(422), "CATALOGUE_BAD", 1),
    "405": (says(405), "CATALOGUE_BAD", 1),
    "418": (says(418), "CATALOGUE_BAD", 1),
    "201": (says(201), "CATALOGUE_BAD", 1),
    "204": (says(204, {}, b""), "CATALOGUE_BAD", 1),
    "206": (says(206), "CATALOGUE_BAD", 1),
    "304 unasked": (says(304, {}, b""), "CATALOGUE_BAD", 1),
    "429": (says(429), "BUSY", 3),
    "429, come back now": (says(429, {"Retry-After": "0"}), "BUSY", 3),
    "429, come back tomorrow": (says(429, {"Retry-After": "86400"}), "BUSY", 1),
    "429, come back at a date": (says(429, {"Retry-After": LATER}), "BUSY", 1),
    "429, come back whenever": (says(429, {"Retry-After": "Wed, 21 Oct"}), "BUSY", 3),
    "500": (says(500), "UPSTREAM_DOWN", 3),
    "502 with a page": (says(502, HTML, PAGE), "UPSTREAM_DOWN", 3),
    "503": (says(503), "UPSTREAM_DOWN", 3),
    "504": (says(504), "UPSTREAM_SLOW", 3),
    "520": (says(520), "UPSTREAM_DOWN", 3),
    "page": (says(200, HTML, PAGE), "CATALOGUE_BAD", 1),
    "page that says JSON": (says(200, JSON, PAGE), "CATALOGUE_BAD", 1),
    "JSON that says page": (says(200, HTML, b"{}"), "CATALOGUE_BAD", 1),
    "page that says text": (says(200, TEXT, b"\n <HTML>"), "CATALOGUE_BAD", 1),
    "picture that is a page": (says(200, {"Content-Type": "image/png"}, PAGE), "CATALOGUE_BAD", 1),
    "vector picture": (says(200, {"Content-Type": "image/svg+xml"}, b"<svg/>"), "CATALOGUE_BAD", 1),
    "XML": (says(200, {"Content-Type": "application/xml"}, b"<a/>"), "CATALOGUE_BAD", 1),
    "script": (says(200, {"Content-Type": "text/javascript"}, b"1"), "CATALOGUE_BAD", 1),
    "bytes": (says(200, {"Content-Type": "application/octet-stream"}, b"{}"), "CATALOGUE_BAD", 1),
    "no type": (says(200, {}, b"{}"), "CATALOGUE_BAD", 1),
    "two types": (says(200, {"Content-Type": "application/json, text/html"}, b"{}"), "CATALOGUE_BAD", 1),
    "nothing": (says(200, JSON, b""), "CATALOGUE_BAD", 1),
    "blanks": (says(200, JSON, b"  \n"), "CATALOGUE_BAD", 1),
    "compressed": (says(200, {**JSON, "Content-Encoding": "gzip"}, b"\x1f\x8b"), "CATALOGUE_BAD", 1),
    "cut": (says(200, JSON, b"{", 100), "CATALOGUE_BAD", 3),
    "17 MiB": (says(200, JSON, b"{", 17 << 20), "TOO_LARGE", 1),
}


@pytest.mark.parametrize("name", FAILURES)
async def test_failures_have_names(ask: Ask, upstream: Upstream, name: str) -> None:
    script, code, requests = FAILURES[name]

    async def hanging_up(exchange: Exchange) -> None:
        await script(exchange)
        if name == "cut":
            exchange.writer.close()

    upstream.script = hanging_up
    answer = await ask("catalogues/cat/a")
    assert answer.code == code
    assert len(upstream.requests) == requests
    assert b"127.0.0.1" not in answer.body
    assert b"Sign in" not in answer.body
    if code == "BUSY":
        assert answer.headers["Retry-After"] in "123" or name in ("429, come back tomorrow", "429, come back at a date")


async def test_a_refused_agent_is_not_taken_for_a_private_study(ask: Ask, upstream: Upstream) -> None:
    upstream.script = says(403, TEXT, b"go away")
    answer = (await ask("catalogues/cat/a")).json
    assert answer["code"] == "UPSTREAM_DENIED"
    assert "User-Agent" in answer["message"]
    assert answer["message"].startswith("Cat ")


async def test_how_long_a_service_wants_to_be_left_alone_is_passed_on(ask: Ask, upstream: Upstream) -> None:
    upstream.script = says(429, {"Retry-After": "3600"})
    answer = await ask("catalogues/cat/a")
    assert answer.headers["Retry-After"] == "3600"
    assert answer.json["message"] == "Cat asks us to come back in 3600 s."


def test_a_wrong_certificate_is_a_service_that_does_not_answer() -> None:
    service = parse_service("cat", {"label": "Cat", "url": "https://x", "paths": ["a"]}, {})
    error = _said(CertificateError(), service)
    assert (error.code, error.message) == ("UPSTREAM_DOWN", "Cat's certificate is not valid.")


async def test_failures_name_the_catalogue(ask: Ask, upstream: Upstream) -> None:
    upstream.script = says(503)
    assert (await ask("catalogues/cat/a")).json["message"] == "Cat is not answering."
    upstream.script = says(200, HTML, PAGE)
    assert (await ask("catalogues/cat/b")).json["message"] == "Cat's answer was not understood."


async def test_an_error_of_the_service_with_status_200_is_the_callers_business(ask: Ask, upstream: Upstream) -> None:
    upstream.script = says(body=b'{"Error": "no such key"}')
    assert (await ask("catalogues/cat/a")).json == {"Error": "no such key"}


@pytest.mark.parametrize(
    ("given", "passed", "body"),
    [
        ("application/json; charset=utf-8", "application/json", b"\xef\xbb\xbf [1]"),
        ("application/ld+json", "application/json", b"{}"),
        ("Application/JSON", "application/json", b"null"),
        ("text/plain; charset=utf-8", "text/plain", b"a\tb"),
        ("text/csv", "text/csv", b"a,b\n<html>,1"),
        ("text/tab-separated-values", "text/tab-separated-values", b""),
        ("image/png", "image/png", b"\x89PNG\r\n\x1a\n..."),
        ("image/jpeg", "image/jpeg", b"\xff\xd8\xff\xe0"),
    ],
)
async def test_types_of_data_come_through(ask: Ask, upstream: Upstream, given: str, passed: str, body: bytes) -> None:
    upstream.script = says(200, {"Content-Type": given}, body)
    answer = await ask("catalogues/cat/a")
    assert (answer.status, answer.body) == (200, body)
    assert answer.headers["Content-Type"] == passed
    assert answer.headers["Content-Disposition"] == "attachment"


async def test_16_mib_come_through_and_an_endless_answer_does_not(ask: Ask, upstream: Upstream) -> None:
    whole = b"[" + b"1," * (8 << 20)
    upstream.script = says(body=whole[: 16 << 20])
    assert len((await ask("catalogues/cat/a")).body) == 16 << 20
    sent = 0

    async def endless(exchange: Exchange) -> None:
        nonlocal sent
        await exchange.raw(b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            await exchange.raw(b"10000\r\n" + b"1" * 65536 + b"\r\n")
            sent += 65536

    upstream.script = endless
    assert (await ask("catalogues/cat/b")).code == "TOO_LARGE"
    assert sent < 40 << 20


async def test_tables_travel_compressed_to_those_who_can_read_it(ask: Ask, upstream: Upstream) -> None:
    whole = json.dumps([{"id": number, "name": f"image {number}"} for number in range(5000)]).encode()
    upstream.script = says(body=whole)
    for accept, packed in (("gzip, deflate, br", True), ("br", False), ("gzip;q=0", False), ("x-gzip", False)):
        answer = await ask("catalogues/cat/a", headers={"Accept-Encoding": accept})
        assert ("Content-Encoding" in answer.headers) == packed
        assert answer.headers["Content-Length"] == str(len(answer.body))
        assert (gzip.decompress(answer.body) if packed else answer.body) == whole
        if packed:
            print(f"{len(whole)} bytes travel as {len(answer.body)}")
            assert len(answer.body) < len(whole) / 5
    upstream.script = says(body=b"{}")
    assert "Content-Encoding" not in (await ask("catalogues/cat/b", headers={"Accept-Encoding": "gzip"})).headers
