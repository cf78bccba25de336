"""Answers kept on disk: bounded, private, and trusted no further than they check."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..services.answercache import ABANDONED, MAX_HEAD, AnswerCache, Kept
from ..services.client import Upstream as Shared
from ..services.relay import Relay, _sound
from .relays import Clock

BIG = 4 * MAX_HEAD


@pytest.fixture
def caches(tmp_path: Path) -> Iterator[Any]:
    made: list[AnswerCache] = []

    def new(size: int = 1 << 22, clock: Any = None) -> AnswerCache:
        made.append(AnswerCache(tmp_path / "kept", size, clock or Clock()))
        return made[-1]

    yield new
    for cache in made:
        cache.close()


def kept(body: bytes = b"{}", **changes: Any) -> Kept:
    return Kept(**{"body": body, "type": "application/json", "stored": 1.5, **changes})


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "kept").iterdir())


async def test_an_answer_comes_back_whole(caches: Any) -> None:
    cache = caches()
    answer = kept(bytes(range(256)) * 10, etag='W/"é"', modified="yesterday", type="image/png")
    await cache.put("a\nb", answer)
    assert await cache.get("a\nb") == answer
    assert await caches().get("a\nb") == answer, "another server"
    assert await cache.get("a") is None
    await cache.drop("a\nb")
    assert await cache.get("a\nb") is None
    await cache.drop("a\nb")


async def test_nobody_else_may_read_it(caches: Any, tmp_path: Path) -> None:
    await caches().put("a", kept())
    assert stat.S_IMODE((tmp_path / "kept").stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in files(tmp_path)] == [0o600]


async def test_those_used_longest_ago_go_first(caches: Any, tmp_path: Path) -> None:
    clock = Clock()
    cache = caches(5 * (BIG + 200), clock)
    for name in "abcde":
        clock.now += 1
        await cache.put(name, kept(bytes(BIG)))
    clock.now += 1
    assert await cache.get("a") is not None
    await cache.put("f", kept(bytes(BIG)))
    assert [name for name in "abcdef" if await cache.get(name)] == ["a", "c", "d", "e", "f"]
    clock.now += 1
    await cache.get("c")
    other = caches(3 * (BIG + 200), clock)  # a server with less room, which knows the order from the files alone
    clock.now += 1
    await other.put("g", kept(bytes(BIG)))
    assert "g" in [name for name in "acdefg" if await other.get(name)]
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 3 * (BIG + 200)


async def test_the_bound_holds_over_a_thousand_answers(caches: Any, tmp_path: Path) -> None:
    bound = 1 << 20
    cache = caches(bound)
    for number in range(1000):
        await cache.put(f"{number}", kept(os.urandom(number * 37 % 9000)))
    total = sum(path.stat().st_size for path in files(tmp_path))
    print(f"{len(files(tmp_path))} answers of 1000 kept, {total} bytes")
    assert bound // 2 < total <= bound


async def test_the_same_question_takes_room_once(caches: Any, tmp_path: Path) -> None:
    cache = caches(3 * BIG)
    for number in range(20):
        await cache.put("a", kept(bytes([number]) * BIG))
    assert (await cache.get("a")).body == bytes([19]) * BIG
    assert len(files(tmp_path)) == 1


async def test_what_does_not_fit_is_not_kept(caches: Any, tmp_path: Path) -> None:
    for cache in (caches(BIG), caches(0)):
        await cache.put("a", kept(bytes(BIG)))
        assert await cache.get("a") is None
    await caches().put("q" * MAX_HEAD, kept())
    assert not (tmp_path / "kept").exists() or files(tmp_path) == []


DAMAGES: dict[str, Any] = {
    "empty": lambda data: b"",
    "cut in the head": lambda data: data[:20],
    "cut in the body": lambda data: data[:-1],
    "longer": lambda data: data + b"x",
    "a flipped bit": lambda data: data[:-3] + bytes([data[-3] ^ 1]) + data[-2:],
    "not JSON": lambda data: b"{" + data,
    "another document": lambda data: b"[]\n",
    "no head": lambda data: b"x" * (2 * MAX_HEAD),
    "deep": lambda data: b"[" * 30_000 + b"\n",
    "unknown field": lambda data: data.replace(b'"type"', b'"kind"'),
    "wrong type": lambda data: data.replace(b'"application/json"', b"1"),
    "no time": lambda data: data.replace(b"1.5", b'"1"'),
    "no number": lambda data: data.replace(b"1.5", b"NaN"),
    "never": lambda data: data.replace(b"1.5", b"Infinity"),
    "before everything": lambda data: data.replace(b"1.5", b"-Infinity"),
    "the end of days": lambda data: data.replace(b"1.5", b"1" + b"0" * 400),
    "another question": lambda data: data.replace(b'"question": "a"', b'"question": "b"'),
    "binary": lambda data: bytes(range(256)),
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damaged_file_is_thrown_away(caches: Any, tmp_path: Path, damage: str) -> None:
    cache = caches()
    await cache.put("a", kept(b'{"long": "enough"}'))
    (path,) = files(tmp_path)
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    assert await cache.get("a") is None
    assert files(tmp_path) == []
    await cache.put("a", kept())
    assert await cache.get("a") == kept()


async def test_a_file_that_says_it_is_a_page_never_leaves(caches: Any) -> None:
    """Whoever owns the home folder can write there; a page would run in the session's own origin."""
    relay = Relay([], caches(), Shared(), 100)
    for answer in (kept(b"<script>", type="text/html"), kept(b"<script>"), kept(b"GIF8", type="image/png")):
        await relay._cache.put("k", answer)
        assert _sound(await relay._cache.get("k")) is None


async def test_links_are_not_written_through(caches: Any, tmp_path: Path) -> None:
    cache = caches()
    await cache.put("a", kept())
    (path,) = files(tmp_path)
    outside = tmp_path / "outside"
    outside.write_text("mine")
    path.unlink()
    path.symlink_to(outside)
    await cache.put("a", kept())
    assert outside.read_text() == "mine"
    assert not path.is_symlink()


async def test_unfinished_files_are_cleared_away_when_nobody_finishes_them(caches: Any, tmp_path: Path) -> None:
    clock = Clock()
    (tmp_path / "kept").mkdir()
    for name, age in (("old.partial", ABANDONED + 1), ("young.partial", 10), ("foreign.txt", ABANDONED + 1)):
        (tmp_path / "kept" / name).write_text("x")
        os.utime(tmp_path / "kept" / name, (clock.now - age,) * 2)
    await caches(clock=clock).put("a", kept())
    assert {path.name for path in files(tmp_path) if path.suffix != ".answer"} == {"young.partial", "foreign.txt"}


async def test_a_place_that_is_no_folder_and_a_full_disk(
    caches: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kept").write_text("a file")
    cache = caches()
    await cache.put("a", kept())
    assert await cache.get("a") is None
    (tmp_path / "kept").unlink()

    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        await cache.put("a", kept())
    assert await cache.get("a") is None
    assert files(tmp_path) == [], "nothing unfinished stays"


async def test_a_folder_that_vanishes_meanwhile(caches: Any, tmp_path: Path) -> None:
    cache = caches()
    await cache.put("a", kept())
    for path in files(tmp_path):
        path.unlink()
    (tmp_path / "kept").rmdir()
    assert await cache.get("a") is None
    await cache.put("b", kept())
    assert await cache.get("b") == kept()


async def test_two_servers_in_one_home(caches: Any, tmp_path: Path) -> None:
    bound = 1 << 20
    one, two = caches(bound), caches(bound)
    for number in range(300):
        await asyncio.gather(one.put(f"a{number}", kept(bytes(4000))), two.put(f"b{number}", kept(bytes(4000))))
    for path in files(tmp_path):
        head = json.loads(path.read_bytes().split(b"\n", 1)[0])
        assert await one.get(head["question"]) == kept(bytes(4000))
    # Each knows the other's files from looking through the folder now and then.
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 2 * bound


def test_a_clock_that_was_set_back_makes_nothing_younger() -> None:
    assert kept(stored=100.0).age(50.0) == 0
    assert kept(stored=100.0).age(100.9) == 0
    assert kept(stored=100.0).age(161.0) == 61
    assert kept(stored=110.1).age(50.0) is None, "nor does one that was ahead keep it young for ever"
