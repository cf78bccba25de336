"""Compressions of TIFF files that a browser lacks, and how a request may name them. Nothing else is ever loaded.

The browser's reader has the same table (``src/tiff/compression.ts``); ``fixtures/tiffcodecs.json`` holds both to each
other. What is decoded here are the values (or, for ``lzma``, the bytes) of one strip or tile; byte order, predictors,
packed bits and colours are the browser's business, as for all other compressions.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

#: Tables of quantisation and of Huffman codes have some 600 bytes.
MAX_TABLES = 16 * 1024

#: From what was sent to what reaches the child; None where it is not allowed.
Reader = Callable[[Any], Any]


def one_of(*values: Any) -> Reader:
    """The value itself where it is one of these."""
    return lambda value: value if not isinstance(value, bool) and value in values else None


def _flag(value: Any) -> Any:
    return value if isinstance(value, bool) else None


def _tables(value: Any) -> Any:
    """Text in base64, as it came."""
    if not isinstance(value, str) or len(value) > MAX_TABLES:
        return None
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
    return value


#: Names, and for each its parameters; all of them are given.
TIFF_CODECS: dict[str, dict[str, Reader]] = {
    "ccittrle": {"reversed": _flag},  # bits of a byte, tag FillOrder
    "ccittfax3": {"reversed": _flag, "options": one_of(*range(8))},  # tag T4Options: bit 0 two-dimensional
    "ccittfax4": {"reversed": _flag},
    "lzma": {"reversed": _flag},
    "jpeg2000": {"ycc": _flag},  # the values are YCbCr, which nothing in the data says
    "webp": {},
    "jpegxl": {},
    "jpegxr": {},
    "png": {},
    "lerc": {"packed": one_of("none", "deflate", "zstd")},  # a second compression around it
    "jpeg": {"bits": one_of(8, 12, 16), "photometric": one_of(0, 1, 2, 6, 32803, 34892), "tables": _tables},
}
#: Rows of values of one bit come as bytes 0 and 1; bytes, not values, come of ``lzma``.
_BYTES = frozenset(["ccittrle", "ccittfax3", "ccittfax4", "lzma"])


def read_codec(name: Any, configuration: Any, dtype: str) -> dict[str, Any] | None:
    """The parameters as they reach the child; None where name, parameters or type are not of the table."""
    readers = TIFF_CODECS.get(name) if isinstance(name, str) else None
    if readers is None or not isinstance(configuration, dict) or set(configuration) != set(readers):
        return None
    if name in _BYTES and dtype != "uint8":
        return None
    checked = {key: reader(configuration[key]) for key, reader in readers.items()}
    return None if any(value is None for value in checked.values()) else checked
