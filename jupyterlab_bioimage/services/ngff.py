"""What a place in a store is: image, plate, well or collection, of OME-Zarr 0.1 to 0.5 (later ones as far as they go).

A lenient reader for planning and previews; the browser reads the same documents in full.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import BioImageError
from .fields import as_list, as_object, as_text, cut, given, parse_json
from .multiscale import (
    Attributes,
    Documents,
    Image,
    Missing,
    build_bare,
    build_image,
    check_dataset_path,
)
from .zarrmeta import read_array

MAX_WELLS = 10_000  # larger than any plate that is made
MAX_PROBED = 256  # images looked for by number where nothing lists them
PROBE_GROUP = 8  # of them asked for at once
MAX_XML = 8 << 20

_IMAGE_TAG = re.compile(rb"<(?:\w{1,20}:)?Image[\s>]")


@dataclass(frozen=True, slots=True)
class Plate:
    version: str
    name: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    wells: tuple[str, ...]  # paths
    notices: tuple[str, ...]
    kind: str = "plate"


@dataclass(frozen=True, slots=True)
class Group:
    """A well (its fields) or a collection (its images): paths of what it holds."""

    kind: str
    version: str
    paths: tuple[str, ...]
    notices: tuple[str, ...]
    name: str = ""


Node = Image | Plate | Group
Builder = Callable[[Attributes, Documents], Node | Missing]


def _build_plate(attributes: Attributes, documents: Documents) -> Plate:
    plate = as_object(attributes.values["plate"], "plate")
    names: dict[str, tuple[str, ...]] = {}
    for side in ("rows", "columns"):
        listed = as_list(plate.get(side), f"plate.{side}")
        names[side] = tuple(cut(as_text(as_object(v, side).get("name"), f"plate.{side}.name"), 80) for v in listed)
    wells = as_list(plate.get("wells"), "plate.wells")
    if len(wells) > MAX_WELLS:
        raise BioImageError("TOO_LARGE", f"Too large to preview ({len(wells)} wells).")
    paths = tuple(check_dataset_path(as_object(well, "well").get("path"), "plate.wells.path") for well in wells)
    name = plate.get("name")
    return Plate(
        version=attributes.version,
        name=cut(name, 200) if isinstance(name, str) else "",
        rows=names["rows"],
        columns=names["columns"],
        wells=paths,
        notices=tuple(attributes.notices),
    )


def _group(kind: str, attributes: Attributes, paths: tuple[str, ...]) -> Group:
    return Group(kind, attributes.version, paths, tuple(attributes.notices))


def _build_well(attributes: Attributes, documents: Documents) -> Group:
    images = as_list(as_object(attributes.values["well"], "well").get("images"), "well.images")
    paths = tuple(check_dataset_path(as_object(v, "well.images").get("path"), "well.images.path") for v in images)
    return _group("well", attributes, paths)


def _build_labels(attributes: Attributes, documents: Documents) -> Group:
    labels = as_list(attributes.values["labels"], "labels")
    return _group("collection", attributes, tuple(dict.fromkeys(check_dataset_path(p, "labels") for p in labels)))


def _listed_series(data: bytes | None, zarr_format: int) -> tuple[str, ...] | None:
    """``series`` of the OME group (OME-Zarr 0.4, section 2.3.2)."""
    if data is None:
        return None
    document = as_object(parse_json(data), "OME")
    if zarr_format == 3:
        document = as_object(
            given(as_object(given(document.get("attributes"), {}), "attributes").get("ome"), {}), "ome"
        )
    series = document.get("series")
    return None if series is None else tuple(check_dataset_path(p, "series") for p in as_list(series, "series"))


def _build_bioformats(attributes: Attributes, documents: Documents) -> Group | Missing:
    """A bioformats2raw layout: images as listed, else as many as its OME-XML has, else those found by number."""
    zarr_format = attributes.zarr_format
    list_key = "OME/.zattrs" if zarr_format == 2 else "OME/zarr.json"
    xml_key = "OME/METADATA.ome.xml"
    if list_key not in documents:
        return Missing((list_key,))
    series = _listed_series(documents[list_key], zarr_format)
    if series is not None:
        return _group("collection", attributes, series)
    if xml_key not in documents:
        return Missing((xml_key,))
    xml = documents[xml_key] or b""
    # Opening tags are counted, nothing else of the XML is looked at: no entity, no DTD.
    count = min(len(_IMAGE_TAG.findall(xml)), MAX_PROBED) if len(xml) <= MAX_XML else 0
    if not count:
        keys = [f"{i}/{'.zattrs' if zarr_format == 2 else 'zarr.json'}" for i in range(MAX_PROBED)]
        while count < MAX_PROBED and documents.get(keys[count]) is not None:
            count += 1
        if count < MAX_PROBED and keys[count] not in documents:
            return Missing(tuple(key for key in keys[count : count + PROBE_GROUP] if key not in documents))
    return _group("collection", attributes, tuple(map(str, range(count))))


#: In this order: a plate converted by bioformats2raw is a plate, an image with a label's description is an image.
_KINDS: tuple[tuple[str, Builder], ...] = (
    ("plate", _build_plate),
    ("well", _build_well),
    ("multiscales", build_image),
    ("multiscale", build_image),
    ("bioformats2raw.layout", _build_bioformats),
    ("labels", _build_labels),
)


def _builder(values: dict[str, Any]) -> Builder | None:
    return next((build for name, build in _KINDS if name in values), None)


def _attributes(values: dict[str, Any], zarr_format: int, notices: list[str]) -> Attributes:
    """The version as declared, wherever that version keeps it; else the oldest that has what is there."""
    multiscales = values.get("multiscales")
    first = multiscales[0] if isinstance(multiscales, list) and multiscales else values.get("multiscale")
    holders = [values, first, values.get("plate"), values.get("well"), values.get("image-label")]
    versions = [h["version"] for h in holders if isinstance(h, dict) and isinstance(h.get("version"), str)]
    return Attributes(
        zarr_format, cut(versions[0], 40) if versions else ("0.5" if zarr_format == 3 else "0.4"), values, notices
    )


def _plain(documents: Documents, v3: dict[str, Any] | None) -> Node | Missing:
    """No OME metadata: a bare array, or nothing to show."""
    if v3 is not None and v3.get("node_type") == "array":
        return build_bare(read_array("", v3))
    missing = tuple(key for key in (".zarray", ".zgroup") if key not in documents)
    if missing:
        return Missing(missing)
    array = documents[".zarray"]
    if array is not None:
        return build_bare(read_array("", parse_json(array)))
    if v3 is not None or documents[".zgroup"] is not None or documents.get(".zattrs") is not None:
        raise BioImageError(
            "UNSUPPORTED",
            "This format is not supported: a Zarr group without OME-Zarr metadata.",
            hint="Open one of the images in it.",
        )
    raise BioImageError("NOT_FOUND", "There is nothing at this address: neither a Zarr group nor a Zarr array.")


def build_node(documents: Documents) -> Node | Missing:
    """From the documents at hand to the node, or to the keys still needed. Zarr v3 is read where both formats are.

    Raises BAD_METADATA, UNSUPPORTED, TOO_LARGE, NOT_FOUND.
    """
    missing = tuple(key for key in ("zarr.json", ".zattrs") if key not in documents)
    if missing:
        return Missing(missing)
    v3_data, v2_data = documents["zarr.json"], documents[".zattrs"]
    v3 = as_object(parse_json(v3_data), "zarr.json") if v3_data is not None else None
    if v3 is not None:
        attributes = as_object(given(v3.get("attributes"), {}), "zarr.json: attributes")
        values = as_object(attributes["ome"], "zarr.json: ome") if "ome" in attributes else attributes
        notices = ["Zarr v2 and v3 metadata lie side by side; v3 is read."] if v2_data is not None else []
        if build := _builder(values):
            return build(_attributes(values, 3, notices), documents)
    if v2_data is not None and (v3 is None or v3.get("node_type") != "array"):
        values = as_object(parse_json(v2_data), ".zattrs")
        if build := _builder(values):
            return build(_attributes(values, 2, []), documents)
    return _plain(documents, v3)
