"""Other planes of an array of any number of axes: which of them are drawn, and where the others stand.

By the rules of the browser's reader (``src/ngff/planes.ts``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..errors import BioImageError
from ..said import say
from .multiscale import Axis, Image, read_channels


@dataclass(frozen=True, slots=True)
class ArrayPlane:
    """``y`` is drawn downwards, ``x`` to the right; ``at``: index along every axis of the array."""

    y: int
    x: int
    at: tuple[int, ...] | None = None


def _refuse(name: str) -> BioImageError:
    return BioImageError("BAD_REQUEST", say("The selection is not valid: %1.", name))


def _is_named(axis: Axis, kind: str, name: str) -> bool:
    lower = axis.name.lower()
    return lower == name or (axis.type == kind and lower not in ("t", "c", "z", "y", "x"))


def _roles(image: Image, plane: ArrayPlane) -> dict[str, int]:
    """t, c and z among the other axes: those that are called so, then the longest; none becomes c by its length."""
    shape = image.levels[0].array.shape
    left = [axis for axis in range(len(shape)) if axis not in (plane.y, plane.x)]
    at: dict[str, int] = {}

    def take(name: str, found: list[int]) -> None:
        if name not in at and found:
            at[name] = found[0]
            left.remove(found[0])

    take("c", [axis for axis in left if _is_named(image.axes[axis], "channel", "c")])
    take("t", [axis for axis in left if _is_named(image.axes[axis], "time", "t")])
    take("z", [axis for axis in left if image.axes[axis].name.lower() == "z"])
    for name in ("z", "t"):
        most = max((shape[axis] for axis in left), default=1)
        take(name, [axis for axis in left if shape[axis] == most] if most > 1 else [])
    return at | {"y": plane.y, "x": plane.x}


def with_axes(image: Image, plane: ArrayPlane) -> Image:
    """The same pixels with other axes drawn. BAD_REQUEST for an axis or a position that is not there."""
    shape = image.levels[0].array.shape
    drawn = (plane.y, plane.x)
    if not all(axis < len(shape) for axis in drawn) or plane.y == plane.x:
        raise _refuse("plane")
    given = plane.at
    if given is not None:
        beside = [axis for axis in range(len(shape)) if axis not in drawn]
        if len(given) != len(shape) or any(given[axis] >= max(1, shape[axis]) for axis in beside):
            raise _refuse("plane.at")
    at = _roles(image, plane)
    same = at.get("c") == image.at.get("c")
    t, z = 0, 0
    if "t" in at:
        t = given[at["t"]] if given else image.t if at["t"] == image.at.get("t") else 0
    if "z" in at:
        z = given[at["z"]] if given else image.z if at["z"] == image.at.get("z") else shape[at["z"]] // 2
    named = set(at.values())
    return replace(
        image,
        at=at,
        others=tuple(
            (axis, given[axis] if given else 0) for axis, size in enumerate(shape) if size > 1 and axis not in named
        ),
        channels=image.channels if same else read_channels({}, shape[at["c"]] if "c" in at else 1),
        t=t,
        z=z,
        rgb=image.rgb and same and plane.y == image.at["y"] and plane.x == image.at["x"],
    )
