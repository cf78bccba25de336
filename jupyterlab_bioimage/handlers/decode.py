"""POST stores/{id}/decode: decoded units of one array, or of parts of files, for codecs that a browser lacks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any

from tornado import web

from ..said import say
from ..services.decode import MAX_DECODED, MAX_UNITS, Unit, decode_parts, decode_units, read_meta
from ..services.decodeplaces import read_parts_request, refuse
from ..services.keys import check_prefix
from ..services.limits import LARGEST
from ..services.shards import Chunk
from .base import BioImageHandler, cancellable
from .frames import FrameWriter

_RANK = 32


def _chunk(value: Any) -> Chunk:
    if not isinstance(value, list) or len(value) > _RANK:
        raise refuse(say("A part is named by one number per axis."))
    for at in value:
        if not isinstance(at, int) or isinstance(at, bool) or not 0 <= at < LARGEST:
            raise refuse(say("A part is named by whole numbers from 0."))
    return tuple(value)


def parse_body(body: bytes) -> dict[str, Any]:
    """BAD_REQUEST where it is not a JSON object."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise refuse(say("The body is not valid JSON.")) from None
    if not isinstance(value, dict):
        raise refuse(say("The body is not an object."))
    return value


def parse_chunks(value: dict[str, Any]) -> tuple[str, Sequence[Chunk]]:
    """Key of the array and indices of its units. BAD_REQUEST, PATH_DENIED."""
    array, listed = value.get("array"), value.get("chunks")
    if not isinstance(array, str):
        raise refuse(say("The array is named by its key."))
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_UNITS:
        raise refuse(say("A request names 1 to %1 parts.", MAX_UNITS))
    return check_prefix(array), [_chunk(entry) for entry in listed]


class DecodeHandler(BioImageHandler):
    """POST of indices of one array, or of places in files; the decoded units as frames."""

    @web.authenticated
    @cancellable
    async def post(self, id: str) -> None:
        store = self.stores.get(id)
        value = parse_body(bytes(self.body))
        if "parts" in value:
            parts = read_parts_request(value, MAX_UNITS, MAX_DECODED)
            await self._write(decode_parts(store, parts, self.state.decoders, self.state.held), True)
            return
        key, chunks = parse_chunks(value)
        array = await read_meta(store, key)
        if any(len(chunk) != len(array.shape) for chunk in chunks):
            raise refuse(say("A part of this array is named by %1 numbers.", len(array.shape)))
        await self._write(decode_units(store, array, chunks, self.state.decoders, self.state.held), False)

    async def _write(self, units: AsyncIterator[Unit], tagged: bool) -> None:
        """The units as frames; with the ETags of their objects where they are ``tagged``."""
        writer = FrameWriter(self)
        async with aclosing(units) as stream:  # type: ignore[type-var]  # an async generator
            async for unit in stream:
                if unit.error is not None:
                    shown = {"code": "ABSENT"} if unit.error.code == "ABSENT" else self.describe(unit.error)
                    await writer.frame({"i": unit.index, "status": unit.error.status, **shown})
                    continue
                header: dict[str, Any] = {"i": unit.index, "status": 200}
                if unit.gzip:
                    header["encoding"] = "gzip"
                if tagged and unit.etag:
                    header["etag"] = unit.etag
                await writer.frame(header, unit.data)
                await asyncio.sleep(0)  # a flush that is done at once does not let others run
        await writer.end()
