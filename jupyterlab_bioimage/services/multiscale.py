"""A multiscale image of any OME-Zarr version, from its documents: levels, axes, channels, first planes.

The browser reads the same documents with the same rules; ``fixtures/readers.json`` is a test of both.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict, TypeVar

from ..errors import BioImageError
from ..said import say
from .fields import SPACE, as_list, as_object, bad, cut, is_number, unsupported
from .keys import check_key
from .levels import Level, document_key, place_levels, read_arrays
from .versions import VERSIONS, Version, record
from .zarrmeta import ArrayMeta, as_row

T = TypeVar("T")
#: Key relative to the node → bytes, None where there is no such object.
Documents = Mapping[str, bytes | None]

MAX_LEVELS = 32  # a viewer cannot use more than an image of 2^32 pixels has
MAX_CHANNELS = 256  # layers of a texture array that every WebGL 2 implementation has
MAX_ACTIVE = 6  # channels that are on where the metadata does not say: more would only add up to white
MAX_AXES, MAX_BARE_AXES = 6, 9  # of an image, of a plain array
MAX_COLORS = 1 << 16  # of ids of a label image

#: Axis order of OME-Zarr 0.1 and 0.2, and what a shorter array most likely means.
USUAL = {2: "yx", 3: "zyx", 4: "czyx", 5: "tczyx"}
SIDE = 8  # pixels that the side of a picture has at least where longer axes lie beside each other
_TYPES = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}
#: ``https:``, ``data:``, ``javascript:`` …: no dataset is called that, and some client somewhere would follow it.
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ENCODED = re.compile(r"%([0-7][0-9a-f])", re.IGNORECASE)
PRIMARIES = ["FF0000", "00FF00", "0000FF"]  # red, green and blue as ``omero`` writes them
_BYTE = (("start", 0), ("end", 255))
_ID = re.compile("-?[0-9]{1,20}")
_COLOR = re.compile(r"#?([0-9a-f]{6})", re.IGNORECASE)


Rgba = tuple[int, int, int, int]  # each 0 to 255


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of the arrays, in their order."""

    name: str
    type: str  # "time", "channel", "space", "other"


@dataclass(frozen=True, slots=True)
class Channel:
    """How one channel is drawn; what the metadata leaves open is None."""

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
    others: tuple[tuple[int, int], ...] = ()  # axes of a length over 1 that ``at`` does not name, and their positions
    colors: Mapping[int, Rgba] = field(default_factory=dict)  # of the ids of a label image, where the metadata has any
    kind: str = "image"


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a group says, freed of its version's wrapping."""

    zarr_format: int
    version: str
    rules: Version
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
        raise bad(where, say("is not a path inside the image"))
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
    raise bad(where, say("is not a path inside the image"))


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


def _usual(rank: int) -> list[str]:
    return list(USUAL.get(rank) or [*(f"axis {i}" for i in range(rank - 5)), *USUAL[5]])


def names_by_length(shape: Sequence[int]) -> list[str] | None:
    """Of an array that names no axes: where the last two can hardly be the picture, as in (y, x, 3), the last two
    neighbours that are both of some length are. None: the usual order will do.
    """
    sides = [x for x in range(1, len(shape)) if min(shape[x - 1 : x + 1]) >= SIDE]
    if not sides or sides[-1] == len(shape) - 1:
        return None
    x, rest = sides[-1], iter(_usual(len(shape)))
    return ["x" if axis == x else "y" if axis == x - 1 else next(rest) for axis in range(len(shape))]


def read_axes(
    listed: Any, rank: int, notices: list[str], most: int = MAX_AXES
) -> tuple[tuple[Axis, ...], dict[str, int]]:
    """``listed`` is the metadata's list; without one the usual order is assumed. 2 to ``most`` axes."""
    if not 2 <= rank <= most:
        raise unsupported(say("an image of %1 axes", rank))
    if not isinstance(listed, list):
        listed = _usual(rank)
    if len(listed) != rank:
        raise bad("axes", say("names %1 axes, the array has %2", len(listed), rank))
    axes = [_axis(value, i) for i, value in enumerate(listed)]
    names = [axis.name for axis in axes]
    axes = [axis if names.index(axis.name) == i else Axis(f"axis {i}", "other") for i, axis in enumerate(axes)]
    return tuple(axes), _locate(axes, notices)


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
        hint = record(listed[index]) if index < len(listed) else {}
        label = next((hint[k] for k in ("label", "name") if hint.get(k) is not None), "")
        label = label.strip(SPACE) if isinstance(label, str) else _number_text(label) if is_number(label) else ""
        color = _COLOR.fullmatch(hint["color"]) if isinstance(hint.get("color"), str) else None
        active = hint["active"] if isinstance(hint.get("active"), bool) else index < MAX_ACTIVE
        label = cut(label, 80) or f"Channel {index}"
        channels.append(Channel(label, color and color[1].upper(), active, _window(hint)))
    if not any(channel.active for channel in channels):
        channels[0] = replace(channels[0], active=True)
    return tuple(replace(c, label=label) for c, label in zip(channels, _without_twins(channels), strict=True))


def _number_text(value: float) -> str:
    """As a browser writes it."""
    if not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return str(int(value)) if value == int(value) and abs(value) < 1e21 else str(value)


def _without_twins(channels: Sequence[Channel]) -> list[str]:
    """Labels name the controls, so no two may be the same."""
    labels = [channel.label for channel in channels]
    taken = set(labels)
    found = []
    for i, label in enumerate(labels):
        if labels.count(label) > 1:
            count = labels[: i + 1].count(label)
            while f"{label} {count}" in taken:
                count += 1
            label = f"{label} {count}"
            taken.add(label)
        found.append(label)
    return found


def is_rgb(array: ArrayMeta, axes: Sequence[Axis], at: dict[str, int], omero: dict[str, Any]) -> bool:
    """One picture of red, green and blue, by the axes and the metadata, never by a length of 3 or 4 alone.

    Bytes whose last axis is one of 3 or 4 channels, unless the metadata gives these other colours; or three channels
    that ``omero`` calls a colour picture, in the primary colours and at full range.
    """
    if array.dtype != "uint8" or "c" not in at or axes[at["c"]].type != "channel":
        return False
    count = array.shape[at["c"]]
    listed = omero.get("channels")
    channels = [record(channel) for channel in listed[:3]] if isinstance(listed, list) else []
    colors = [channel.get("color") for channel in channels]
    primary = [c.replace("#", "", 1).upper() if isinstance(c, str) else None for c in colors] == PRIMARIES
    if at["c"] == len(axes) - 1 and count in (3, 4):
        return primary or not any(isinstance(color, str) for color in colors)
    plain = all(_is_whole(channel) and channel.get("active") is not False for channel in channels)
    return count == 3 and record(omero.get("rdefs")).get("model") == "color" and primary and plain


def _is_whole(channel: dict[str, Any]) -> bool:
    """Whether a window shows a byte as it is, or there is none."""
    window = record(channel.get("window"))
    return all(name not in window or (is_number(window[name]) and window[name] == end) for name, end in _BYTE)


def _default(omero: dict[str, Any], key: str, size: int, fallback: int) -> int:
    rdefs = omero.get("rdefs")
    given = rdefs.get(key) if isinstance(rdefs, dict) else None
    if isinstance(given, float) and given.is_integer():
        given = int(given)
    return given if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < size else fallback


# --- the image ----------------------------------------------------------------------------------------------------


def _colors(value: Any) -> dict[int, Rgba]:
    """Colours of ids (OME-Zarr 0.4, "image-label" metadata); the last one of equal ids counts."""
    found: dict[int, Rgba] = {}
    listed = record(value).get("colors")
    for entry in listed[:MAX_COLORS] if isinstance(listed, list) else []:
        given, rgba = record(entry).get("label-value"), record(entry).get("rgba")
        if isinstance(given, str) and _ID.fullmatch(given):
            given = int(given)
        if not isinstance(given, int | float) or isinstance(given, bool):
            continue
        if given != given or abs(given) >= 10**20 or int(given) != given:
            continue
        parts = rgba if isinstance(rgba, list) and len(rgba) in (3, 4) else []
        if parts and all(is_number(part) and math.isfinite(part) for part in parts):
            red, green, blue, alpha = [min(255, max(0, math.floor(part + 0.5))) for part in [*parts, 255][:4]]
            found[int(given)] = (red, green, blue, alpha)
    return found


def build_image(attributes: Attributes, documents: Documents) -> Image | Missing:
    """BAD_METADATA, UNSUPPORTED, NOT_FOUND, TOO_LARGE where the first multiscale cannot be shown."""
    values, notices, rules = attributes.values, list(attributes.notices), attributes.rules
    multiscales = as_list(rules.multiscales(values), "multiscales")
    multiscale = as_object(multiscales[0] if multiscales else None, "multiscales[0]")
    listed = as_list(rules.levels(multiscale), "datasets")
    if not listed:
        raise bad("datasets", say("is empty"))
    datasets = []
    for index, value in enumerate(listed[:MAX_LEVELS]):
        dataset = as_object(value, f"datasets[{index}]")
        path = check_dataset_path(dataset.get("path"), f"datasets[{index}].path")
        datasets.append((path, dataset.get("coordinateTransformations", ())))
    keys = [document_key(path, attributes.zarr_format) for path, _ in datasets]
    missing = tuple(dict.fromkeys(key for key in keys if key not in documents))
    if missing:
        return Missing(missing)
    axes, whole = rules.frame(multiscale)
    omero = record(values.get("omero"))
    names = (multiscale.get("name"), omero.get("name"))
    return _assemble(
        attributes,
        read_arrays(datasets, attributes.zarr_format, documents, notices),
        axes,
        whole,
        omero,
        next((name for name in names if isinstance(name, str) and name), ""),
        notices,
    )


def build_bare(array: ArrayMeta) -> Image:
    """An array without OME metadata, as an image of one level; of one axis, as a single row."""
    rank = len(array.shape)
    if not 1 <= rank <= MAX_BARE_AXES:
        raise unsupported(
            say("an array of %1 axes", rank) if rank else say("an array of a single value, which has no picture")
        )
    array = as_row(array) if rank == 1 else array
    names: Any = array.dimension_names
    names = list(names) if names is not None and any(names) else None
    attributes = Attributes(array.zarr_format, "", VERSIONS[-1], {})
    notices = ["This is a plain Zarr array without OME-Zarr metadata."]
    if names is None and (names := names_by_length(array.shape)):
        notices.append(f"The axes are not named; {', '.join(names)} are assumed from their lengths.")
    return _assemble(attributes, [(array, ())], names, None, {}, "", notices, MAX_BARE_AXES)


def _assemble(
    attributes: Attributes,
    found: list[tuple[ArrayMeta, Any]],
    listed_axes: Any,
    whole: Any,
    omero: dict[str, Any],
    name: str,
    notices: list[str],
    most: int = MAX_AXES,
) -> Image:
    axes, at = read_axes(listed_axes, len(found[0][0].shape), notices, most)
    levels = place_levels(found, at, whole, notices)
    label = "image-label" in attributes.values
    return Image(
        version=attributes.version,
        zarr_format=attributes.zarr_format,
        name=cut(name, 200),
        axes=axes,
        at=at,
        levels=levels,
        **shown_of(levels[0].array, at, omero),
        image_label=label,
        notices=tuple(notices),
        rgb=not label and is_rgb(levels[0].array, axes, at, omero),
        colors=_colors(attributes.values["image-label"]) if label else {},
    )


class Shown(TypedDict):
    """What is shown first of an image."""

    channels: tuple[Channel, ...]
    t: int
    z: int
    others: tuple[tuple[int, int], ...]


def shown_of(array: ArrayMeta, at: dict[str, int], omero: dict[str, Any]) -> Shown:
    """Channels and first planes of an image whose level 0 is ``array``; ``at`` as in ``Image``."""
    sizes = {axis: array.shape[at[axis]] if axis in at else 1 for axis in "tcz"}
    return {
        "channels": read_channels(omero, sizes["c"]),
        "t": _default(omero, "defaultT", sizes["t"], 0),
        "z": _default(omero, "defaultZ", sizes["z"], sizes["z"] // 2),
        "others": tuple((i, 0) for i, size in enumerate(array.shape) if size > 1 and i not in at.values()),
    }
