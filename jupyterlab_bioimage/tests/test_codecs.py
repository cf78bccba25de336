"""The table of codecs: the browser's reader has the same, and every codec decodes what Python writes, bit by bit."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ..services.decode import Decoders, decode_units
from ..services.decode_chunk import Array, crc32c
from ..services.limits import ByteGate
from ..services.preview import array_spec
from ..services.zarrcodecs import CODECS
from ..services.zarrmeta import read_array
from .memory import MemoryStore

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
#: Small enough to be kept by readers of the data that ship them all; exercised where the packages are.
OPTIONAL = ("imagecodecs_", "pcodec", "zfpy")


def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_codecs", FIXTURES / "make_codecs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def cases() -> list[dict[str, Any]]:
    return list(maker().cases())


def spec_of(array: Any) -> dict[str, Any]:
    """As it reaches the child: through JSON."""
    spec: dict[str, Any] = json.loads(json.dumps(array_spec(array) | {"format": array.zarr_format}))
    return spec


def test_the_table_is_the_browsers() -> None:
    table = [{"name": n, "kind": e.kind, "by": e.by, "formats": list(e.formats)} for n, e in CODECS.items()]
    assert table == json.loads((FIXTURES / "codecs.json").read_text())


def test_every_codec_decodes_what_python_writes(cases: list[dict[str, Any]]) -> None:
    wrong = []
    for case in cases:
        array = read_array("", json.loads(json.dumps(case["document"])))
        made = Array(spec_of(array)).decode(case["chunk"])
        same = made.astype(made.dtype.newbyteorder("<")).tobytes() == case["expected"]
        if not same or array.decoded_by != case["by"] or made.shape != array.chunks:
            wrong.append((case["codec"], case["dtype"], case["document"]))
    assert wrong == []
    print(f"{len(cases)} chunks")


def test_every_codec_has_a_case(cases: list[dict[str, Any]]) -> None:
    seen = {case["codec"] for case in cases}
    lacking = [name for name in CODECS if name not in seen]
    assert all(name.startswith(OPTIONAL) for name in lacking), lacking
    if any(name.startswith("imagecodecs") for name in seen):
        assert lacking == []


def test_a_cut_or_lengthened_chunk_is_never_values(cases: list[dict[str, Any]]) -> None:
    """Of steps that know their length; a picture's reader may overlook what follows it."""
    for case in cases:
        if case["codec"].startswith(OPTIONAL) or case["codec"] == "base64":
            continue
        array = Array(spec_of(read_array("", json.loads(json.dumps(case["document"])))))
        for spoilt in (case["chunk"][: len(case["chunk"]) // 2], case["chunk"][:-1], b""):
            with pytest.raises(Exception):  # noqa: B017  whatever a library says
                array.decode(spoilt)


async def test_the_children_decode_what_browsers_lack(cases: list[dict[str, Any]]) -> None:
    decoders, gate = Decoders(), ByteGate(1 << 26)
    chosen = {case["codec"]: case for case in cases if case["by"] == "server"}
    try:
        for codec, case in chosen.items():
            array = read_array("", json.loads(json.dumps(case["document"])))
            zero = (0,) * len(array.shape)
            store = MemoryStore({array.object_key(zero): case["chunk"]})
            found = [unit async for unit in decode_units(store, array, [zero], decoders, gate, False)]
            assert [(codec, unit.error, unit.data) for unit in found] == [(codec, None, case["expected"])]
    finally:
        await decoders.close()
    assert len(chosen) >= 6


def test_crc32c_without_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "google_crc32c", None)
    assert crc32c(b"123456789") == 0xE3069283
