"""The process that decodes chunks for browsers that lack a codec: one chunk a task, exactly its values out.

Bounded and disposable like the one that makes pictures: little memory and time, no files, no secrets in its
environment. Started as a script of its own, so that it imports nothing of the server.

Both directions: uint32 little-endian length, then bytes. In: a JSON head with ``lens``, with ``array`` or ``tiff``, and
with ``take`` (see ``decode_part``) where the unit is a part of a file; followed by the bytes of one chunk or part. Out:
one status byte (0 = well), then one byte that says what follows: 0 values, 1 values in gzip, 2 the name of a codec whose
package is missing; or, after status 1, the name of a failure.
"""

from __future__ import annotations

import importlib.util
import json
import struct
import sys
import zlib
from pathlib import Path
from typing import IO, Any

MEMORY = 2 << 30  # bytes of address space: a chunk of 64 MiB in a few forms beside libraries of some 400 MB
CPU = 600  # s over the whole life
SAMPLE = 1 << 16  # bytes tried before all are compressed for the way
WORTH = 0.7  # share of the length up to which gzip pays


def load(name: str) -> Any:
    """The decoder of this name beside this file, without the package around it, which would import all of Jupyter."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None  # noqa: S101  the file is beside this one
    assert spec.loader is not None  # noqa: S101  and is Python
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def packed(data: bytes) -> tuple[int, bytes]:
    """As it is, or in gzip where that pays."""

    def gzip(part: bytes) -> bytes:
        machine = zlib.compressobj(1, zlib.DEFLATED, 31)
        return machine.compress(part) + machine.flush()

    if len(data) < 4096 or len(gzip(data[:SAMPLE])) > WORTH * min(len(data), SAMPLE):
        return 0, data
    small = gzip(data)
    return (1, small) if len(small) <= WORTH * len(data) else (0, data)


def values_of(chunk: Any, part: Any, head: dict[str, Any], data: bytes) -> Any:
    """The unit as an array of numpy, little-endian."""
    data = part.taken(head.get("take", {}), data)
    if "tiff" in head:
        return part.tiff(head["tiff"], head["pieces"], data)
    array = chunk.Array(head["array"])
    return array.decode(data).astype(array.dtype.newbyteorder("<"), copy=False)


def decoded(chunk: Any, part: Any, head: dict[str, Any], data: bytes) -> bytes:
    """The answer to one task, without its status."""
    import numpy as np

    try:
        values = values_of(chunk, part, head, data)
    except chunk.MissingError as error:
        return b"\2" + str(error).encode()
    except part.MissingPartError:
        return b"\2" + str(head["tiff"]["name"]).encode()
    out = np.ascontiguousarray(values).tobytes()
    if len(out) != head["expected"]:
        raise ValueError("length")
    kind, body = packed(out) if head.get("gzip") else (0, out)
    return bytes([kind]) + body


def _exactly(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if len(data) != count:
        raise EOFError
    return data


def serve(chunk: Any, part: Any, source: IO[bytes], sink: IO[bytes]) -> None:
    """Tasks until the input ends."""
    while True:
        try:
            (length,) = struct.unpack("<I", _exactly(source, 4))
            head = json.loads(_exactly(source, length))
            data = b"".join(_exactly(source, size) for size in head["lens"])
        except EOFError:
            return
        try:
            answer = b"\0" + decoded(chunk, part, head, data)
        except Exception as error:  # noqa: BLE001  whatever foreign bytes cause is told to the parent, which ends this process
            answer = b"\1" + type(error).__name__.encode()
        sink.write(struct.pack("<I", len(answer)) + answer)
        sink.flush()


if __name__ == "__main__":
    decoder = load("decode_chunk")
    decoder.confine(MEMORY, CPU)
    from numcodecs import blosc

    blosc.use_threads = False
    sys.stdout.buffer.write(struct.pack("<I", 0))
    sys.stdout.buffer.flush()
    serve(decoder, load("decode_part"), sys.stdin.buffer, sys.stdout.buffer)
