"""How one chunk becomes values. Runs in the children only; imports nothing of the server, and libraries when needed.

``spec`` is made by ``array_spec``: Zarr version, shape of the chunk, numpy type, memory order, and the steps in the
order of encoding. Zarr v2 gives every step bytes; in v3 the steps before ``bytes`` see values of known type and shape.
"""

from __future__ import annotations

import math
import resource
import struct
import zlib
from importlib import import_module
from typing import Any

#: What a compressor may add to what it is given: 1/64 and 64 KiB, as the browser's reader has it.
SLACK = 65536
CHECKSUMS = ("crc32c", "crc32", "adler32", "fletcher32", "jenkins_lookup3")
VALUES = ("bitround", "delta", "fixedscaleoffset", "astype", "quantize", "packbits", "scale_offset", "cast_value")


class MissingError(Exception):
    """The package that decodes this is not installed."""


class DamagedError(ValueError):
    """The bytes are not what the codec writes."""


def confine(memory: int, cpu: int) -> None:
    """Bounds this process (bytes of address space, s of its whole life), before it imports what could be fooled."""
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_NOFILE, 64),  # libraries open their own parts
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)  # an operator's own limit may be tighter
        resource.setrlimit(what, (least, least))


def crc32c(data: bytes) -> int:
    """CRC-32C, by a package where there is one; else a byte at a time."""
    try:
        import google_crc32c
    except ImportError:
        value = 0xFFFFFFFF
        for byte in data:
            value = (value >> 8) ^ _TABLE[(value ^ byte) & 255]
        return value ^ 0xFFFFFFFF
    return int(google_crc32c.value(data))


def _row(value: int) -> int:
    for _ in range(8):
        value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
    return value


_TABLE = [_row(byte) for byte in range(256)]


def _sum(name: str, configuration: dict[str, Any], data: bytes) -> bytes:
    """The bytes without their sum, which must be theirs."""
    if name == "crc32c":
        body, stored = (data[4:], data[:4]) if configuration.get("location") == "start" else (data[:-4], data[-4:])
        if len(stored) < 4 or crc32c(body) != int.from_bytes(stored, "little"):
            raise DamagedError("checksum")
        return body
    if len(data) < 4:
        raise DamagedError("checksum")
    return _numcodecs(name, configuration, data)


def _numcodecs(name: str, configuration: dict[str, Any], data: Any) -> bytes:
    import numpy as np
    from numcodecs import get_codec

    out = get_codec({**configuration, "id": name}).decode(data)
    return bytes(out) if isinstance(out, bytes | memoryview) else np.asarray(out).tobytes()


def _inflated(machine: Any, data: bytes, most: int) -> bytes:
    """All of one stream, stopped before a bomb's bytes are there."""
    out: bytes = machine.decompress(data, most + 1)
    if len(out) > most or not machine.eof or machine.unused_data:
        raise DamagedError("length")
    return out


def _lzma(configuration: dict[str, Any], data: bytes, most: int) -> bytes:
    import lzma

    form = int(configuration.get("format", 1))
    filters = configuration.get("filters")
    if form == lzma.FORMAT_RAW:
        machine = lzma.LZMADecompressor(form, filters=filters)
        out = machine.decompress(data, most + 1)  # a raw stream does not tell its end
        if len(out) > most:
            raise DamagedError("length")
        return out
    return _inflated(lzma.LZMADecompressor(form), data, most)


def decompress(name: str, configuration: dict[str, Any], data: bytes, most: int) -> bytes:
    """One compressor, its output bounded before it is allocated where the format allows; memory bounds the others."""
    from numcodecs import blosc, lz4, zstd

    if name == "blosc":
        if len(data) < 16:
            raise DamagedError("header")
        version, nbytes, cbytes = data[0], *struct.unpack_from("<I4xI", data, 4)
        if version > 3 or nbytes > most or cbytes != len(data):
            raise DamagedError("header")
        return bytes(blosc.decompress(data))
    if name in ("gzip", "zlib"):
        return _inflated(zlib.decompressobj(47), data, most)  # 32 + 15: either header
    if name == "lz4":
        if int.from_bytes(data[:4], "little") > most:
            raise DamagedError("header")
        return bytes(lz4.decompress(data))
    if name == "zstd":
        return bytes(zstd.decompress(data))
    if name == "bz2":
        import bz2

        return _inflated(bz2.BZ2Decompressor(), data, most)
    if name == "lzma":
        return _lzma(configuration, data, most)
    raise DamagedError(f"codec {name}")


def picture(name: str, configuration: dict[str, Any], data: bytes) -> Any:
    """A codec of a package that may be missing: values, or bytes."""
    if name == "pcodec":
        try:
            import_module("pcodec")
        except ImportError:
            raise MissingError(name) from None
        from numcodecs import get_codec

        return get_codec({**configuration, "id": name}).decode(data)
    try:
        import imagecodecs
        import imagecodecs.numcodecs as wrapped
    except ImportError:
        raise MissingError(name) from None
    if name == "zfpy":
        return imagecodecs.zfp_decode(data)
    for codec in vars(wrapped).values():
        if getattr(codec, "codec_id", None) == name:
            return codec(**configuration).decode(data)
    raise MissingError(name)


def _scalar(value: Any, dtype: Any) -> Any:
    """A value as fill values are spelt: a number, ``NaN``, ``Infinity``, decimal or hexadecimal text."""
    import numpy as np

    if isinstance(value, str) and value.startswith("0x"):
        return np.frombuffer(bytes.fromhex(value[2:])[::-1], dtype)[0]
    if isinstance(value, str):
        value = int(value) if dtype.kind in "iu" else float(value)
    return dtype.type(value)


def _unscaled(configuration: dict[str, Any], values: Any) -> Any:
    """``value / scale + offset`` in the array's own type; integers must divide, and fit."""
    import numpy as np

    dtype = values.dtype
    scale = _scalar(configuration.get("scale", 1) if configuration.get("scale") is not None else 1, dtype)
    offset = _scalar(configuration.get("offset") or 0, dtype)
    if dtype.kind == "f":
        return (values / scale + offset).astype(dtype)
    whole = values.astype(object)
    if np.any(whole % int(scale)):
        raise DamagedError("remainder")
    out = whole // int(scale) + int(offset)
    limits = np.iinfo(dtype)
    if np.any(out < limits.min) or np.any(out > limits.max):
        raise DamagedError("range")
    return out.astype(dtype)


def _rounded(values: Any, way: str) -> Any:
    import numpy as np

    ways: dict[str, Any] = {
        "nearest-even": np.rint,
        "towards-zero": np.trunc,
        "towards-positive": np.ceil,
        "towards-negative": np.floor,
        "nearest-away": lambda v: np.where(np.abs(v) < 2**52, np.trunc(v + np.copysign(0.5, v)), v),
    }
    return ways[way](values)


def _cast(configuration: dict[str, Any], values: Any, dtype: Any) -> Any:
    """``cast_value``: rounded, and fitted or refused as configured; values named one by one first."""
    import numpy as np

    pairs = (configuration.get("scalar_map") or {}).get("decode") or []
    named = [(_scalar(a, values.dtype), _scalar(b, dtype)) for a, b in pairs]
    hits = [(np.isnan(values) if a != a else values == a, b) for a, b in named]
    rest = np.ones(values.shape, bool)
    for hit, _ in hits:
        rest &= ~hit
    out = np.zeros(values.shape, dtype)
    if dtype.kind == "f":
        out[rest] = values[rest].astype(dtype)
    else:
        given = values[rest]
        if given.dtype.kind == "f":
            given = _rounded(given.astype(np.float64), configuration.get("rounding") or "nearest-even")
            if not np.all(np.isfinite(given)):
                raise DamagedError("range")
            given = np.array([int(value) for value in given.tolist()], object)
        else:
            given = given.astype(object)
        limits, way = np.iinfo(dtype), configuration.get("out_of_range")
        low, high = int(limits.min), int(limits.max)
        if way == "clamp":
            given = np.clip(given, low, high)
        elif way == "wrap":
            given = (given - low) % (high - low + 1) + low
        elif given.size and (given.min() < low or given.max() > high):
            raise DamagedError("range")
        out[rest] = given.astype(dtype)
    for hit, value in reversed(hits):
        out[hit] = value
    return out


class Stage:
    """What lies between two steps: type and shape of values, or how many bytes there are (at most, unless exact)."""

    def __init__(self, dtype: Any, shape: tuple[int, ...], size: int, exact: bool = True) -> None:
        self.dtype, self.shape, self.size, self.exact = dtype, shape, size, exact

    def after(self, name: str, configuration: dict[str, Any]) -> Stage:
        """What the step makes of it."""
        import numpy as np

        if name == "transpose":
            return Stage(
                self.dtype, tuple(self.shape[axis] for axis in axes_of(configuration, len(self.shape))), self.size
            )
        if name == "packbits":
            count = 1 + -(-self.size // 8)
            return Stage(np.dtype("u1"), (count,), count)
        if name in VALUES and name not in ("bitround", "scale_offset"):
            # Zarr v2: the step names the type it sees in the bytes.
            given = np.dtype(configuration.get("dtype") or configuration.get("decode_dtype") or self.dtype)
            named = configuration.get("astype") or configuration.get("encode_dtype") or configuration.get("data_type")
            dtype = np.dtype(named) if named else given
            return Stage(dtype, self.shape, self.size // given.itemsize * dtype.itemsize)
        if name in CHECKSUMS:
            return Stage(self.dtype, self.shape, self.size + 4, self.exact)
        if name == "base64":
            return Stage(self.dtype, self.shape, 4 * -(-self.size // 3), self.exact)
        if name in ("bytes", "shuffle", "bitround", "scale_offset"):
            return self
        return Stage(self.dtype, self.shape, self.size + self.size // 64 + SLACK, False)


def axes_of(configuration: dict[str, Any], rank: int) -> list[int]:
    """Positions of the axes in what is stored, by the ``order`` of a codec ``transpose``."""
    order = configuration["order"]
    straight = list(range(rank))
    return straight if order == "C" else straight[::-1] if order == "F" else [int(axis) for axis in order]


class Array:
    """How chunks of one array are decoded."""

    def __init__(self, spec: dict[str, Any]) -> None:
        import numpy as np

        self.format = int(spec["format"])
        self.chunks = tuple(int(n) for n in spec["chunks"])
        self.dtype = np.dtype(spec["dtype"])
        self.order = spec["order"]
        self.codecs = [(str(name), dict(configuration)) for name, configuration in spec["codecs"]]
        stage = Stage(self.dtype, self.chunks, math.prod(self.chunks) * self.dtype.itemsize)
        self.stages = [stage]  # before every step, and after the last
        for name, configuration in self.codecs:
            self.stages.append(self.stages[-1].after(name, configuration))

    def decode(self, data: bytes) -> Any:
        """One chunk as an array of the chunk's shape."""
        import numpy as np

        now: Any = data
        for place in range(len(self.codecs) - 1, -1, -1):
            name, configuration = self.codecs[place]
            now = self._undo(name, configuration, now, self.stages[place])
        if isinstance(now, bytes):
            if len(now) != self.stages[0].size:
                raise DamagedError("length")
            now = np.frombuffer(now, self.dtype).reshape(self.chunks, order=self.order)
        return now

    def _undo(self, name: str, configuration: dict[str, Any], now: Any, inside: Stage) -> Any:
        import numpy as np

        if name == "bytes":
            dtype = inside.dtype.newbyteorder(">" if configuration.get("endian") == "big" else "<")
            if len(now) != inside.size:
                raise DamagedError("length")
            return np.frombuffer(now, dtype).reshape(inside.shape).astype(inside.dtype.newbyteorder("="), copy=False)
        if name == "transpose":
            return np.ascontiguousarray(now.transpose(np.argsort(axes_of(configuration, len(inside.shape)))))
        if name in VALUES:
            return self._values(name, configuration, now, inside)
        if name in CHECKSUMS:
            out: Any = _sum(name, configuration, now)
        elif name == "base64":
            out = _numcodecs(name, configuration, now)
        elif name == "shuffle":
            # In Zarr v3 the type tells the size where nothing is said.
            size = configuration.get("elementsize")
            size = size if size is not None else (inside.dtype.itemsize if self.format == 3 else 4)
            out = _numcodecs(name, {"elementsize": size}, now)
        elif name in ("blosc", "gzip", "zlib", "zstd", "lz4", "bz2", "lzma"):
            out = decompress(name, configuration, now, inside.size)
        else:
            out = picture(name, configuration, now)
            if not isinstance(out, bytes | bytearray | memoryview):
                out = np.asarray(out)
                if self.format == 3 and name in TYPED:
                    return self._picture(out, inside)
                out = out.tobytes()
        out = bytes(out)
        if len(out) > inside.size or (inside.exact and len(out) != inside.size):
            raise DamagedError("length")
        return out

    def _picture(self, values: Any, inside: Stage) -> Any:
        """Values of a codec from values to bytes: they must be the chunk's, in type and number."""
        if values.dtype.itemsize != inside.dtype.itemsize or values.nbytes != inside.size:
            raise DamagedError("length")
        return values.view(inside.dtype.newbyteorder("=")).reshape(inside.shape)

    def _values(self, name: str, configuration: dict[str, Any], now: Any, inside: Stage) -> Any:
        import numpy as np
        from numcodecs import get_codec

        if name == "bitround":  # only encoding loses something
            return now
        if name == "scale_offset":
            return _unscaled(configuration, now)
        if name == "cast_value":
            return _cast(configuration, now, inside.dtype.newbyteorder("="))
        full = dict(configuration)
        if name == "astype":
            full.setdefault("decode_dtype", inside.dtype.str)
        elif name != "packbits":
            full.setdefault("dtype", inside.dtype.str)
        flat = now if isinstance(now, bytes) else np.ascontiguousarray(now).reshape(-1)
        with np.errstate(all="ignore"):
            out = np.asarray(get_codec({**full, "id": name}).decode(flat))
        if out.nbytes != inside.size:
            raise DamagedError("length")
        if isinstance(now, bytes):
            return out.tobytes()
        return out.view(inside.dtype.newbyteorder("=")).reshape(inside.shape)


#: Steps from values to bytes of Zarr v3.
TYPED = frozenset(
    ["pcodec", "zfpy"]
    + [
        f"imagecodecs_{name}"
        for name in (
            *("jpeg2k", "htj2k", "jpegxl", "jpegls", "jpegxr", "jpeg", "ljpeg", "png", "webp", "avif", "qoi", "lerc"),
            *("zfp", "pcodec", "sperr", "sz3"),
        )
    ]
)
