"""GET stores/{id}/plane: one display-only picture of what a view shows of an image."""

from __future__ import annotations

from tornado import web

from .base import cancellable
from .open import view_asked
from .pictures import PictureHandler


class PlaneHandler(PictureHandler):
    """GET of one picture of a part of an image."""

    @web.authenticated
    @cancellable
    async def get(self, id: str) -> None:
        store, path, view = view_asked(self, id)
        plane = await self.state.planes.make(store, path, view)
        self.set_header("X-BioImage-Region", ",".join(map(str, plane.region)))
        self.set_header("X-BioImage-Level", str(plane.level))
        await self.send(plane.picture, store.config)
