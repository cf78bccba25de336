"""What a picture of raw values has to look like, by numpy."""

from typing import Any

import numpy as np


def composed(values: list[np.ndarray], channels: list[dict[str, Any]]) -> tuple[np.ndarray, np.ndarray]:
    """Colours (0 to 255, not rounded) of channels added up, and where any of them holds a number.

    ``channels`` have ``color`` (RRGGBB) and ``range`` (values drawn as black and as full colour).
    """
    total = np.zeros((*values[0].shape, 3))
    known = np.zeros(values[0].shape, bool)
    for raw, channel in zip(values, channels, strict=True):
        low, high = channel["range"]
        number = raw.astype(np.float64)
        there = ~np.isnan(number)
        part = np.clip((np.where(there, number, low) - low) / (high - low), 0, 1)
        tint = np.array([int(channel["color"][i : i + 2], 16) / 255 for i in (0, 2, 4)])
        total += np.where(there, part, 0)[..., None] * tint
        known |= there
    return np.minimum(total, 1) * 255, known


def under(pixels: int, unit: float, centre: float, ratio: float, offset: float) -> tuple[np.ndarray, np.ndarray]:
    """Index of the level's pixel under the middle of each screen pixel along one axis, and where that is beyond doubt.

    ``unit``: screen pixels for a pixel of level 0. ``centre``: place in level-0 pixels in the middle of the view. A
    border may be drawn a sixteenth of a screen pixel off.
    """
    place = ((np.arange(pixels) + 0.5 - pixels / 2) / unit + centre - offset) / ratio
    return np.floor(place).astype(int), np.abs(place - np.round(place)) > 1 / 16 / unit / ratio


def camera(region: list[float], shot: tuple[int, ...], size: list[int]) -> tuple[float, list[float]]:
    """Screen pixels for a pixel of level 0, and what lies in the middle (y, x): a region is fitted into the view, whose
    middle never leaves the image. ``size``: height and width of level 0.
    """
    y0, y1, x0, x1 = region
    unit = min(shot[0] / (y1 - y0), shot[1] / (x1 - x0))
    return unit, [min((y0 + y1) / 2, size[0]), min((x0 + x1) / 2, size[1])]


def sampled(plane: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The plane's pixels at rows and columns, and which of those lie in it."""
    inside = ((rows >= 0) & (rows < plane.shape[0]))[:, None] & ((columns >= 0) & (columns < plane.shape[1]))
    return plane[rows.clip(0, plane.shape[0] - 1)[:, None], columns.clip(0, plane.shape[1] - 1)], inside


def compare(shot: np.ndarray, wanted: np.ndarray, known: np.ndarray) -> dict[str, Any]:
    """How far colours are from a screenshot's, where they are known."""
    away = np.abs(shot.astype(np.float64) - wanted).max(axis=-1)[known]
    contrast = float(wanted[known].std()) if away.size else 0.0
    worst, wrong = float(away.max(initial=0)), int((away > 1.001).sum())
    first = np.argwhere(known & (np.abs(shot - wanted).max(axis=-1) > 1.001))[:1].tolist()
    return {"pixels": int(away.size), "worst": worst, "wrong": wrong, "contrast": contrast, "first": first}
