"""GET stores/{id}/open through a real server."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from ..services.preview import Previews
from .conftest import Ask
from .samples import formula, sample_folder

SIZE = "&size=800x600"


@pytest.fixture
def bioimage_stores(folder: Path) -> list[dict[str, Any]]:
    return [
        {"id": "data", "label": "Data", "root": str(folder)},
        {"id": "samples", "label": "Samples", "root": str(sample_folder())},
    ]


def open_path(path: str, selection: Any = None, store: str = "samples") -> str:
    chosen = f"&selection={quote(json.dumps(selection))}" if selection is not None else ""
    return f"stores/{store}/open?path={quote(path, safe='')}{SIZE}{chosen}"


async def test_one_request_brings_all_that_the_first_view_needs(ask: Ask) -> None:
    answer = await ask(open_path("labels.ome.zarr", {"c": [0]}))
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    frames = answer.frames
    kinds = [header["type"] for header, _ in frames if header["type"] != "preview"]
    assert kinds == ["digest", *["doc"] * 5, "plan", *["chunk"] * 5]
    digest = next(json.loads(body) for header, body in frames if header["type"] == "digest")
    assert digest["name"] == "Nuclei with labels"
    for header, body in frames:
        if header["type"] == "chunk":
            assert body == (sample_folder() / "labels.ome.zarr" / header["key"]).read_bytes()


async def test_the_session_files_can_be_opened_too(ask: Ask, jp_root_dir: Path) -> None:
    shutil.copytree(sample_folder() / "labels.ome.zarr" / "labels", jp_root_dir / "my labels")
    answer = await ask(open_path("my labels/nuclei", store="files"))
    assert answer.status == 200
    plan = next(json.loads(body) for header, body in answer.frames if header["type"] == "plan")
    assert plan[0] == {"key": "2/c/0/0"}


async def test_asking_for_the_stores_warms_a_child_and_the_next_opening_has_a_preview(
    ask: Ask, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyterlab_bioimage.services.opening.PREVIEW_TIME", 20.0)  # the machine may be busy
    monkeypatch.setattr("jupyterlab_bioimage.services.opening.PREVIEW_READ", 20.0)
    await ask("stores")
    previews: Previews = jp_serverapp.web_app.settings["bioimage_previews"]
    await previews.ready()
    answer = await ask(open_path("cells-2d.ome.zarr"))
    (first, picture), (second, _) = answer.frames[:2]
    assert (first["type"], second["type"]) == ("preview", "digest")
    assert picture[:4] == b"RIFF"
    # Status line and headers, preview and digest travel in TCP's first window.
    head = sum(len(name) + len(value) + 4 for name, value in answer.headers.get_all()) + 20
    assert head + answer.body.index(b'"type":"doc"') < 14 * 1024


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("no/such/image.zarr", "NOT_FOUND"),
        ("plain", "NOT_FOUND"),
        ("image.zarr", "BAD_METADATA"),
        ("../mount-secret", "PATH_DENIED"),
        ("a/%2e%2e/%2e%2e/x", "NOT_FOUND"),
        ("/etc", "PATH_DENIED"),
        (".hidden", "PATH_DENIED"),
        ("a\\b", "PATH_DENIED"),
    ],
)
async def test_a_failure_is_an_ordinary_error(ask: Ask, path: str, code: str) -> None:
    answer = await ask(open_path(path, store="data"))
    assert answer.code == code
    assert answer.status >= 400


@pytest.mark.parametrize(
    "query",
    [
        "&size=800",
        "&size=0x600",
        "&size=800x600x3",
        "&size=99999x1",
        "&size=-1x5",
        "&size=",
        "&size=8x6&selection={bad",
        "&size=8x6&selection=[]",
        "&size=8x6&selection=%7B%22t%22%3A-1%7D",
        "&size=8x6&selection=" + quote("[" * 5000),
    ],
)
async def test_a_view_that_makes_no_sense_is_refused(ask: Ask, query: str) -> None:
    answer = await ask(f"stores/samples/open?path=cells-2d.ome.zarr{query}")
    assert (answer.status, answer.code) == (400, "BAD_REQUEST")


async def test_an_unknown_store_is_refused(ask: Ask) -> None:
    assert (await ask("stores/nope/open?path=x&size=8x6")).status in (403, 404)


async def test_without_login_nothing_is_opened(ask: Ask) -> None:
    assert (await ask(open_path("cells-2d.ome.zarr"), auth=False)).code in ("SESSION_ENDED", "CROSS_SITE")


async def test_when_the_client_goes_its_reads_end(
    jp_serverapp: Any, jp_http_port: int, jp_base_url: str, http_server_client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reads of chunks hang here, so that the stream is still open when the client leaves."""
    store = jp_serverapp.web_app.settings["bioimage_state"].stores.get("samples")
    started, ended = asyncio.Event(), asyncio.Event()
    read_group = type(store).read_group

    async def hang(self: Any, group: Any, *args: Any) -> Any:
        if not any(item.key.endswith((".zattrs", ".zarray", "zarr.json")) for _, item in group):
            started.set()
            try:
                await asyncio.sleep(60)
            finally:
                ended.set()
        return await read_group(self, group, *args)

    monkeypatch.setattr(type(store), "read_group", hang)
    reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
    path = f"{jp_base_url.rstrip('/')}/bioimage/{open_path('cells-2d.ome.zarr')}"
    token = jp_serverapp.identity_provider.token
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: token {token}\r\n\r\n".encode())
    await writer.drain()
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    await asyncio.wait_for(started.wait(), 5)
    writer.close()
    await asyncio.wait_for(ended.wait(), 5)
    assert jp_serverapp.web_app.settings["bioimage_state"].held.used == 0


async def test_a_failure_in_the_middle_leaves_the_stream_without_its_end(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ..services import opening

    def explode(*args: Any) -> Any:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(opening, "_chunk_frame", explode)
    answer = await ask(open_path("cells-2d.ome.zarr"))
    with pytest.raises(AssertionError, match="the last frame is missing"):
        _ = answer.frames


async def test_pixels_of_the_stream_are_those_of_the_formula(ask: Ask) -> None:
    import numcodecs
    import numpy as np

    answer = await ask(open_path("stack-zt.ome.zarr", {"t": 3, "z": 2, "c": [1], "level": 1}))
    chunk = next(body for header, body in answer.frames if header.get("key") == "1/3/1/2/0/0")
    pixels = np.frombuffer(numcodecs.Zlib().decode(chunk), np.uint8).reshape(128, 128)
    y, x = np.ogrid[:128, :128]
    np.testing.assert_array_equal(pixels, formula().value("stack-zt.ome.zarr", 1, t=3, c=1, z=2, y=y, x=x))
