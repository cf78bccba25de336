"""GET stores/{id}/thumbnail: one display-only frame."""

from __future__ import annotations

import hashlib
import re

from tornado import web

from ..errors import BioImageError
from ..services.keys import check_prefix
from ..services.limits import DAY
from ..services.store import StoreConfig
from ..services.thumbnail import MAX_SIZE
from .base import BioImageHandler, cancellable

_SIZE = re.compile(r"[1-9][0-9]{0,2}")


def parse_size(text: str) -> int:
    """Pixels of the longer side, at most ``MAX_SIZE``."""
    if not _SIZE.fullmatch(text) or int(text) > MAX_SIZE:
        raise BioImageError("BAD_REQUEST", f"The size of a thumbnail is 1 to {MAX_SIZE} pixels.")
    return int(text)


def keep_for(config: StoreConfig) -> int:
    """s for which a browser may show it unasked: one's own files change, archives hardly do."""
    if config.immutable:
        return 7 * DAY
    return 60 if config.kind == "folder" else 3600


class ThumbnailHandler(BioImageHandler):
    @web.authenticated
    @cancellable
    async def get(self, id: str) -> None:
        store = self.stores.get(id)
        path = check_prefix(self.get_query_argument("path", "", strip=False))
        size = parse_size(self.get_query_argument("size", str(MAX_SIZE)))
        picture = await self.state.thumbnails.make(store, path, size)
        self.set_header("Etag", f'"{hashlib.sha256(picture.data).hexdigest()[:32]}"')
        self.set_header("Cache-Control", f"private, max-age={keep_for(store.config)}")
        if self.check_etag_header():
            self.set_status(304)
            await self.finish(set_content_type=picture.mime)
            return
        self.set_header("Content-Length", str(len(picture.data)))
        await self.finish(picture.data, set_content_type=picture.mime)
