"""A multiscale image of any OME-Zarr version, from its documents: levels, axes, channels, first planes.

The browser reads the same documents with the same rules; ``fixtures/readers.json`` is a test of both.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..errors import BioImageError
from .fields import as_list, as_object, bad, cut, is_number, parse_json, unsupported
from .keys import check_key
from .zarrmeta import ArrayMeta, read_array

T = TypeVar("T")
#: Key relative to the node → bytes, None where there is no such object.
Documents = Mapping[str, bytes | None]

MAX_LEVELS = 32  # a viewer cannot use more than an image of 2^32 pixels has
MAX_CHANNELS = 256  # layers of a texture array that every WebGL 2 implementation has
MAX_ACTIVE = 6  # channels that are on where the metadata does not say: more would only add up to white
MAX_SIZE = 1e24  # physical sizes outside of 1/MAX_SIZE … MAX_SIZE make no sense

#: Axis order of OME-Zarr 0.1 and 0.2, and what a shorter array most likely means.
USUAL = {2: "yx", 3: "zyx", 4: "czyx", 5: "tczyx"}
_TYPES = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}
#: ``https:``, ``data:``, ``javascript:`` …: no dataset is called that, and some client somewhere would follow it.
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ENCODED = re.compile(r"%([0-7][0-9a-f])", re.IGNORECASE)
_COLOR = re.compile(r"#?([0-9a-f]{6})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Axis:
    name: str
    type: str  # "time", "channel", "space", "other"


@dataclass(frozen=True, slots=True)
class Level:
    path: str
    array: ArrayMeta
    ratio: tuple[float, ...]  # this level's pixel in pixels of level 0, per axis; at least 1 for y and x


@dataclass(frozen=True, slots=True)
class Channel:
    label: str
    color: str | None  # RRGGBB
    active: bool
    window: tuple[float, float] | None  # raw values drawn darkest and brightest


@dataclass(frozen=True, slots=True)
class Image:
    """``at`` gives the axis positions of t, c, z (where there are any), y and x."""

    version: str
    zarr_format: int
    name: str
    axes: tuple[Axis, ...]
    at: dict[str, int]
    levels: tuple[Level, ...]
    channels: tuple[Channel, ...]
    t: int  # plane to show first, in pixels of level 0
    z: int
    image_label: bool
    notices: tuple[str, ...]
    rgb: bool = False  # the first three channels are one picture: by the axes and the metadata
    kind: str = "image"


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a group says, freed of its version's wrapping."""

    zarr_format: int
    version: str
    values: dict[str, Any]
    notices: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Missing:
    """Documents that are still needed."""

    keys: tuple[str, ...]


def check_dataset_path(path: Any, where: str) -> str:
    """A path that metadata names: relative, inside the group, one plain name per segment.

    Percent signs are literal, but a name that would become a way out when decoded once more than it should is refused.
    """
    if not isinstance(path, str) or _SCHEME.match(path):
        raise bad(where, "is not a path inside the image")
    text = path
    try:
        for _ in range(5):
            check_key(text)
            decoded = _ENCODED.sub(lambda found: chr(int(found[1], 16)), text)
            if decoded == text:
                return path
            text = decoded
    except BioImageError:
        pass  # the same words for every reason
    raise bad(where, "is not a path inside the image")


def document_key(path: str, zarr_format: int) -> str:
    """Key of an array's own document."""
    name = ".zarray" if zarr_format == 2 else "zarr.json"
    return f"{path}/{name}" if path else name


# --- axes ---------------------------------------------------------------------------------------------------------


def _axis(value: Any, index: int) -> Axis:
    """OME-Zarr 0.3 has plain names, later versions objects."""
    entry = value if isinstance(value, dict) else {"name": value}
    name, kind = entry.get("name"), entry.get("type")
    if not isinstance(name, str) or not name:
        return Axis(f"axis {index}", "other")
    if "type" not in entry:
        kind = _TYPES.get(name.lower(), "other")
    return Axis(cut(name, 80), kind if kind in ("time", "channel", "space") else "other")


def _locate(axes: Sequence[Axis], notices: list[str]) -> dict[str, int]:
    """Positions by name, else by type; the fastest varying axes come last in every version."""
    named = {axis.name.lower(): i for i, axis in reversed(list(enumerate(axes)))}
    at = {}
    if "x" in named and "y" in named:
        at = {"y": named["y"], "x": named["x"]}
    else:
        space = [i for i, axis in enumerate(axes) if axis.type == "space"]
        at = {"y": space[-2], "x": space[-1]} if len(space) > 1 else {"y": len(axes) - 2, "x": len(axes) - 1}
        notices.append("The axes do not name y and x.")
    plane = (at["y"], at["x"])
    for name, kind in (("t", "time"), ("c", "channel"), ("z", "space")):
        by_type = [i for i, axis in enumerate(axes) if axis.type == kind and i not in plane]
        position = named.get(name, -1)
        if position >= 0 and position not in plane:
            at[name] = position
        elif by_type:
            at[name] = by_type[0]
    return at


def read_axes(listed: Any, rank: int, notices: list[str]) -> tuple[tuple[Axis, ...], dict[str, int]]:
    """``listed`` is the metadata's list; without one the usual order is assumed. 2 to 6 axes."""
    if not 2 <= rank <= 6:
        raise unsupported(f"an image of {rank} axes")
    if not isinstance(listed, list):
        listed = list(USUAL[rank]) if rank in USUAL else ["axis 0", *USUAL[5]]
    if len(listed) != rank:
        raise bad("axes", f"names {len(listed)} axes, the array has {rank}")
    axes = [_axis(value, i) for i, value in enumerate(listed)]
    names = [axis.name for axis in axes]
    axes = [axis if names.index(axis.name) == i else Axis(f"axis {i}", "other") for i, axis in enumerate(axes)]
    return tuple(axes), _locate(axes, notices)


# --- levels -------------------------------------------------------------------------------------------------------


def _scale(transformations: Any, rank: int, before: list[float] | None = None) -> list[float] | None:
    """Product of the scales in a list of transformations; what cannot be used is left out (OME-Zarr 0.4, 3.3)."""
    for step in transformations if isinstance(transformations, list) else []:
        if not isinstance(step, dict):
            continue
        if step.get("type") == "sequence":
            before = _scale(step.get("transformations"), rank, before)
        scale = step.get("scale") if step.get("type") == "scale" else None
        if not isinstance(scale, list) or len(scale) != rank:
            continue
        if all(is_number(s) and 1 / MAX_SIZE < s < MAX_SIZE for s in scale):
            before = [float(s) * b for s, b in zip(scale, before or [1.0] * rank, strict=True)]
    return before


def _ratio(base: ArrayMeta, level: ArrayMeta, scales: tuple[list[float] | None, list[float] | None]) -> list[float]:
    """Ratio of the scales where it goes with all sizes (some writers repeat a scale), else of the sizes."""
    sizes = [a / b if a and b else 1.0 for a, b in zip(base.shape, level.shape, strict=True)]
    fine, coarse = scales
    if fine is None or coarse is None:
        return sizes
    ratios = [b / a for a, b in zip(fine, coarse, strict=True)]
    fits = (
        abs(size / ratio - small) <= max(2, 0.1 * small)
        for size, small, ratio in zip(base.shape, level.shape, ratios, strict=True)
    )
    return ratios if all(fits) else sizes


def _read_arrays(
    datasets: Sequence[tuple[str, Any]], zarr_format: int, documents: Documents, notices: list[str]
) -> list[tuple[ArrayMeta, Any]]:
    """The first array that is there sets rank and type, so what is wrong with it is raised; others are left out."""
    found: list[tuple[ArrayMeta, Any]] = []
    missing: BioImageError | None = None
    for path, transformations in datasets:
        try:
            data = documents.get(document_key(path, zarr_format))
            if data is None:
                raise BioImageError("NOT_FOUND", "An array that the description names is not there.")
            array = read_array(path, parse_json(data))
        except BioImageError as error:
            if not found and error.code != "NOT_FOUND":
                raise
            missing = missing or error
            notices.append(f"Level {path} is left out.")
            continue
        first = found[0][0] if found else array
        if len(first.shape) != len(array.shape) or first.dtype != array.dtype:
            notices.append(f"Level {path} is left out: its axes or data type differ.")
        else:
            found.append((array, transformations))
    if not found:
        raise missing or bad("datasets", "is empty")
    return found


def _place(found: list[tuple[ArrayMeta, Any]], at: dict[str, int], whole: Any) -> tuple[Level, ...]:
    """Finest first, whatever the order in the metadata; levels of equal size keep theirs."""
    rank = len(found[0][0].shape)
    found = sorted(found, key=lambda entry: -entry[0].shape[at["y"]] * entry[0].shape[at["x"]])
    scales = [_scale(whole, rank, _scale(transformations, rank)) for _, transformations in found]
    levels = []
    for (array, _), scale in zip(found, scales, strict=True):
        ratio = _ratio(found[0][0], array, (scales[0], scale))
        for axis in (at["y"], at["x"]):
            ratio[axis] = max(1.0, ratio[axis])
        levels.append(Level(array.path, array, tuple(ratio)))
    return tuple(levels)


# --- channels and first planes ------------------------------------------------------------------------------------


def _window(hint: dict[str, Any]) -> tuple[float, float] | None:
    given = hint.get("window")
    given = given if isinstance(given, dict) else {}
    ends = []
    for names in (("start", "min"), ("end", "max")):
        usable = [given[n] for n in names if is_number(given.get(n)) and math.isfinite(given[n])]
        if not usable:
            return None
        ends.append(float(usable[0]))
    return None if ends[0] == ends[1] else (min(ends), max(ends))


def read_channels(omero: dict[str, Any], count: int) -> tuple[Channel, ...]:
    """One per pixel of the channel axis, 1 without one; ``omero`` is a hint and cannot fail an image."""
    listed = omero.get("channels")
    listed = listed if isinstance(listed, list) else []
    channels = []
    for index in range(min(max(count, 1), MAX_CHANNELS)):
        hint = listed[index] if index < len(listed) and isinstance(listed[index], dict) else {}
        label = next((hint[k] for k in ("label", "name") if hint.get(k) is not None), "")
        label = str(label).strip() if isinstance(label, str) or is_number(label) else ""
        color = _COLOR.fullmatch(hint["color"]) if isinstance(hint.get("color"), str) else None
        active = hint["active"] if isinstance(hint.get("active"), bool) else index < MAX_ACTIVE
        label = cut(label, 80) or f"Channel {index}"
        channels.append(Channel(label, color and color[1].upper(), active, _window(hint)))
    if not any(channel.active for channel in channels):
        channels[0] = Channel(channels[0].label, channels[0].color, True, channels[0].window)
    return tuple(channels)


def _default(omero: dict[str, Any], key: str, size: int, fallback: int) -> int:
    rdefs = omero.get("rdefs")
    given = rdefs.get(key) if isinstance(rdefs, dict) else None
    if isinstance(given, float) and given.is_integer():
        given = int(given)
    return given if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < size else fallback


# --- the image ----------------------------------------------------------------------------------------------------


def _system_axes(multiscale: dict[str, Any], datasets: list[Any]) -> Any:
    """0.6 names coordinate systems; the levels lead into the one their first transformation outputs to."""
    systems = [as_object(system, "coordinateSystems") for system in multiscale["coordinateSystems"]]
    steps = as_object(datasets[0], "datasets[0]").get("coordinateTransformations")
    output = steps[0].get("output") if isinstance(steps, list) and steps and isinstance(steps[0], dict) else None
    output = output.get("name") if isinstance(output, dict) and "name" in output else output
    chosen = next((s for s in systems if s.get("name") == output), systems[0] if systems else {})
    return chosen.get("axes")


def build_image(attributes: Attributes, documents: Documents) -> Image | Missing:
    """BAD_METADATA, UNSUPPORTED, NOT_FOUND, TOO_LARGE where the first multiscale cannot be shown."""
    values, notices = attributes.values, list(attributes.notices)
    # A development version of 1.0 has one "multiscale" with "levels".
    single = values.get("multiscales") is None and values.get("multiscale") is not None
    multiscales = [values["multiscale"]] if single else as_list(values.get("multiscales"), "multiscales")
    multiscale = as_object(multiscales[0] if multiscales else None, "multiscales[0]")
    first = multiscale.get("datasets")
    listed = as_list(multiscale.get("levels") if first is None else first, "datasets")
    if not listed:
        raise bad("datasets", "is empty")
    datasets = []
    for index, value in enumerate(listed[:MAX_LEVELS]):
        dataset = as_object(value, f"datasets[{index}]")
        path = check_dataset_path(dataset.get("path"), f"datasets[{index}].path")
        datasets.append((path, dataset.get("coordinateTransformations")))
    keys = [document_key(path, attributes.zarr_format) for path, _ in datasets]
    missing = tuple(dict.fromkeys(key for key in keys if key not in documents))
    if missing:
        return Missing(missing)
    systems = isinstance(multiscale.get("coordinateSystems"), list)
    axes = _system_axes(multiscale, listed) if systems else None
    omero = values.get("omero")
    omero = omero if isinstance(omero, dict) else {}
    names = (multiscale.get("name"), omero.get("name"))
    return _assemble(
        attributes,
        _read_arrays(datasets, attributes.zarr_format, documents, notices),
        axes if isinstance(axes, list) else multiscale.get("axes"),
        None if systems else multiscale.get("coordinateTransformations"),
        omero,
        next((name for name in names if isinstance(name, str) and name), ""),
        notices,
    )


def build_bare(array: ArrayMeta) -> Image:
    """An array without OME metadata, as an image of one level."""
    names: Any = array.dimension_names
    names = None if names is None or None in names else list(names)
    y, x, c = array.shape if len(array.shape) == 3 else (0, 0, 0)
    if names is None and c in (3, 4) and min(y, x) > 4:
        names = list("yxc")  # a photograph: colours as the last axis
    attributes = Attributes(array.zarr_format, "", {})
    return _assemble(attributes, [(array, None)], names, None, {}, "", ["A plain Zarr array without OME metadata."])


def _assemble(
    attributes: Attributes,
    found: list[tuple[ArrayMeta, Any]],
    listed_axes: Any,
    whole: Any,
    omero: dict[str, Any],
    name: str,
    notices: list[str],
) -> Image:
    axes, at = read_axes(listed_axes, len(found[0][0].shape), notices)
    levels = _place(found, at, whole)
    shape = levels[0].array.shape
    sizes = {axis: shape[at[axis]] if axis in at else 1 for axis in "tcz"}
    return Image(
        version=attributes.version,
        zarr_format=attributes.zarr_format,
        name=cut(name, 200),
        axes=axes,
        at=at,
        levels=levels,
        channels=read_channels(omero, sizes["c"]),
        t=_default(omero, "defaultT", sizes["t"], 0),
        z=_default(omero, "defaultZ", sizes["z"], sizes["z"] // 2),
        image_label=attributes.values.get("image-label") is not None,
        notices=tuple(notices),
    )
