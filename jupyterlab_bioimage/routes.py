"""The one table path → handler, below the server's base URL; described in openapi.yaml."""

from __future__ import annotations

from jupyter_server.base.handlers import APIHandler

from .handlers.batch import BatchHandler
from .handlers.catalogues import CataloguesHandler, RelayHandler
from .handlers.decode import DecodeHandler
from .handlers.listing import ListHandler
from .handlers.objects import ObjectHandler
from .handlers.open import OpenHandler
from .handlers.plane import PlaneHandler
from .handlers.plate import PlateHandler
from .handlers.stores import StoresHandler
from .handlers.thumbnail import ThumbnailHandler
from .handlers.unknown import UnknownHandler

ROOT = "/bioimage"

#: Path as in openapi.yaml → handler. ``{id}`` and ``{service}`` are one segment, ``{key}`` and ``{path}`` the rest.
ROUTES: dict[str, type[APIHandler]] = {
    "/stores": StoresHandler,
    "/stores/{id}/open": OpenHandler,
    "/stores/{id}/objects/{key}": ObjectHandler,
    "/stores/{id}/batch": BatchHandler,
    "/stores/{id}/decode": DecodeHandler,
    "/stores/{id}/list": ListHandler,
    "/stores/{id}/thumbnail": ThumbnailHandler,
    "/stores/{id}/plate": PlateHandler,
    "/stores/{id}/plane": PlaneHandler,
    "/catalogues": CataloguesHandler,
    "/catalogues/{service}/{path}": RelayHandler,
}


_SEGMENT, _REST = "([^/]+)", "(.+)"
_PARTS = {"{id}": _SEGMENT, "{service}": _SEGMENT, "{key}": _REST, "{path}": _REST}


def _pattern(path: str) -> str:
    for name, expression in _PARTS.items():
        path = path.replace(name, expression)
    return ROOT + path


def route_table() -> list[tuple[str, type[APIHandler]]]:
    """Patterns for Tornado, the catch-all last: no path below bioimage/ reaches Jupyter's own pages."""
    table = [(_pattern(path), handler) for path, handler in ROUTES.items()]
    return [*table, (ROOT, UnknownHandler), (ROOT + "/.*", UnknownHandler)]
