"""Which codecs a Zarr array may name, who decodes them, and in what order. Nothing is ever loaded by another name.

The same table stands in the browser's reader; ``fixtures/codecs.json`` holds both to each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..errors import BioImageError
from ..said import say
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
#: Names that a chain may give to values by hand.
MAX_MAP = 256

Kind = Literal["array-array", "array-bytes", "bytes-bytes"]
By = Literal["browser", "server"]


@dataclass(frozen=True, slots=True)
class Codec:
    """One step, by its plain name (without ``numcodecs.``), and its parameters."""

    name: str
    configuration: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chain:
    """The steps in the order of encoding, and who can take all of them back."""

    codecs: tuple[Codec, ...]
    by: By


@dataclass(frozen=True, slots=True)
class Context:
    """The values that a step is given when it encodes."""

    dtype: str
    rank: int
    zarr_format: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check tells: the type on the other side of a step from values to values, and who decodes it then."""

    encoded: str | None = None
    by: By | None = None


Check = Callable[[dict[str, Any], Context, str], Checked]


@dataclass(frozen=True, slots=True)
class Entry:
    """A codec: where in the chain it stands, who decodes it, how its configuration is checked."""

    kind: Kind
    by: By
    check: Check | None = None
    formats: tuple[int, ...] = (2, 3)


def dtype_v2(value: Any, where: str) -> tuple[str, bool]:
    """Type and "is big-endian" of a Zarr v2 ``dtype``, for example ``<u2``."""
    if isinstance(value, list):
        raise unsupported(say("data type structured"))
    text = as_text(value, where)
    family = _LETTERS.get(text[1:2], "")
    name = "bool" if text[1:] == "b1" else f"{family}{8 * int(text[2:])}" if text[2:] in ("1", "2", "4", "8") else ""
    if text[:1] not in "<>|" or name not in ITEM_BYTES or (text[0] == "|" and ITEM_BYTES[name] > 1):
        raise unsupported(say("data type %1", text))
    return name, text[0] == ">"


def dtype_v3(value: Any, where: str) -> str:
    """Type of a Zarr v3 ``data_type``; extension types are objects with a name."""
    name = as_text(value.get("name") if isinstance(value, dict) else value, where)
    if name in ITEM_BYTES and isinstance(value, str):
        return name
    raise unsupported(say("data type %1", name))


def _element(value: Any, where: str) -> tuple[str, bool]:
    """numpy's spellings of a type: ``<u2``, ``u2``, ``uint16``."""
    if isinstance(value, str) and value in ITEM_BYTES:
        return value, False
    return dtype_v2(f"<{value}" if isinstance(value, str) and len(value) == 2 else value, where)


def _type(value: Any, fallback: str, context: Context, name: str, where: str, same_size: bool = False) -> str:
    """A type that a step names, or ``fallback``; Zarr v3 has one byte order, told by ``bytes``."""
    if value is None:
        return fallback
    dtype, big = _element(value, where)
    if context.zarr_format == 3 and (
        (big and ITEM_BYTES[dtype] > 1) or (same_size and ITEM_BYTES[dtype] != ITEM_BYTES[context.dtype])
    ):
        raise unsupported(say("%1 of another data type", name))
    return dtype


def _is_integer(dtype: str) -> bool:
    return dtype.lstrip("u").startswith("int")


def _exact(encoded: str, decoded: str) -> By | None:
    """64-bit integers become smaller floats in one rounding, which the browser's doubles cannot show."""
    return "server" if encoded in ("int64", "uint64") and decoded in ("float32", "float16") else None


def _transpose(configuration: dict[str, Any], context: Context, where: str) -> Checked:
    order = configuration.get("order")
    if order not in ("C", "F"):  # spelling of Zarr v3 drafts
        axes = [as_integer(axis, f"{where}.order", 0, context.rank - 1) for axis in as_list(order, f"{where}.order")]
        if sorted(axes) != list(range(context.rank)):
            raise bad(f"{where}.order", say("is not a permutation of the axes"))
    return Checked()


def _bytes(configuration: dict[str, Any], context: Context, where: str) -> Checked:
    if given(configuration.get("endian"), "little") not in ("little", "big"):
        raise bad(f"{where}.endian", say("is neither little nor big"))
    return Checked()


def _delta(configuration: dict[str, Any], context: Context, where: str) -> Checked:
    decoded = _type(configuration.get("dtype"), context.dtype, context, "delta", f"{where}.dtype", True)
    encoded = _type(configuration.get("astype"), decoded, context, "delta", f"{where}.astype")
    # numpy adds booleans by "or", so differences of them cannot be taken back; and fractions cut to integers neither.
    if "bool" in (decoded, encoded) or (_is_integer(decoded) and not _is_integer(encoded)):
        raise unsupported(say("codec delta of %1 for %2", encoded, decoded))
    return Checked(encoded, _exact(encoded, decoded))


def _scale(configuration: dict[str, Any], context: Context, where: str) -> Checked:
    for key in ("scale", "offset"):
        value = configuration.get(key)
        if not is_number(value) or not math.isfinite(value):  # type: ignore[arg-type]  # a number, as just found
            raise bad(f"{where}.{key}", say("is not a number"))
    if configuration["scale"] == 0:
        raise bad(f"{where}.scale", say("is 0"))
    name = "fixedscaleoffset"
    decoded = _type(configuration.get("dtype"), context.dtype, context, name, f"{where}.dtype", True)
    encoded = _type(configuration.get("astype"), decoded, context, name, f"{where}.astype")
    if "bool" in (decoded, encoded):
        raise unsupported(say("codec fixedscaleoffset of bool"))
    return Checked(encoded)


def _astype(configuration: dict[str, Any], context: Context, where: str) -> Checked:
    decoded = _type(configuration.get("decode_dtype"), context.dtype, context, "astype", f"{where}.decode_dtype", True)
    if configuration.get("encode_dtype") is None:
        raise bad(f"{where}.encode_dtype", say("is missing"))
    encoded = _type(configuration["encode_dtype"], decoded, context, "astype", f"{where}.encode_dtype")
    return Checked(encoded, _exact(encoded, decoded))


def _quantize(configuration: dict[str, Any], context: Context, where: str) -> Checked:
    decoded = _type(configuration.get("dtype"), context.dtype, context, "quantize", f"{where}.dtype", True)
    encoded = _type(configuration.get("astype"), decoded, context, "quantize", f"{where}.astype")
    if not (decoded.startswith("float") and encoded.startswith("float")):
        raise unsupported(say("codec quantize of integers"))
    return Checked(encoded)


def _packbits(configuration: dict[str, Any], context: Context, where: str) -> Checked:
    if context.zarr_format == 3 and context.dtype != "bool":
        raise unsupported(say("codec packbits of %1", context.dtype))
    return Checked("uint8")


def _scalar(value: Any, dtype: str, where: str) -> None:
    """A value of the type as fill values are spelt; what it is exactly is the decoder's business."""
    if is_number(value) or (isinstance(value, str) and 0 < len(value) <= 24):
        return
    raise bad(where, say("is not a number"))


def _scale_offset(configuration: dict[str, Any], context: Context, where: str) -> Checked:
    if context.dtype == "bool":
        raise unsupported(say("codec scale_offset of bool"))
    for key in ("scale", "offset"):
        _scalar(given(configuration.get(key), 1), context.dtype, f"{where}.{key}")
    if configuration.get("scale") == 0:
        raise bad(f"{where}.scale", say("is 0"))
    return Checked(context.dtype)


ROUNDINGS = ("nearest-even", "towards-zero", "towards-positive", "towards-negative", "nearest-away")


def _cast_value(configuration: dict[str, Any], context: Context, where: str) -> Checked:
    encoded = _type(configuration.get("data_type", ""), "", context, "cast_value", f"{where}.data_type")
    rounding = given(configuration.get("rounding"), "nearest-even")
    if rounding not in ROUNDINGS:
        raise bad(f"{where}.rounding", say("is not a way to round"))
    if configuration.get("out_of_range") not in (None, "clamp", "wrap"):
        raise bad(f"{where}.out_of_range", say("is neither clamp nor wrap"))
    if "bool" in (context.dtype, encoded):
        raise unsupported(say("codec cast_value of bool"))
    if not _is_integer(context.dtype) and rounding != "nearest-even":
        raise unsupported(say("cast_value rounded %1 to %2", rounding, context.dtype))
    mapped = as_object(given(configuration.get("scalar_map"), {}), f"{where}.scalar_map").get("decode")
    pairs = as_list(given(mapped, []), f"{where}.decode")
    if len(pairs) > MAX_MAP:
        raise bad(f"{where}.decode", say("has more than %1 entries", MAX_MAP))
    for pair in pairs:
        if len(as_list(pair, f"{where}.decode")) != 2:
            raise bad(f"{where}.decode", say("has an entry that is no pair"))
        _scalar(pair[0], encoded, f"{where}.decode")
        _scalar(pair[1], context.dtype, f"{where}.decode")
    return Checked(encoded, _exact(encoded, context.dtype))


def _shuffle(configuration: dict[str, Any], context: Context, where: str) -> Checked:
    as_integer(given(configuration.get("elementsize"), 4), f"{where}.elementsize", 0, 4096)
    return Checked()


def _checksum(configuration: dict[str, Any], context: Context, where: str) -> Checked:
    if configuration.get("location") not in (None, "start", "end"):
        raise bad(f"{where}.location", say("is neither start nor end"))
    return Checked()


def _jenkins(configuration: dict[str, Any], context: Context, where: str) -> Checked:
    if configuration.get("prefix") is not None:
        raise unsupported(say("codec jenkins_lookup3 with a prefix"))
    as_integer(given(configuration.get("initval"), 0), f"{where}.initval", 0, 2**32 - 1)
    return Checked()


#: Pictures and arrays: they hold the values of a chunk with its shape. Zarr v2 names them as compressors.
_PICTURES = ("jpeg2k", "htj2k", "jpegxl", "jpegls", "jpegxr", "jpeg", "ljpeg", "png", "webp", "avif", "qoi", "lerc")
_ARRAYS = ("zfp", "pcodec", "sperr", "sz3")
_STREAMS = (
    *("blosc", "blosc2", "brotli", "bz2", "deflate", "lz4", "lz4f", "lz4h5", "lzf", "lzfse", "lzma", "lzw", "snappy"),
    *("zlib", "zlibng", "zopfli", "zstd"),
)

CODECS: dict[str, Entry] = {
    "transpose": Entry("array-array", "browser", _transpose, (3,)),
    "bitround": Entry("array-array", "browser"),
    "delta": Entry("array-array", "browser", _delta),
    "fixedscaleoffset": Entry("array-array", "browser", _scale),
    "astype": Entry("array-array", "browser", _astype),
    "quantize": Entry("array-array", "browser", _quantize),
    "packbits": Entry("array-array", "browser", _packbits),
    "scale_offset": Entry("array-array", "browser", _scale_offset, (3,)),
    "cast_value": Entry("array-array", "browser", _cast_value, (3,)),
    "bytes": Entry("array-bytes", "browser", _bytes, (3,)),
    **{name: Entry("bytes-bytes", "browser") for name in ("blosc", "gzip", "zlib", "zstd", "lz4")},
    "shuffle": Entry("bytes-bytes", "browser", _shuffle),
    "crc32c": Entry("bytes-bytes", "browser", _checksum),
    "crc32": Entry("bytes-bytes", "browser", _checksum),
    "adler32": Entry("bytes-bytes", "browser", _checksum),
    "fletcher32": Entry("bytes-bytes", "browser"),
    "jenkins_lookup3": Entry("bytes-bytes", "browser", _jenkins),
    "base64": Entry("bytes-bytes", "browser", None, (2,)),
    "bz2": Entry("bytes-bytes", "server"),
    "lzma": Entry("bytes-bytes", "server"),
    "pcodec": Entry("array-bytes", "server"),
    "zfpy": Entry("array-bytes", "server"),
    **{f"imagecodecs_{name}": Entry("array-bytes", "server") for name in (*_PICTURES, *_ARRAYS)},
    **{f"imagecodecs_{name}": Entry("bytes-bytes", "server") for name in _STREAMS},
}


def _entry(name: str, zarr_format: int) -> Entry:
    entry = CODECS.get(name)
    if entry is None or zarr_format not in entry.formats:
        raise unsupported(say("codec %1", name))
    return entry


def _refuse_repeats(names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise unsupported(say("codec %1 twice", name))


def codec_list(value: Any, where: str) -> list[Codec]:
    """A Zarr v3 list of codecs, not looked at yet; a bare name is a codec without parameters (Zarr 3.1)."""
    found = as_list(value, where)
    if len(found) > MAX_CODECS:
        raise unsupported(say("chain of %1 codecs", len(found)))
    codecs = []
    for index, item in enumerate(found):
        if isinstance(item, str):
            codecs.append(Codec(item, {}))
            continue
        item = as_object(item, f"{where}[{index}]")
        configuration = as_object(given(item.get("configuration"), {}), f"{where}[{index}].configuration")
        codecs.append(Codec(as_text(item.get("name"), f"{where}[{index}].name"), configuration))
    return codecs


def _chained(named: Sequence[tuple[Codec, str]], dtype: str, rank: int, zarr_format: int) -> Chain:
    """Checks the steps one after the other, each against the values that the one before leaves."""
    by: By = "browser"
    for codec, where in named:
        entry = _entry(codec.name, zarr_format)
        checked = entry.check(codec.configuration, Context(dtype, rank, zarr_format), where) if entry.check else None
        if ((checked.by if checked else None) or entry.by) == "server":
            by = "server"
        dtype = checked.encoded if checked and checked.encoded else dtype
        rank = 1 if codec.name == "packbits" else rank
    return Chain(tuple(codec for codec, _ in named), by)


def check_chain(codecs: Sequence[Codec], dtype: str, rank: int, where: str) -> Chain:
    """A Zarr v3 chain without sharding, with every step known, once, and in order."""
    plain = [Codec(codec.name.removeprefix("numcodecs."), codec.configuration) for codec in codecs]
    kinds = [_entry(codec.name, 3).kind for codec in plain]
    _refuse_repeats([codec.name for codec in plain])
    order = [("array-array", "array-bytes", "bytes-bytes").index(kind) for kind in kinds]
    if kinds.count("array-bytes") != 1 or order != sorted(order):
        raise bad(where, say("is not a chain of codecs with one step from array to bytes"))
    return _chained([(codec, f"{where}[{i}]") for i, codec in enumerate(plain)], dtype, rank, 3)


def codecs_v2(document: dict[str, Any], dtype: str, rank: int, where: str) -> Chain:
    """Filters, then the compressor, of a Zarr v2 array."""
    filters = as_list(given(document.get("filters"), []), f"{where}.filters")
    if len(filters) > MAX_CODECS:
        raise unsupported(say("chain of %1 codecs", len(filters)))
    places = [(item, f"{where}.filters[{index}]", True) for index, item in enumerate(filters)]
    compressor = document.get("compressor")
    if compressor not in (None, False, 0, "") and compressor == compressor:  # nor NaN
        places.append((compressor, f"{where}.compressor", False))
    named = []
    for item, here, values in places:
        step = as_object(item, here)
        name = as_text(step.get("id"), f"{here}.id")
        # A compressor is given bytes by its writers, and what sees values in them is a filter.
        if _entry(name, 2).kind == "array-array" and not values:
            raise unsupported(say("codec %1", name))
        named.append((Codec(name, {key: value for key, value in step.items() if key != "id"}), here))
    _refuse_repeats([codec.name for codec, _ in named])
    return _chained(named, dtype, rank, 2)


def refuse_missing(name: str) -> BioImageError:
    """A codec that is known, but whose package this server lacks."""
    return BioImageError(
        "UNSUPPORTED",
        say("This format is not supported: codec %1 (the server lacks its package).", name),
        hint=say(
            "Ask the operator to install the codecs extra of this extension, or open the image with another program."
        ),
    )
