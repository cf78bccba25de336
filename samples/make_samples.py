"""Writes the sample images: ``python make_samples.py OUT``.

Small OME-Zarr images of several versions and layouts whose every pixel is known (``formula.py``), the same bytes on
every run. Needs zarr-python 3, numcodecs and tifffile. Licence of the images: CC0-1.0.
"""

from __future__ import annotations

import json
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numcodecs
import numpy as np
import numpy.typing as npt
import tifffile
import zarr
from formula import PLATE_COLUMNS, PLATE_FIELDS, PLATE_ROWS, value
from zarr.codecs import BloscCodec, ZstdCodec

Shape = tuple[int, ...]
Attributes = dict[str, Any]
#: Writes one level: (group, name, pixels).
Writer = Callable[[zarr.Group, str, npt.NDArray[Any]], None]

UNITS = {"t": ("time", "second"), "c": ("channel", None), "z": ("space", "micrometer")}
NM_PER_PIXEL = {"t": 30_000, "c": 1000, "z": 500, "y": 130, "x": 130}  # thousandths of second, 1, micrometer


def axes_of(names: str) -> list[dict[str, str]]:
    """NGFF ``axes`` of an image whose axes have these one-letter names."""
    out = []
    for name in names:
        kind, unit = UNITS.get(name, ("space", "micrometer"))
        out.append({"name": name, "type": kind} | ({"unit": unit} if unit else {}))
    return out


def multiscales_of(name: str, axes: str, levels: int, version: str | None) -> list[Attributes]:
    """NGFF ``multiscales``: levels ``0``, ``1`` … halve y and x only; the scale is in seconds and micrometers."""
    datasets = []
    for level in range(levels):
        scale = [NM_PER_PIXEL[a] * (2**level if a in "yx" else 1) / 1000 for a in axes]
        datasets.append({"path": str(level), "coordinateTransformations": [{"type": "scale", "scale": scale}]})
    entry: Attributes = {"axes": axes_of(axes), "datasets": datasets, "name": name, "type": "nearest"}
    return [entry | ({"version": version} if version else {})]


def omero_of(channels: Iterable[tuple[str, str, int, int]], top: int) -> Attributes:
    """NGFF ``omero``; a channel is (label, colour, window start, window end), ``top`` the largest value of the type."""
    return {
        "channels": [
            {
                "active": True,
                "color": color,
                "label": label,
                "window": {"min": 0, "max": top, "start": start, "end": end},
            }
            for label, color, start, end in channels
        ],
        "rdefs": {"defaultT": 0, "defaultZ": 0, "model": "color"},
    }


def pixels_of(sample: str, axes: str, shape: Shape, dtype: str) -> npt.NDArray[Any]:
    """Level 0 of a sample, by the formula."""
    grid = np.ogrid[tuple(slice(n) for n in shape)]
    return np.broadcast_to(value(sample, 0, **dict(zip(axes, grid, strict=True))), shape).astype(dtype)


def v2_writer(chunks: Shape, compressor: Any) -> Writer:
    """Zarr v2 arrays with nested chunk keys; chunks equal to the fill value are written too, so that none is absent."""

    def write(group: zarr.Group, name: str, pixels: npt.NDArray[Any]) -> None:
        array = group.create_array(
            name,
            shape=pixels.shape,
            dtype=pixels.dtype,
            chunks=tuple(min(a, b) for a, b in zip(chunks, pixels.shape, strict=True)),
            compressors=compressor,
            fill_value=0,
            chunk_key_encoding={"name": "v2", "separator": "/"},
            config={"write_empty_chunks": True},
        )
        array[...] = pixels

    return write


def v3_writer(chunks: Shape, shards: Shape | None, compressor: Any, names: str) -> Writer:
    """Zarr v3 arrays, sharded where ``shards`` is given (clipped to whole chunks of small levels)."""

    def write(group: zarr.Group, name: str, pixels: npt.NDArray[Any]) -> None:
        inner = tuple(min(a, b) for a, b in zip(chunks, pixels.shape, strict=True))
        outer = shards and tuple(
            max(i, min(s, -(-n // i) * i)) for s, n, i in zip(shards, pixels.shape, inner, strict=True)
        )
        array = group.create_array(
            name,
            shape=pixels.shape,
            dtype=pixels.dtype,
            chunks=inner,
            shards=outer,
            compressors=compressor,
            fill_value=0,
            dimension_names=list(names),
            config={"write_empty_chunks": True},
        )
        array[...] = pixels

    return write


def write_pyramid(group: zarr.Group, pixels: npt.NDArray[Any], levels: int, write: Writer) -> None:
    """Every level is every 2**k-th pixel of level 0 along y and x, the last two axes."""
    for level in range(levels):
        write(group, str(level), np.ascontiguousarray(pixels[..., :: 2**level, :: 2**level]))


def make_cells(root: Path) -> None:
    """2-D, three channels, 0.4, with everything ``omero`` can say."""
    sample = "cells-2d.ome.zarr"
    group = zarr.create_group(root / sample, zarr_format=2)
    pixels = pixels_of(sample, "cyx", (3, 1024, 1024), "uint16")
    codec = numcodecs.Blosc("lz4", clevel=5, shuffle=numcodecs.Blosc.BITSHUFFLE)
    write_pyramid(group, pixels, 4, v2_writer((1, 256, 256), codec))
    group.attrs["multiscales"] = multiscales_of("Cells, three channels", "cyx", 4, "0.4")
    channels = (
        ("DAPI", "4080FF", 1500, 50000),
        ("Tubulin", "20E060", 4000, 60000),
        ("Actin", "FF4060", 6000, 60000),
    )
    group.attrs["omero"] = {"name": "Cells, three channels", "version": "0.4"} | omero_of(channels, 65535)


def make_stack(root: Path) -> None:
    """Time series of z-stacks, 0.4; z is not downsampled and nothing is said about display."""
    sample = "stack-zt.ome.zarr"
    group = zarr.create_group(root / sample, zarr_format=2)
    pixels = pixels_of(sample, "tczyx", (5, 2, 12, 256, 256), "uint8")
    write_pyramid(group, pixels, 3, v2_writer((1, 1, 1, 128, 128), numcodecs.Zlib(9)))
    group.attrs["multiscales"] = multiscales_of("Nuclei over time, z-stack", "tczyx", 3, "0.4")


def make_plate(root: Path) -> None:
    """Plate of two rows and three columns with two fields per well, 0.4."""
    plate = zarr.create_group(root / "plate-2x3.ome.zarr", zarr_format=2)
    wells = [(r, c) for r in range(len(PLATE_ROWS)) for c in range(len(PLATE_COLUMNS))]
    plate.attrs["plate"] = {
        "version": "0.4",
        "name": "Plate 2 x 3",
        "rows": [{"name": r} for r in PLATE_ROWS],
        "columns": [{"name": c} for c in PLATE_COLUMNS],
        "field_count": PLATE_FIELDS,
        "acquisitions": [{"id": 0}],
        "wells": [{"path": f"{PLATE_ROWS[r]}/{PLATE_COLUMNS[c]}", "rowIndex": r, "columnIndex": c} for r, c in wells],
    }
    for row in PLATE_ROWS:
        plate.create_group(row)
    codec = numcodecs.Blosc("zstd", clevel=5, shuffle=numcodecs.Blosc.SHUFFLE)
    for r, c in wells:
        path = f"{PLATE_ROWS[r]}/{PLATE_COLUMNS[c]}"
        well = plate.create_group(path)
        images: list[Any] = [{"path": str(f), "acquisition": 0} for f in range(PLATE_FIELDS)]
        well.attrs["well"] = {"version": "0.4", "images": images}
        for field in range(PLATE_FIELDS):
            sample = f"plate-2x3.ome.zarr/{path}/{field}"
            group = well.create_group(str(field))
            pixels = pixels_of(sample, "cyx", (2, 256, 256), "uint16")
            write_pyramid(group, pixels, 2, v2_writer((1, 256, 256), codec))
            name = f"Well {path.replace('/', '')}, field {field}"
            group.attrs["multiscales"] = multiscales_of(name, "cyx", 2, "0.4")
            channels = (("Nuclei", "00A0FF", 300, 61000), ("Filaments", "FFA000", 300, 40000))
            group.attrs["omero"] = {"version": "0.4"} | omero_of(channels, 65535)


def make_labels(root: Path) -> None:
    """Image with a label image (32-bit ids, colours, properties), 0.5."""
    sample, labels = "labels.ome.zarr", "labels.ome.zarr/labels/nuclei"
    group = zarr.create_group(root / sample, zarr_format=3)
    pixels = pixels_of(sample, "cyx", (2, 512, 512), "uint16")
    write_pyramid(group, pixels, 3, v3_writer((1, 256, 256), None, BloscCodec(cname="zstd"), "cyx"))
    channels = (("Nuclei", "40A0FF", 300, 61000), ("Filaments", "A0FF40", 300, 61000))
    group.attrs["ome"] = {
        "version": "0.5",
        "multiscales": multiscales_of("Nuclei with labels", "cyx", 3, None),
        "omero": omero_of(channels, 65535),
    }
    group.create_group("labels").attrs["ome"] = {"version": "0.5", "labels": ["nuclei"]}
    ids = pixels_of(labels, "yx", (512, 512), "uint32")
    image = zarr.create_group(root / labels, zarr_format=3)
    write_pyramid(image, ids, 3, v3_writer((256, 256), None, ZstdCodec(level=3, checksum=True), "yx"))
    present = [int(i) for i in np.unique(ids) if i > 0]
    image.attrs["ome"] = {
        "version": "0.5",
        "multiscales": multiscales_of("nuclei", "yx", 3, None),
        "image-label": {
            "colors": [{"label-value": i, "rgba": [i * 37 % 256, i * 91 % 256, i * 151 % 256, 255]} for i in present],
            "properties": [{"label-value": i, "area (pixels)": int((ids == i).sum())} for i in present],
            "source": {"image": "../../"},
        },
    }


def make_sharded(root: Path) -> None:
    """Sharded arrays, 0.5: inner chunks of 128 pixels in shards of 512."""
    sample = "sharded.ome.zarr"
    group = zarr.create_group(root / sample, zarr_format=3)
    pixels = pixels_of(sample, "cyx", (2, 1024, 1024), "uint16")
    codec = ZstdCodec(level=5, checksum=False)
    write_pyramid(group, pixels, 4, v3_writer((1, 128, 128), (1, 512, 512), codec, "cyx"))
    channels = (("Nuclei", "FFFFFF", 1000, 61000), ("Filaments", "FF00FF", 1000, 61000))
    group.attrs["ome"] = {
        "version": "0.5",
        "multiscales": multiscales_of("Sharded, two channels", "cyx", 4, None),
        "omero": omero_of(channels, 65535),
    }


def make_archive(root: Path) -> None:
    """The image with labels in one file (RFC-9 of OME-Zarr): the root's document first, nothing compressed twice."""
    source = root / "labels.ome.zarr"
    files = sorted(
        (p for p in source.rglob("*") if p.is_file()), key=lambda p: (p.name != "zarr.json", len(p.parts), p)
    )
    with zipfile.ZipFile(root / "labels.ozx", "w", zipfile.ZIP_STORED) as archive:
        archive.comment = json.dumps(
            {"ome": {"version": "0.5", "zipFile": {"centralDirectory": {"jsonFirst": True}}}}
        ).encode()
        for file in files:
            entry = zipfile.ZipInfo(file.relative_to(source).as_posix(), (2026, 1, 1, 0, 0, 0))
            archive.writestr(entry, file.read_bytes())


def make_tiff(root: Path) -> None:
    """The same image as OME-TIFF: tiled, its smaller levels in SubIFDs."""
    pixels = pixels_of("labels.ome.zarr", "cyx", (2, 512, 512), "uint16")
    scale = NM_PER_PIXEL["x"] / 1000
    about = {
        "axes": "CYX",
        "Name": "Nuclei",
        "Channel": {"Name": ["Nuclei", "Filaments"], "Color": [0x40A0FFFF, -0x5F00BF01]},
        "PhysicalSizeX": scale,
        "PhysicalSizeY": scale,
        "UUID": "urn:uuid:00000000-0000-4000-8000-000000000001",
    }
    options: Any = {
        "tile": (128, 128),
        "compression": "adobe_deflate",
        "photometric": "minisblack",
        "software": "samples",
    }
    with tifffile.TiffWriter(root / "nuclei.ome.tif", ome=True) as tiff:
        tiff.write(pixels, subifds=2, metadata=about, **options)
        for level in (1, 2):
            tiff.write(np.ascontiguousarray(pixels[:, :: 2**level, :: 2**level]), subfiletype=1, **options)


#: path, title, kind, OME-Zarr version, description, maker
SAMPLES: tuple[tuple[str, str, str, str, str, Callable[[Path], None]], ...] = (
    (
        "cells-2d.ome.zarr",
        "Cells, three channels",
        "image",
        "0.4",
        "DAPI, tubulin and actin, 1024 x 1024 pixels, 16 bit, four levels",
        make_cells,
    ),
    (
        "stack-zt.ome.zarr",
        "Nuclei over time, z-stack",
        "image",
        "0.4",
        "5 time points, 2 channels, 12 planes of 256 x 256 pixels, 8 bit",
        make_stack,
    ),
    (
        "plate-2x3.ome.zarr",
        "Plate 2 x 3",
        "plate",
        "0.4",
        "Six wells with two fields of 256 x 256 pixels each",
        make_plate,
    ),
    (
        "labels.ome.zarr",
        "Nuclei with labels",
        "image",
        "0.5",
        "Two channels, 512 x 512 pixels, with a label image of the nuclei",
        make_labels,
    ),
    (
        "sharded.ome.zarr",
        "Sharded, two channels",
        "image",
        "0.5",
        "1024 x 1024 pixels, 16 bit, chunks of 128 pixels in shards of 512",
        make_sharded,
    ),
    (
        "labels.ozx",
        "Nuclei with labels, in one file",
        "image",
        "0.5",
        "The image with labels as a zipped OME-Zarr, read by ranges",
        make_archive,
    ),
    (
        "nuclei.ome.tif",
        "Nuclei, OME-TIFF",
        "image",
        "",
        "Two channels, 512 x 512 pixels, tiled, with smaller levels",
        make_tiff,
    ),
)


def make(out: Path) -> None:
    """Writes all samples and their index ``samples.json`` into the folder ``out``, replacing earlier ones."""
    out.mkdir(parents=True, exist_ok=True)
    index = []
    for path, title, kind, version, description, maker in SAMPLES:
        shutil.rmtree(out / path, ignore_errors=True)
        if (out / path).is_file():
            (out / path).unlink()
        maker(out)
        about = {"path": path, "title": title, "description": description}
        index.append(about | {"kind": kind, "version": version, "licence": "CC0-1.0"})
    # Last: where the index is, the samples are complete.
    (out / "samples.json").write_text(json.dumps(index, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
