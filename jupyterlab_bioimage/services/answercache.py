"""Answers of catalogues, kept so that an archive is asked once a day and a session without network shows something.

On disk and not in memory, because sessions end many times a day while the home folder stays, and because answers of
megabytes would take memory from the images. One file per answer: a line of JSON that describes it, then its bytes. The
files are private (0600), written beside and moved into place, and whatever does not check is thrown away; a disk that
is full or read-only costs the cache and nothing else. Files that were used longest ago go first.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import secrets
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

MAX_HEAD = 64 * 1024  # bytes of the describing line; it holds the address and the body of the question
MOST = 4000  # files, so that looking through the folder stays quick
RESCAN = 256  # answers kept until the folder is looked through again: other sessions may use the same home
ABANDONED = 3600.0  # s after which an unfinished file of whoever is nobody's any more
AHEAD = 60.0  # s by which a clock may be set back before what it said earlier is not believed
LATEST = 1e11  # s since 1970 that an answer may say it was stored at
SUFFIX, PARTIAL = ".answer", ".partial"


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer; ``stored`` is when the service gave or confirmed it, in s since 1970."""

    body: bytes
    type: str  # content type without parameters
    stored: float
    etag: str = ""
    modified: str = ""  # Last-Modified as it came

    def age(self, now: float) -> int | None:
        """Whole seconds; None where the clock was ahead when it was kept, for such an answer would stay young."""
        return max(0, int(now - self.stored)) if self.stored <= now + AHEAD else None


class AnswerCache:
    """At most ``most_bytes`` in ``folder``; 0 keeps nothing.

    A thread of its own does all the work, one thing after the other: sums stay right, and questions that were asked one
    after the other go on in that order.
    """

    def __init__(self, folder: Path, most_bytes: int, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._most = most_bytes
        self._clock = clock
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="bioimage-answers")
        self._sizes: dict[str, int] | None = None  # file → bytes, longest unused first
        self._since_scan = 0

    async def get(self, question: str) -> Kept | None:
        """The answer to ``question``, of whatever age."""
        if self._most <= 0:
            return None
        return await self._run(self._read, _name(question), question)

    async def put(self, question: str, kept: Kept) -> None:
        """Keeps an answer, as far as there is room."""
        if len(kept.body) + MAX_HEAD > self._most:
            return
        await self._run(self._write, _name(question), question, kept)

    async def drop(self, question: str) -> None:
        """Forgets an answer."""
        await self._run(self._remove, _name(question))

    def close(self) -> None:
        """Lets the thread end when it is done."""
        self._thread.shutdown(wait=False)

    async def _run(self, work: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)

    def _read(self, name: str, question: str) -> Kept | None:
        path = self._folder / name
        try:
            with open(path, "rb") as file:
                head = file.readline(MAX_HEAD)
                body = file.read()
            os.utime(path, (self._clock(),) * 2)  # used now
        except OSError:
            return None
        kept = _checked(head, body, question)
        if kept is None:
            self._remove(name)
            return None
        if self._sizes is not None and name in self._sizes:
            self._sizes[name] = self._sizes.pop(name)  # to the end: used last
        return kept

    def _remove(self, name: str) -> None:
        if self._sizes is not None:
            self._sizes.pop(name, None)
        _remove(self._folder / name)

    def _write(self, name: str, question: str, kept: Kept) -> None:
        described = {**asdict(kept), "question": question, "check": zlib.crc32(kept.body)}
        del described["body"]
        head = json.dumps(described).encode() + b"\n"
        if len(head) > MAX_HEAD:
            return
        partial = self._folder / (secrets.token_hex(8) + PARTIAL)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
                file.write(head)
                file.write(kept.body)
            os.utime(partial, (self._clock(),) * 2)
            os.replace(partial, self._folder / name)
            self._count(name, len(head) + len(kept.body))
        except OSError:  # full, read-only or gone: the answer is given all the same, only not kept
            _remove(partial)

    def _count(self, name: str, size: int) -> None:
        """Adds a file to the sums and removes those that were used longest ago."""
        self._since_scan += 1
        if self._sizes is None or self._since_scan > RESCAN:
            self._sizes, self._since_scan = self._scan(), 0
        self._sizes.pop(name, None)
        self._sizes[name] = size
        total = sum(self._sizes.values())
        while total > self._most or len(self._sizes) > MOST:
            oldest = next(iter(self._sizes))
            total -= self._sizes.pop(oldest)
            _remove(self._folder / oldest)

    def _scan(self) -> dict[str, int]:
        """Files of the folder, longest unused first; unfinished ones that nobody finishes any more are removed."""
        found: list[tuple[float, str, int]] = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                try:
                    stat = entry.stat(follow_symlinks=False)
                except OSError:
                    continue  # removed by another session meanwhile
                if entry.name.endswith(SUFFIX):
                    found.append((stat.st_mtime, entry.name, stat.st_size))
                elif entry.name.endswith(PARTIAL) and stat.st_mtime < self._clock() - ABANDONED:
                    _remove(Path(entry.path))
        return {name: size for _, name, size in sorted(found)}


def _name(question: str) -> str:
    return hashlib.sha256(question.encode()).hexdigest()[:40] + SUFFIX


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError:
        return  # gone already, or a disk that cannot be written


def _checked(head: bytes, body: bytes, question: str) -> Kept | None:
    """The answer as it was kept; None where the file is damaged or answers another question."""
    try:
        described: Any = json.loads(head)
        if described.pop("question") != question or described.pop("check") != zlib.crc32(body):
            return None
        kept = Kept(body=body, **described)
        texts = (kept.type, kept.etag, kept.modified)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    # No comparison holds for what is not a number, which JSON of Python can say.
    timed = isinstance(kept.stored, (int, float)) and 0 <= kept.stored <= LATEST
    sound = timed and all(isinstance(text, str) for text in texts)
    return kept if sound else None
