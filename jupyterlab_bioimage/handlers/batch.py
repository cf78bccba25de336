"""POST stores/{id}/batch: many objects and ranges in one request, answered frame by frame as they come."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import Any

from tornado import web

from ..errors import BioImageError
from ..said import say
from ..services.batch import read_batch
from ..services.keys import check_key
from ..services.limits import LARGEST
from ..services.store import Item, Outcome
from .base import BioImageHandler, cancellable
from .frames import FrameWriter


def parse_items(body: bytes, most: int, budget: int) -> list[Item | BioImageError]:
    """The items of a batch. A key that is not allowed is an error of its item; anything else refuses the batch."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise BioImageError("BAD_REQUEST", say("The body is not valid JSON.")) from None
    listed = value.get("items") if isinstance(value, dict) else None
    if not isinstance(listed, list) or not 1 <= len(listed) <= most:
        raise BioImageError("BAD_REQUEST", say("A batch has 1 to %1 items.", most))
    items = [_parse_item(entry) for entry in listed]
    if sum(item.expected or 0 for item in items if isinstance(item, Item)) > budget:
        raise BioImageError("BAD_REQUEST", say("A batch reads at most %1 MiB.", budget >> 20))
    return items


def _offset(entry: dict[str, Any], name: str, least: int) -> int | None:
    value = entry.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= LARGEST:
        raise BioImageError("BAD_REQUEST", say("%1 is not a valid number of bytes.", name))
    return value


def _parse_item(entry: Any) -> Item | BioImageError:
    if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
        raise BioImageError("BAD_REQUEST", say("An item has a key."))
    start, end, suffix = _offset(entry, "start", 0), _offset(entry, "end", 1), _offset(entry, "suffix", 1)
    if (start is None) != (end is None) or (start is not None and suffix is not None):
        raise BioImageError("BAD_REQUEST", say("A range has a start and an end, or a suffix."))
    if start is not None and end is not None and start >= end:
        raise BioImageError("BAD_REQUEST", say("The range ends before it begins."))
    try:
        return Item(check_key(entry["key"]), start, end, suffix)
    except BioImageError as error:
        return error


class BatchHandler(BioImageHandler):
    """POST of many items of one store; their answers as frames."""

    @web.authenticated
    @cancellable
    async def post(self, id: str) -> None:
        store = self.stores.get(id)
        config = self.state.config
        parsed = parse_items(bytes(self.body), config.max_items, config.max_batch_bytes)
        refused = [Outcome(index, error=item) for index, item in enumerate(parsed) if not isinstance(item, Item)]
        wanted = [(index, item) for index, item in enumerate(parsed) if isinstance(item, Item)]
        places = [index for index, _ in wanted]
        writer = FrameWriter(self)
        for outcome in refused:
            await self._write(writer, outcome.index, outcome, True)
        reading = read_batch(store, [item for _, item in wanted], self.state.held, config.max_batch_bytes)
        async with aclosing(reading) as groups:  # type: ignore[type-var]  # an async generator
            async for group in groups:
                for outcome in group:
                    await self._write(writer, places[outcome.index], outcome, outcome is not group[-1])
                await asyncio.sleep(0)  # a flush that is done at once does not let others run
        await writer.end()

    async def _write(self, writer: FrameWriter, place: int, outcome: Outcome, more: bool) -> None:
        if (blob := outcome.blob) is None:
            error = outcome.error or BioImageError("INTERNAL")
            # Absence is no failure and needs no words; a sparse image has thousands of it.
            shown = {"code": error.code} if error.code == "ABSENT" else self.describe(error)
            await writer.frame({"i": place, "status": error.status, **shown}, more=more)
            return
        header: dict[str, Any] = {"i": place, "status": 200, "size": blob.size}
        if len(blob.data) != blob.size:
            header["status"] = 206
        if blob.etag:
            header["etag"] = blob.etag
        await writer.frame(header, blob.data, more)
