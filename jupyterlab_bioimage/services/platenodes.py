"""What many places of a plate are, read together: one round of documents for all of them at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import BioImageError
from ..said import say
from .levels import document_key
from .limits import MIB
from .multiscale import Image, Missing
from .ngff import Node, build_node
from .opening import read_all, under
from .store import Item, Store

MAX_ROUNDS = 8
MAX_DOCUMENT = 1 * MIB
INLINE = 64 * 1024  # bytes of documents that are parsed without a thread: less than a millisecond
ROOTS = ("zarr.json", ".zattrs")


@dataclass(slots=True)
class _Asking:
    """One place. ``guessed``: documents of the other Zarr format are taken for absent without a look."""

    path: str
    documents: dict[str, bytes | None]
    guessed: bool = True
    answer: Node | BioImageError | None = None


@dataclass(frozen=True, slots=True)
class _Template:
    """Documents of the levels of an image; where ``probe`` is the same, the others are taken to be the same too."""

    probe: str
    documents: dict[str, bytes | None]


class NodeReader:
    """Nodes of one plate. ``zarr_format``: the plate's own, looked for first; ``drawn``: the level of an image used.

    Wells are alike, so of the second image on only the document of the level that is drawn is read, and the others only
    where it differs from the image's before.
    """

    def __init__(self, store: Store, zarr_format: int, drawn: Callable[[Image], int]) -> None:
        self._store = store
        self._other = ROOTS[0] if zarr_format == 2 else ROOTS[1]
        self._drawn = drawn
        self._template: _Template | None = None

    async def read(self, paths: Sequence[str]) -> list[Node | BioImageError]:
        """One answer a path. NOT_FOUND where neither format has a description; what the store raises for one place."""
        asking = [_Asking(path, {self._other: None}) for path in paths]
        for _ in range(MAX_ROUNDS):
            wanted = [(one, key) for one in asking if one.answer is None for key in await self._advance(one)]
            if not wanted:
                break
            items = [Item(under(one.path, key)) for one, key in wanted]
            for (one, key), outcome in zip(wanted, await read_all(self._store, "", items, MAX_DOCUMENT), strict=True):
                if outcome.error is not None and outcome.error.code != "ABSENT":
                    one.answer = outcome.error
                one.documents[key] = outcome.blob.data if outcome.blob else None
        late = BioImageError("TOO_LARGE", say("Too large to preview (too many documents)."))
        return [one.answer or late for one in asking]

    async def _advance(self, one: _Asking) -> tuple[str, ...]:
        """Keys that are still needed; none where the answer is there."""
        if one.guessed and all(one.documents.get(key, b"") is None for key in ROOTS):
            one.guessed = False
            del one.documents[self._other]
        if all(one.documents.get(key, b"") is None for key in ROOTS):
            one.answer = BioImageError("NOT_FOUND")
            return ()
        template = self._template
        try:
            if template is not None and one.documents.get(template.probe, b"") == template.documents[template.probe]:
                one.documents = (
                    template.documents | one.documents
                )  # what was read goes before what is taken for granted
            node = await _build(one.documents)
            if isinstance(node, Missing) and template is not None:
                keys = set(node.keys)
                if template.probe in keys and keys == set(template.documents):
                    return (template.probe,)
        except BioImageError as error:
            one.answer = error
            return ()
        if isinstance(node, Missing):
            return node.keys
        one.answer = node
        levels = {k: v for k, v in one.documents.items() if k not in ROOTS}
        if isinstance(node, Image) and (template is None or template.documents != levels):
            probe = document_key(node.levels[self._drawn(node)].path, node.zarr_format)
            self._template = _Template(probe, levels)
        return ()


async def _build(documents: dict[str, bytes | None]) -> Node | Missing:
    """Large documents are parsed in a thread, so that the event loop goes on."""
    if sum(len(data) for data in documents.values() if data) > INLINE:
        return await asyncio.to_thread(build_node, documents)
    return build_node(documents)
