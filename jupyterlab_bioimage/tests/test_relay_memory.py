"""Memory of the relay: a day without asking, then confirmation; last good answers for a service in trouble."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ..errors import BioImageError
from ..services.limits import DAY
from ..services.relay import Relayed
from .conftest import Ask
from .relays import JSON, Clock, Make, put
from .upstream import Exchange, Upstream


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyterlab_bioimage.services.retry.SHORTEST", 0.0)
    monkeypatch.setattr("jupyterlab_bioimage.services.retry.LONGEST", 0.0)


def versions(upstream: Upstream, **headers: str) -> list[str]:
    """A service that counts its answers; the list has what was sent to it to be confirmed."""
    confirmed: list[str] = []

    async def script(exchange: Exchange) -> None:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        wanted = exchange.headers.get("if-none-match") or exchange.headers.get("if-modified-since") or ""
        confirmed.append(wanted)
        if wanted and wanted in given.values():
            await exchange.send(304, given)
        else:
            await exchange.send(200, JSON | given, f"{len(confirmed)}".encode())

    upstream.script = script
    return confirmed


def seen(answer: Relayed) -> tuple[str, str, int | None]:
    return answer.body.decode(), answer.origin, answer.age


async def test_an_answer_is_given_again_for_a_day(make: Make, upstream: Upstream, clock: Clock) -> None:
    confirmed, relay = versions(upstream, Cache_Control="no-store"), make()
    assert seen(await put(relay, "x")) == ("1", "service", None)
    clock.now += DAY - 1
    assert seen(await put(relay, "x")) == ("1", "cache", DAY - 1)
    assert seen(await put(relay, "x", "b")) == ("2", "service", None), "another service"
    clock.now += 1
    assert seen(await put(relay, "x")) == ("3", "service", None)
    assert confirmed == ["", "", ""]


@pytest.mark.parametrize(
    "validator", [{"ETag": '"v1"'}, {"ETag": 'W/"v1"'}, {"Last_Modified": "Wed, 21 Oct 2026 07:28:00 GMT"}]
)
async def test_after_a_day_it_is_confirmed(
    make: Make, upstream: Upstream, clock: Clock, validator: dict[str, str]
) -> None:
    confirmed, relay = versions(upstream, **validator), make()
    await put(relay, "x")
    clock.now += DAY
    assert seen(await put(relay, "x")) == ("1", "service", None)
    clock.now += 10
    assert seen(await put(relay, "x")) == ("1", "cache", 10), "fresh again for a day"
    assert confirmed == ["", *validator.values()]


async def test_a_person_may_want_it_fresher_but_not_staler(make: Make, upstream: Upstream, clock: Clock) -> None:
    versions(upstream)
    relay = make()
    await put(relay, "x")
    clock.now += 100
    assert (await put(relay, "x", max_age=101)).origin == "cache"
    assert (await put(relay, "x", max_age=100)).origin == "service"
    assert (await put(relay, "x", max_age=0)).origin == "service"
    clock.now += DAY
    assert (await put(relay, "x", max_age=10 * DAY)).origin == "service"


async def test_questions_with_a_body_are_kept_by_their_body(make: Make, upstream: Upstream, clock: Clock) -> None:
    versions(upstream, ETag='"v"')
    relay = make()
    bodies = [b'{"a": 1}', b'{"a":1}', b'{"a": 2}', b"", b"{}"]
    answers = [await relay.ask(relay.question("a", "ask", "", body)) for body in bodies]
    assert [answer.body.decode() for answer in answers] == ["1", "1", "2", "3", "4"]
    clock.now += DAY
    again = await relay.ask(relay.question("a", "ask", "", bodies[0]))
    assert (again.body, again.origin) == (b"5", "service"), "a POST is not confirmed but asked again"


async def test_it_outlives_the_server(make: Make, upstream: Upstream, clock: Clock) -> None:
    versions(upstream)
    await put(make(), "x")
    clock.now += 60
    assert seen(await put(make(), "x")) == ("1", "cache", 60)


FALLS: dict[str, Any] = {
    "503": lambda exchange: exchange.send(503),
    "429": lambda exchange: exchange.send(429),
    "a page": lambda exchange: exchange.send(200, {"Content-Type": "text/html"}, b"<html>"),
    "a reset": lambda exchange: asyncio.to_thread(exchange.reset),
    "a cut": lambda exchange: exchange.send(200, JSON, b"{", 10),
}


@pytest.mark.parametrize("fall", FALLS)
async def test_a_service_that_fails_is_stood_in_for(make: Make, upstream: Upstream, clock: Clock, fall: str) -> None:
    versions(upstream)
    relay = make()
    await put(relay, "x")
    clock.now += 3 * DAY

    async def failing(exchange: Exchange) -> None:
        await FALLS[fall](exchange)
        exchange.writer.close()

    upstream.script = failing
    assert seen(await put(relay, "x")) == ("1", "cache", 3 * DAY)
    with pytest.raises(BioImageError):
        await put(relay, "unknown")
    versions(upstream)


async def test_without_network_the_last_answers_are_shown_at_once(make: Make, upstream: Upstream, clock: Clock) -> None:
    versions(upstream)
    relay = make()
    await put(relay, "x")
    clock.now += 2 * DAY
    await upstream.stop()
    for _ in range(10):
        assert seen(await put(relay, "x")) == ("1", "cache", 2 * DAY)


async def test_what_was_withdrawn_is_forgotten(make: Make, upstream: Upstream, clock: Clock) -> None:
    versions(upstream)
    relay = make()
    await put(relay, "x")
    clock.now += DAY
    for status, code in ((403, "UPSTREAM_DENIED"), (404, "NOT_FOUND"), (503, "UPSTREAM_DOWN")):

        async def refusing(exchange: Exchange, status: int = status) -> None:
            await exchange.send(status)

        upstream.script = refusing
        with pytest.raises(BioImageError) as caught:
            await put(relay, "x")
        assert caught.value.code == code


async def test_what_was_kept_while_the_clock_was_ahead_is_asked_for_again(
    make: Make, upstream: Upstream, clock: Clock
) -> None:
    versions(upstream)
    relay = make()
    clock.now += 30 * DAY
    await put(relay, "x")
    clock.now -= 30 * DAY
    upstream.script = lambda exchange: exchange.send(503)
    assert seen(await put(relay, "x")) == ("1", "cache", None), "it stands in, of an age that nobody knows"
    versions(upstream)
    assert (await put(make(), "x")).origin == "service"
    assert seen(await put(make(), "x")) == ("1", "cache", 0)


async def test_a_rest_is_as_long_however_the_clock_is_set(
    make: Make, upstream: Upstream, clock: Clock, steady: Clock
) -> None:
    upstream.script = lambda exchange: exchange.send(429, {"Retry-After": "60"})
    relay = make()
    with pytest.raises(BioImageError, match="come back in"):
        await put(relay, "x")
    versions(upstream)
    clock.now += DAY
    with pytest.raises(BioImageError, match="come back in 60 s"):
        await put(relay, "x")
    clock.now -= 30 * DAY
    steady.now += 60
    assert (await put(relay, "x")).origin == "service"


async def test_a_service_that_asks_for_rest_gets_it(make: Make, upstream: Upstream, steady: Clock) -> None:
    relay = make()
    for after, rest in ((60, 60), (86400, 300)):
        upstream.requests.clear()
        upstream.script = lambda exchange, after=after: exchange.send(429, {"Retry-After": str(after)})  # type: ignore[misc]  # of a loop
        for path in ("x", "y", "z"):
            with pytest.raises(BioImageError, match="come back in") as caught:
                await put(relay, path)
            assert caught.value.code == "BUSY"
        assert len(upstream.requests) == 1
        versions(upstream)
        steady.now += rest - 1
        with pytest.raises(BioImageError, match="come back in 1 s"):
            await put(relay, "x")
        steady.now += 1
        assert (await put(relay, f"after {rest}".replace(" ", ""))).origin == "service"


async def test_a_service_in_trouble_is_left_alone(make: Make, upstream: Upstream) -> None:
    upstream.script = lambda exchange: exchange.send(503)
    relay = make()
    for n in range(20):
        with pytest.raises(BioImageError) as caught:
            await put(relay, f"{n}")
        assert caught.value.code == "UPSTREAM_DOWN"
    assert len(upstream.requests) <= 6
    assert "Trying again in" in caught.value.message


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b"null", False),
        (b"{}", False),
        (b" [ ]", False),
        (b'{"Error": "try later"}', False),
        (b'{"errorMessage": "x"}', False),
        (b'{"id": 1, "Exception": "closed"}', False),
        (b'{"cut": ', False),
        (b'{"Error": null, "results": []}', True),
        (b'{"Error": "", "data": [1]}', True),
        (b"0", True),
        (b'{"Error": "' + b"x" * 9000 + b'"}', True),
    ],
)
async def test_an_answer_that_says_nothing_is_not_kept(make: Make, upstream: Upstream, body: bytes, kept: bool) -> None:
    upstream.script = lambda exchange: exchange.send(200, JSON, body)
    relay = make()
    origins = [(await put(relay, "x")).origin for _ in range(2)]
    assert origins == ["service", "cache" if kept else "service"]


async def test_recorded_answers_are_never_kept(make: Make, upstream: Upstream) -> None:
    versions(upstream)
    relay = make(recorded=True)
    assert [seen(await put(relay, "x")) for _ in range(2)] == [("1", "recorded", None), ("2", "recorded", None)]


async def test_through_the_server_the_age_is_a_header(ask: Ask, upstream: Upstream) -> None:
    versions(upstream)
    first, second = await ask("catalogues/cat/x"), await ask("catalogues/cat/x")
    assert (first.headers["X-BioImage-From"], first.headers.get("Age")) == ("service", None)
    assert (second.headers["X-BioImage-From"], second.headers["Age"]) == ("cache", "0")
    third = await ask("catalogues/cat/x", headers={"X-BioImage-Max-Age": "0"})
    assert (third.body, third.headers["X-BioImage-From"]) == (b"2", "service")
    assert (await ask("catalogues/cat/x", headers={"X-BioImage-Max-Age": "-1"})).headers["X-BioImage-From"] == "cache"
