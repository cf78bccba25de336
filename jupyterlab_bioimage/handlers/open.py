"""GET stores/{id}/open: one stream with everything the first view of an image needs."""

from __future__ import annotations

import json
import re
from typing import Any

from tornado import web

from ..errors import BioImageError
from ..said import say
from ..services.keys import check_prefix
from ..services.opening import open_stream
from ..services.plan import View, read_view
from ..services.store import Store
from .base import BioImageHandler, cancellable
from .frames import send_frames

WINDOW = "1024x768"  # device pixels, where the browser does not say
_SIZE = re.compile(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})")


def parse_view(selection: str, size: str) -> View:
    """BAD_REQUEST for a size that is not ``WxH`` in device pixels, or a selection that is not valid JSON."""
    match = _SIZE.fullmatch(size)
    if not match:
        raise BioImageError("BAD_REQUEST", say("The size of the view is not valid."))
    try:
        value: Any = json.loads(selection) if selection else None
    except (ValueError, RecursionError):
        raise BioImageError("BAD_REQUEST", say("The selection is not valid JSON.")) from None
    return read_view(value, int(match[1]), int(match[2]))


def view_asked(handler: BioImageHandler, id: str) -> tuple[Store, str, View]:
    """Store, path in it and view that a request names. STORE_DENIED, PATH_DENIED, BAD_REQUEST."""
    store = handler.stores.get(id)
    path = check_prefix(handler.get_query_argument("path", "", strip=False))
    return (
        store,
        path,
        parse_view(handler.get_query_argument("selection", ""), handler.get_query_argument("size", WINDOW)),
    )


class OpenHandler(BioImageHandler):
    """GET of everything the first view of an image needs, as frames."""

    @web.authenticated
    @cancellable
    async def get(self, id: str) -> None:
        store, path, view = view_asked(self, id)
        frames = open_stream(store, path, view, self.settings.get("bioimage_previews"), self.state.held)
        await send_frames(self, frames)
