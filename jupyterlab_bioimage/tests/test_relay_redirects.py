"""Places that a service points to: listed ones are followed for two steps, no other is asked for anything."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..errors import BioImageError
from ..services.answercache import AnswerCache
from ..services.catalogueconfig import parse_service
from ..services.client import Upstream as Shared
from ..services.guard import AddressGuard
from ..services.relay import Relay
from .test_network import PRIVATE, names
from .upstream import Exchange, Sink, Upstream

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def pointing(upstream: Upstream, sink: Sink) -> dict[str, Any]:
    """Two services: ``a`` redirects, ``b`` may be redirected to."""
    return {
        "a": {"url": f"{upstream.url}/a", "paths": ["[a-z/]+", "x[.]json"], "post": ["ask"]},
        "b": {"url": f"{upstream.url}/b", "paths": ["[a-z0-9/]+[.]json"]},
    }


LOCATIONS = [
    "",
    "{sink}/x.json",
    "http://127.0.0.1:{port}@127.0.0.1/x.json",
    "http://user:word@127.0.0.1:{up}/b/x.json",
    "http://127.0.0.1:{up}@{host}/b/x.json",
    "http://127.0.0.1:{up}\\@{host}/b/x.json",
    "http://127.0.0.1:{up}#@{host}/b/x.json",
    "//{host}/b/x.json",
    "///{host}/b/x.json",
    "\\\\{host}\\x.json",
    "/\\{host}/x.json",
    "https://127.0.0.1:{up}/b/x.json",
    "ftp://127.0.0.1:{up}/b/x.json",
    "file:///etc/passwd",
    "data:application/json,{}",
    "javascript:alert(1)",
    "http://127.0.0.1/b/x.json",
    "http://127.0.0.1:{port}/b/x.json",
    "http://[::1]:{up}/b/x.json",
    "http://[::ffff:127.0.0.1]:{up}/b/x.json",
    "http://2130706433:{up}/b/x.json",
    "http://0x7f.1:{up}/b/x.json",
    "http://localhost:{up}/b/x.json",
    "http://127.0.0.1.:{up}/b/x.json",
    "http://127.0.0.1:{up}.evil.example/b/x.json",
    "http://169.254.169.254/latest/meta-data/",
    "/b/x.html",
    "/b/../c/x.json",
    "/b/%2e%2e/c/x.json",
    "/b/%252e%252e/x.json",
    "/b/x.json#fragment",
    "/b//x.json",
    "/b/a%2Fx.json",
    "/b/a%5Cx.json",
    "/bb/x.json",
    "/bax.json",
    "/c/x.json",
    "/",
    "b/x.json",
    "x.html",
    "/b/x.json?" + "a" * 9000,
    "/b/x.json?a=%0d%0aHost:%20evil",
    "/b/\u00e9.json",
]


@pytest.fixture
def relay(jp_asyncio_loop: asyncio.AbstractEventLoop, pointing: dict[str, Any], tmp_path: Path) -> Iterator[Relay]:
    services = [parse_service(name, entry, {}) for name, entry in pointing.items()]
    relay = Relay(services, AnswerCache(tmp_path, 0), Shared(), 0)
    yield relay
    jp_asyncio_loop.run_until_complete(relay.close())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_to_any_other_place_is_not_followed(
    relay: Relay, upstream: Upstream, sink: Sink, status: int
) -> None:
    for location in LOCATIONS:
        where = location.replace("{sink}", sink.url).replace("{port}", str(sink.port))
        where = where.replace("{host}", f"127.0.0.1:{sink.port}").replace("{up}", str(upstream.port))
        asked = len(upstream.requests)

        async def script(exchange: Exchange, where: str = where) -> None:
            await exchange.send(status, {"Location": where.encode().decode("latin-1")})

        upstream.script = script
        with pytest.raises(BioImageError) as caught:
            await relay.ask(relay.question("a", "go"))
        assert caught.value.code == "CATALOGUE_BAD", where
        assert len(upstream.requests) == asked + 1, where
        assert sink.dry, where
    print(f"{len(LOCATIONS)} places that were not followed")


async def test_a_name_that_leads_inside_is_refused_whatever_it_said_before(
    sink: Sink, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: the first look-up is public, the next is not; the address that is connected to is the one judged."""
    opened: list[Any] = []
    monkeypatch.setattr(AddressGuard, "open_socket", lambda self, info: opened.append(info))
    for address in PRIVATE:
        monkeypatch.setattr("aiohttp.resolver.ThreadedResolver.resolve", names([address.partition("%")[0]]))
        service = parse_service("a", {"url": f"http://rebind.example:{sink.port}", "paths": ["x"]}, {})
        relay = Relay([service], AnswerCache(tmp_path, 0), Shared(), 0)
        with pytest.raises(BioImageError) as caught:
            await relay.ask(relay.question("a", "x"))
        assert caught.value.code == "STORE_DENIED"
        await relay.close()
    assert not opened


async def test_proxies_of_the_environment_are_ignored(
    sink: Sink, relay: Relay, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, sink.url)
    upstream.script = lambda exchange: exchange.send(200, {"Content-Type": "application/json"}, b"{}")
    assert (await relay.ask(relay.question("a", "go"))).body == b"{}"


def steps(places: dict[str, str]) -> Any:
    """Answers ``places`` (target → Location) with a redirect and all else with the target itself."""

    async def script(exchange: Exchange) -> None:
        where = places.get(exchange.target)
        if where is not None:
            await exchange.send(302, {"Location": where})
        else:
            await exchange.send(200, JSON, f'"{exchange.target}"'.encode())

    return script


@pytest.mark.parametrize(
    ("places", "end"),
    [
        ({"/a/go": "/a/there"}, "/a/there"),
        ({"/a/go": "there?b=2&a=%20"}, "/a/there?b=2&a=%20"),
        ({"/a/go": "{up}/b/s1/x.json"}, "/b/s1/x.json"),
        ({"/a/go": "../b/x.json"}, "/b/x.json"),
        ({"/a/go": "go/", "/a/go/": "/b/x.json"}, "/b/x.json"),
    ],
)
async def test_a_listed_place_is_followed(relay: Relay, upstream: Upstream, places: dict[str, str], end: str) -> None:
    upstream.script = steps({start: where.replace("{up}", upstream.url) for start, where in places.items()})
    answer = await relay.ask(relay.question("a", "go"))
    assert (answer.body.decode(), answer.origin) == (f'"{end}"', "service")
    assert len(upstream.requests) == len(places) + 1
    assert all("referer" not in exchange.headers for exchange in upstream.requests)


async def test_two_steps_and_no_more(relay: Relay, upstream: Upstream) -> None:
    for places, asked in (({"/a/go": "/a/go"}, 3), ({"/a/go": "b", "/a/b": "c", "/a/c": "d"}, 3)):
        upstream.requests.clear()
        upstream.script = steps(places)
        with pytest.raises(BioImageError) as caught:
            await relay.ask(relay.question("a", "go"))
        assert caught.value.code == "CATALOGUE_BAD"
        assert len(upstream.requests) == asked


async def test_a_question_with_a_body_is_never_sent_elsewhere(relay: Relay, upstream: Upstream) -> None:
    for status in (301, 302, 303, 307, 308):
        upstream.requests.clear()

        async def script(exchange: Exchange, status: int = status) -> None:
            await exchange.send(status, {"Location": "/a/ask"})

        upstream.script = script
        with pytest.raises(BioImageError) as caught:
            await relay.ask(relay.question("a", "ask", "", b"{}"))
        assert caught.value.code == "CATALOGUE_BAD"
        assert len(upstream.requests) == 1
