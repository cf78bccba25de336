"""Coordinate transformations as matrices: where the pixels of a level lie in those of another one.

As in the browser's reader (``src/ngff/transform.ts``, ``matrix.ts``): what cannot be used is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .fields import is_number

MAX_SIZE = 1e24  # physical sizes outside of 1/MAX_SIZE … MAX_SIZE make no sense
MAX_DEPTH = 16  # transformations within transformations
MAX_LIST = 100  # transformations in one list
WHOLE = 1e-9  # of a ratio, up to which it is the whole number beside it
TOLERANCE = 1e-6  # of the diagonal, up to which axes stay axes
_MISSING: Any = object()

#: n rows of n + 1 numbers, the last one being the shift.
Matrix = list[list[float]]


@dataclass(frozen=True, slots=True)
class Affine:
    """Maps (pixel, 1) into the world. ``sized``: something told the size of a pixel."""

    matrix: Matrix
    sized: bool


def identity(rank: int) -> Matrix:
    """``rank`` rows of ``rank`` factors and a shift: nothing is changed."""
    return [[1.0 if i == k else 0.0 for k in range(rank + 1)] for i in range(rank)]


def multiply(later: Matrix, earlier: Matrix) -> Matrix:
    """Both steps in one, ``earlier`` first."""
    rank = len(later)
    return [
        [
            (row[rank] if k == rank else 0.0) + sum(row[i] * inner[k] for i, inner in enumerate(earlier))
            for k in range(rank + 1)
        ]
        for row in later
    ]


def column_norms(matrix: Matrix) -> list[float]:
    """Length of one pixel along each axis, in the units of the result."""
    return [math.hypot(*(row[k] for row in matrix)) for k in range(len(matrix))]


def is_usable(matrix: Matrix) -> bool:
    """Finite, and every axis is of a size that can be divided by."""
    inside = all(abs(value) < MAX_SIZE for row in matrix for value in row)
    return inside and all(1 / MAX_SIZE < norm < MAX_SIZE for norm in column_norms(matrix))


def is_diagonal(matrix: Matrix) -> bool:
    """Whether the axes stay axes."""
    return all(
        k in (i, len(matrix)) or abs(value) <= TOLERANCE * abs(row[i])
        for i, row in enumerate(matrix)
        for k, value in enumerate(row)
    )


def invert(matrix: Matrix) -> Matrix | None:
    """By elimination with pivots, on columns of length 1; None where axes collapse."""
    rank = len(matrix)
    norms = column_norms(matrix)
    rows = [
        [row[k] / norms[k] for k in range(rank)] + [1.0 if i == k else 0.0 for k in range(rank)]
        for i, row in enumerate(matrix)
    ]
    for column in range(rank):
        pivot = max(range(column, rank), key=lambda i: abs(rows[i][column]))
        if not abs(rows[pivot][column]) > 1e-9:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        factor = rows[column][column]
        rows[column] = [value / factor for value in rows[column]]
        for i, row in enumerate(rows):
            times = row[column]
            if i != column and times != 0:
                rows[i] = [value - times * rows[column][k] for k, value in enumerate(row)]
    linear = [[value / norms[i] for value in row[rank:]] for i, row in enumerate(rows)]
    return [[*row, -sum(value * matrix[k][rank] for k, value in enumerate(row))] for row in linear]


@dataclass(frozen=True, slots=True)
class Relative:
    """A level in pixels of level 0, per axis: centre of a pixel = ``ratio`` * index + ``shift``."""

    ratio: list[float]
    shift: list[float]


def _snapped(ratio: float) -> float:
    """0.3 / 0.1 is 3, and plane 6 is plane 2 there, not plane 1."""
    whole = math.floor(ratio + 0.5)
    return float(whole) if abs(ratio - whole) <= WHOLE * whole else ratio


def relative(inverse: Matrix | None, affine: Affine) -> Relative | None:
    """None where the axes of a level are turned against those of level 0, or nothing can be said."""
    found = multiply(inverse, affine.matrix) if inverse is not None else None
    if found is None or not is_diagonal(found) or not all(row[i] > 0 for i, row in enumerate(found)):
        return None
    return Relative([_snapped(row[i]) for i, row in enumerate(found)], [row[-1] for row in found])


def _numbers(value: Any, length: int, positive: bool) -> list[float] | None:
    if not isinstance(value, list) or len(value) != length:
        return None
    least = 1 / MAX_SIZE if positive else -MAX_SIZE
    if not all(is_number(number) and least < number < MAX_SIZE for number in value):
        return None
    return [float(number) for number in value]


def _grid(value: Any, rows: int, columns: int) -> list[list[float]] | None:
    if not isinstance(value, list) or len(value) != rows:
        return None
    found = [_numbers(row, columns, False) for row in value]
    return None if None in found else found  # type: ignore[return-value]  # just checked


def _axes(value: Any, rank: int) -> list[int] | None:
    """Axis numbers, each at most once."""
    if not isinstance(value, list) or not all(is_number(n) and n in range(rank) for n in value):
        return None
    return [int(n) for n in value] if len(set(value)) == len(value) else None


Reader = Callable[[dict[str, Any], int, int], Affine | None]


def _scale(value: dict[str, Any], rank: int, depth: int) -> Affine | None:
    found = _numbers(value.get("scale"), rank, True)
    if found is None:
        return None
    return Affine([[found[i] if i == k else 0.0 for k in range(rank + 1)] for i in range(rank)], True)


def _translation(value: dict[str, Any], rank: int, depth: int) -> Affine | None:
    found = _numbers(value.get("translation"), rank, False)
    if found is None:
        return None
    return Affine([[*row[:rank], found[i]] for i, row in enumerate(identity(rank))], False)


def _sequence(value: dict[str, Any], rank: int, depth: int) -> Affine | None:
    """A part of a sequence alone would lead to another place than the whole."""
    odd: list[str] = []
    found = compose(value.get("transformations", _MISSING), rank, None, odd, depth + 1)
    return None if odd else found


def _affine(value: dict[str, Any], rank: int, depth: int) -> Affine | None:
    found = _grid(value.get("affine"), rank, rank + 1)
    if found is None:
        found = _grid(value.get("affine"), rank + 1, rank + 1)
    return None if found is None else Affine(found[:rank], True)


def _rotation(value: dict[str, Any], rank: int, depth: int) -> Affine | None:
    found = _grid(value.get("rotation"), rank, rank)
    return None if found is None else Affine([[*row, 0.0] for row in found], True)


def _map_axis(value: dict[str, Any], rank: int, depth: int) -> Affine | None:
    """Output axis i is input axis ``mapAxis[i]``."""
    order = _axes(value.get("mapAxis"), rank)
    if order is None or len(order) != rank:
        return None
    return Affine([[1.0 if k == source else 0.0 for k in range(rank + 1)] for source in order], True)


def _by_dimension(value: dict[str, Any], rank: int, depth: int) -> Affine | None:
    """Each part transforms some axes into as many; together they must make every axis once."""
    parts = value.get("transformations")
    if not isinstance(parts, list) or len(parts) > MAX_LIST:
        return None
    rows: dict[int, list[float]] = {}
    sized = False
    for part in parts:
        holder = part if isinstance(part, dict) else {}
        inputs, outputs = _axes(holder.get("inputAxes"), rank), _axes(holder.get("outputAxes"), rank)
        if inputs is None or outputs is None or len(inputs) != len(outputs) or any(o in rows for o in outputs):
            return None
        own = holder.get("transformation")
        inner = _read(holder if own is None else own, len(inputs), depth + 1)
        if inner is None:
            return None
        for i, output in enumerate(outputs):
            row = [0.0] * (rank + 1)
            for k, source in enumerate(inputs):
                row[source] = inner.matrix[i][k]
            row[rank] = inner.matrix[i][len(inputs)]
            rows[output] = row
        sized = sized or inner.sized
    return Affine([rows[axis] for axis in range(rank)], sized) if len(rows) == rank else None


_READERS: dict[str, Reader] = {
    # Of a level that leads into a named system (0.6) it is a statement: one pixel is one unit.
    "identity": lambda value, rank, depth: Affine(identity(rank), "output" in value),
    "scale": _scale,
    "translation": _translation,
    "sequence": _sequence,
    "affine": _affine,
    "rotation": _rotation,
    "mapAxis": _map_axis,
    "byDimension": _by_dimension,
    "bijection": lambda value, rank, depth: _read(value.get("forward"), rank, depth + 1),
}


#: Types that are read; ``fixtures/transforms.json`` holds these readers and the browser's to each other.
TYPES = tuple(_READERS)


def _read(value: Any, rank: int, depth: int) -> Affine | None:
    kind = value.get("type") if isinstance(value, dict) else None
    reader = _READERS.get(kind) if isinstance(kind, str) and depth < MAX_DEPTH else None
    return reader(value, rank, depth) if reader else None


def compose(
    listed: Any, rank: int, before: Affine | None = None, odd: list[str] | None = None, depth: int = 0
) -> Affine:
    """The list one after the other, applied to ``before``; ``odd`` gets an entry for what could not be used."""
    odd = [] if odd is None else odd
    found = before or Affine(identity(rank), False)
    if listed is _MISSING:
        return found
    if not isinstance(listed, list) or len(listed) > MAX_LIST:
        odd.append("list")
        return found
    for value in listed:
        if not isinstance(value, dict | list):
            continue
        step = _read(value, rank, depth)
        product = multiply(step.matrix, found.matrix) if step else None
        if step is None or product is None or not is_usable(product):
            odd.append("step")
        else:
            found = Affine(product, found.sized or step.sized)
    return found


def place(transformations: Sequence[Any], whole: Any, rank: int) -> list[Affine]:
    """One affine map a level: its own transformations, then those of all; None where there are none."""
    placed = [compose(own, rank) for own in transformations]
    return [compose(whole, rank, own) for own in placed]
