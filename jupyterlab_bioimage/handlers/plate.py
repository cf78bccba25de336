"""GET stores/{id}/plate: the wells of a plate, or the fields of a well, as display-only pictures."""

from __future__ import annotations

from tornado import web

from ..services.keys import check_prefix
from ..services.plate import plate_stream
from ..services.plateview import read_plate_view
from .base import BioImageHandler, cancellable
from .frames import send_frames
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
        await send_frames(self, frames)
