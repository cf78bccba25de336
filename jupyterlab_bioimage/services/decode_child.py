"""The process that decodes chunks for browsers that lack a codec: one chunk a task, exactly its values out.

Bounded and disposable like the one that makes pictures: little memory and time, no files, no secrets in its
environment. See ``child`` for how it begins and how it speaks.

The head of a task has ``array`` or ``tiff``, and ``take`` (see ``decode_part``) where the unit is a part of a file; its
parts are the bytes of one chunk or part. The answer begins with one byte that says what follows: 0 values, 1 values in
gzip, 2 the name of a codec whose package is missing.
"""

from __future__ import annotations

import zlib
from typing import Any

from . import decode_chunk, decode_part

MEMORY = 2 << 30  # bytes of address space: a chunk of 64 MiB in a few forms beside libraries of some 400 MB
CPU = 600  # s over the whole life
SAMPLE = 1 << 16  # bytes tried before all are compressed for the way
WORTH = 0.7  # share of the length up to which gzip pays


def packed(data: bytes) -> tuple[int, bytes]:
    """As it is, or in gzip where that pays."""

    def gzip(part: bytes) -> bytes:
        machine = zlib.compressobj(1, zlib.DEFLATED, 31)
        return machine.compress(part) + machine.flush()

    if len(data) < 4096 or len(gzip(data[:SAMPLE])) > WORTH * min(len(data), SAMPLE):
        return 0, data
    small = gzip(data)
    return (1, small) if len(small) <= WORTH * len(data) else (0, data)


def values_of(head: dict[str, Any], data: bytes) -> Any:
    """The unit as an array of numpy, little-endian."""
    data = decode_part.taken(head.get("take", {}), data)
    if "tiff" in head:
        return decode_part.tiff(head["tiff"], head["pieces"], data)
    array = decode_chunk.Array(head["array"])
    return array.decode(data).astype(array.dtype.newbyteorder("<"), copy=False)


def answer(head: dict[str, Any], parts: list[bytes]) -> bytes:
    """The answer to one task, without its status."""
    import numpy as np

    try:
        values = values_of(head, b"".join(parts))
    except decode_chunk.MissingError as error:
        return b"\2" + str(error).encode()
    except decode_part.MissingPartError:
        return b"\2" + str(head["tiff"]["name"]).encode()
    out = np.ascontiguousarray(values).tobytes()
    if len(out) != head["expected"]:
        raise ValueError("length")
    kind, body = packed(out) if head.get("gzip") else (0, out)
    return bytes([kind]) + body


def warm_up() -> None:
    """Loads what most chunks need."""
    from numcodecs import blosc

    blosc.use_threads = False
