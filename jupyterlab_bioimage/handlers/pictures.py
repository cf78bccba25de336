"""What the handlers of single pictures share: how long a browser keeps one, and how it confirms it."""

from __future__ import annotations

import hashlib

from ..services.limits import DAY
from ..services.preview import Picture
from ..services.store import StoreConfig
from .base import BioImageHandler


def keep_for(config: StoreConfig) -> int:
    """s for which a browser may show it unasked: one's own files change, archives hardly do."""
    if config.immutable:
        return 7 * DAY
    return 60 if config.kind == "folder" else 3600


class PictureHandler(BioImageHandler):
    """What handlers that answer with one picture have in common."""

    async def send(self, picture: Picture, config: StoreConfig) -> None:
        """The picture, or 304 where the browser has it."""
        self.set_header("Etag", f'"{hashlib.sha256(picture.data).hexdigest()[:32]}"')
        self.set_header("Cache-Control", f"private, max-age={keep_for(config)}")
        if self.check_etag_header():
            self.set_status(304)
            await self.finish(set_content_type=picture.mime)
            return
        self.set_header("Content-Length", str(len(picture.data)))
        await self.finish(picture.data, set_content_type=picture.mime)
