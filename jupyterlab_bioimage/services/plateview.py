"""What pictures of a plate are asked for, from a query of any origin."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ..errors import BioImageError
from ..said import say
from .fields import is_number

MAX_LIST = 256  # channels that may be named
MAX_NAME = 160  # characters of a well's name: a row's and a column's
MAX_VALUE = 1e300  # of an end of a window: the difference of two is finite

Window = tuple[float, float]


@dataclass(frozen=True, slots=True)
class PlateView:
    """``size``: pixels of a picture's longer side. ``field`` is a position among the fields of ``acquisition``."""

    size: int
    field: int = 0
    acquisition: int | None = None
    well: str | None = None
    c: tuple[int, ...] | None = None
    windows: tuple[Window, ...] | None = None  # one for each channel shown


def _refuse(name: str) -> BioImageError:
    return BioImageError("BAD_REQUEST", say("The view of the plate is not valid: %1.", name))


def _whole(value: Any, name: str, least: int = 0) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value < 2**53:
        raise _refuse(name)
    return value


def _listed(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_LIST:
        raise _refuse(name)
    return value


def _window(value: Any) -> Window:
    pair = value if isinstance(value, list) else []
    if len(pair) != 2 or not all(is_number(end) and abs(end) <= MAX_VALUE for end in pair) or not pair[0] < pair[1]:
        raise _refuse("windows")  # NaN and infinity too
    return float(pair[0]), float(pair[1])


def read_plate_view(text: str, size: int) -> PlateView:
    """The query's JSON, '' for none. Unknown fields are dropped; BAD_REQUEST for one of a wrong type."""
    try:
        given: Any = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        raise BioImageError("BAD_REQUEST", say("The view of the plate is not valid JSON.")) from None
    if not isinstance(given, dict):
        raise _refuse("view")
    given = {name: value for name, value in given.items() if value is not None}
    well = given.get("well")
    if well is not None and (not isinstance(well, str) or not 1 <= len(well) <= MAX_NAME):
        raise _refuse("well")
    windows: tuple[Window, ...] | None = None
    if "windows" in given:
        windows = tuple(_window(value) for value in _listed(given["windows"], "windows"))
    channels = tuple(_whole(value, "c") for value in _listed(given["c"], "c")) if "c" in given else None
    if channels is not None and len(set(channels)) != len(channels):
        raise _refuse("c")
    if channels is not None and windows is not None and len(channels) != len(windows):
        raise _refuse("windows")
    acquisition = given.get("acquisition")
    return PlateView(
        size=size,
        field=_whole(given.get("field", 0), "field"),
        acquisition=None if acquisition is None else _whole(acquisition, "acquisition", -(2**53)),
        well=well,
        c=channels,
        windows=windows,
    )
