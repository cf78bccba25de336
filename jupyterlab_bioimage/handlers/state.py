"""What the handlers share: built once per server, handed over in the web application's settings."""

from __future__ import annotations

from dataclasses import dataclass

from ..config import BioImage
from ..services.decode import Decoders
from ..services.errorlog import ErrorLog
from ..services.limits import Admission, ByteGate
from ..services.plane import Planes
from ..services.preview import Previews
from ..services.registry import StoreRegistry
from ..services.relay import Relay
from ..services.thumbnail import Thumbnails

SETTING = "bioimage_state"


@dataclass(frozen=True, slots=True)
class ServerState:
    config: BioImage
    stores: StoreRegistry
    admission: Admission
    held: ByteGate  # bytes between storage and browsers, all streams together
    errors: ErrorLog
    relay: Relay
    previews: Previews
    thumbnails: Thumbnails
    planes: Planes
    decoders: Decoders
    rewrites: list[tuple[str, str]]  # old prefix, new prefix; the longest old one first

    async def close(self) -> None:
        await self.decoders.close()
        await self.relay.close()
        await self.stores.close()
