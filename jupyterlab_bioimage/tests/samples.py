"""The sample images, made once per version of their generator and kept in ``.cache`` of the project."""

from __future__ import annotations

import functools
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType

PROJECT = Path(__file__).resolve().parents[2]
GENERATOR = PROJECT / "samples"


def formula() -> ModuleType:
    """``samples/formula.py``, which lies outside the package."""
    if str(GENERATOR) not in sys.path:
        sys.path.insert(0, str(GENERATOR))
    return __import__("formula")


def generate(out: Path) -> None:
    """Runs the generator as a user would."""
    subprocess.run([sys.executable, str(GENERATOR / "make_samples.py"), str(out)], check=True, timeout=120)


@functools.cache
def sample_folder() -> Path:
    """Folder with the samples of the present generator. Parallel test runs may make it twice; one copy is kept."""
    sources = b"".join((GENERATOR / name).read_bytes() for name in ("formula.py", "make_samples.py"))
    folder = PROJECT / ".cache" / f"samples-{hashlib.sha256(sources).hexdigest()[:12]}"
    if not (folder / "samples.json").is_file():
        folder.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            fresh = Path(scratch) / "samples"
            generate(fresh)
            if not folder.exists():
                os.replace(fresh, folder)
    return folder
