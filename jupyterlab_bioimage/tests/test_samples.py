"""The sample images hold what ``samples/formula.py`` says, the same bytes on every run."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import zarr

from .samples import GENERATOR, formula, generate, sample_folder

#: path of the image in the sample folder, axes, shape of level 0, type, levels
IMAGES: list[tuple[str, str, tuple[int, ...], str, int]] = [
    ("cells-2d.ome.zarr", "cyx", (3, 1024, 1024), "uint16", 4),
    ("stack-zt.ome.zarr", "tczyx", (5, 2, 12, 256, 256), "uint8", 3),
    *[
        (f"plate-2x3.ome.zarr/{row}/{column}/{field}", "cyx", (2, 256, 256), "uint16", 2)
        for row in "AB"
        for column in "123"
        for field in "01"
    ],
    ("labels.ome.zarr", "cyx", (2, 512, 512), "uint16", 3),
    ("labels.ome.zarr/labels/nuclei", "yx", (512, 512), "uint32", 3),
    ("sharded.ome.zarr", "cyx", (2, 1024, 1024), "uint16", 4),
]


@pytest.mark.parametrize(("path", "axes", "shape", "dtype", "levels"), IMAGES, ids=lambda v: str(v)[-24:])
def test_every_pixel_of_every_level_is_the_formula(
    path: str, axes: str, shape: tuple[int, ...], dtype: str, levels: int
) -> None:
    group = zarr.open_group(sample_folder() / path, mode="r")
    assert sorted(name for name, _ in group.arrays()) == [str(k) for k in range(levels)]
    for level in range(levels):
        array: Any = group[str(level)]
        at_level = (*shape[:-2], shape[-2] >> level, shape[-1] >> level)
        assert (array.shape, str(array.dtype)) == (at_level, dtype)
        grid = dict(zip(axes, np.ogrid[tuple(slice(n) for n in at_level)], strict=True))
        expected = np.broadcast_to(formula().value(path, level, **grid), at_level)
        np.testing.assert_array_equal(array[...], expected)


def test_generation_is_deterministic_and_small(tmp_path: Path) -> None:
    generate(tmp_path / "again")

    def files(root: Path) -> dict[str, bytes]:
        return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}

    once, again = files(sample_folder()), files(tmp_path / "again")
    assert once.keys() == again.keys()
    assert [name for name in once if once[name] != again[name]] == []
    assert sum(map(len, once.values())) < 12_000_000


def test_the_archive_holds_the_image_with_labels() -> None:
    with zipfile.ZipFile(sample_folder() / "labels.ozx") as archive:
        assert archive.namelist()[0] == "zarr.json"
        assert json.loads(archive.comment)["ome"]["version"] == "0.5"
        source = sample_folder() / "labels.ome.zarr"
        expected = {p.relative_to(source).as_posix(): p.read_bytes() for p in source.rglob("*") if p.is_file()}
        assert {name: archive.read(name) for name in archive.namelist()} == expected


def test_the_tiff_holds_every_level_by_the_formula() -> None:
    with tifffile.TiffFile(sample_folder() / "nuclei.ome.tif") as tiff:
        levels = tiff.series[0].levels
        assert [level.shape for level in levels] == [(2, 512 >> k, 512 >> k) for k in range(3)]
        for k, level in enumerate(levels):
            grid = dict(zip("cyx", np.ogrid[:2, : 512 >> k, : 512 >> k], strict=True))
            expected = np.broadcast_to(formula().value("labels.ome.zarr", k, **grid), level.shape)
            np.testing.assert_array_equal(level.asarray(), expected)


def test_neighbouring_pixels_differ_on_every_level() -> None:
    for level in range(4):
        pixels = formula().value("cells-2d.ome.zarr", level, c=1, **dict(zip("yx", np.ogrid[:64, :64], strict=True)))
        for axis in (0, 1):
            assert (np.diff(pixels, axis=axis) != 0).mean() > 0.99


def test_the_check_values_for_other_implementations() -> None:
    rows = json.loads((GENERATOR / "check-values.json").read_text())
    assert len(rows) > 100
    for sample, level, *at, expected in rows:
        assert int(formula().value(sample, level, *at)) == expected


def test_the_index_lists_what_is_there() -> None:
    index = json.loads((sample_folder() / "samples.json").read_text(encoding="utf-8"))
    assert {entry["licence"] for entry in index} == {"CC0-1.0"}
    for entry in index:
        assert entry.keys() == {"path", "title", "description", "kind", "version", "licence"}
        assert (sample_folder() / entry["path"]).exists()
    there = {p.name for p in sample_folder().iterdir() if p.name != "samples.json"}
    assert there == {entry["path"] for entry in index}
