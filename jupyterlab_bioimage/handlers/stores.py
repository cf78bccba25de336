"""GET stores: the stores of this session and how each is reached."""

from __future__ import annotations

from tornado import web

from .base import BioImageHandler


class StoresHandler(BioImageHandler):
    """GET of the stores of this server."""

    @web.authenticated
    def get(self) -> None:
        previews = self.settings.get("bioimage_previews")
        if previews is not None:
            previews.warm()  # whoever asks for the stores is about to open an image
        self.reply({"stores": [store.config.to_json() for store in self.stores.all()]})
