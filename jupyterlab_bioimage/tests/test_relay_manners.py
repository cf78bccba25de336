"""Manners of the relay: one question at a time per host in order, equal ones once, none that nobody wants."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ..errors import BioImageError
from ..services.turns import MAX_WAITING
from .client import Raw
from .relays import JSON, Gate, Make, put, until
from .upstream import Upstream


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
