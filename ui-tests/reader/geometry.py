"""Where the levels of an image lie on its level 0, from the metadata's scales and translations alone.

Along one axis a level's pixel ``i`` covers ``[offset + i * ratio, offset + (i + 1) * ratio)`` in pixels of level 0:
translations name centres of pixels (OME-Zarr 0.4, section 3.4). Where no level is moved, corners lie on corners.
"""

from typing import Any


def _along(transformations: Any, rank: int) -> tuple[list[float], list[float]]:
    """Scale and translation per axis of a list of both, the first one applied first."""
    scale, moved = [1.0] * rank, [0.0] * rank
    for one in transformations or []:
        by, to = one.get("scale"), one.get("translation")
        if isinstance(by, list):
            scale, moved = (
                [a * b for a, b in zip(scale, by, strict=True)],
                [a * b for a, b in zip(moved, by, strict=True)],
            )
        if isinstance(to, list):
            moved = [a + b for a, b in zip(moved, to, strict=True)]
    return scale, moved


def placed(multiscale: dict[str, Any], shapes: list[list[int]]) -> list[dict[str, list[float]]]:
    """Ratio and offset per axis of every level; by the sizes where there are no scales of different levels."""
    rank = len(shapes[0])
    datasets = multiscale.get("datasets", [])
    told = [_along(one.get("coordinateTransformations"), rank) for one in datasets]
    scales = [scale for scale, _ in told]
    if len(shapes) > 1 and all(scale == scales[0] for scale in scales):
        sizes = [[a / b for a, b in zip(shapes[0], shape, strict=True)] for shape in shapes]
        return [{"ratio": ratio, "offset": [0.0] * rank} for ratio in sizes]
    ratios = [[a / b for a, b in zip(scale, scales[0], strict=True)] for scale in scales]
    shifts = [[(a - b) / s for a, b, s in zip(to, told[0][1], scales[0], strict=True)] for _, to in told]
    if all(abs(by) < 1e-9 for shift in shifts for by in shift):
        return [{"ratio": ratio, "offset": [0.0] * rank} for ratio in ratios]
    offsets = [
        [by - (r - 1) / 2 for by, r in zip(shift, ratio, strict=True)]
        for shift, ratio in zip(shifts, ratios, strict=True)
    ]
    return [{"ratio": ratio, "offset": offset} for ratio, offset in zip(ratios, offsets, strict=True)]


def over(label: dict[str, Any], base: dict[str, Any]) -> tuple[list[float], list[float]]:
    """Size and first corner (y, x) of a label image's pixel in those of the image: both cover the same extent."""
    own, whole = [[one["levels"][0]["shape"][one["axes"].index(axis)] for axis in "yx"] for one in (label, base)]
    return [b / a for a, b in zip(own, whole, strict=True)], [0.0, 0.0]
