"""What a reader makes of a place, as one line of text that the browser's tests write in the same way."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ..errors import BioImageError
from ..services.multiscale import Image, Missing
from ..services.ngff import Node, Plate, build_node

TABLE = Path(__file__).resolve().parents[2] / "fixtures" / "collection.tsv"
DOCUMENTS = (".zattrs", ".zarray", ".zgroup", "zarr.json")


def places(root: Path) -> list[str]:
    """Every folder below ``root`` that has metadata, in order."""
    found = {path.parent for name in DOCUMENTS for path in root.rglob(name)}
    return sorted(path.relative_to(root).as_posix() for path in found)


def _number(value: float) -> str:
    """Moved by next to nothing, so that what lies halfway is rounded alike in both languages."""
    return f"{value * (1 + 1e-12):.6f}"


def _image(node: Image) -> list[Any]:
    return [
        [[axis.name, axis.type] for axis in node.axes],
        [node.at.get(name, -1) for name in "tczyx"],
        [
            [
                level.path,
                level.array.shape,
                level.array.chunks,
                level.array.dtype,
                level.array.decoded_by,
                [_number(ratio) for ratio in level.ratio],
                level.array.object_key([0] * len(level.array.shape)),
            ]
            for level in node.levels
        ],
        [
            [channel.label, channel.color or "", channel.active, [_number(end) for end in channel.window or ()]]
            for channel in node.channels
        ],
        [node.t, node.z],
        node.others,
        [node.rgb, node.image_label],
        len(node.colors),
    ]


def _inside(node: Node) -> list[Any]:
    if isinstance(node, Image):
        return _image(node)
    if isinstance(node, Plate):
        return [node.rows, node.columns, [[well.name, well.path, well.row, well.column] for well in node.wells]]
    return list(node.paths)


def canonical(folder: Path) -> str:
    """JSON without spaces, or the code of the refusal."""
    documents: dict[str, bytes | None] = {}
    try:
        while isinstance(node := build_node(documents), Missing):
            for key in node.keys:
                path = folder / key
                documents[key] = path.read_bytes() if path.is_file() else None
    except BioImageError as error:
        return error.code
    value = [node.kind, node.version, _inside(node)]
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def row(folder: Path) -> str:
    """Kind or code, and the start of the text's SHA-256."""
    text = canonical(folder)
    kind = json.loads(text)[0] if text.startswith("[") else text
    return f"{kind}\t{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def rows() -> dict[str, str]:
    """The table: place → row."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()[1:]
    return {place: rest for place, _, rest in (line.partition("\t") for line in lines)}
