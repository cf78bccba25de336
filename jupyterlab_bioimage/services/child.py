"""How a child process of ours begins, and how it speaks: ``python -P child.py NAME``, NAME being a module beside this.

The module is imported into a bare package of this folder, without the package around it, which would import all of
Jupyter. It has ``MEMORY`` (bytes of address space), ``CPU`` (s over the whole life), ``warm_up()`` and ``answer(head,
parts)``.

Both directions: uint32 little-endian length, then bytes. In: a JSON head with ``lens``, followed by parts of these
lengths. Out: an empty answer once it is warm; then, for each task, one status byte (0 = well) and what ``answer``
gives, or, after status 1, the name of a failure.
"""

from __future__ import annotations

import importlib
import json
import struct
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

PACKAGE = "services"
Answer = Callable[[dict[str, Any], list[bytes]], bytes]


def exactly(stream: IO[bytes], count: int) -> bytes:
    """``count`` bytes; EOFError where the stream has fewer."""
    data = stream.read(count)
    if len(data) != count:
        raise EOFError
    return data


def serve(answer: Answer, source: IO[bytes], sink: IO[bytes]) -> None:
    """Tasks until the input ends."""
    while True:
        try:
            (length,) = struct.unpack("<I", exactly(source, 4))
            head = json.loads(exactly(source, length))
            parts = [exactly(source, size) for size in head["lens"]]
        except EOFError:
            return
        try:
            found = b"\0" + answer(head, parts)
        except Exception as error:  # noqa: BLE001  whatever foreign bytes cause is told to the parent, which ends this process
            found = b"\1" + type(error).__name__.encode()
        sink.write(struct.pack("<I", len(found)) + found)
        sink.flush()


def main(name: str) -> None:
    """The whole life of a child: bounded, warmed up, then at work."""
    package = types.ModuleType(PACKAGE)
    package.__path__ = [str(Path(__file__).parent)]
    sys.modules[PACKAGE] = package
    child = importlib.import_module(f"{PACKAGE}.{name}")
    # Bounded before a library is imported, which could be fooled.
    importlib.import_module(f"{PACKAGE}.decode_chunk").confine(child.MEMORY, child.CPU)
    child.warm_up()
    sys.stdout.buffer.write(struct.pack("<I", 0))
    sys.stdout.buffer.flush()
    serve(child.answer, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main(sys.argv[1])
