"""Every pixel of the sample images, as integers.

The formula uses +, -, *, floor division and remainder on integers below 2**53 only, and divides only what is not
negative, so that a JavaScript version with plain numbers and ``Math.floor`` gives the same values. ``README.md`` says
the same in words.

Coordinates: ``t``, ``c``, ``z`` are indices; ``y``, ``x`` are pixels of the level asked for. Level k holds every
2**k-th pixel of level 0 in y and x (nearest neighbour, no averaging), and all of t, c and z.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

#: A prime below 2**16: its square stays far below 2**53.
PRIME = 65521

#: Rows, columns and fields of the plate, in the order of their folders.
PLATE_ROWS = ("A", "B")
PLATE_COLUMNS = ("1", "2", "3")
PLATE_FIELDS = 2

#: Samples of type uint8; the others are uint16 (960 … 61452), labels uint32.
EIGHT_BIT = ("stack-zt.ome.zarr",)


def hashed(i: Ints, j: Ints, k: int, seed: int) -> Ints:
    """A number in [0, PRIME) that looks random, for non-negative lattice coordinates."""
    h: Ints = (i * 7919 + j * 10427 + k * 1279 + seed * 6011 + 4099) % PRIME
    h = (h * h + h * 31 + 17) % PRIME
    return ((h * h) % PRIME * 5 + h * 257 + 11) % PRIME


def noise(y: Ints, x: Ints, period: int, seed: int) -> Ints:
    """Smooth noise in [0, PRIME): hashed values on a lattice of ``period`` pixels, blended in between."""
    i, j, fy, fx = y // period, x // period, y % period, x % period
    wy = fy * fy * (3 * period - 2 * fy) // (period * period)  # 0 … period, flat at both ends
    wx = fx * fx * (3 * period - 2 * fx) // (period * period)
    upper: Ints = hashed(i, j, 0, seed) * (period - wx) + hashed(i, j + 1, 0, seed) * wx
    lower: Ints = hashed(i + 1, j, 0, seed) * (period - wx) + hashed(i + 1, j + 1, 0, seed) * wx
    return (upper * (period - wy) + lower * wy) // (period * period)


def nuclei(t: Ints, z: Ints, y: Ints, x: Ints, period: int, seed: int) -> tuple[Ints, Ints]:
    """Soft ellipses, about one per lattice cell: brightness 0 … 4095 and id (0 outside, else 1 + 64·i + j).

    A nucleus of a cell may reach into the neighbouring cells, so each pixel looks at nine of them; the
    brightest wins, the earlier one in a tie. Nuclei wander with t and are balls in z (one plane = 4 pixels) around
    plane 2 … 9.
    """
    best: Ints = np.zeros(np.broadcast_shapes(t.shape, z.shape, y.shape, x.shape), np.int64)
    ident: Ints = np.zeros_like(best)
    for di in range(3):
        for dj in range(3):
            i, j = y // period + di, x // period + dj  # one more than the cell's index, so never negative
            drift = t * (hashed(i, j, 7, seed) % 7) - 3 * t
            cy = (i - 1) * period + period // 4 + hashed(i, j, 1, seed) % (period // 2) + drift
            cx = (j - 1) * period + period // 4 + hashed(i, j, 2, seed) % (period // 2) - drift
            radius = period // 4 + hashed(i, j, 3, seed) % (period // 8)
            tall, wide, lean = (hashed(i, j, k, seed) % 3 for k in (4, 5, 6))
            dy, dx, dz = y - cy, x - cx, 4 * (z - 2 - hashed(i, j, 8, seed) % 8)
            distance = (2 + tall) * dy * dy + (lean - 1) * dy * dx + (2 + wide) * dx * dx + 4 * dz * dz
            reach = 3 * radius * radius * np.minimum(1, hashed(i, j, 9, seed) % 8)  # one cell in eight is empty
            inside = np.maximum(0, reach - distance)
            bright = np.minimum(4095, inside * 8190 // np.maximum(1, reach))
            ident = np.where(bright > best, 1 + 64 * i + j, ident)
            best = np.maximum(best, bright)
    return best, ident


def ridges(y: Ints, x: Ints, period: int, seed: int) -> Ints:
    """Bright lines, 0 … 4095: where two octaves of noise together cross their middle."""
    height = (noise(y, x, period, seed) * 3 + noise(y, x, period // 2, seed + 1)) // 4
    width = 3 * PRIME // period
    above: Ints = np.maximum(0, width - np.abs(height - PRIME // 2))
    return above * 4095 // width


def filaments(y: Ints, x: Ints, period: int, seed: int) -> Ints:
    """A net of thin lines, 0 … 4095: ridges on the lattice and on two slanted ones, the brightest of the three."""
    slanted = ridges(x + 2 * y, 2 * x + 4096 - y, period, seed + 50)
    steep = ridges(2 * x + y, 2 * y + 4096 - x, period, seed + 100)
    return np.maximum(ridges(y, x, period, seed), np.maximum(slanted, steep))


def address(t: Ints, c: Ints, z: Ints, y: Ints, x: Ints) -> Ints:
    """0 … 12, different for neighbours along every axis and on every level (13 shares no factor with 2)."""
    out: Ints = (5 * x + 3 * y + 7 * z + 4 * c + 6 * t) % 13
    return out


def _brightness(sample: str, t: Ints, c: Ints, z: Ints, y: Ints, x: Ints) -> Ints:
    """Brightness per pixel, 0 … 4095 (more is cut)."""
    if sample == "cells-2d.ome.zarr":
        body = nuclei(t, z + 5, y, x, 128, 1)[0]
        dapi = body * (PRIME + 2 * noise(y, x, 20, 2)) // (3 * PRIME) + noise(y, x, 64, 3) // 512
        tubulin = filaments(y, x, 56, 4) * (PRIME + noise(y, x, 64, 6)) // (2 * PRIME) + noise(y, x, 64, 7) // 96
        actin = ridges(x + 2 * y, y + 4096 - x, 60, 8) * noise(y, x, 48, 10) // PRIME + noise(y, x, 60, 11) // 80
        return np.where(c == 0, dapi, np.where(c == 1, tubulin, actin))
    if sample == "stack-zt.ome.zarr":
        body = nuclei(t, z, y, x, 64, 21)[0]
        lines = filaments(y + 3 * z, x + 5 * t, 48, 22) * (1 + np.minimum(z, 11 - z)) // 6
        return np.where(c == 0, body, lines)
    if sample == "labels.ome.zarr":
        return np.where(c == 0, nuclei(t, z + 5, y, x, 64, 31)[0], filaments(y, x, 60, 32))
    if sample == "sharded.ome.zarr":
        body = nuclei(t, z + 5, y, x, 96, 41)[0] * (PRIME + noise(y, x, 40, 42)) // (2 * PRIME)
        return np.where(c == 0, body, filaments(y, x, 64, 43))
    seed = 200 + plate_index(sample)
    body = nuclei(t, z + 5, y, x, 64, seed)[0]
    return np.where(c == 0, body, filaments(y, x, 48, seed) // 2 + body // 8)


def plate_index(sample: str) -> int:
    """Number of a field in the plate, from ``plate-2x3.ome.zarr/<row>/<column>/<field>``: row by row."""
    root, row, column, field = sample.split("/")
    if root != "plate-2x3.ome.zarr":
        raise KeyError(sample)
    well = PLATE_ROWS.index(row) * len(PLATE_COLUMNS) + PLATE_COLUMNS.index(column)
    return well * PLATE_FIELDS + int(field)


def value(
    sample: str,
    level: int,
    t: npt.ArrayLike = 0,
    c: npt.ArrayLike = 0,
    z: npt.ArrayLike = 0,
    y: npt.ArrayLike = 0,
    x: npt.ArrayLike = 0,
) -> Ints:
    """Pixel value(s) of ``sample`` (its path in the sample folder) at the coordinates, which are broadcast together.

    Axes the image lacks are 0. The label image is ``labels.ome.zarr/labels/nuclei``.
    """
    tt, cc, zz, yy, xx = (np.asarray(v, np.int64) for v in (t, c, z, y, x))
    yy, xx = yy * 2**level, xx * 2**level
    if sample == "labels.ome.zarr/labels/nuclei":
        return nuclei(tt, zz + 5, yy, xx, 64, 31)[1]
    grey = np.minimum(_brightness(sample, tt, cc, zz, yy, xx), 4095) // 16  # 0 … 255
    if sample in EIGHT_BIT:  # 16 grey levels in the upper half, the address in the lower
        return grey // 16 * 16 + address(tt, cc, zz, yy, xx)
    return (grey // 4 + 1) * 960 + address(tt, cc, zz, yy, xx)
