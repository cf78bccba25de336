"""Hostile metadata through the opening stream: a code, and no read outside of the image."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ..errors import BioImageError
from ..said import say
from .memory import MemoryStore, collect, encode
from .test_opening import chunks, image

PREFIX = "study/image.zarr"


async def refuse(documents: dict[str, Any]) -> tuple[str, list[str]]:
    """Code of the refusal ('' = accepted) and the keys read."""
    objects = {f"{PREFIX}/{key}": data for key, data in encode(documents).items()}
    objects |= {f"{PREFIX}/{key}": data for key, data in chunks().items()}
    # What a way out would lead to.
    objects |= {"secret": b"canary", "study/secret": b"canary", "study/0/.zarray": b"{}", "0/.zarray": b"{}"}
    store = MemoryStore(objects)
    refusal = BioImageError("INTERNAL", say("accepted"))
    try:
        frames = await collect(store, PREFIX)
    except BioImageError as error:
        refusal, frames = error, []
    assert b"canary" not in b"".join(frame.body for frame in frames)
    assert len(refusal.message) <= 200
    assert "<" not in refusal.message
    code = "" if frames else refusal.code
    return code, [item.key for item in store.reads]


def changed(**more: Any) -> dict[str, Any]:
    documents = image()
    documents["0/.zarray"] |= more
    return documents


def without(key: str) -> dict[str, Any]:
    documents = image()
    del documents["0/.zarray"][key]
    return documents


def at(path: Any) -> dict[str, Any]:
    documents = image()
    documents[".zattrs"]["multiscales"][0]["datasets"] = [{"path": path}]
    return documents


def raw(key: str, data: bytes) -> dict[str, Any]:
    return image() | {key: data}


TRAVERSALS = [
    "../0",
    "%2e%2e/0",
    "%252e%252e%252f",
    "..%2f..%2fsecret",
    "a\\..\\b",
    "a/./b",
    "a//b",
    "/0",
    "0/",
    "",
    "a\0b",
    "a\nb",
    "\ud800",
    "a" * 300,
]
ADDRESSES = ["./https:%2F%2Fevil.example%2Fx", "//evil", "./data:%2C0", "javascript:alert(1)", "http://evil.example/0"]

BAD_CHUNKS: list[Any] = [[0, 5], [-5, 5], [5], [5, 5, 5], None, "5"]
BAD_SIZES: list[Any] = [-1, 4.5, "44", None, 2**53]
BAD_FILLS: list[Any] = ["<script>", 70000, "NaN", [], -1]
BAD_PATHS: list[Any] = [*TRAVERSALS, None, 3, ["0"]]

#: row of the table of hostile inputs, what it is, documents, code
ROWS: list[tuple[str, str, dict[str, Any], str]] = [
    ("A01", "broken .zarray", raw("0/.zarray", b"{bad"), "BAD_METADATA"),
    ("A01", "broken .zattrs", raw(".zattrs", b"{bad"), "BAD_METADATA"),
    *[("A02", f"zarr.json {v!r}", raw("zarr.json", v), "BAD_METADATA") for v in (b"[]", b"null", b'"x"', b"42")],
    (
        "A03",
        "bare NaN",
        raw("0/.zarray", json.dumps(image()["0/.zarray"] | {"dtype": "<f4", "fill_value": float("nan")}).encode()),
        "",
    ),
    ("A04", "BOM", raw(".zattrs", b"\xef\xbb\xbf" + json.dumps(image()[".zattrs"]).encode()), ""),
    ("A04", "UTF-16", raw(".zattrs", json.dumps(image()[".zattrs"]).encode("utf-16")), "BAD_METADATA"),
    ("A04", "invalid UTF-8", raw(".zattrs", b'{"a": "\xff"}'), "BAD_METADATA"),
    ("A05", "100,000 nested lists", raw(".zattrs", b"[" * 100_000 + b"]" * 100_000), "BAD_METADATA"),
    ("A05", "100,000 nested objects", raw("0/.zarray", b'{"a":' * 100_000 + b"1" + b"}" * 100_000), "BAD_METADATA"),
    ("A06", "__proto__", image() | {".zattrs": image()[".zattrs"] | {"__proto__": {"plate": 1}, "constructor": 1}}, ""),
    ("A07", "a key twice", raw(".zattrs", b'{"multiscales": 3, ' + json.dumps(image()[".zattrs"]).encode()[1:]), ""),
    *[("A08", f"shape {v!r}", changed(shape=[10, v]), "BAD_METADATA") for v in BAD_SIZES],
    (
        "A08",
        "shape 1e400",
        raw("0/.zarray", b'{"zarr_format":2,"shape":[1e400,1],"chunks":[1,1],"dtype":"|u1"}'),
        "BAD_METADATA",
    ),
    ("A08", "shape 0", changed(shape=[0, 10]), ""),
    *[("A09", f"chunks {v!r}", changed(chunks=v), "BAD_METADATA") for v in BAD_CHUNKS],
    ("A10", "a chunk of 7 GB", changed(chunks=[60000, 60000], shape=[60000, 60000]), "TOO_LARGE"),
    *[("A11", f"rank {n}", changed(shape=[1] * n, chunks=[1] * n), "UNSUPPORTED") for n in (0, 1, 9, 33)],
    *[("A12", f"type {v!r}", changed(dtype=v), "UNSUPPORTED") for v in ("|O", "<f99", "<U10", [["a", "<u2"]])],
    *[("A12", f"type {v!r}", changed(dtype=v), "") for v in ("<f2", "<i8", "|b1")],
    *[("A13", f"fill {v!r}", changed(fill_value=v), "BAD_METADATA") for v in BAD_FILLS],
    ("A13", "no fill value", without("fill_value"), ""),
    ("A14", "codec evil", changed(compressor={"id": "evil"}), "UNSUPPORTED"),
    ("A14", "3,000 codecs", changed(filters=[{"id": "delta", "dtype": "<u2"}] * 3000), "UNSUPPORTED"),
    ("A14", "codec twice", changed(filters=[{"id": "delta", "dtype": "<u2"}] * 2), "UNSUPPORTED"),
    *[
        ("A15", f"separator {v}", changed(dimension_separator=v), "BAD_METADATA")
        for v in ("/../../", "%2F%2e%2e%2F", "?x=", "%252e", "", "//")
    ],
    *[("A16", f"path {v!r}", at(v), "BAD_METADATA") for v in ADDRESSES],
    *[("A17", f"path {v!r}"[:40], at(v), "BAD_METADATA") for v in BAD_PATHS],
]


@pytest.mark.parametrize(("row", "what", "documents", "code"), ROWS, ids=[f"{r[0]} {r[1]}" for r in ROWS])
async def test_the_row_gives_its_code_and_stays_inside(
    row: str, what: str, documents: dict[str, Any], code: str
) -> None:
    found, keys = await refuse(documents)
    assert found == code
    assert [key for key in keys if not key.startswith(PREFIX + "/")] == []
    assert [key for key in keys if ".." in key.split("/")] == []


@pytest.mark.parametrize("name", ["a?x", "a#f", "a%3Fx", "100%", "ü b"])
async def test_unusual_names_are_read_literally(name: str) -> None:
    documents = at(name)
    documents[f"{name}/.zarray"] = documents.pop("0/.zarray")
    code, keys = await refuse(documents)
    assert code == ""
    assert f"{PREFIX}/{name}/0.0" in keys


@pytest.mark.parametrize("path", [*ADDRESSES, *TRAVERSALS])
@pytest.mark.parametrize("kind", ["plate", "well", "labels", "series"])
async def test_paths_of_plates_wells_labels_and_series_are_held_to_the_same(kind: str, path: str) -> None:
    kinds: dict[str, dict[str, Any]] = {
        "plate": {"plate": {"rows": [{"name": "A"}], "columns": [{"name": "1"}], "wells": [{"path": path}]}},
        "well": {"well": {"images": [{"path": path}]}},
        "labels": {"labels": [path]},
        "series": {"bioformats2raw.layout": 3},
    }
    code, keys = await refuse({".zattrs": kinds[kind], "OME/.zattrs": {"series": [path]}})
    assert code == "BAD_METADATA"
    assert [key for key in keys if not key.startswith(PREFIX + "/")] == []


async def test_a_plate_of_100_000_wells_is_too_large() -> None:
    wells = [{"path": f"A/{i}"} for i in range(100_000)]
    code, _ = await refuse({".zattrs": {"plate": {"rows": [], "columns": [], "wells": wells}}})
    assert code == "TOO_LARGE"


async def test_a_thousand_levels_are_cut_to_32() -> None:
    documents = image()
    documents[".zattrs"]["multiscales"][0]["datasets"] = [{"path": f"{i}"} for i in range(1000)]
    code, keys = await refuse(documents)
    assert code == ""
    assert sum(key.endswith("/.zarray") for key in keys) == 32


async def test_scales_without_sense_do_not_stop_the_picture() -> None:
    for scale in ([0, 1], [-1, 1], [float("nan"), 1], [1e308, 1e308], ["1", 1], [1], "x", None):
        documents = image(2)
        for dataset in documents[".zattrs"]["multiscales"][0]["datasets"]:
            dataset["coordinateTransformations"] = [{"type": "scale", "scale": scale}, 7, {"type": "affine"}]
        code, keys = await refuse(documents)
        assert code == ""
        assert f"{PREFIX}/1/0.0" in keys
