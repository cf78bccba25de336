"""Every other path below bioimage/: Jupyter's own 404 page would carry the API token."""

from __future__ import annotations

from typing import Any

from tornado import web

from ..errors import BioImageError
from .base import BioImageHandler


class UnknownHandler(BioImageHandler):
    """Refuses every address that no other handler has."""

    def _refuse(self, *args: Any) -> None:
        raise BioImageError("NOT_FOUND")

    get = head = post = put = patch = delete = web.authenticated(_refuse)
