"""Fixtures: a real Jupyter server with the extension over a folder of known content."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from tornado.httpclient import HTTPResponse

from .client import Answer, Raw, as_answer
from .doubles import doubles, doubles_server  # noqa: F401  fixtures
from .relays import clock, make, steady  # noqa: F401  fixtures
from .rgw import rgw  # noqa: F401  a fixture
from .upstream import Sink, Upstream

SECRET = "canary-secret-6b1f"


class Ask(Protocol):
    """Asks a route below bioimage/ as a script with the token does; ``path`` is sent as it is written."""

    def __call__(self, path: str, method: str = "GET", **options: Any) -> Awaitable[Answer]: ...


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A mounted folder, with a secret beside it under a name that begins the same."""
    root = tmp_path / "mount"
    (root / "image.zarr" / "0" / "0").mkdir(parents=True)
    (root / "image.zarr" / ".zattrs").write_text('{"multiscales": []}')
    (root / "image.zarr" / ".zgroup").write_text('{"zarr_format": 2}')
    (root / "image.zarr" / "0" / ".zarray").write_text("{}")
    (root / "image.zarr" / "0" / "0" / "0").write_bytes(bytes(range(256)) * 400)
    (root / "plain").mkdir()
    (root / "plain" / "note.txt").write_text("hello")
    (tmp_path / "mount-secret").mkdir()
    (tmp_path / "mount-secret" / "token").write_text(SECRET)
    return root


@pytest.fixture
def upstream(jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[Upstream]:
    """A web server that answers as the test says."""
    server = Upstream()
    jp_asyncio_loop.run_until_complete(server.start())
    yield server
    jp_asyncio_loop.run_until_complete(server.stop())


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Must not be connected to by anything in the test."""
    sink = Sink()
    yield sink
    dry = sink.dry
    sink.socket.close()
    assert dry, "somebody connected to the sink"


@pytest.fixture
def bioimage_stores(folder: Path, upstream: Upstream) -> list[dict[str, Any]]:
    """``BioImage.stores`` of the server under test."""
    return [
        {"id": "data", "label": "Data", "root": str(folder)},
        {"id": "web", "label": "Web", "url": upstream.url + "/base"},
        {"id": "bucket", "label": "Bucket", "endpoint": upstream.url, "bucket": "images", "absent_is_403": True},
    ]


@pytest.fixture
def bioimage_services(upstream: Upstream) -> dict[str, Any]:
    """``BioImage.services`` of the server under test: no test asks a real archive."""
    return {"cat": {"label": "Cat", "url": upstream.url + "/cat", "paths": ["[A-Za-z0-9/._-]+"], "post": ["ask"]}}


@pytest.fixture
def server_options() -> dict[str, Any]:
    """Further configuration of the server under test, class name → traits."""
    return {}


@pytest.fixture
def jp_server_config(
    bioimage_stores: list[dict[str, Any]], bioimage_services: dict[str, Any], server_options: dict[str, Any]
) -> dict[str, Any]:
    config: dict[str, Any] = {
        "ServerApp": {"jpserver_extensions": {"jupyterlab_bioimage": True, "jupyter_server_terminals": False}},
        "BioImage": {"stores": bioimage_stores, "services": bioimage_services},
    }
    for name, traits in server_options.items():
        config.setdefault(name, {}).update(traits)
    return config


@pytest.fixture
def ask(
    jp_serverapp: Any, http_server_client: Any, jp_auth_header: dict[str, str], jp_base_url: str
) -> Iterator[Callable[..., Awaitable[Answer]]]:
    """See ``Ask``. Never raises on an HTTP status; ``auth=False`` leaves the token out."""

    async def fetch(path: str, method: str = "GET", *, auth: bool = True, **options: Any) -> Answer:
        headers = {**(jp_auth_header if auth else {}), **options.pop("headers", {})}
        if isinstance(options.get("body"), (dict, list)):
            options["body"] = json.dumps(options["body"])
        options.setdefault("allow_nonstandard_methods", True)
        response: HTTPResponse = await http_server_client.fetch(
            jp_base_url.rstrip("/") + "/bioimage/" + path,
            method=method,
            headers=headers,
            raise_error=False,
            follow_redirects=False,
            decompress_response=False,
            **options,
        )
        return as_answer(response)

    return fetch  # type: ignore[return-value]  # a fixture that needs no clean-up


@pytest.fixture
def log_text(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Everything logged so far."""
    return lambda: "\n".join(record.getMessage() for record in caplog.records)


@pytest.fixture
def raw(jp_serverapp: Any, http_server_client: Any, jp_base_url: str, jp_auth_header: dict[str, str]) -> Raw:
    return Raw(http_server_client.get_http_port(), jp_base_url, jp_auth_header["Authorization"])
