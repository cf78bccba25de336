"""One Zarr array, v2 or v3, as far as finding its chunks needs it. All tuples are in the array's axis order."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from ..errors import BioImageError
from ..said import say
from .fields import as_integer, as_list, as_object, as_text, bad, given, is_number, unsupported
from .zarrcodecs import ITEM_BYTES, By, Chain, Codec, check_chain, codec_list, codecs_v2, dtype_v2, dtype_v3

#: Decoded bytes of one chunk; a larger one would not fit beside the rest of a session of 4 GB.
MAX_CHUNK = 256 << 20
#: From here on a number rounds to infinity.
_LARGEST = {"float16": 65520.0, "float32": 2.0**128 - 2.0**103, "float64": math.inf}
_WHOLE = re.compile(r"-?[0-9]{1,20}(?:\.0{0,20})?")
_DECIMAL = re.compile(r"-?[0-9]{1,330}(?:\.[0-9]{0,330})?(?:[eE][+-]?[0-9]{1,4})?")
_TRUTH = {"true": True, "1": True, "false": False, "0": False}
#: Fields of Zarr v3 core, and the one that zarr-python adds to groups: copies of documents, which may be left alone.
_KNOWN = frozenset(
    (
        "zarr_format",
        "node_type",
        "attributes",
        "consolidated_metadata",
        "shape",
        "data_type",
        "chunk_grid",
        "chunk_key_encoding",
        "fill_value",
        "codecs",
        "storage_transformers",
        "dimension_names",
    )
)
#: Zarr arrays of more axes exist nowhere, numpy stops near here.
MAX_RANK = 32


@dataclass(frozen=True, slots=True)
class Shard:
    """How inner chunks lie in a shard (ZEP 2, codec ``sharding_indexed``)."""

    shape: tuple[int, ...]  # pixels of one shard
    per_shard: tuple[int, ...]  # inner chunks along each axis of one shard
    index_at: Literal["start", "end"]
    index_bytes: int  # 16 for each inner chunk, plus 4 where a checksum follows
    index_crc: bool = True


@dataclass(frozen=True, slots=True)
class ArrayMeta:
    """``chunks`` is the unit that is decoded: the inner chunk where the array is sharded."""

    path: str  # relative to the image; "" is the image's own folder
    zarr_format: Literal[2, 3]
    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    dtype: str
    big_endian: bool  # Zarr v2 only; a v3 array says it in its codec ``bytes``
    order: str  # of the values in a Zarr v2 chunk, "C" or "F"
    fill: Any
    codecs: tuple[Codec, ...]  # of the decoded unit, outermost last
    prefix: str  # of a chunk's key: "c" and the separator, or nothing
    separator: str
    shard: Shard | None = None
    dimension_names: tuple[str | None, ...] | None = None
    decoded_by: By = "browser"  # a browser lacks some codecs
    row: bool = False  # stored with one axis, shown as a single row: the first axis is in no key

    @property
    def chunk_bytes(self) -> int:
        """Decoded bytes of one chunk."""
        return math.prod(self.chunks) * ITEM_BYTES[self.dtype]

    @property
    def grid(self) -> tuple[int, ...]:
        """Decoded units along each axis; 0 where the array is empty."""
        return tuple(-(-size // chunk) for size, chunk in zip(self.shape, self.chunks, strict=True))

    def object_key(self, chunk: Sequence[int]) -> str:
        """Key, relative to the image, of the object that holds the decoded unit ``chunk``."""
        if self.shard:
            chunk = [at // per for at, per in zip(chunk, self.shard.per_shard, strict=True)]
        chunk = chunk[1:] if self.row else chunk
        name = self.prefix + self.separator.join(map(str, chunk))
        name = name.removesuffix(self.separator) if not chunk else name
        return f"{self.path}/{name or '0'}" if self.path else name or "0"

    def place_in_shard(self, chunk: Sequence[int]) -> int:
        """Position of an inner chunk in its shard's index, C order."""
        place = 0
        for at, per in zip(chunk, self.shard.per_shard if self.shard else (), strict=True):
            place = place * per + at % per
        return place


def _shape(value: Any, where: str) -> tuple[int, ...]:
    shape = tuple(as_integer(size, where) for size in as_list(value, where))
    if len(shape) > MAX_RANK:
        raise unsupported(say("%1 axes", len(shape)))
    return shape


def _chunk_shape(value: Any, rank: int, where: str) -> tuple[int, ...]:
    if not isinstance(value, list) or len(value) != rank:
        raise bad(where, say("is not a list of %1 chunk sizes", rank))
    return tuple(as_integer(size, where, 1) for size in value)


def _refuse_large(chunks: tuple[int, ...], dtype: str) -> None:
    size = math.prod(chunks) * ITEM_BYTES[dtype]
    if size > MAX_CHUNK:
        raise BioImageError("TOO_LARGE", say("Too large to preview (one chunk is %1 MiB).", size >> 20))


def _separator(value: Any, fallback: str, where: str) -> str:
    """Anything but ``.`` or ``/`` could lead a request out of the array's folder."""
    value = fallback if value is None else value
    if value not in (".", "/"):
        raise bad(where, say('is neither "." nor "/"'))
    return str(value)


def _fill(value: Any, dtype: str, where: str) -> Any:
    """Missing and null mean 0. Integers must fit their type, nothing wraps; hexadecimal floats stay text.

    All may be decimal text, as some writers put every fill value into quotes.
    """
    if dtype == "bool":
        value = _TRUTH.get(value, value) if isinstance(value, str) else value
        if value not in (None, False, True, 0, 1):
            raise bad(where, say("is neither true nor false"))
        return bool(value)
    value = 0 if value is None else value
    if dtype.startswith("float"):
        special = value in ("NaN", "Infinity", "-Infinity")
        digits = 2 * ITEM_BYTES[dtype]
        value = float(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else value
        hexadecimal = isinstance(value, str) and re.fullmatch(f"0x[0-9a-fA-F]{{{digits}}}", value) is not None
        if not (is_number(value) or special or hexadecimal):
            raise bad(where, say("is not a number"))
        # What rounds to infinity; a number that is no double is infinite to begin with.
        if is_number(value) and _LARGEST[dtype] <= abs(value) < 2**1024:
            raise bad(where, say("does not fit %1", dtype))
        return float(value) if special else value
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value.partition(".")[0])  # Bio-Formats wrote "0"
    bits = 8 * ITEM_BYTES[dtype]
    low, high = (0, 2**bits - 1) if dtype.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise bad(where, say("does not fit %1", dtype))
    return value


def _read_v2(path: str, document: dict[str, Any], where: str) -> ArrayMeta:
    shape = _shape(document.get("shape"), f"{where}: shape")
    chunks = _chunk_shape(document.get("chunks"), len(shape), f"{where}: chunks")
    dtype, big = dtype_v2(document.get("dtype"), f"{where}: dtype")
    _refuse_large(chunks, dtype)
    order = given(document.get("order"), "C")
    separator = _separator(document.get("dimension_separator"), ".", f"{where}: dimension_separator")
    if order not in ("C", "F"):
        raise bad(f"{where}: order", say("is neither C nor F"))
    chain = codecs_v2(document, dtype, len(shape), where)
    return ArrayMeta(
        path=path,
        zarr_format=2,
        shape=shape,
        chunks=chunks,
        dtype=dtype,
        big_endian=big,
        order=order,
        fill=_fill(document.get("fill_value"), dtype, f"{where}: fill_value"),
        codecs=chain.codecs,
        decoded_by=chain.by,
        prefix="",
        separator=separator,
    )


def _key_encoding(value: Any, where: str) -> tuple[str, str]:
    """Prefix and separator (Zarr v3 core, "chunk_key_encoding")."""
    encoding = {"name": value} if isinstance(value, str) else as_object(value, where)
    configuration = as_object(given(encoding.get("configuration"), {}), f"{where}.configuration")
    name = as_text(encoding.get("name"), f"{where}.name")
    if name not in ("default", "v2"):
        raise unsupported(say("chunk key encoding %1", name))
    separator = _separator(configuration.get("separator"), "." if name == "v2" else "/", f"{where}.separator")
    return ("c" + separator if name == "default" else ""), separator


def _index_codecs(value: Any, where: str) -> bool:
    """Only the plain index is read: little-endian numbers. Returns whether a CRC32C follows them."""
    codecs = codec_list(value, where)
    names = [codec.name for codec in codecs]
    endian = given(codecs[0].configuration.get("endian"), "little") if codecs else ""
    if names not in (["bytes"], ["bytes", "crc32c"]) or endian != "little":
        raise unsupported("shard index of " + ", ".join(names))
    return len(names) == 2


def _pipeline(
    value: Any, outer: tuple[int, ...], dtype: str, where: str
) -> tuple[tuple[int, ...], Chain, Shard | None]:
    """Decoded unit, its codecs, and the shard around it. Sharding is read where it is the only step."""
    codecs = codec_list(value, where)
    if not any(codec.name == "sharding_indexed" for codec in codecs):
        return outer, check_chain(codecs, dtype, len(outer), where), None
    if len(codecs) > 1:
        raise unsupported(say("sharding_indexed beside other codecs"))
    configuration = codecs[0].configuration
    inner = _chunk_shape(configuration.get("chunk_shape"), len(outer), f"{where}: chunks")
    if any(size % chunk for size, chunk in zip(outer, inner, strict=True)):
        raise bad(f"{where}: chunks", say("do not divide the shard"))
    per_shard = tuple(size // chunk for size, chunk in zip(outer, inner, strict=True))
    listed = codec_list(configuration.get("codecs"), where)
    crc = _index_codecs(configuration.get("index_codecs", ["bytes", "crc32c"]), f"{where}.index_codecs")
    at = given(configuration.get("index_location"), "end")
    if at not in ("start", "end"):
        raise bad(f"{where}.index_location", say("is neither start nor end"))
    chain = check_chain(listed, dtype, len(outer), where)
    return inner, chain, Shard(outer, per_shard, at, 16 * math.prod(per_shard) + (4 if crc else 0), crc)


def refuse_extensions(document: dict[str, Any]) -> None:
    """UNSUPPORTED, naming a field that Zarr v3 core does not know and that has to be understood.

    It may change what the bytes mean, unless it is an object that says ``must_understand: false``.
    """
    for name, value in document.items():
        ignorable = isinstance(value, dict) and value.get("must_understand") is False
        if name not in _KNOWN and not ignorable:
            raise unsupported(say("extension %1", name))


def _read_v3(path: str, document: dict[str, Any], where: str) -> ArrayMeta:
    if document.get("node_type") != "array":
        raise bad(f"{where}: node_type", say("is not array"))
    refuse_extensions(document)
    shape = _shape(document.get("shape"), f"{where}: shape")
    grid = as_object(document.get("chunk_grid"), f"{where}: chunk_grid")
    name = as_text(grid.get("name"), f"{where}: chunk_grid.name")
    if name != "regular":
        raise unsupported(say("chunk grid %1", name))
    regular = as_object(grid.get("configuration"), f"{where}: chunk_grid.configuration")
    outer = _chunk_shape(regular.get("chunk_shape"), len(shape), f"{where}: chunks")
    dtype = dtype_v3(document.get("data_type"), f"{where}: data_type")
    for item in as_list(given(document.get("storage_transformers"), []), f"{where}: storage_transformers"):
        transformer = as_object(item, f"{where}: storage_transformers")
        # zarr-java's manifest only lists further places: what lies at the plain key is still the chunk.
        if transformer.get("name") != "chunk-manifest-json" and transformer.get("must_understand") is not False:
            raise unsupported(say("storage transformer %1", str(transformer.get("name"))))
    chunks, chain, shard = _pipeline(document.get("codecs"), outer, dtype, f"{where}: codecs")
    _refuse_large(chunks, dtype)
    names = document.get("dimension_names")
    if names is not None:
        names = [n if n is None else as_text(n, f"{where}: dimension_names") for n in as_list(names, "dimension_names")]
        if len(names) != len(shape):
            raise bad(f"{where}: dimension_names", say("does not name %1 axes", len(shape)))
    fill = _fill(document.get("fill_value"), dtype, f"{where}: fill_value")
    prefix, separator = _key_encoding(document.get("chunk_key_encoding", "default"), f"{where}: chunk_key_encoding")
    return ArrayMeta(
        path=path,
        zarr_format=3,
        shape=shape,
        chunks=chunks,
        dtype=dtype,
        big_endian=False,
        order="C",
        fill=fill,
        codecs=chain.codecs,
        decoded_by=chain.by,
        prefix=prefix,
        separator=separator,
        shard=shard,
        dimension_names=tuple(names) if names is not None else None,
    )


def as_row(array: ArrayMeta) -> ArrayMeta:
    """An array of one axis as one of two: a single row. Its chunks and shards lie where they lay."""
    shard = array.shard
    if shard is not None:
        shard = replace(shard, shape=(1, *shard.shape), per_shard=(1, *shard.per_shard))
    name = (array.dimension_names or (None,))[0]
    return replace(
        array,
        shape=(1, *array.shape),
        chunks=(1, *array.chunks),
        shard=shard,
        dimension_names=("row", "axis 0" if name is None else name),
        row=True,
    )


def read_array(path: str, document: Any) -> ArrayMeta:
    """Reads a ``.zarray`` or an array's ``zarr.json``. Strict: what cannot be read exactly is refused here.

    BAD_METADATA names the field, UNSUPPORTED what is not known; TOO_LARGE for a decoded chunk over 256 MiB.
    """
    fields = as_object(document, "the array")
    if fields.get("zarr_format") == 2:
        return _read_v2(path, fields, ".zarray")
    if fields.get("zarr_format") == 3:
        return _read_v3(path, fields, "zarr.json")
    raise unsupported(say("zarr_format %1", str(fields.get("zarr_format"))))
