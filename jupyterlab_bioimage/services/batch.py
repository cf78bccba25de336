"""Reading many items at once in completion order, with a bound on the bytes that wait for a slow reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from ..errors import BioImageError, TooLargeError
from ..said import say
from .limits import GUESS, MAX_BATCH, MAX_READ, SMALL_READ, STREAM_HELD, WAIT, ByteGate
from .store import Group, Item, Outcome, Store
from .taking import Results, taken


def _estimate(group: Group, typical: int) -> int:
    return sum(typical if item.expected is None else min(item.expected, MAX_READ) for _, item in group)


def _limit(group: Group) -> int:
    """Items of stated size may be as large as they say; others are tried as small ones first."""
    return max(SMALL_READ, *(item.expected or 0 for _, item in group))


class BatchReader:
    """One batch. ``total`` is the gate that all streams of the server share.

    Items of unknown size that turn out large are read alone, after their bytes have been reserved.
    """

    def __init__(self, store: Store, items: Sequence[Item], total: ByteGate, budget: int = MAX_BATCH) -> None:
        self._store = store
        self._total = total
        self._budget = budget
        self._gate = ByteGate(STREAM_HELD)
        self._twins: dict[Item, list[int]] = {}
        for index, item in enumerate(items):
            self._twins.setdefault(item, []).append(index)
        self._items = list(self._twins)
        self._todo = list(store.plan(list(enumerate(self._items))))
        self._typical = GUESS  # bytes of the largest whole object seen: the chunks of an image are alike
        self._large: list[tuple[int, int]] = []  # (item, bytes) to be read alone
        self._results: Results[list[Outcome]] = asyncio.Queue()

    async def _read_group(self, group: Group, size: int, limit: int) -> None:
        await self._gate.acquire(size)
        try:
            await self._total.acquire(size, WAIT)
        except BaseException:
            self._gate.release(size)
            raise
        held = size
        try:
            outcomes = await self._store.read_group(group, limit)
            actual = sum(len(outcome.blob.data) for outcome in outcomes if outcome.blob)
            self._learn(outcomes)
            self._gate.adjust(actual - held)
            self._total.adjust(actual - held)
            held = actual
        except BaseException:
            self._give_back(held)
            raise
        again = {index for index, _ in group} - {outcome.index for outcome in outcomes}
        if again:
            self._todo.append([(index, self._items[index]) for index in sorted(again)])
        done = []
        for outcome in outcomes:
            error = outcome.error
            if isinstance(error, TooLargeError) and limit < error.size <= min(MAX_READ, self._budget):
                self._large.append((outcome.index, error.size))
            else:
                done.append(outcome)
        self._results.put_nowait((done, held))

    def _learn(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            if outcome.blob and self._items[outcome.index].whole:
                self._typical = max(self._typical, outcome.blob.size)

    def _give_back(self, size: int) -> None:
        self._gate.release(size)
        self._total.release(size)

    async def _worker(self) -> None:
        while self._todo:
            group = self._todo.pop(0)
            try:
                await self._read_group(group, _estimate(group, self._typical), _limit(group))
            except BioImageError as error:
                self._results.put_nowait(([Outcome(index, error=error) for index, _ in group], 0))

    async def _feed(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(min(self._store.parallel, len(self._todo))):
                    tasks.create_task(self._worker())
            while self._large:
                index, size = self._large.pop(0)
                group = [(index, self._items[index])]
                try:
                    await self._read_group(group, size, size)
                except BioImageError as error:
                    self._results.put_nowait(([Outcome(index, error=error)], 0))
        finally:
            self._results.put_nowait(None)

    async def outcomes(self) -> AsyncIterator[list[Outcome]]:
        """Groups as they are ready; the bytes count as held until the next group is asked for.

        Closing the iterator cancels the reads. A failure of ours (not of an item) is raised at the end.
        """
        groups = taken(self._feed, self._results, self._give_back)
        async with aclosing(groups):  # type: ignore[type-var]  # an async generator
            async for done in groups:
                yield [twin for outcome in done for twin in self._copies(outcome)]

    def _copies(self, outcome: Outcome) -> list[Outcome]:
        """The outcome for every place of the batch that asked for the same bytes, within the batch's budget."""
        copies = []
        for index in self._twins[self._items[outcome.index]]:
            size = len(outcome.blob.data) if outcome.blob else 0
            if size > self._budget:
                copies.append(Outcome(index, error=TooLargeError(size)))
            else:
                self._budget -= size
                copies.append(Outcome(index, outcome.blob, outcome.error))
        return copies


async def read_batch(
    store: Store, items: Sequence[Item], total: ByteGate, budget: int = MAX_BATCH
) -> AsyncIterator[list[Outcome]]:
    """``BatchReader`` as a generator; use it under ``contextlib.aclosing``."""
    async with aclosing(BatchReader(store, items, total, budget).outcomes()) as groups:  # type: ignore[type-var]  # an async generator
        async for group in groups:
            yield group


@dataclass(slots=True)
class Read:
    """Chunks of a picture: those that are there, with their bytes, and those that are there and could not be read."""

    chunks: list[tuple[int, ...]]
    data: list[bytes]
    broken: list[tuple[tuple[int, ...], BioImageError]]


def read_parts(
    chunks: Sequence[tuple[int, ...]],
    outcomes: Sequence[Outcome],
    failed: Sequence[tuple[tuple[int, ...], BioImageError]] = (),
) -> Read:
    """What became of the chunks; ``failed``: those of which not even the place is known.

    A failure is raised only where no chunk could be read, NOT_FOUND where none is there.
    """
    read = Read([], [], list(failed))
    for chunk, outcome in zip(chunks, outcomes, strict=True):
        if outcome.blob is not None:
            read.chunks.append(chunk)
            read.data.append(outcome.blob.data)
        elif outcome.error is not None and outcome.error.code != "ABSENT":
            read.broken.append((chunk, outcome.error))
    if not read.chunks:
        raise (
            read.broken[0][1]
            if read.broken
            else BioImageError("NOT_FOUND", say("There are no pixels at this address."))
        )
    return read
