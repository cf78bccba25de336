"""Manners of the relay: one question at a time per host, equal ones once, a day's memory, and rest for the weary."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ..errors import BioImageError
from ..services.answercache import AnswerCache
from ..services.catalogueconfig import parse_service
from ..services.client import Upstream as Shared
from ..services.limits import DAY
from ..services.relay import Relay, Relayed
from ..services.turns import MAX_WAITING
from .client import Raw
from .conftest import Ask
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


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyterlab_bioimage.services.retry.SHORTEST", 0.0)
    monkeypatch.setattr("jupyterlab_bioimage.services.retry.LONGEST", 0.0)


@pytest.fixture
def make(
    jp_asyncio_loop: asyncio.AbstractEventLoop, upstream: Upstream, tmp_path: Path, clock: Clock
) -> Iterator[Make]:
    """A relay with services ``a`` and ``b`` at one host; what it keeps outlives it."""
    made: list[Relay] = []

    def new(recorded: bool = False, size: int = 1 << 20, **entries: Any) -> Relay:
        entry = {"paths": ["[a-z0-9/]+"], "post": ["ask"], "recorded": recorded}
        entries = entries or {name: {**entry, "url": f"{upstream.url}/{name}"} for name in ("a", "b")}
        services = [parse_service(name, one, {}) for name, one in entries.items()]
        made.append(Relay(services, AnswerCache(tmp_path / "kept", size, clock), Shared(), DAY, clock=clock))
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


# --- one at a time ----------------------------------------------------------------------------------------------------


async def test_one_question_at_a_time_per_host_in_order(make: Make, upstream: Upstream) -> None:
    gate, relay = Gate(upstream), make()
    asked = [put(relay, f"{n}", "ab"[n % 2]) for n in range(10)]
    await until(lambda: gate.inside == 1)
    gate.open.set()
    answers = await asyncio.gather(*asked)
    assert gate.most == 1
    targets = [f"/{'ab'[n % 2]}/{n}" for n in range(10)]
    assert [exchange.target for exchange in upstream.requests] == targets
    assert [answer.body.decode() for answer in answers] == [f'"{target}"' for target in targets]


async def test_hosts_do_not_wait_for_each_other(make: Make, upstream: Upstream) -> None:
    gate = Gate(upstream)
    one = {"url": f"http://127.0.0.1:{upstream.port}/a", "paths": ["x"]}
    relay = make(a=one, b={"url": f"http://localhost:{upstream.port}/b", "paths": ["x"]})
    asked = [put(relay, "x", name) for name in "ab"]
    await until(lambda: gate.inside == 2)
    gate.open.set()
    await asyncio.gather(*asked)


async def test_a_server_that_plays_all_archives_is_many_hosts(make: Make, upstream: Upstream) -> None:
    gate, relay = Gate(upstream), make(recorded=True)
    asked = [put(relay, "x", name) for name in "ab"]
    await until(lambda: gate.inside == 2)
    gate.open.set()
    assert {answer.origin for answer in await asyncio.gather(*asked)} == {"recorded"}


async def test_who_gives_up_waiting_leaves_the_queue(make: Make, upstream: Upstream) -> None:
    gate, relay = Gate(upstream), make()
    asked = [put(relay, f"{n}") for n in range(5)]
    await until(lambda: gate.inside == 1)
    for gone in asked[1:4]:
        gone.cancel()
    await asyncio.gather(*asked[1:4], return_exceptions=True)
    gate.open.set()
    await asyncio.gather(asked[0], asked[4])
    assert [exchange.target for exchange in upstream.requests] == ["/a/0", "/a/4"]
    assert gate.given_up == 0, "the one that was under way is not disturbed"


async def test_a_queue_that_is_full_or_does_not_end_is_busy(
    make: Make, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, relay = Gate(upstream), make()
    asked = [put(relay, f"{n}") for n in range(MAX_WAITING + 1)]
    await until(lambda: gate.inside == 1)
    await until(lambda: len(next(iter(relay._hosts.values())).queue._waiting) == MAX_WAITING)
    with pytest.raises(BioImageError) as caught:
        await put(relay, "more")
    assert caught.value.code == "BUSY"
    for one in asked[1:]:
        one.cancel()
    await asyncio.gather(*asked[1:], return_exceptions=True)
    monkeypatch.setattr("jupyterlab_bioimage.services.turns.PATIENCE", 0.01)
    with pytest.raises(BioImageError) as caught:
        await put(relay, "later")
    assert caught.value.code == "BUSY"
    gate.open.set()
    await asked[0]
    assert (await put(relay, "then")).origin == "service", "nobody has taken a turn along"


# --- equal questions, and those who leave -----------------------------------------------------------------------------


async def test_equal_questions_are_asked_once(make: Make, upstream: Upstream) -> None:
    gate, relay = Gate(upstream), make()
    asked = [put(relay, "x", query="b=1&a=2") for _ in range(20)]
    await until(lambda: gate.inside == 1)
    gate.open.set()
    assert len({answer.body for answer in await asyncio.gather(*asked)}) == 1
    assert len(upstream.requests) == 1
    for other in ("a=2&b=1", "b=1", "b=1&a=2&a=2"):
        await put(relay, "x", query=other)
    assert len(upstream.requests) == 4, "order and repetition make another question"


async def test_a_shared_failure_is_everybodys(make: Make, upstream: Upstream) -> None:
    upstream.script = lambda exchange: exchange.send(404)
    relay = make()
    results = await asyncio.gather(*(put(relay, "x") for _ in range(5)), return_exceptions=True)
    assert [getattr(result, "code", None) for result in results] == ["NOT_FOUND"] * 5
    assert len(upstream.requests) == 1


async def test_the_service_is_told_when_the_last_asker_has_gone(make: Make, upstream: Upstream) -> None:
    gate, relay = Gate(upstream), make()
    asked = [put(relay, "x") for _ in range(3)]
    await until(lambda: gate.inside == 1)
    for gone in asked[:2]:
        gone.cancel()
    await asyncio.gather(*asked[:2], return_exceptions=True)
    await asyncio.sleep(0.05)
    assert (gate.inside, gate.given_up) == (1, 0)
    asked[2].cancel()
    await until(lambda: gate.given_up == 1)
    gate.open.set()
    assert (await put(relay, "x")).origin == "service", "a question that was given up can be asked again"


async def test_a_client_that_hangs_up_ends_the_question(raw: Raw, upstream: Upstream, jp_serverapp: Any) -> None:
    gate = Gate(upstream)
    clients = [await raw.send("GET", "catalogues/cat/x") for _ in range(2)]
    clients += [await raw.send("GET", f"catalogues/cat/{n}") for n in range(3)]
    state = jp_serverapp.web_app.settings["bioimage_state"]
    await until(lambda: gate.inside == 1 and state.admission.inside == 5)
    for _, writer in clients:
        writer.close()
    await until(lambda: gate.given_up == 1 and state.admission.inside == 0)
    assert len(upstream.requests) == 1, "those that waited were never asked"
    assert state.held.used == 0


async def test_a_slow_reader_holds_his_answer_and_no_more(raw: Raw, upstream: Upstream, jp_serverapp: Any) -> None:
    body = b"[" + b"1" * (8 << 20)
    upstream.script = lambda exchange: exchange.send(200, JSON, body)
    state = jp_serverapp.web_app.settings["bioimage_state"]
    clients = [await raw.send("GET", "catalogues/cat/x") for _ in range(3)]
    await until(lambda: state.held.used == 3 * len(body))
    for _, writer in clients:
        writer.transport.abort()
    await until(lambda: state.held.used == 0)


# --- a day's memory ---------------------------------------------------------------------------------------------------


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


async def test_a_service_in_trouble_is_left_alone(make: Make, upstream: Upstream) -> None:
    upstream.script = lambda exchange: exchange.send(503)
    relay = make()
    for n in range(20):
        with pytest.raises(BioImageError) as caught:
            await put(relay, f"{n}")
        assert caught.value.code == "UPSTREAM_DOWN"
    assert len(upstream.requests) <= 6
    assert "Trying again in" in caught.value.message


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
