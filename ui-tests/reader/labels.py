"""The colours of label images: from the metadata, else a hash of the id, as the documentation of labels says."""

from typing import Any

import numpy as np


def _mixed(bits: np.ndarray) -> np.ndarray:
    """MurmurHash3's finaliser of 32 bits (public domain, Austin Appleby)."""
    h = bits.astype(np.uint64) & np.uint64(0xFFFFFFFF)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        h = ((h ^ (h >> np.uint64(shift))) * np.uint64(factor)) & np.uint64(0xFFFFFFFF)
    return h ^ (h >> np.uint64(16))


def _hashed(ids: np.ndarray) -> np.ndarray:
    """Red, green, blue, alpha (0 to 1) of ids, which are two's complements in 64 bits."""
    low, high = ids & np.uint64(0xFFFFFFFF), ids >> np.uint64(32)
    h = _mixed(low ^ _mixed(high + np.uint64(0x9E3779B9)))
    turn = (h & np.uint64(0xFFFF)).astype(float) / 65536 * 6
    white = ((h >> np.uint64(16)) & np.uint64(0xFF)).astype(float) / 255 * 0.4
    bright = 0.65 + (h >> np.uint64(24)).astype(float) / 255 * 0.35
    hue = np.stack([np.clip(np.abs((turn + shift) % 6 - 3) - 1, 0, 1) for shift in (0, 4, 2)], -1)
    rgb = (hue + (1 - hue) * white[..., None]) * bright[..., None]
    return np.concatenate([rgb, np.ones((*ids.shape, 1))], -1)


def colours(values: np.ndarray, meta: dict[str, Any] | None) -> np.ndarray:
    """Red, green, blue, alpha (0 to 1) of every pixel; 0 is transparent unless it has a colour."""
    ids = values.astype(np.int64).view(np.uint64) if values.dtype.kind == "i" else values.astype(np.uint64)
    out = _hashed(ids)
    out[ids == 0] = 0
    for entry in (meta or {}).get("colors") or []:
        if entry.get("rgba"):
            out[ids == np.uint64(entry["label-value"] % 2**64)] = np.array(entry["rgba"]) / 255
    return out
