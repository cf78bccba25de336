"""The stores of this session, by id. No other address is ever read by the server."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..errors import BioImageError
from .client import Upstream
from .http import HttpsStore
from .mounted import MountedStore
from .s3 import S3Store
from .store import Store, StoreConfig
from .storeconfig import parse_store

#: One line per kind of store: kind → class.
KINDS: dict[str, Callable[[StoreConfig, Upstream], Store]] = {
    "folder": lambda config, _: MountedStore(config),
    "s3": S3Store,
    "https": HttpsStore,
}
FILES = "files"  # the session's own files


class StoreRegistry:
    """Owns its stores and closes them."""

    def __init__(self, stores: Iterable[Store] = ()) -> None:
        self._stores: dict[str, Store] = {}
        for store in stores:
            self.add(store)

    @classmethod
    def from_config(
        cls, root: str, entries: Iterable[Mapping[str, Any]], log: logging.Logger, upstream: Upstream | None = None
    ) -> StoreRegistry:
        """The session's files at ``root`` and the configured stores; an unusable one is left out and logged."""
        registry = cls()
        upstream = upstream or Upstream()
        registry.add(MountedStore(parse_store({"id": FILES, "label": "Files", "root": root})))
        for position, entry in enumerate(entries):
            try:
                config = parse_store(entry)
                registry.add(KINDS[config.kind](config, upstream))
            except (ValueError, BioImageError) as error:
                name = str(entry.get("id"))[:64]
                log.error("bioimage: store %d (%r) is left out: %s", position, name, error)  # noqa: TRY400  no trace
        return registry

    def add(self, store: Store) -> None:
        """ValueError when the id is taken."""
        if store.config.id in self._stores:
            raise ValueError(f"the id {store.config.id!r} is taken")
        self._stores[store.config.id] = store

    def get(self, id: str) -> Store:
        """STORE_DENIED for an id that is not configured."""
        store = self._stores.get(id)
        if store is None:
            raise BioImageError("STORE_DENIED")
        return store

    def all(self) -> list[Store]:
        return list(self._stores.values())

    async def close(self) -> None:
        for store in self.all():
            await store.close()
