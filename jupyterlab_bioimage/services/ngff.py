"""What a place in a store is: image, plate, well or collection, of OME-Zarr 0.1 to 0.5 (later ones as far as they go).

A lenient reader for planning and previews; the browser reads the same documents in full.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import BioImageError
from .fields import as_list, as_object, as_text, cut, given, is_number, parse_json
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
class PlateWell:
    """``row`` and ``column`` count from 0; ``path`` is relative to the plate."""

    name: str
    path: str
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Plate:
    version: str
    zarr_format: int
    name: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    wells: tuple[PlateWell, ...]  # inside the grid, one a place, in the order of the metadata
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
    zarr_format: int = 2
    acquisitions: tuple[int | None, ...] = ()  # of a well: one entry per field


Node = Image | Plate | Group
Builder = Callable[[Attributes, Documents], Node | Missing]


def _build_plate(attributes: Attributes, documents: Documents) -> Plate:
    plate = as_object(attributes.values["plate"], "plate")
    names: dict[str, tuple[str, ...]] = {}
    for side in ("rows", "columns"):
        listed = as_list(plate.get(side), f"plate.{side}")
        names[side] = tuple(cut(as_text(as_object(v, side).get("name"), f"plate.{side}.name"), 80) for v in listed)
    listed = as_list(plate.get("wells"), "plate.wells")
    if len(listed) > MAX_WELLS:
        raise BioImageError("TOO_LARGE", f"Too large to preview ({len(listed)} wells).")
    places = [{name: i for i, name in reversed(list(enumerate(names[side])))} for side in ("rows", "columns")]
    wells: dict[tuple[int, int], PlateWell] = {}
    left_out = 0
    for value in listed:
        well = as_object(value, "well")
        path = check_dataset_path(well.get("path"), "plate.wells.path")
        row, column = _place(well, path, places)
        if row < 0 or column < 0 or (row, column) in wells:
            left_out += 1
        else:
            wells[row, column] = PlateWell(names["rows"][row] + names["columns"][column], path, row, column)
    notices = [*attributes.notices]
    if left_out:
        notices.append(f"{left_out} wells are left out: outside of the rows and columns, or listed twice.")
    name = plate.get("name")
    return Plate(
        version=attributes.version,
        zarr_format=attributes.zarr_format,
        name=cut(name, 200) if isinstance(name, str) else "",
        rows=names["rows"],
        columns=names["columns"],
        wells=tuple(wells.values()),
        notices=tuple(notices),
    )


def _place(well: dict[str, Any], path: str, places: list[dict[str, int]]) -> tuple[int, int]:
    """Row and column, -1 where outside of the grid. Before 0.4 a well had only its path, ``<row>/<column>``."""
    found = []
    for side, names, name in zip(("row", "column"), places, [*path.split("/"), ""], strict=False):
        value = given(well.get(f"{side}Index"), well.get(f"{side}_index"))
        if is_number(value):
            inside = value in range(len(names))  # also 4.0; never infinity or NaN
            found.append(int(value) if inside else -1)
        else:
            found.append(names.get(name, -1))
    return found[0], found[1]


def _group(
    kind: str, attributes: Attributes, paths: tuple[str, ...], acquisitions: tuple[int | None, ...] = ()
) -> Group:
    return Group(
        kind,
        attributes.version,
        paths,
        tuple(attributes.notices),
        zarr_format=attributes.zarr_format,
        acquisitions=acquisitions,
    )


def _build_well(attributes: Attributes, documents: Documents) -> Group:
    listed = as_list(as_object(attributes.values["well"], "well").get("images"), "well.images")
    images = [as_object(value, "well.images") for value in listed]
    paths = tuple(check_dataset_path(image.get("path"), "well.images.path") for image in images)
    runs = [image.get("acquisition") for image in images]
    return _group("well", attributes, paths, tuple(run if is_number(run) else None for run in runs))


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
