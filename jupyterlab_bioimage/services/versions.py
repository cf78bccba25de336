"""The versions of OME-Zarr: where each keeps its levels and axes, and how one knows it.

The browser's reader has the same table (``src/ngff/versions``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

MAX_SYSTEMS = 100  # coordinate systems that are looked at; an image has one or two


def record(value: Any) -> dict[str, Any]:
    """A JSON object, or an empty one."""
    return value if isinstance(value, dict) else {}


def _items(value: Any) -> list[dict[str, Any]]:
    return [record(entry) for entry in value[:MAX_SYSTEMS]] if isinstance(value, list) else []


@dataclass(frozen=True, slots=True)
class Version:
    """``single``: one ``multiscale`` with ``levels`` (a proposal for 1.0); ``systems``: named coordinate systems."""

    id: str
    names: re.Pattern[str]
    single: bool = False
    systems: bool = False

    def multiscales(self, values: dict[str, Any]) -> Any:
        if not self.single:
            return values.get("multiscales")
        return [values["multiscale"]] if "multiscale" in values else None

    def levels(self, multiscale: dict[str, Any]) -> Any:
        return multiscale.get("levels" if self.single else "datasets")

    def recognises(self, multiscale: dict[str, Any]) -> bool:
        """Whether a multiscale is written in the words of this version."""
        systems = self.single or not self.systems or isinstance(multiscale.get("coordinateSystems"), list)
        return isinstance(self.levels(multiscale), list) and systems

    def frame(self, multiscale: dict[str, Any]) -> tuple[Any, Any]:
        """Axes as listed (None: there are none), and what transforms all levels alike."""
        if self.systems:
            return _system_frame(multiscale, self.levels(multiscale))
        axes = multiscale.get("axes")
        return axes if isinstance(axes, list) else None, multiscale.get("coordinateTransformations")


def _name_of(reference: Any) -> Any:
    """Name of a system, in the words of 0.6 (``{name}``) or of its early drafts (a plain text)."""
    return reference if isinstance(reference, str) else record(reference).get("name")


def _has_unit(system: dict[str, Any] | None) -> bool:
    return any(isinstance(axis.get("unit"), str) for axis in _items((system or {}).get("axes")))


def _system_frame(multiscale: dict[str, Any], levels: Any) -> tuple[Any, Any]:
    """The system the levels lead into; where it has no units, and one step leads on to one that has, with that step."""
    systems = _items(multiscale.get("coordinateSystems"))
    first = next(iter(_items(levels)), {})
    output = _name_of(next(iter(_items(first.get("coordinateTransformations"))), {}).get("output"))

    def named(name: Any) -> dict[str, Any] | None:
        return next((system for system in systems if system.get("name") == name), None)

    intrinsic = named(output) or (systems[0] if systems else None)
    own = (intrinsic or {}).get("name")
    onwards = [
        step
        for step in _items(multiscale.get("coordinateTransformations"))
        if _name_of(step.get("input")) == own and "path" not in record(step.get("input")) and "output" in step
    ]
    chosen = None
    if not _has_unit(intrinsic):
        chosen = next((step for step in onwards if _has_unit(named(_name_of(step["output"])))), None)
    axes = (intrinsic or {}).get("axes")
    return axes if isinstance(axes, list) else None, None if chosen is None else [chosen]


#: Oldest first.
VERSIONS = (
    *(Version(f"0.{minor}", re.compile(rf"0\.{minor}(?![0-9])")) for minor in range(1, 6)),
    Version("0.6-dev", re.compile(r"0\.6(?![0-9])"), systems=True),
    Version("1.0-dev", re.compile(r"1\.0(?![0-9])"), single=True, systems=True),
)
_DISTINCT = 5  # from here on the words differ, so that they tell more than the name
_UNNAMED = {2: VERSIONS[3], 3: VERSIONS[4]}


def declared_version(values: dict[str, Any]) -> str | None:
    """Wherever a version keeps it."""
    multiscales = values.get("multiscales")
    first = (multiscales or [None])[0] if isinstance(multiscales, list) else values.get("multiscale")
    holders = (values, first, *(values.get(name) for name in ("plate", "well", "image-label", "omero")))
    versions = (record(holder).get("version") for holder in holders)
    return next((version for version in versions if isinstance(version, str)), None)


def rules_of(values: dict[str, Any], zarr_format: int) -> tuple[str, Version]:
    """The version's name, and the rules to read by: those of the words it is written in, where they differ."""
    name = declared_version(values)
    named = next((v for v in VERSIONS if v.names.match(name)), None) if name is not None else None
    named = named or _UNNAMED[zarr_format]

    def reads(version: Version) -> bool:
        listed = version.multiscales(values)
        return isinstance(listed, list) and len(listed) > 0 and version.recognises(record(listed[0]))

    written = next((version for version in reversed(VERSIONS) if reads(version)), None)
    distinct = written is not None and VERSIONS.index(written) >= _DISTINCT
    rules = written if written is not None and (distinct or not reads(named)) else named
    return rules.id if name is None else name, rules
