"""GET stores/{id}/plane: one display-only picture of what a view shows of an image."""

from __future__ import annotations

from tornado import web

from ..services.keys import check_prefix
from .base import cancellable
from .open import parse_view
from .pictures import PictureHandler


class PlaneHandler(PictureHandler):
    """GET of one picture of a part of an image."""

    @web.authenticated
    @cancellable
    async def get(self, id: str) -> None:
        store = self.stores.get(id)
        path = check_prefix(self.get_query_argument("path", "", strip=False))
        view = parse_view(self.get_query_argument("selection", ""), self.get_query_argument("size", "1024x768"))
        plane = await self.state.planes.make(store, path, view)
        self.set_header("X-BioImage-Region", ",".join(map(str, plane.region)))
        self.set_header("X-BioImage-Level", str(plane.level))
        await self.send(plane.picture, store.config)
