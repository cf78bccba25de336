"""Which codecs a Zarr array may name, and in what order. Nothing is ever loaded by a name that is not here.

The same table stands in the browser's reader; what the browser cannot decode must not be announced by the server.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .fields import as_integer, as_list, as_object, as_text, bad, given, is_number, unsupported

#: Bytes of one element, by the Zarr v3 name of the type: all types that can be read.
ITEM_BYTES = {
    "bool": 1,
    "int8": 1,
    "uint8": 1,
    "int16": 2,
    "uint16": 2,
    "int32": 4,
    "uint32": 4,
    "int64": 8,
    "uint64": 8,
    "float16": 2,
    "float32": 4,
    "float64": 8,
}
_LETTERS = {"b": "bool", "i": "int", "u": "uint", "f": "float"}

#: No sane array has more steps; a list of thousands would be built for every chunk.
MAX_CODECS = 16
COMPRESSORS = ("blosc", "gzip", "zlib", "zstd", "lz4")


@dataclass(frozen=True, slots=True)
class Codec:
    """One step, by its plain name (without ``numcodecs.``), and its parameters."""

    name: str
    configuration: dict[str, Any]


def dtype_v2(value: Any, where: str) -> tuple[str, bool]:
    """Type and "is big-endian" of a Zarr v2 ``dtype``, for example ``<u2``."""
    if isinstance(value, list):
        raise unsupported("data type structured")
    text = as_text(value, where)
    family = _LETTERS.get(text[1:2], "")
    name = "bool" if text[1:] == "b1" else f"{family}{8 * int(text[2:])}" if text[2:] in ("1", "2", "4", "8") else ""
    if text[:1] not in "<>|" or name not in ITEM_BYTES or (text[0] == "|" and ITEM_BYTES[name] > 1):
        raise unsupported(f"data type {text}")
    return name, text[0] == ">"


def dtype_v3(value: Any, where: str) -> str:
    """Type of a Zarr v3 ``data_type``; extension types are objects with a name."""
    name = as_text(value.get("name") if isinstance(value, dict) else value, where)
    if name in ITEM_BYTES and isinstance(value, str):
        return name
    raise unsupported(f"data type {name}")


Check = Callable[[dict[str, Any], str, int, str], None]  # configuration, type, rank, where


def _real(configuration: dict[str, Any], dtype: str, rank: int, where: str) -> None:
    """Arithmetic on values: the browser carries these two types as integers."""
    if dtype in ("float16", "bool"):
        raise unsupported(f"arithmetic codec of {dtype}")


def _transpose(configuration: dict[str, Any], dtype: str, rank: int, where: str) -> None:
    order = configuration.get("order")
    if order in ("C", "F"):  # spelling of Zarr v3 drafts
        return
    axes = [as_integer(axis, f"{where}.order", 0, rank - 1) for axis in as_list(order, f"{where}.order")]
    if sorted(axes) != list(range(rank)):
        raise bad(f"{where}.order", "is not a permutation of the axes")


def _bytes(configuration: dict[str, Any], dtype: str, rank: int, where: str) -> None:
    if given(configuration.get("endian"), "little") not in ("little", "big"):
        raise bad(f"{where}.endian", "is neither little nor big")


def _shuffle(configuration: dict[str, Any], dtype: str, rank: int, where: str) -> None:
    if given(configuration.get("elementsize"), 4) != ITEM_BYTES[dtype]:
        raise unsupported("shuffle of another element size")


def _delta(configuration: dict[str, Any], dtype: str, rank: int, where: str) -> None:
    """Only differences kept in the array's own type: the browser adds them up in that type."""
    _real(configuration, dtype, rank, where)
    for key in ("dtype", "astype"):
        named = configuration.get(key)
        if named is not None and named != dtype and dtype_v2(named, f"{where}.{key}")[0] != dtype:
            raise unsupported("delta of another data type")


def _scale(configuration: dict[str, Any], dtype: str, rank: int, where: str) -> None:
    _real(configuration, dtype, rank, where)
    for key in ("scale", "offset"):
        if not is_number(configuration.get(key)):
            raise bad(f"{where}.{key}", "is not a number")
    if configuration.get("astype") is not None:
        dtype_v2(configuration["astype"], f"{where}.astype")


#: Order of the kinds in a Zarr v3 chain (core specification, "codecs").
_TO_ARRAY, _TO_BYTES, _AFTER = 0, 1, 2
_V3: dict[str, tuple[int, Check | None]] = {
    "transpose": (_TO_ARRAY, _transpose),
    "bitround": (_TO_ARRAY, None),
    "numcodecs.bitround": (_TO_ARRAY, None),
    "numcodecs.delta": (_TO_ARRAY, _delta),
    "scale_offset": (_TO_ARRAY, _real),
    "cast_value": (_TO_ARRAY, _real),
    "bytes": (_TO_BYTES, _bytes),
    "numcodecs.shuffle": (_AFTER, _shuffle),
    "crc32c": (_AFTER, None),
    **{prefix + name: (_AFTER, None) for name in COMPRESSORS for prefix in ("", "numcodecs.")},
}
_V2_FILTERS: dict[str, Check | None] = {
    "delta": _delta,
    "bitround": None,
    "fixedscaleoffset": _scale,
    "shuffle": _shuffle,
}


def _refuse_repeats(names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise unsupported(f"codec {name} twice")


def codec_list(value: Any, where: str) -> list[Codec]:
    """A Zarr v3 list of codecs, not looked at yet; a bare name is a codec without parameters (Zarr 3.1)."""
    found = as_list(value, where)
    if len(found) > MAX_CODECS:
        raise unsupported(f"chain of {len(found)} codecs")
    codecs = []
    for index, item in enumerate(found):
        if isinstance(item, str):
            codecs.append(Codec(item, {}))
            continue
        item = as_object(item, f"{where}[{index}]")
        configuration = as_object(given(item.get("configuration"), {}), f"{where}[{index}].configuration")
        codecs.append(Codec(as_text(item.get("name"), f"{where}[{index}].name"), configuration))
    return codecs


def check_chain(codecs: Sequence[Codec], dtype: str, rank: int, where: str) -> tuple[Codec, ...]:
    """A Zarr v3 chain without sharding, with every step known, once, and in order."""
    kinds = []
    for index, codec in enumerate(codecs):
        if codec.name not in _V3:
            raise unsupported(f"codec {codec.name}")
        kind, check = _V3[codec.name]
        kinds.append(kind)
        if check:
            check(codec.configuration, dtype, rank, f"{where}[{index}]")
    plain = tuple(Codec(codec.name.removeprefix("numcodecs."), codec.configuration) for codec in codecs)
    _refuse_repeats([codec.name for codec in plain])
    if kinds.count(_TO_BYTES) != 1 or kinds != sorted(kinds):
        raise bad(where, "is not a chain of codecs with one step from array to bytes")
    if any(codec.name == "transpose" for codec in plain[1:]):
        raise unsupported("transpose after another codec")  # the browser undoes it by strides alone
    return plain


def codecs_v2(document: dict[str, Any], dtype: str, rank: int, where: str) -> tuple[Codec, ...]:
    """Filters, then the compressor, of a Zarr v2 array."""
    filters = as_list(given(document.get("filters"), []), f"{where}.filters")
    if len(filters) > MAX_CODECS:
        raise unsupported(f"chain of {len(filters)} codecs")
    codecs = []
    for index, item in enumerate(filters):
        here = f"{where}.filters[{index}]"
        step = as_object(item, here)
        name = as_text(step.get("id"), f"{here}.id")
        if name not in _V2_FILTERS:
            raise unsupported(f"codec {name}")
        check = _V2_FILTERS[name]
        if check:
            check(step, dtype, rank, here)
        codecs.append(Codec(name, step))
    if document.get("compressor") not in (None, False, 0, ""):
        step = as_object(document["compressor"], f"{where}.compressor")
        name = as_text(step.get("id"), f"{where}.compressor.id")
        if name not in COMPRESSORS:
            raise unsupported(f"codec {name}")
        codecs.append(Codec(name, step))
    _refuse_repeats([codec.name for codec in codecs])
    return tuple(codecs)
