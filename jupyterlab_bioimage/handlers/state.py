"""What the handlers share: built once per server, handed over in the web application's settings."""

from __future__ import annotations

from dataclasses import dataclass

from ..config import BioImage
from ..services.errorlog import ErrorLog
from ..services.limits import Admission, ByteGate
from ..services.registry import StoreRegistry

SETTING = "bioimage_state"


@dataclass(frozen=True, slots=True)
class ServerState:
    config: BioImage
    stores: StoreRegistry
    admission: Admission
    held: ByteGate  # bytes between storage and browsers, all streams together
    errors: ErrorLog

    async def close(self) -> None:
        await self.stores.close()
