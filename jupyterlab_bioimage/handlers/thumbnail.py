"""GET stores/{id}/thumbnail: one display-only frame."""

from __future__ import annotations

import re

from tornado import web

from ..errors import BioImageError
from ..said import say
from ..services.keys import check_prefix
from ..services.thumbnail import MAX_SIZE
from .base import cancellable
from .pictures import PictureHandler

_SIZE = re.compile(r"[1-9][0-9]{0,2}")


def parse_size(text: str) -> int:
    """Pixels of the longer side, at most ``MAX_SIZE``."""
    if not _SIZE.fullmatch(text) or int(text) > MAX_SIZE:
        raise BioImageError("BAD_REQUEST", say("The size of a picture is 1 to %1 pixels.", MAX_SIZE))
    return int(text)


class ThumbnailHandler(PictureHandler):
    """GET of a small picture of what lies at a place."""

    @web.authenticated
    @cancellable
    async def get(self, id: str) -> None:
        store = self.stores.get(id)
        path = check_prefix(self.get_query_argument("path", "", strip=False))
        size = parse_size(self.get_query_argument("size", str(MAX_SIZE)))
        await self.send(await self.state.thumbnails.make(store, path, size), store.config)
