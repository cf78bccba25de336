"""The levels of a multiscale image: which of its arrays can stand for the finest one, and where they lie on it.

As in the browser's reader (``src/ngff/levels.ts``, ``relative.ts``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import BioImageError
from ..said import say
from .affine import Relative, invert, place, relative
from .fields import bad, parse_json
from .zarrmeta import ArrayMeta, read_array

NO_SHIFT = 1e-6  # pixels of level 0: rounding, not a shift
SHORT = 15  # pixels of an axis of level 0: two pixels would hide a wrong factor of 2
PART = 0.5  # pixels of level 0: a level that begins further inside covers a part

_Rounds = Callable[[float, int], bool]


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a pyramid and its place on level 0."""

    path: str
    array: ArrayMeta
    ratio: tuple[float, ...]  # this level's pixel in pixels of level 0, per axis; at least 1 for y and x
    offset: tuple[float, ...]  # corner of its first pixel in pixels of level 0, per axis


def document_key(path: str, zarr_format: int) -> str:
    """Key of an array's own document."""
    name = ".zarray" if zarr_format == 2 else "zarr.json"
    return f"{path}/{name}" if path else name


def read_arrays(
    datasets: Sequence[tuple[str, Any]], zarr_format: int, documents: Mapping[str, bytes | None], notices: list[str]
) -> list[tuple[ArrayMeta, Any]]:
    """The first array that is there sets rank and type, so what is wrong with it is raised; others are left out."""
    found: list[tuple[ArrayMeta, Any]] = []
    missing: BioImageError | None = None
    for path, transformations in datasets:
        try:
            data = documents.get(document_key(path, zarr_format))
            if data is None:
                raise BioImageError("NOT_FOUND", say("An array that the description names is not there."))
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
        raise missing or bad("datasets", say("is empty"))
    return found


def _corner(ratio: float, shift: float) -> float:
    """Of the first pixel, in pixels of level 0, where translations name centres of pixels."""
    return shift - (ratio - 1) / 2


def _is_rounding(off: float, coarse: int, steps: int, strict: bool) -> bool:
    """Less than one pixel a step along z, t and short axes, two or a tenth elsewhere: there are writers that pad."""
    return off < steps if strict else off <= max(2, 0.1 * coarse)


def _is_thinned(fine: int, coarse: int) -> bool:
    """Whether a whole factor of at least 2 leads from one size to the other."""
    factor = math.floor(fine / coarse + 0.5) if coarse else 0
    return factor >= 2 and abs(fine / factor - coarse) < 1


def _believe(base: ArrayMeta, level: ArrayMeta, told: Relative, measured: list[int], rounds: _Rounds) -> str:
    """What of ``told`` goes with the sizes along all axes: "all", "ratio" or "nothing"."""
    begin = {axis: _corner(told.ratio[axis], told.shift[axis]) for axis in measured}
    end = {axis: begin[axis] + told.ratio[axis] * level.shape[axis] for axis in measured}
    touches = all(
        base.shape[axis] == 0 or level.shape[axis] == 0 or (begin[axis] < base.shape[axis] and end[axis] > 0)
        for axis in measured
    )
    part = touches and any(begin[axis] > PART for axis in measured)
    for axis in measured:
        fine, ratio = base.shape[axis], told.ratio[axis]
        beyond = max(0.0, -begin[axis], end[axis] - fine) / ratio
        if not rounds(abs(fine / ratio - level.shape[axis]), axis) and not (part and rounds(beyond, axis)):
            return "nothing"
    return "all" if touches else "ratio"


def _place_on(
    base: ArrayMeta, level: ArrayMeta, told: Relative | None, steps: int, at: dict[str, int]
) -> tuple[list[float], list[float] | None] | None:
    """Ratio, and the shift where it is told and believed; None where the level cannot stand for level 0.

    What is told is believed where it goes with the sizes along every axis, be it that the level covers a part and says
    so. Along channels and axes without a meaning positions are counted and must be as many; time may be thinned out.
    """
    axes = range(len(base.shape))
    measured = [axis for axis in axes if axis in (at.get("t"), at.get("z"), at["y"], at["x"])]
    if any(base.shape[axis] != level.shape[axis] for axis in axes if axis not in measured):
        return None

    def rounds(off: float, axis: int) -> bool:
        strict = axis in (at.get("t"), at.get("z")) or base.shape[axis] <= SHORT
        return _is_rounding(off, level.shape[axis], max(1, steps), strict)

    believed = _believe(base, level, told, measured, rounds) if told else "nothing"
    if told and believed != "nothing":
        ratio = [told.ratio[axis] if axis in measured else 1.0 for axis in axes]
        shift = [told.shift[axis] if axis in measured else 0.0 for axis in axes]
        return ratio, shift if believed == "all" else None
    if "t" in at:
        fine, coarse = base.shape[at["t"]], level.shape[at["t"]]
        if fine != coarse and not _is_thinned(fine, coarse):
            return None
    sizes = zip(base.shape, level.shape, strict=True)
    return [a / b if axis in measured and a and b else 1.0 for axis, (a, b) in enumerate(sizes)], None


def _snapped(offset: float) -> float:
    """Shifts are mostly whole or half pixels; what arithmetic leaves beside them would reach for one pixel more."""
    near = math.floor(2 * offset + 0.5) / 2
    return near if abs(offset - near) < NO_SHIFT else offset


def place_levels(
    found: list[tuple[ArrayMeta, Any]], at: dict[str, int], whole: Any, notices: list[str]
) -> tuple[Level, ...]:
    """Finest first, whatever the order in the metadata; levels of equal size keep theirs.

    Levels lie corner on corner where none is moved against another; else translations name centres of pixels.
    """
    rank = len(found[0][0].shape)
    found = sorted(found, key=lambda entry: -entry[0].shape[at["y"]] * entry[0].shape[at["x"]])
    affines = place([transformations for _, transformations in found], whole, rank)
    inverse = invert(affines[0].matrix)
    kept: list[tuple[ArrayMeta, list[float], list[float] | None]] = []
    for steps, ((array, _), affine) in enumerate(zip(found, affines, strict=True)):
        told = relative(inverse, affine) if affines[0].sized and affine.sized else None
        placed = _place_on(found[0][0], array, told, steps, at)
        if placed is None:
            notices.append(f"Level {array.path} is left out: it has other channels or positions.")
        else:
            kept.append((array, *placed))
    moved = {axis for _, _, shift in kept for axis, value in enumerate(shift or ()) if abs(value) > NO_SHIFT}
    # Along t and z planes are counted: a translation of y and x alone says nothing of them.
    plane = {at["y"], at["x"]} if moved else set()
    levels = []
    for array, told_ratio, shift in kept:
        ratio = [max(1.0, value) if axis in (at["y"], at["x"]) else value for axis, value in enumerate(told_ratio)]
        offset = [0.0] * rank
        if shift is not None:
            pairs = enumerate(zip(ratio, shift, strict=True))
            offset = [_snapped(_corner(*pair)) if axis in moved | plane else 0.0 for axis, pair in pairs]
        levels.append(Level(array.path, array, tuple(ratio), tuple(offset)))
    return tuple(levels)
