"""The interface of every store, and the nouns that cross it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Literal

from ..errors import BioImageError, TooLargeError
from ..said import say
from .limits import MAX_READ, PAGE

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Item:
    """What to read: a whole object, ``[start, end)`` (``end`` None: to its end), or its last ``suffix`` bytes.

    ``match``: ETag of the object that something was read of before; CHANGED where it is another one now.
    """

    key: str
    start: int | None = None
    end: int | None = None
    suffix: int | None = None
    match: str | None = None

    @property
    def whole(self) -> bool:
        return self.start is None and self.suffix is None

    def matches(self, etag: str | None) -> bool:
        """Nothing says that the object has changed."""
        return self.match is None or etag is None or etag == self.match

    @property
    def expected(self) -> int | None:
        """Upper bound of the bytes that come, None where only the storage knows."""
        if self.start is not None and self.end is not None:
            return self.end - self.start
        return self.suffix


@dataclass(frozen=True, slots=True)
class Stat:
    """Size of the whole object in bytes, and its strong ETag with quotes (None: there is none)."""

    size: int
    etag: str | None


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes read. ``size`` is the whole object's, ``start`` the offset of ``data`` in it."""

    data: bytes
    etag: str | None
    size: int
    start: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of item ``index``: a blob or an error; an absent object is an error with code ABSENT."""

    index: int
    blob: Blob | None = None
    error: BioImageError | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    kind: Literal["file", "folder", "zarr"]
    size: int | None = None  # bytes, files only
    broken: bool = False  # a link that leads nowhere, or out of the store

    def to_json(self) -> dict[str, Any]:
        entry: dict[str, Any] = {"name": self.name, "kind": self.kind}
        if self.size is not None:
            entry["size"] = self.size
        if self.broken:
            entry["broken"] = True
        return entry


@dataclass(frozen=True, slots=True)
class Listing:
    entries: list[Entry]
    cursor: str | None = None  # opaque; None at the end


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """A store as the operator described it; addresses have no trailing slash."""

    id: str
    label: str
    kind: Literal["folder", "s3", "https"]
    prefixes: tuple[str, ...] = ()
    prefer: Literal["session", "direct", "auto"] = "session"
    direct: str | None = None
    absent_is_403: bool = False
    immutable: bool = False
    opaque_etags: bool = False  # 32 hexadecimal digits that are not the object's MD5
    root: str = ""
    endpoint: str = ""
    bucket: str = ""
    prefix: str = ""
    url: str = ""
    networks: tuple[Network, ...] = field(default=())  # non-public addresses the operator allows

    def to_json(self) -> dict[str, Any]:
        """What the browser and the kernel of this session may know."""
        access = {
            "root": self.root,
            "endpoint": self.endpoint,
            "bucket": self.bucket,
            "prefix": self.prefix,
            "url": self.url,
        }
        info: dict[str, Any] = {
            "id": self.id,
            "label": self.label,
            "kind": self.kind,
            "prefixes": list(self.prefixes),
            "prefer": self.prefer,
            "absentIs403": self.absent_is_403,
            "access": {name: value for name, value in access.items() if value},
        }
        if self.direct:
            info["direct"] = self.direct
        return info


#: Items with their places in a request.
Group = list[tuple[int, Item]]
Outcomes = list[Outcome]  # aliases, because a store's own ``list`` hides the built-in in its annotations


def span(item: Item, size: int, limit: int = MAX_READ) -> tuple[int, int]:
    """``[start, end)`` of the item in an object of ``size`` bytes; a range that begins past the end is 416."""
    if item.suffix is not None:
        start, end = max(0, size - item.suffix), size
    elif item.start is not None:
        start, end = item.start, size if item.end is None else min(item.end, size)
    else:
        start, end = 0, size
    if not item.whole and start >= size:
        raise BioImageError("BAD_REQUEST", say("The range lies outside the object."), status=416)
    if end - start > limit:
        raise TooLargeError(end - start)
    return start, end


class Store(ABC):
    """A named, allow-listed root of bytes. Keys are checked by ``check_key`` before they get here."""

    parallel: int = 1  # groups in flight that this store gains from
    group: int = 1  # items that are cheapest read together

    def __init__(self, config: StoreConfig) -> None:
        self.config = config

    @abstractmethod
    async def read(self, item: Item, limit: int = MAX_READ) -> Blob:
        """The bytes. ABSENT where there is no object; TooLargeError beyond ``limit`` bytes, before reading them."""

    @abstractmethod
    async def stat(self, key: str) -> Stat:
        """Size and ETag without the bytes. ABSENT where there is no object."""

    @abstractmethod
    async def list(self, prefix: str, cursor: str | None = None, limit: int = PAGE) -> Listing:
        """A page of the folder ``prefix`` in the order of names; NOT_FOUND, UNSUPPORTED."""

    async def close(self) -> None:  # noqa: B027  most stores hold nothing
        """Releases connections, threads and descriptors; twice is harmless."""

    def plan(self, items: Sequence[tuple[int, Item]]) -> Sequence[Group]:
        """The items in groups that are read together."""
        return [list(items[at : at + self.group]) for at in range(0, len(items), self.group)]

    async def read_group(self, group: Sequence[tuple[int, Item]], limit: int = MAX_READ) -> Outcomes:
        """One outcome per item read. A store may stop early; the caller asks for the others again."""
        outcomes = []
        for index, item in group:
            try:
                outcomes.append(Outcome(index, await self.read(item, limit)))
            except BioImageError as error:
                outcomes.append(Outcome(index, error=error))
        return outcomes
