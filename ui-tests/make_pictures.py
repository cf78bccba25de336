"""Writes small images that differ in what a picture of them can go wrong by: how levels lie on each other, how numbers
are stored, how chunks are cut, which labels lie over. Pixels are random, so that one out of place shows.
"""

import json
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import zarr

KINDS = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}
COLORS = ("FF0000", "00FF00", "0000FF", "FF00FF")

#: Levels: shape, scale, and translation of each where there is one.
Levels = Sequence[tuple[Any, ...]]
PLAIN: Levels = (((90, 110), (1, 1)),)
#: Nothing divides these sizes, the factor is 3, and centres of pixels are named: each level begins a pixel later.
THIRDS: Levels = (((301, 401), (1, 1), (0, 0)), ((100, 133), (3, 3), (1, 1)), ((33, 44), (9, 9), (4, 4)))
#: As writers do who reduce by averaging and shift what remains by less than half a pixel.
SHIFTED: Levels = (((300, 400), (0.5, 0.5), (10, 20)), ((150, 200), (1, 1), (10.1, 20.4)))
UNEVEN: Levels = (((200, 300), (1, 1)), ((200, 150), (1, 2)), ((100, 75), (2, 4)))
DEEP: Levels = (((2, 16, 120, 140), (1, 1, 1, 1)), ((2, 8, 60, 70), (1, 2, 2, 2)), ((2, 4, 30, 35), (1, 4, 4, 4)))
ODD: Levels = (((255, 257), (1, 1)), ((128, 129), (2, 2)), ((63, 64), (4, 4)))

#: name: axes, data type, levels, how they are stored.
IMAGES: dict[str, tuple[str, str, Levels, dict[str, Any]]] = {
    "thirds-v2": ("yx", "uint16", THIRDS, {"version": 2}),
    "thirds-v3": ("yx", "uint8", THIRDS, {}),
    "thirds-corners": ("yx", "uint16", [(shape, scale) for shape, scale, _ in THIRDS], {"version": 2}),
    "shifted": ("yx", "uint16", SHIFTED, {}),
    "uneven": ("yx", "int16", UNEVEN, {"version": 2}),
    "deep": ("czyx", "uint16", DEEP, {"version": 2}),
    "deep-sharded": ("czyx", "uint8", DEEP, {"shards": (1, 4, 128, 128), "chunks": (1, 2, 64, 64)}),
    "odd": ("yx", "float32", ODD, {}),
    "interleaved": ("yxc", "uint8", [((150, 170, 3), (1, 1, 1)), ((75, 85, 3), (2, 2, 1))], {"chunks": (64, 64, 3)}),
    "interleaved-v2": ("yxc", "uint8", [((150, 170, 3), (1, 1, 1))], {"version": 2, "chunks": (40, 40, 1)}),
    "fortran": ("cyx", "uint16", [((3, 90, 110), (1, 1, 1))], {"version": 2, "order": "F", "chunks": (2, 40, 70)}),
    "transposed": ("cyx", "uint16", [((3, 90, 110), (1, 1, 1))], {"transpose": (2, 0, 1), "chunks": (2, 40, 70)}),
    "big-v2": ("yx", ">u2", PLAIN, {"version": 2}),
    "big-float-v2": ("yx", ">f4", PLAIN, {"version": 2}),
    "big-v3": ("yx", "int32", PLAIN, {"endian": "big"}),
    "shard-start": ("yx", "uint16", PLAIN, {"shards": (64, 64), "chunks": (16, 32), "index": "start"}),
    "long-chunks": ("yx", "uint8", [((1100, 1300), (1, 1))], {"version": 2, "chunks": (1000, 1000)}),
    "deep-chunks": ("zyx", "uint16", [((70, 100, 90), (1, 1, 1))], {"chunks": (64, 50, 64)}),
    "holes": ("yx", "uint8", PLAIN, {"version": 2, "chunks": (30, 40), "holes": True}),
    **{f"is-{dtype}": ("yx", dtype, PLAIN, {"version": 2 + i % 2}) for i, dtype in enumerate(
        ("bool", "int8", "uint32", "int64", "uint64", "float16", "float32", "float64")
    )},
}  # fmt: skip
#: Label images: data type and pyramid; ids have all bits of their type, some have a colour in the metadata.
LABELS = {"labels-uint64": ("uint64", True), "labels-int32": ("int32", False), "labels-uint8": ("uint8", True)}


def window(dtype: np.dtype) -> tuple[float, float]:
    """Values drawn as black and as full colour; between 64-bit values that no 32-bit number tells apart."""
    if dtype.kind == "f":
        return -1.5, 2.5
    if dtype.kind == "b":
        return 0, 1
    if dtype.itemsize == 8:
        return 2**52 + 100, 2**52 + 3100
    most = np.iinfo(dtype).max
    return (-most / 2, most / 2) if dtype.kind == "i" else (most / 8, most * 3 / 4)


def noise(name: str, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Random values, some beyond the window; of numbers with a point some are none, some infinite."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    if dtype.kind == "f":
        values = rng.uniform(-2, 3, shape)
        odd = rng.random(shape)
        values[odd < 0.01], values[odd > 0.99] = np.nan, np.inf
        return values.astype(dtype)
    if dtype.kind == "b":
        return rng.random(shape) < 0.5
    if dtype.itemsize == 8:
        return (2**52 + rng.integers(0, 3200, shape)).astype(dtype)
    kind = np.iinfo(dtype)
    return rng.integers(kind.min, kind.max, shape, endpoint=True).astype(dtype)


def write_array(group: zarr.Group, name: str, data: np.ndarray, how: dict[str, Any]) -> None:
    """One level."""
    three = how.get("version", 3) == 3
    transpose, little = how.get("transpose"), how.get("endian", "little")
    more: dict[str, Any] = {} if three else {"order": how.get("order", "C")}
    if three and data.dtype.itemsize > 1:
        more["serializer"] = zarr.codecs.BytesCodec(endian=little)
    if transpose:
        more["filters"] = [zarr.codecs.TransposeCodec(order=transpose)]
    chunks = tuple(min(a, b) for a, b in zip(how.get("chunks", [64] * data.ndim), data.shape, strict=True))
    if "shards" in how:
        place = how.get("index", "end")
        chunks = how["chunks"]
        more["shards"] = {"shape": how["shards"], "index_location": place}
    array = group.create_array(
        name,
        shape=data.shape,
        dtype=data.dtype,
        chunks=chunks,
        fill_value=0,
        chunk_key_encoding={"name": "default" if three else "v2", "separator": "/"},
        **more,
    )
    array[...] = data


def describe(group: zarr.Group, name: str, axes: str, levels: Levels, version: int, more: dict[str, Any]) -> None:
    """The group's metadata."""
    datasets = []
    for level, (_, scale, *moved) in enumerate(levels):
        steps = [{"type": "scale", "scale": list(scale)}]
        steps += [{"type": "translation", "translation": list(one)} for one in moved]
        datasets.append({"path": str(level), "coordinateTransformations": steps})
    named = [{"name": axis, "type": KINDS[axis]} for axis in axes]
    found = {"multiscales": [{"name": name, "axes": named, "datasets": datasets}], **more}
    if version == 3:
        group.attrs["ome"] = {"version": "0.5", **found}
    else:
        found["multiscales"][0]["version"] = "0.4"
        group.attrs.update(found)


def write_image(folder: Path, name: str, axes: str, dtype: str, levels: Levels, how: dict[str, Any]) -> None:
    """One image; random pixels on every level, so that a level drawn in place of another shows."""
    version = how.get("version", 3)
    group = zarr.open_group(str(folder), mode="w", zarr_format=version)
    kind = np.dtype(dtype)
    for level, (shape, *_) in enumerate(levels):
        write_array(group, str(level), noise(f"{name}{level}", shape, kind), how)
    if how.get("holes"):
        for chunk in ("0/0/1", "0/1/0", "0/2/2"):
            (folder / chunk).unlink()
    low, high = window(kind)
    count = levels[0][0][axes.index("c")] if "c" in axes else 1
    limits = {"min": low, "max": high, "start": low, "end": high}
    channels = [{"color": COLORS[i] if count > 1 else "FFFFFF", "active": True, "window": limits} for i in range(count)]
    more = {} if axes.endswith("c") else {"omero": {"channels": channels}}
    describe(group, name, axes, levels, version, more)


def write_labels(folder: Path, name: str, dtype: str, pyramid: bool) -> None:
    """An image and label images over it: areas of a few pixels, ids over all bits of the type."""
    levels: Levels = (((180, 220), (0.5, 0.5)),)
    write_image(folder, name, "yx", "uint8", levels, {})
    kind = np.dtype(dtype)
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    ids = rng.integers(np.iinfo(kind).min, np.iinfo(kind).max, 40, dtype=kind, endpoint=True)
    areas = ids[rng.integers(0, len(ids), (60, 55))]
    areas[rng.random(areas.shape) < 0.3] = 0
    whole = np.kron(areas, np.ones((3, 4), kind))
    parts = [whole, whole[::2, ::2]] if pyramid else [whole]
    labels = zarr.open_group(str(folder / "labels"), mode="w", zarr_format=3)
    labels.attrs["ome"] = {"version": "0.5", "labels": ["areas"]}
    group = zarr.open_group(str(folder / "labels/areas"), mode="w", zarr_format=3)
    for level, part in enumerate(parts):
        write_array(group, str(level), part, {})
    colors = [
        {"label-value": int(one), "rgba": [int(n) for n in rng.integers(0, 255, 3)] + [255 if i % 2 else 150]}
        for i, one in enumerate(ids[:20])
    ]
    placed = [(part.shape, (0.5 * 2**level, 0.5 * 2**level)) for level, part in enumerate(parts)]
    describe(group, "areas", "yx", placed, 3, {"image-label": {"version": "0.5", "colors": colors}})


def write_plate(folder: Path) -> None:
    """Two rows, three columns, two fields of other sizes; the last well is named and not there."""
    group = zarr.open_group(str(folder), mode="w", zarr_format=2)
    places = [(row, column) for row in (0, 1) for column in (0, 1, 2)]
    wells = [{"path": f"{'AB'[row]}/{column + 1}", "rowIndex": row, "columnIndex": column} for row, column in places]
    names = {"rows": [{"name": one} for one in "AB"], "columns": [{"name": one} for one in "123"]}
    group.attrs["plate"] = {"version": "0.4", "name": "plate", "field_count": 2, **names, "wells": wells}
    for i, well in enumerate(wells[:-1]):
        one = zarr.open_group(str(folder / well["path"]), mode="w", zarr_format=2)
        one.attrs["well"] = {"version": "0.4", "images": [{"path": "0"}, {"path": "1"}]}
        for field in (0, 1):
            levels: Levels = (((80 + 10 * i, 96 + 12 * field), (1, 1)),)
            write_image(
                folder / well["path"] / str(field), f"{well['path']}{field}", "yx", "uint8", levels, {"version": 2}
            )


def write_mosaic(folder: Path) -> None:
    """A plate whose fields are four plain quarters: what a lossy picture of any size has to show in their middles."""
    group = zarr.open_group(str(folder), mode="w", zarr_format=3)
    wells = [{"path": f"A/{i + 1}", "rowIndex": 0, "columnIndex": i} for i in range(3)]
    names = {"rows": [{"name": "A"}], "columns": [{"name": one} for one in "123"]}
    group.attrs["ome"] = {"version": "0.5", "plate": {"name": "mosaic", "field_count": 1, **names, "wells": wells}}
    rng = np.random.default_rng(3)
    limits = {"min": 0, "max": 255, "start": 0, "end": 255}
    channels = [{"color": color, "active": True, "window": limits} for color in COLORS[:3]]
    for well in wells:
        one = zarr.open_group(str(folder / well["path"]), mode="w", zarr_format=3)
        one.attrs["ome"] = {"version": "0.5", "well": {"images": [{"path": "0"}]}}
        field = zarr.open_group(str(folder / well["path"] / "0"), mode="w", zarr_format=3)
        quarters = np.kron(rng.integers(0, 256, (3, 2, 2)), np.ones((1, 64, 64), int)).astype(np.uint8)
        write_array(field, "0", quarters, {})
        describe(field, "quarters", "cyx", [(quarters.shape, (1, 1, 1))], 3, {"omero": {"channels": channels}})


def main(out: Path) -> None:
    """Everything, and one line that says what."""
    for name, (axes, dtype, levels, how) in IMAGES.items():
        write_image(out / f"{name}.zarr", name, axes, dtype, levels, how)
    for name, (dtype, pyramid) in LABELS.items():
        write_labels(out / f"{name}.zarr", name, dtype, pyramid)
    write_plate(out / "plate.zarr")
    write_mosaic(out / "mosaic.zarr")
    print(json.dumps({"images": len(IMAGES), "labels": len(LABELS)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
