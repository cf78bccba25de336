"""GET stores/{id}/plate over HTTP: what is asked for, answered and refused, and who leaves in the middle."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from ..errors import BioImageError
from ..services.plateview import read_plate_view
from .client import Raw
from .conftest import Ask
from .plates import full
from .samples import sample_folder
from .upstream import Exchange, Upstream


@pytest.mark.parametrize(
    "view",
    [
        "[]",
        "{bad",
        '{"field": -1}',
        '{"field": "0"}',
        '{"acquisition": 1.5}',
        '{"well": 7}',
        '{"well": ""}',
        '{"c": []}',
        '{"c": [1, 1]}',
        '{"c": [true]}',
        '{"windows": [[1]]}',
        '{"windows": [[2, 1]]}',
        '{"windows": [[0, NaN]]}',
        '{"windows": [[0, 1e999]]}',
        '{"windows": [[0, ' + "9" * 400 + "]]}",
        '{"c": [0, 1], "windows": [[0, 1]]}',
        "[" * 100_000,
    ],
    ids=lambda text: text[:40],
)
def test_views_that_are_refused(view: str) -> None:
    with pytest.raises(BioImageError) as caught:
        read_plate_view(view, 64)
    assert caught.value.code == "BAD_REQUEST"


def test_unknown_fields_of_a_view_are_dropped() -> None:
    view = read_plate_view('{"field": 2.0, "well": null, "later": {}, "c": [3]}', 64)
    assert (view.field, view.well, view.c, view.windows) == (2, None, (3,), None)


@pytest.fixture
def bioimage_stores(folder: Path, upstream: Upstream) -> list[dict[str, Any]]:
    return [
        {"id": "data", "label": "Data", "root": str(folder)},
        {"id": "samples", "label": "Samples", "root": str(sample_folder())},
        {"id": "web", "label": "Web", "url": upstream.url + "/base"},
    ]


def address(path: str, size: int | str = 64, view: Any = None, store: str = "samples") -> str:
    chosen = f"&view={quote(json.dumps(view))}" if view is not None else ""
    return f"stores/{store}/plate?path={quote(path, safe='')}&size={size}{chosen}"


async def test_one_request_brings_a_whole_plate(ask: Ask) -> None:
    answer = await ask(address("plate-2x3.ome.zarr"))
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    (first, head), *wells = answer.frames
    assert first["type"] == "plate"
    assert json.loads(head)["count"] == len(wells) == 6
    assert {header["state"] for header, _ in wells} == {"picture"}
    assert all(body[:4] == b"RIFF" for _, body in wells)
    fields = (await ask(address("plate-2x3.ome.zarr", view={"well": "B3"}))).frames
    assert [header["type"] for header, _ in fields] == ["plate", *["field"] * (len(fields) - 1)]


async def test_who_leaves_in_the_middle_ends_the_reads_of_a_distant_store(
    raw: Raw, upstream: Upstream, jp_serverapp: Any
) -> None:
    made = full(4, 6)

    async def script(exchange: Exchange) -> None:
        key = exchange.target.removeprefix("/base/")
        if key.startswith("D/") and key.endswith("/0/0/0/0/0"):
            await asyncio.sleep(60)  # the chunks of the last row never come
        if key in made:
            await exchange.object(made[key])
        else:
            await exchange.send(404)

    upstream.script = script
    state = jp_serverapp.web_app.settings["bioimage_state"]
    reader, writer = await raw.send("GET", "stores/web/plate?path=&size=32")
    async with asyncio.timeout(20):
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        await reader.readuntil(b'"state":"picture"')
        while not any(exchange.target.startswith("/base/D/6/0/0/0") for exchange in upstream.requests):
            await asyncio.sleep(0.01)
    writer.close()
    async with asyncio.timeout(5):
        while state.admission.inside or state.held.used:
            await asyncio.sleep(0.01)
    seen = len(upstream.requests)
    await asyncio.sleep(0.2)
    assert len(upstream.requests) == seen
    await state.previews.close()


@pytest.mark.parametrize(
    ("path", "size", "code"),
    [
        ("cells-2d.ome.zarr", 64, "UNSUPPORTED"),
        ("no/such", 64, "NOT_FOUND"),
        ("../x", 64, "PATH_DENIED"),
        ("plate-2x3.ome.zarr", 257, "BAD_REQUEST"),
        ("plate-2x3.ome.zarr", 0, "BAD_REQUEST"),
    ],
)
async def test_a_failure_before_the_first_frame_is_an_ordinary_error(ask: Ask, path: str, size: int, code: str) -> None:
    assert (await ask(address(path, size))).code == code
    assert (await ask(address("plate-2x3.ome.zarr", view=[1]))).code == "BAD_REQUEST"
