"""SHA-256 of a region of a sample, from the formula: reads one JSON line {sample, level, axes, shape, slices}.

``slices`` has one entry per axis: an index (the axis is dropped), ``[start, stop]``, ``{"list": [...]}``, or null for
all of it.
The hash is over the C-order little-endian bytes of the array's own data type (named by ``dtype``).
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "samples"))

import formula

ask = json.loads(sys.stdin.readline())
indices: list[np.ndarray] = []
dropped: list[int] = []
for at, (size, cut) in enumerate(zip(ask["shape"], ask["slices"], strict=True)):
    if cut is None:
        indices.append(np.arange(size))
    elif isinstance(cut, int):
        indices.append(np.array([cut]))
        dropped.append(at)
    elif isinstance(cut, dict):
        indices.append(np.array(cut["list"]))
    else:
        indices.append(np.arange(*cut))
grids = dict(zip(ask["axes"], np.meshgrid(*indices, indexing="ij"), strict=True))
values = formula.value(ask["sample"], ask["level"], *(grids.get(axis, 0) for axis in "tczyx"))
array = np.squeeze(np.asarray(values), axis=tuple(dropped)).astype(np.dtype(ask["dtype"]).newbyteorder("<"))
print(json.dumps({"sha256": hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest(), "shape": array.shape}))
