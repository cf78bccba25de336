"""GET stores/{id}/list: a folder of a store, page by page."""

from __future__ import annotations

from tornado import web

from ..services.keys import check_prefix
from .base import BioImageHandler, cancellable


class ListHandler(BioImageHandler):
    """GET of the names directly below a folder, page by page."""

    @web.authenticated
    @cancellable
    async def get(self, id: str) -> None:
        store = self.stores.get(id)
        prefix = check_prefix(self.get_query_argument("prefix", "", strip=False))
        listing = await store.list(prefix, self.get_query_argument("cursor", None))
        self.reply({"entries": [entry.to_json() for entry in listing.entries], "cursor": listing.cursor})
