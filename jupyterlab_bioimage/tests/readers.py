"""The server's reader and planner in the words of ``fixtures/readers.json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..errors import BioImageError
from ..services.multiscale import Image, Missing
from ..services.ngff import Node, Plate, build_node
from ..services.plan import make_plan, object_keys, read_view

TABLE = Path(__file__).resolve().parents[2] / "fixtures" / "readers.json"


def documents_of(folder: Path) -> dict[str, Any]:
    """The documents that the reader asks for at ``folder``, parsed; None = absent. A refusal ends the asking.

    OME-XML, which only names series, counts as absent: the table has JSON.
    """
    found: dict[str, bytes | None] = {}
    while True:
        try:
            node = build_node(found)
        except BioImageError:
            break
        if not isinstance(node, Missing):
            break
        for key in node.keys:
            file = folder / key
            found[key] = file.read_bytes() if file.is_file() and file.suffix != ".xml" else None
    return {key: None if data is None else json.loads(data) for key, data in found.items()}


def _plain(value: Any) -> Any:
    """As JSON would have it: tuples are lists, whole floats are integers."""
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _describe(node: Node, case: dict[str, Any]) -> dict[str, Any]:
    if isinstance(node, Plate):
        return {
            "kind": node.kind,
            "version": node.version,
            "rows": node.rows,
            "columns": node.columns,
            "wells": [well.path for well in node.wells],
        }
    if not isinstance(node, Image):
        return {"kind": node.kind, "version": node.version, "paths": node.paths}
    view = case["view"]
    plan = make_plan(node, read_view(view.get("selection"), view["width"], view["height"]))
    return {
        "kind": node.kind,
        "version": node.version,
        "axes": [{"name": axis.name, "type": axis.type} for axis in node.axes],
        "levels": [
            {"path": level.path, "shape": level.array.shape, "chunks": level.array.chunks, "ratio": level.ratio}
            | ({"offset": level.offset} if any(level.offset) else {})
            for level in node.levels
        ],
        "t": plan.t,
        "z": plan.z,
        "c": plan.channels,
        "drawn": plan.drawn,
        "keys": list(object_keys(node, plan)),
    }


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """What the reader makes of a case: its ``expect``."""
    documents = {key: None if v is None else json.dumps(v).encode() for key, v in case["documents"].items()}
    try:
        node = build_node(documents)
        if isinstance(node, Missing):
            return {"missing": list(node.keys)}
        described: dict[str, Any] = _plain(_describe(node, case))
    except BioImageError as error:
        return {"error": error.code}
    return described
