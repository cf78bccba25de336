"""TIFF series by tifffile, as arrays with named axes."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

SUFFIXES = (".tif", ".tiff", ".btf", ".tf2", ".tf8", ".svs", ".ndpi", ".scn", ".qptiff")
#: tifffile's letters of the axes this project has names for; S (samples of a pixel) is the channel axis.
AXES = {"T": "t", "C": "c", "Z": "z", "Y": "y", "X": "x", "S": "c"}


@lru_cache(maxsize=4)
def _planes(files: tuple[Path, ...], series: int, level: int) -> np.ndarray:
    if len(files) > 1:
        return np.stack([tifffile.imread(file, _multifile=False, is_ome=False) for file in files])
    with tifffile.TiffFile(files[0]) as tif:
        return tif.series[series].levels[level].asarray()


class Series:
    """One image of a file; ``axes`` are this project's letters in the array's order."""

    def __init__(self, files: list[Path], series: int, axes: str, position: int | None = None) -> None:
        self.files, self.series, self.position = files, series, position
        self.axes = axes

    def level(self, level: int) -> np.ndarray:
        """All of a level."""
        found = _planes(tuple(self.files), self.series, level)
        return found if self.position is None else found.take(self.position, axis=1)


def _axes(letters: str) -> str:
    if "C" in letters and "S" in letters:
        raise ValueError(f"channels and samples: {letters}")
    return "".join(AXES.get(letter, letter.lower()) for letter in letters)


def find(root: Path) -> list[dict[str, Any]]:
    """Every series of every TIFF below a folder."""
    out: list[dict[str, Any]] = []
    for file in sorted(one for one in root.rglob("*") if one.name.lower().endswith(SUFFIXES)):
        where = str(file.relative_to(root))
        parts = sorted(file.parent.glob("multifile-Z*"))
        if file in parts:
            shape = [len(parts), *tifffile.imread(file, _multifile=False, is_ome=False).shape]
            out.append(_entry(where, where, "zyx", [shape], {"files": [str(one) for one in parts]}, "uint8"))
            continue
        with tifffile.TiffFile(file) as tif:
            jpeg = any(page.compression in (6, 7) for page in tif.pages)
            found = [one for one in tif.series if one.ndim >= 2]
            for number, series in enumerate(found):
                letters, shapes = series.axes, [list(level.shape) for level in series.levels]
                if "R" in letters:  # positions of a multi-position acquisition are images of their own
                    count = series.shape[letters.index("R")]
                    shape = [n for n, letter in zip(series.shape, letters, strict=True) if letter != "R"]
                    for position in range(count):
                        how = {"files": [str(file)], "series": number, "position": position}
                        axes = _axes(letters.replace("R", ""))
                        out.append(_entry(f"{where}/{position}", where, axes, [shape], how, str(series.dtype)))
                    continue
                uri = where if len(found) == 1 else f"{where}/{number}"
                how = {"files": [str(file)], "series": number, "jpeg": jpeg}
                out.append(_entry(uri, where, _axes(letters), shapes, how, str(series.dtype)))
    return out


def _entry(uri: str, path: str, axes: str, shapes: list[list[int]], how: dict[str, Any], dtype: str) -> dict[str, Any]:
    sizes = [[a / b for a, b in zip(shapes[0], shape, strict=True)] for shape in shapes]
    levels = [
        {"shape": shape, "ratio": ratio, "offset": [0.0] * len(shape)}
        for shape, ratio in zip(shapes, sizes, strict=True)
    ]
    node = {"path": uri, "file": path, "kind": "tiff", "axes": axes, "levels": levels, "dtype": dtype}
    return {**node, "complete": True, "why": "", "tiff": how}


def series_of(entry: dict[str, Any]) -> Series:
    """The reader of an entry of ``find``."""
    how = entry["tiff"]
    return Series([Path(one) for one in how["files"]], how.get("series", 0), entry["axes"], how.get("position"))
