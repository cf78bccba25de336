"""The server extension: builds the services from the configuration, hangs up the routes, closes what it opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp

from .config import SERVICES, BioImage
from .handlers.state import SETTING, ServerState
from .routes import route_table
from .services.answercache import AnswerCache
from .services.catalogueconfig import parse_rewrites, parse_services
from .services.client import Upstream
from .services.decode import Decoders
from .services.errorlog import ErrorLog
from .services.limits import Admission, ByteGate
from .services.plane import Planes
from .services.preview import Previews
from .services.registry import StoreRegistry
from .services.relay import Relay
from .services.thumbnail import Thumbnails


class BioImageApp(ExtensionApp):
    """Registered by ``_jupyter_server_extension_points``; configured through ``BioImage``."""

    name = "bioimage"
    load_other_extensions = True
    classes = [ServerApp, BioImage]  # noqa: RUF012  declared so by traitlets

    def initialize_settings(self) -> None:
        assert self.serverapp is not None  # noqa: S101  linked before it is initialised
        config = BioImage(parent=self)
        upstream = Upstream(config.agent)
        previews, held = Previews(), ByteGate(config.max_held_bytes)
        self.settings["bioimage_previews"] = previews
        self.settings[SETTING] = ServerState(
            config=config,
            stores=StoreRegistry.from_config(self.serverapp.root_dir, config.stores, self.log, upstream),
            admission=Admission(config.max_open_requests),
            held=held,
            errors=ErrorLog(self.log),
            relay=Relay(
                parse_services(config.services, SERVICES, self.log),
                AnswerCache(Path(self.serverapp.data_dir) / "bioimage" / "catalogues", config.catalogue_cache_bytes),
                upstream,
                config.catalogue_cache_seconds,
            ),
            previews=previews,
            thumbnails=Thumbnails(previews, held),
            planes=Planes(previews, held),
            decoders=Decoders(),
            rewrites=parse_rewrites(config.rewrites, self.log),
        )

    def initialize_handlers(self) -> None:
        routes: list[tuple[Any, ...]] = [(pattern, handler) for pattern, handler in route_table()]
        self.handlers.extend(routes)

    async def stop_extension(self) -> None:
        await self.settings["bioimage_previews"].close()
        state: ServerState = self.settings[SETTING]
        await state.close()
