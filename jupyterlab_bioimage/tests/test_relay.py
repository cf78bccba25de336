"""The relay through a real server: what goes to a service, what comes back, and how failures are named."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

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
    await asyncio.sleep(0)
