"""What a place in a store is: image, plate, well, collection or plain group, of OME-Zarr 0.1 to 0.5 and later drafts.

A lenient reader for planning and previews; the browser reads the same documents in full.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ..errors import BioImageError
from ..said import say
from .fields import as_list, as_object, as_text, bad, cut, given, is_number, parse_json, unsupported
from .multiscale import (
    Attributes,
    Documents,
    Image,
    Missing,
    build_bare,
    build_image,
    check_dataset_path,
)
from .omexml import MAX_BYTES, image_names
from .versions import record, rules_of
from .zarrmeta import read_array, refuse_extensions

MAX_WELLS = 10_000  # larger than any plate that is made
MAX_PROBED = 256  # images looked for by number where nothing lists them
PROBE_GROUP = 8  # of them asked for at once
MAX_MEMBERS = 10_000  # of a plain group


@dataclass(frozen=True, slots=True)
class PlateWell:
    """``row`` and ``column`` count from 0; ``path`` is relative to the plate."""

    name: str
    path: str
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate; its wells are read when they are shown."""

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
    """A well (its fields), a collection (its images) or a plain group: paths of what it holds, as far as is known."""

    kind: str
    version: str
    paths: tuple[str, ...]
    notices: tuple[str, ...]
    name: str = ""
    zarr_format: int = 2
    acquisitions: tuple[float | None, ...] = ()  # of a well: one entry per field
    names: tuple[str, ...] = ()  # of a collection: one entry per image, '' where it has none


Node = Image | Plate | Group
_T = TypeVar("_T")
Builder = Callable[[Attributes, Documents], Node | Missing]


def _each(listed: list[Any], what: str, notices: list[str], read: Callable[[Any], _T]) -> list[_T | None]:
    """What ``read`` makes of each entry, None for those it refuses; raises the first refusal where that is all."""
    found: list[_T | None] = []
    first: BioImageError | None = None
    refused = 0
    for value in listed:
        try:
            found.append(read(value))
        except BioImageError as error:
            if error.code != "BAD_METADATA":
                raise
            first = first or error
            refused += 1
            found.append(None)
    if first and refused == len(listed):
        raise first
    if first:
        notices.append(f"{refused} of the {len(listed)} {what} cannot be read and are left out. {first.message}")
    return found


def _build_plate(attributes: Attributes, documents: Documents) -> Plate:
    plate = as_object(attributes.values["plate"], "plate")
    notices = [*attributes.notices]
    names: dict[str, tuple[str, ...]] = {}
    for side in ("rows", "columns"):
        listed = as_list(plate.get(side), f"plate.{side}")
        if len(listed) > MAX_WELLS:
            raise BioImageError("TOO_LARGE", say("Too large to preview (%1 %2).", len(listed), side))
        own = _each(listed, f"names of plate.{side}", notices, lambda value: _name(value, f"plate.{side}"))  # noqa: B023  called at once
        names[side] = tuple(name or "" for name in own)
    listed = as_list(plate.get("wells"), "plate.wells")
    if len(listed) > MAX_WELLS:
        raise BioImageError("TOO_LARGE", say("Too large to preview (%1 wells).", len(listed)))
    places = [{name: i for i, name in reversed(list(enumerate(names[side])))} for side in ("rows", "columns")]
    wells: dict[tuple[int, int], PlateWell] = {}
    left_out = 0
    for found in _each(listed, "wells of the plate", notices, lambda value: _pathed(value, "plate.wells")):
        if found is None:
            continue
        well, path = found
        row, column = _place(well, path, places)
        inside = 0 <= row < len(names["rows"]) and 0 <= column < len(names["columns"])
        if not inside or (row, column) in wells:
            left_out += 1
        else:
            wells[row, column] = PlateWell(names["rows"][row] + names["columns"][column], path, row, column)
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


def _name(value: Any, where: str) -> str:
    return cut(as_text(as_object(value, where).get("name"), f"{where}.name"), 80)


def _pathed(value: Any, where: str) -> tuple[dict[str, Any], str]:
    """An entry and the path that it names."""
    entry = as_object(value, where)
    return entry, check_dataset_path(entry.get("path"), f"{where}.path")


def _place(well: dict[str, Any], path: str, places: list[dict[str, int]]) -> tuple[int, int]:
    """Row and column, -1 where there is none. Before 0.4 a well had only its path, ``<row>/<column>``."""
    found = []
    for side, names, name in zip(("row", "column"), places, [*path.split("/"), ""], strict=False):
        value = given(well.get(f"{side}Index"), well.get(f"{side}_index"))
        if is_number(value):
            found.append(int(value) if value in range(MAX_WELLS) else -1)  # also 4.0; never infinity or NaN
        else:
            found.append(names.get(name, -1))
    return found[0], found[1]


def _collection(
    attributes: Attributes,
    paths: Sequence[str | None],
    notices: list[str],
    names: list[str] | None = None,
    name: str = "",
) -> Group:
    """Every path once, None left out; the series have the names of the images in the same place of the OME-XML."""
    named: dict[str, str] = {}
    for i, path in enumerate(paths):
        if path is not None:
            named.setdefault(path, names[i] if names and i < len(names) else "")
    return Group(
        kind="collection",
        version=attributes.version,
        paths=tuple(named),
        notices=(*attributes.notices, *notices),
        name=name,
        zarr_format=attributes.zarr_format,
        names=tuple(named.values()) if names else (),
    )


def _build_well(attributes: Attributes, documents: Documents) -> Group:
    listed = as_list(as_object(attributes.values["well"], "well").get("images"), "well.images")
    notices = [*attributes.notices]
    read = _each(listed, "fields of the well", notices, lambda value: _pathed(value, "well.images"))
    fields = [field for field in read if field is not None]
    runs = [image.get("acquisition") for image, _ in fields]
    return Group(
        kind="well",
        version=attributes.version,
        paths=tuple(path for _, path in fields),
        notices=tuple(notices),
        zarr_format=attributes.zarr_format,
        acquisitions=tuple(run if is_number(run) else None for run in runs),
    )


def _build_labels(attributes: Attributes, documents: Documents) -> Group:
    labels = as_list(attributes.values["labels"], "labels")
    notices: list[str] = []
    return _collection(
        attributes, _each(labels, "labels", notices, lambda path: check_dataset_path(path, "labels")), notices
    )


def _build_scene(attributes: Attributes, documents: Documents) -> Group:
    """0.6: the images that its transformations lead from and to, in the order in which they are named."""
    scene = as_object(attributes.values["scene"], "scene")
    where = "scene.coordinateTransformations"
    steps = as_list(given(scene.get("coordinateTransformations"), []), where)

    def ends(value: Any) -> list[str]:
        step = as_object(value, where)
        paths = [record(step.get(end)).get("path") for end in ("input", "output")]
        return [check_dataset_path(path, where) for path in paths if path not in (None, "")]

    notices: list[str] = []
    found = _each(steps, "transformations of the scene", notices, ends)
    return _collection(attributes, [path for paths in found for path in paths or ()], notices)


def _build_nodes(attributes: Attributes, documents: Documents) -> Group:
    """A collection of nodes, as a proposal for 1.0 has it."""
    collection = as_object(attributes.values["collection"], "collection")
    nodes = as_list(collection.get("nodes"), "collection.nodes")
    name = collection.get("name")
    notices: list[str] = []
    paths = _each(nodes, "nodes of the collection", notices, lambda node: _pathed(node, "collection.nodes")[1])
    return _collection(attributes, paths, notices, name=cut(name, 200) if isinstance(name, str) else "")


def _listed_series(data: bytes | None, zarr_format: int, notices: list[str]) -> list[str | None] | None:
    """``series`` of the OME group (OME-Zarr 0.4, section 2.3.2)."""
    if data is None:
        return None
    document = as_object(parse_json(data), "OME")
    if zarr_format == 3:
        document = as_object(
            given(as_object(given(document.get("attributes"), {}), "attributes").get("ome"), {}), "ome"
        )
    if "series" not in document:
        return None
    series = as_list(document["series"], "series")
    return _each(series, "series of the OME group", notices, lambda path: check_dataset_path(path, "series"))


def _described(data: bytes | None) -> list[str]:
    """Names of the images of the OME-XML, as far as it is there and can be read."""
    if not data or len(data) > MAX_BYTES:
        return []
    try:
        return image_names(data)
    except BioImageError:
        return []  # names are a convenience


def _build_bioformats(attributes: Attributes, documents: Documents) -> Group | Missing:
    """A bioformats2raw layout: images as listed, else as many as its OME-XML has, else those found by number."""
    zarr_format = attributes.zarr_format
    list_key = "OME/.zattrs" if zarr_format == 2 else "OME/zarr.json"
    xml_key = "OME/METADATA.ome.xml"
    missing = tuple(key for key in (list_key, xml_key) if key not in documents)
    if missing:
        return Missing(missing)
    notices: list[str] = []
    series = _listed_series(documents[list_key], zarr_format, notices)
    names = _described(documents[xml_key])
    if series is not None:
        return _collection(attributes, series, notices, names)
    count = min(len(names), MAX_PROBED)
    if not count:
        keys = [f"{i}/{'.zattrs' if zarr_format == 2 else 'zarr.json'}" for i in range(MAX_PROBED)]
        while count < MAX_PROBED and documents.get(keys[count]) is not None:
            count += 1
        if count < MAX_PROBED and keys[count] not in documents:
            return Missing(tuple(key for key in keys[count : count + PROBE_GROUP] if key not in documents))
    return _collection(attributes, list(map(str, range(count))), notices, names)


#: In this order: a plate converted by bioformats2raw is a plate, an image with a label's description is an image.
_KINDS: tuple[tuple[str, Builder], ...] = (
    ("plate", _build_plate),
    ("well", _build_well),
    ("multiscales", build_image),
    ("multiscale", build_image),
    ("bioformats2raw.layout", _build_bioformats),
    ("labels", _build_labels),
    ("scene", _build_scene),
    ("collection", _build_nodes),
)
#: Common words, which count only under the namespace of the versions that know them.
_NAMESPACED = ("scene", "collection")


def _builder(values: dict[str, Any], namespaced: bool) -> Builder | None:
    found = (build for name, build in _KINDS if name in values and (namespaced or name not in _NAMESPACED))
    return next(found, None)


def _attributes(values: dict[str, Any], zarr_format: int, notices: list[str]) -> Attributes:
    version, rules = rules_of(values, zarr_format)
    return Attributes(zarr_format, cut(version, 40), rules, values, notices)


def _members(paths: Iterable[str]) -> tuple[str, ...]:
    """Those inside the group, a folder before what lies in it."""
    inside = []
    for path in paths:
        try:
            inside.append(check_dataset_path(path, "consolidated metadata"))
        except BioImageError:
            continue  # it cannot be opened from here
    return tuple(sorted(set(inside), key=lambda path: path.encode("utf-16-be", "surrogatepass"))[:MAX_MEMBERS])


def _plain_group(paths: Iterable[str], zarr_format: int) -> Group:
    notices = ("This is a plain Zarr group without OME-Zarr metadata.",)
    return Group("group", "", _members(paths), notices, zarr_format=zarr_format)


def _group_v2(documents: Documents) -> Group | Missing:
    """``.zmetadata`` holds the documents of all members; asked for here only, for an image needs none of it."""
    if ".zmetadata" not in documents:
        return Missing((".zmetadata",))
    own, data = documents[".zattrs"], documents[".zmetadata"]
    if own is not None:
        parse_json(own)
    try:
        entries = record(record(parse_json(data)).get("metadata")) if data is not None else {}
    except BioImageError:
        entries = {}  # costs the list of members only
    parts = (key.rpartition("/") for key in entries)
    return _plain_group([path for path, _, name in parts if path and name in (".zarray", ".zgroup")], 2)


def _plain(documents: Documents, v3: dict[str, Any] | None) -> Node | Missing:
    """No OME metadata: a bare array, a plain group, or nothing at all."""
    if v3 is not None:
        if v3.get("node_type") == "array":
            return build_bare(read_array("", v3))
        if v3.get("node_type") != "group":
            raise bad("zarr.json: node_type", say("is neither group nor array"))
        return _plain_group(record(record(v3.get("consolidated_metadata")).get("metadata")), 3)
    missing = tuple(key for key in (".zarray", ".zgroup") if key not in documents)
    if missing:
        return Missing(missing)
    array = documents[".zarray"]
    if array is not None:
        return build_bare(read_array("", parse_json(array)))
    if documents[".zgroup"] is not None or documents.get(".zattrs") is not None:
        return _group_v2(documents)
    raise BioImageError("NOT_FOUND", say("There is nothing at this address: neither a Zarr group nor a Zarr array."))


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
        if given(v3.get("zarr_format"), 3) != 3:
            raise unsupported(say("zarr_format %1", v3["zarr_format"]))
        refuse_extensions(v3)
        attributes = as_object(given(v3.get("attributes"), {}), "zarr.json: attributes")
        own = "ome" in attributes
        values = as_object(attributes["ome"], "zarr.json: ome") if own else attributes
        notices = ["Zarr v2 and v3 metadata lie side by side; v3 is read."] if v2_data is not None else []
        if _builder(values, own) and (build := _builder(values, True)):
            return build(_attributes(values, 3, notices), documents)
    if v2_data is not None and (v3 is None or v3.get("node_type") != "array"):
        values = as_object(parse_json(v2_data), ".zattrs")
        if _builder(values, False) and (build := _builder(values, True)):
            beside = "Zarr v2 and v3 metadata lie side by side; v2 is read, for it has the image."
            return build(_attributes(values, 2, [] if v3 is None else [beside]), documents)
    return _plain(documents, v3)
