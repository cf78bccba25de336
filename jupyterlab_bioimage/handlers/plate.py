"""GET stores/{id}/plate: the wells of a plate, or the fields of a well, as display-only pictures."""

from __future__ import annotations

from contextlib import aclosing

from tornado import web

from ..services.keys import check_prefix
from ..services.plate import plate_stream
from ..services.plateview import read_plate_view
from .base import BioImageHandler, cancellable
from .frames import FrameWriter
from .thumbnail import parse_size

SIZE = "128"  # pixels


class PlateHandler(BioImageHandler):
    """GET of the pictures of a plate or of one of its wells, as frames."""

    @web.authenticated
    @cancellable
    async def get(self, id: str) -> None:
        store = self.stores.get(id)
        path = check_prefix(self.get_query_argument("path", "", strip=False))
        size = parse_size(self.get_query_argument("size", SIZE))
        view = read_plate_view(self.get_query_argument("view", ""), size)
        frames = plate_stream(store, path, view, self.state.previews, self.state.held)
        async with aclosing(frames) as stream:  # type: ignore[type-var]  # an async generator
            writer: FrameWriter | None = None
            async for frame in stream:
                if writer is None:  # a failure before the first frame is still an ordinary answer
                    writer = FrameWriter(self)
                await writer.frame(frame.header, frame.body, frame.more)
        if writer is not None:
            await writer.end()
