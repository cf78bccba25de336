"""What a folder of images holds, from its metadata alone."""

from pathlib import Path
from typing import Any

from . import geometry, tiffs
from .arrays import Array, Files

#: Folders that are incomplete or wrong on purpose, as the list of their sources says.
INCOMPLETE = {
    "idr-metadata-only": "metadata only",
    "invalid": "invalid on purpose",
    "ngff-spec": "examples of the specification, no arrays",
}


def attributes(files: Files, path: str) -> dict[str, Any] | None:
    """Attributes of the group or array at a path, out of their envelope; nothing where there is none."""
    v3 = files.document(f"{path}/zarr.json")
    if v3:
        found = v3.get("attributes") or {}
        return {**found, **found["ome"]} if isinstance(found.get("ome"), dict) else found
    markers = [files.get(f"{path}/{name}") is not None for name in (".zgroup", ".zattrs", ".zarray")]
    return files.document(f"{path}/.zattrs") or {} if any(markers) else None


def multiscale(found: dict[str, Any]) -> dict[str, Any] | None:
    """The first pyramid."""
    many = found.get("multiscales")
    if isinstance(many, list) and many and isinstance(many[0], dict):
        return many[0]
    one = found.get("multiscale")
    return {**one, "datasets": one.get("levels") or one.get("datasets") or []} if isinstance(one, dict) else None


def axes_of(scale: dict[str, Any], dimensions: int) -> list[str]:
    """Names of the axes in the array's order."""
    given = scale.get("axes")
    if not given and scale.get("coordinateSystems"):
        given = scale["coordinateSystems"][0].get("axes")
    if isinstance(given, list) and len(given) == dimensions:
        return [axis["name"] if isinstance(axis, dict) else axis for axis in given]
    return list("tczyx")[-dimensions:]


def _level(array: Array) -> dict[str, Any]:
    shape = list(array.shape)
    return {
        "path": array.path,
        "shape": shape,
        "present": array.present(),
        "codecs": array.names,
        "dtype": str(array.dtype),
    }


def _image(files: Files, path: str, scale: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    levels: list[dict[str, Any]] = []
    why = ""
    axes: list[str] = []
    dtype = ""
    for dataset in scale.get("datasets", []):
        where = f"{path}/{dataset.get('path')}".strip("/")
        try:
            array = Array(files, where)
        except LookupError:
            why = "metadata without arrays"
            break
        axes, dtype = axes_of(scale, len(array.shape)), str(array.dtype)
        levels.append(_level(array))
    if levels and why == "":
        places = geometry.placed(scale, [level["shape"] for level in levels])
        levels = [{**level, **place} for level, place in zip(levels, places, strict=True)]
    label = "image-label" in found or "/labels/" in f"/{path}"
    node = {"kind": "label" if label else "image", "axes": "".join(axes), "levels": levels, "dtype": dtype}
    return {**node, "why": why, "omero": found.get("omero"), "colours": found.get("image-label")}


def _node(files: Files, path: str) -> dict[str, Any] | None:
    found = attributes(files, path)
    if found is None:
        return None
    scale = multiscale(found)
    if scale is not None:
        return _image(files, path, scale, found)
    for kind in ("plate", "well"):
        if isinstance(found.get(kind), dict):
            return {"kind": kind, "why": "", "levels": [], "axes": "", "dtype": "", "meta": found[kind]}
    if "bioformats2raw.layout" in found:
        return {"kind": "collection", "why": "", "levels": [], "axes": "", "dtype": ""}
    try:
        array = Array(files, path)
    except LookupError:
        return {"kind": "group", "why": "", "levels": [], "axes": "", "dtype": ""}
    except (KeyError, TypeError, ValueError) as error:
        return {"kind": "array", "why": f"array document: {error}", "levels": [], "axes": "", "dtype": ""}
    why = "" if array.dtype.kind in "buif" else "holds no numbers"
    if len(array.shape) < 2:
        why = why or "one axis: no plane"
    return {"kind": "array", "axes": "", "levels": [_level(array)], "dtype": str(array.dtype), "why": why}


def _tree(files: Files) -> list[str]:
    """Paths of everything with metadata."""
    ends = ("zarr.json", ".zgroup", ".zattrs", ".zarray")
    found = {name.rpartition("/")[0] for name in files.names if name.rpartition("/")[2] in ends}
    return sorted(found)


def find(root: Path) -> list[dict[str, Any]]:
    """Every image, label, plate, well, collection, group, array and TIFF below a folder, each once."""
    places = [("", Files(root))]
    archives = sorted(root.rglob("*.zip")) + sorted(root.rglob("*.ozx"))
    places += [(str(file.relative_to(root)), Files(file)) for file in archives]
    entries: list[dict[str, Any]] = []
    for prefix, files in places:
        inside: set[str] = set()
        for path in _tree(files):
            if path in inside:
                continue  # a level of an image that stands here already
            node = _node(files, path)
            if node is None:
                continue
            inside.update(level["path"] for level in node["levels"] if node["kind"] != "array")
            where = "/".join(part for part in (prefix, path) if part)
            why = node.pop("why")
            for folder, reason in INCOMPLETE.items():
                if folder in Path(where).parts:
                    why = why or reason
            entries.append({"path": where, "place": prefix, "complete": why == "", "why": why, **node})
    return entries + tiffs.find(root)
