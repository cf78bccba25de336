"""How parts of files become units: what a zip archive deflated, and strips and tiles of TIFF files.

Runs in the children only; imports nothing of the server, and libraries when needed.
"""

from __future__ import annotations

import base64
import zlib
from typing import Any

XZ_MEMORY = 256 << 20  # bytes that an xz stream may demand; its highest setting takes 65 MiB


#: Bytes with their bits in reverse order.
MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class MissingPartError(Exception):
    """The package that decodes this is not installed."""


class DamagedPartError(ValueError):
    """The bytes are not what was said of them."""


def taken(take: dict[str, Any], data: bytes) -> bytes:
    """The unit's bytes out of those that were read.

    ``take``: ``inflate`` (deflated; their number once inflated), ``crc`` (CRC-32 of them all), ``from`` and ``to``.
    """
    if (size := take.get("inflate")) is not None:
        machine = zlib.decompressobj(-15)
        data = machine.decompress(data, size + 1)
        if len(data) != size or not machine.eof:
            raise DamagedPartError("length")
    if take.get("crc") is not None and zlib.crc32(data) != take["crc"]:
        raise DamagedPartError("checksum")
    start, end = take.get("from", 0), take.get("to", len(data))
    if end > len(data):
        raise DamagedPartError("length")
    return data[start:end]


def _codecs() -> Any:
    try:
        import imagecodecs
    except ImportError:
        raise MissingPartError from None
    return imagecodecs


def _lzma(data: bytes, most: int) -> Any:
    import lzma

    import numpy as np

    machine = lzma.LZMADecompressor(memlimit=XZ_MEMORY)
    return np.frombuffer(machine.decompress(data, most), np.uint8)


def _rgb(values: Any) -> Any:
    """YCbCr of 8 bits over the full range as red, green and blue (ITU-R BT.601, as JFIF has it)."""
    import numpy as np

    y, cb, cr = (values[..., i].astype(np.float64) for i in range(3))
    cb, cr = cb - 128, cr - 128
    parts = (y + 1.402 * cr, y - 0.344136286 * cb - 0.714136286 * cr, y + 1.772 * cb)
    return np.stack([np.clip(np.rint(part), 0, 255) for part in parts], -1).astype(np.uint8)


def _jpeg2000(configuration: dict[str, Any], data: bytes) -> Any:
    codecs = _codecs()
    if not configuration["ycc"]:
        return codecs.jpeg2k_decode(data)
    try:
        return _rgb(codecs.jpeg2k_decode(data))
    except (NotImplementedError, RuntimeError):
        # Colours of half the resolution: Pillow puts them together.
        import io

        import numpy as np
        from PIL import Image

        with Image.open(io.BytesIO(data), formats=["JPEG2000"]) as picture:
            return np.asarray(picture.convert("RGB"))


def _jpeg(configuration: dict[str, Any], data: bytes, rows: int, columns: int) -> Any:
    photometric = configuration["photometric"]
    colour = {6: (None, 2), 2: (2, 2)}.get(photometric, (None, None))
    return _codecs().jpeg_decode(
        data,
        bitspersample=configuration["bits"],
        tables=base64.b64decode(configuration["tables"]) or None,
        colorspace=colour[0],
        outcolorspace=colour[1],
        shape=(rows, columns),
    )


def _lerc(packed: str, data: bytes, most: int) -> Any:
    codecs = _codecs()
    if packed == "deflate":
        machine = zlib.decompressobj()
        data = machine.decompress(data, most)
    elif packed == "zstd":
        data = codecs.zstd_decode(data)
    return codecs.lerc_decode(data)


def _values(name: str, configuration: dict[str, Any], data: bytes, rows: int, shape: tuple[int, int, int]) -> Any:
    """What the codec gives for one strip or tile of ``rows`` rows; ``shape``: of the whole unit."""
    _, columns, samples = shape
    if configuration.get("reversed"):
        data = data.translate(MIRROR)
    if name == "lzma":
        return _lzma(data, rows * columns * samples)
    if name == "ccittfax3":
        return _codecs().ccittfax3_decode(data, rows, columns, t4options=configuration["options"])
    if name in ("ccittrle", "ccittfax4"):
        return getattr(_codecs(), f"{name}_decode")(data, rows, columns)
    if name == "jpeg2000":
        return _jpeg2000(configuration, data)
    if name == "jpeg":
        return _jpeg(configuration, data, rows, columns)
    if name == "webp":
        # Where all of a tile is opaque, writers leave alpha out.
        return _codecs().webp_decode(data, hasalpha=samples == 4)
    if name == "lerc":
        return _lerc(configuration["packed"], data, 65536 + rows * columns * samples * 16)
    return getattr(_codecs(), f"{name}_decode")(data)


def _fitted(values: Any, dtype: Any, rows: int, columns: int, samples: int) -> Any:
    """The first ``rows`` rows, in the unit's own type. What was filled up below is left out, nothing is made up."""
    import numpy as np

    values = np.asarray(values)
    row = columns * samples
    if values.ndim == 1:  # bytes without rows
        values = values[: values.size // row * row].reshape(-1, columns, samples)
    elif values.ndim == 2:
        values = values[..., None]
    if values.ndim != 3 or values.shape[1:] != (columns, samples) or values.shape[0] < rows:
        raise DamagedPartError("shape")
    if values.dtype.kind == "b":
        values = values.view(np.uint8)
    if values.dtype.kind in "iu" and dtype.kind in "iu" and values.dtype.itemsize == dtype.itemsize:
        values = values.view(dtype.newbyteorder("="))
    elif not np.can_cast(values.dtype, dtype, "safe"):
        raise DamagedPartError("type")
    return values[:rows].astype(dtype)


def tiff(spec: dict[str, Any], pieces: list[list[int]], data: bytes) -> Any:
    """A unit of a TIFF file: ``pieces`` one below the other, rows that are missing are 0.

    A piece: offset, length, rows, and how many rows before these are left out.
    """
    import numpy as np

    rows, columns, samples = (int(size) for size in spec["shape"])
    dtype = np.dtype(spec["dtype"]).newbyteorder("<")
    out = np.zeros((rows, columns, samples), dtype)
    top = 0
    for offset, length, high, skipped in pieces:
        if length > 0:
            part = data[offset : offset + length]
            all_rows = skipped + high
            values = _values(spec["name"], spec["configuration"], part, all_rows, (rows, columns, samples))
            out[top : top + high] = _fitted(values, dtype, all_rows, columns, samples)[skipped:]
        top += high
    return out
