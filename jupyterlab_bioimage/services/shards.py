"""Where inner chunks lie in a shard (ZEP 2, codec ``sharding_indexed``): one checked way for units and pictures.

An index that cannot be read or trusted is a failure of every chunk it should have told of; only what an intact index
marks as missing is absent.
"""

from __future__ import annotations

from array import array as numbers
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from ..errors import BioImageError, TooLargeError, absent
from ..said import say
from .decode_chunk import crc32c
from .limits import MAX_READ
from .store import Item, Outcome
from .zarrmeta import ArrayMeta

NONE = 2**64 - 1  # offset and length of an inner chunk that is not there

Chunk = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """The parsed index of one shard; ``starts`` and ``ends`` of the inner chunks that are there, each ascending."""

    entries: numbers[int]
    starts: list[int]
    ends: list[int]
    size: int  # of the whole object in bytes
    etag: str | None


def damaged(why: str) -> BioImageError:
    """BAD_CHUNK that says what is wrong with the shard."""
    return BioImageError("BAD_CHUNK", say("A part of the image is damaged: %1.", why))


def index_item(array: ArrayMeta, key: str) -> Item:
    """The read that gets the index of the shard ``key``."""
    assert array.shard is not None  # noqa: S101  asked for sharded arrays only
    size = array.shard.index_bytes
    return Item(key, suffix=size) if array.shard.index_at == "end" else Item(key, 0, size)


def read_index(outcome: Outcome, array: ArrayMeta) -> Index:
    """The index of a shard from its read. BAD_CHUNK where it is cut off or does not match its checksum; the read's own
    error (ABSENT: there is no such shard).
    """
    shard, blob = array.shard, outcome.blob
    assert shard is not None  # noqa: S101  asked for shards
    if blob is None:
        raise outcome.error or BioImageError("INTERNAL")
    data = blob.data
    if len(data) != shard.index_bytes:
        raise damaged(say("the index of a shard is cut off"))
    if shard.index_crc:
        data, stored = data[:-4], data[-4:]
        if crc32c(data) != int.from_bytes(stored, "little"):
            raise damaged(say("the checksum of the index of a shard does not match"))
    entries = numbers("Q", data)
    there = [i for i in range(0, len(entries), 2) if entries[i + 1] <= MAX_READ]
    return Index(
        entries,
        sorted(entries[i] for i in there),
        sorted(entries[i] + entries[i + 1] for i in there),
        blob.size,
        blob.etag,
    )


def place_of(array: ArrayMeta, chunk: Chunk, index: Index) -> tuple[int, int]:
    """``[start, end)`` of an inner chunk in its shard. ABSENT; BAD_CHUNK where the index tells nonsense; TOO_LARGE."""
    assert array.shard is not None  # noqa: S101  asked for shards
    at = 2 * array.place_in_shard(chunk)
    start, length = index.entries[at], index.entries[at + 1]
    if start == length == NONE:
        raise absent()
    end = start + length
    inside = array.shard.index_bytes if array.shard.index_at == "start" else 0
    if length > MAX_READ and end <= index.size:
        raise TooLargeError(length)
    if length == 0 or end > index.size or start < inside:
        raise damaged(say("the index of a shard points outside of it"))
    # Those that begin before our end, less those that end before our beginning: ourselves and whoever overlaps.
    if bisect_left(index.starts, end) - bisect_right(index.ends, start) > 1:
        raise damaged(say("the index of a shard gives the same bytes twice"))
    return start, end
