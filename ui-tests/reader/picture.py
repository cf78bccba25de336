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


def compare(shot: np.ndarray, wanted: np.ndarray, known: np.ndarray, origin: tuple[int, int]) -> dict[str, Any]:
    """Compares a screenshot with colours at one screen pixel per image pixel.

    ``origin``: row and column of the screenshot where pixel (0, 0) of the image lies.
    """
    rows = range(max(0, origin[0]), min(shot.shape[0], origin[0] + wanted.shape[0]))
    columns = range(max(0, origin[1]), min(shot.shape[1], origin[1] + wanted.shape[1]))
    if not rows or not columns:
        return {"pixels": 0, "worst": 0, "wrong": 0}
    seen = shot[rows.start : rows.stop, columns.start : columns.stop, :3].astype(np.float64)
    part = (
        slice(rows.start - origin[0], rows.stop - origin[0]),
        slice(columns.start - origin[1], columns.stop - origin[1]),
    )
    away = np.abs(seen - wanted[part]).max(axis=-1)[known[part]]
    grey = wanted[part].std() if away.size else 0.0
    worst, wrong = float(away.max(initial=0)), int((away > 1.001).sum())
    return {"pixels": int(away.size), "worst": worst, "wrong": wrong, "contrast": float(grey)}
