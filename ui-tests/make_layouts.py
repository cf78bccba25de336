"""Writes the same small image in the layouts that are met in the wild: Zarr v2 and v3, levels named 0, s0, scale0.

Two images per layout: ``plane`` (c, y, x) and ``stack`` (t, c, z, y, x); and one in shards of 1024 x 1024 pixels, which
are too large to be read whole. Pixel value at level k:
``(level + 1) * 1000 + (3 * c + 5 * z + 7 * y + 11 * x) % 997``.
"""

import json
import sys
from pathlib import Path

import numpy as np
import zarr

SIZE = 512
LEVELS = 3
IMAGES = {
    "plane": (("c", 3), ("y", SIZE), ("x", SIZE)),
    "stack": (("t", 1), ("c", 2), ("z", 6), ("y", SIZE), ("x", SIZE)),
    "shards": (("c", 2), ("y", 4 * SIZE), ("x", 4 * SIZE)),
}
SHARD = 1024
TYPES = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}


def pixels(axes: list[str], shape: tuple[int, ...], level: int) -> np.ndarray:
    grids = dict(zip(axes, np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), strict=True))
    zero = np.zeros(shape, dtype=np.int64)
    c, z = grids.get("c", zero), grids.get("z", zero)
    value = (level + 1) * 1000 + (3 * c + 5 * z + 7 * grids["y"] + 11 * grids["x"]) % 997
    return value.astype(np.uint16)


def write(folder: Path, kind: str, version: int, name: str) -> None:
    axes = [axis for axis, _ in IMAGES[kind]]
    full = [size for _, size in IMAGES[kind]]
    group = zarr.open_group(str(folder), mode="w", zarr_format=version)
    datasets = []
    for level in range(LEVELS):
        shape = tuple(n if axis not in "yx" else n >> level for axis, n in zip(axes, full, strict=True))
        chunks = tuple(128 if axis in "yx" else 1 for axis in axes)
        array = group.create_array(
            f"{name}{level}",
            shape=shape,
            chunks=chunks,
            shards=tuple(SHARD if axis in "yx" else 1 for axis in axes) if kind == "shards" else None,
            dtype="uint16",
            fill_value=0,
            chunk_key_encoding={"name": "v2" if version == 2 else "default", "separator": "/"},
        )
        array[...] = pixels(axes, shape, level)
        scale = [float(1 << level) if axis in "yx" else 1.0 for axis in axes]
        transformations = [{"type": "scale", "scale": scale}]
        datasets.append({"path": f"{name}{level}", "coordinateTransformations": transformations})
    multiscales = [{"name": kind, "axes": [{"name": axis, "type": TYPES[axis]} for axis in axes], "datasets": datasets}]
    if version == 2:
        multiscales[0]["version"] = "0.4"
        group.attrs["multiscales"] = multiscales
    else:
        group.attrs["ome"] = {"version": "0.5", "multiscales": multiscales}


def main(out: Path) -> None:
    made = []
    layouts = [
        (kind, version, name) for kind in ("plane", "stack") for version in (2, 3) for name in ("", "s", "scale")
    ]
    for kind, version, name in [*layouts, ("shards", 3, "")]:
        path = f"{kind}-v{version}-{name or 'plain'}.zarr"
        write(out / path, kind, version, name)
        made.append(path)
    (out / "layouts.json").write_text(json.dumps(made))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
