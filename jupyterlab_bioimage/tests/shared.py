"""The collection of real test data that may lie beside the project; tests over it are skipped where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2].parent / "shared"


def shared_path(*parts: str) -> Path:
    """A file or folder of the collection; skips the calling test by name where it is not there."""
    found = _ROOT.joinpath(*parts)
    if not found.exists():
        pytest.skip(f"shared test data {'/'.join(parts)} is not there")
    return found
