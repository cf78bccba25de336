"""A Jupyter server for tests over stores that misbehave, started as ``python -m jupyterlab_bioimage.tests.impatient``.

It goes on asking a store however often that has failed, so that every read of a test is one; and a store whose id
begins with ``short`` may be silent for a moment only, so that silence can be tested in less than ten seconds.
"""

from __future__ import annotations

from collections.abc import Callable

import aiohttp
from jupyter_server.serverapp import ServerApp

from ..services.client import TIMEOUT, Upstream
from ..services.http import HttpsStore, HttpStore
from ..services.registry import KINDS
from ..services.retry import Retrier
from ..services.s3 import S3Store
from ..services.store import Store, StoreConfig

SHORT = aiohttp.ClientTimeout(total=5, sock_connect=3, sock_read=0.25)
NEVER = 1 << 30  # failures until a store is left alone


def impatient(
    make: Callable[[StoreConfig, Upstream, aiohttp.ClientTimeout], HttpStore],
) -> Callable[[StoreConfig, Upstream], Store]:
    """The kind of store ``make``, with other patience."""

    def made(config: StoreConfig, upstream: Upstream) -> Store:
        store = make(config, upstream, SHORT if config.id.startswith("short") else TIMEOUT)
        store.retrier = Retrier(failures=NEVER)
        return store

    return made


if __name__ == "__main__":
    KINDS["https"], KINDS["s3"] = impatient(HttpsStore), impatient(S3Store)
    ServerApp.launch_instance()
