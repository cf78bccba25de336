"""The process that makes display-only pictures: decodes chunks, composes channels, encodes WebP.

It runs code of many authors over bytes of strangers, so it is bounded and disposable: little memory and time, no files,
no secrets in its environment; whoever started it kills it when it hangs or fails. Started as a script of its own, so
that it imports nothing of the server.

Both directions: uint32 little-endian length, then bytes. In: a JSON head with ``lens``, followed by that many parts of
raw chunks. Out: one status byte (0 = well), then uint16 width, uint16 height and the picture, or a message.
"""

from __future__ import annotations

import json
import resource
import struct
import sys
from typing import IO, Any

MEMORY = 1 << 30  # bytes of address space, of which numpy and Pillow take some 200 MB
CPU = 120  # s over the whole life, which ends after some hundred pictures
SIDE = 384  # pixels of the longer side
MOST = 9728  # bytes of a picture: with the digest and the headers of HTTP it fits into TCP's first window
QUALITIES = (60, 45, 30, 18, 8)
LOW, HIGH = 0.001, 0.999  # shares of the values below and up to the limits of contrast
SAMPLE = 1 << 18  # values looked at for contrast


def limit() -> None:
    """Before anything is imported that could be fooled."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU),
        (resource.RLIMIT_NOFILE, 16),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)  # an operator's own limit may be tighter
        resource.setrlimit(what, (least, least))


def bounded(data: bytes, expected: int) -> bytes:
    """A step's output may not be longer than what the array says; shorter is refused at the end."""
    if len(data) > expected + 4096:
        raise ValueError("a chunk decodes to more than its size")
    return data


def decompress(name: str, data: bytes, expected: int) -> bytes:
    """One bytes → bytes step, with the output bounded before it is allocated where the format allows."""
    import zlib

    from numcodecs import blosc, lz4, zstd

    if name == "blosc":
        version, nbytes, cbytes = data[0], *struct.unpack_from("<I4xI", data, 4)
        if version > 3 or nbytes > expected + 4096 or cbytes != len(data):
            raise ValueError("the header of a Blosc chunk is not valid")
        return bytes(blosc.decompress(data))
    if name in ("gzip", "zlib"):
        # 32 + 15: either header. The bound stops a bomb before its bytes are there.
        machine = zlib.decompressobj(47)
        return bounded(machine.decompress(data, expected + 4097), expected)
    if name == "lz4":
        if int.from_bytes(data[:4], "little") > expected + 4096:
            raise ValueError("the header of an LZ4 chunk is not valid")
        return bytes(lz4.decompress(data))
    if name == "zstd":
        return bounded(bytes(zstd.decompress(data)), expected)  # a bomb ends at the limit of memory
    if name == "crc32c":
        return data[:-4]  # the exact reader compares it; a picture may be wrong
    raise ValueError(f"codec {name}")


def unshuffle(data: bytes, size: int) -> bytes:
    import numpy as np

    whole = len(data) // size * size
    turned = np.frombuffer(data[:whole], np.uint8).reshape(size, -1).T
    return turned.tobytes() + data[whole:]


class Array:
    """How chunks of one array are decoded; ``spec`` is made by ``array_spec`` of the server's side."""

    def __init__(self, spec: dict[str, Any]) -> None:
        import numpy as np

        self.chunks = tuple(int(n) for n in spec["chunks"])
        self.dtype = np.dtype(spec["dtype"])
        self.order = spec["order"]
        self.codecs = [(str(name), dict(configuration)) for name, configuration in spec["codecs"]]
        self.expected = int(np.prod(self.chunks, dtype=np.int64)) * self.dtype.itemsize

    def decode(self, data: bytes) -> Any:
        """One chunk as an array of the chunk's shape."""
        import numpy as np

        values: Any = None
        stored = self.dtype
        shape = self.chunks
        # What each array → array step before "bytes" makes of shape and type, so that the steps can be undone.
        turns = [c for n, c in self.codecs if n == "transpose"]
        if turns:
            order = self._order(turns[0]["order"])
            shape = tuple(self.chunks[axis] for axis in order)
        for name, configuration in reversed(self.codecs):
            if name == "bytes":
                if configuration.get("endian") == "big":
                    stored = stored.newbyteorder(">")
                values = np.frombuffer(data, stored, count=self.expected // stored.itemsize).reshape(shape)
            elif name == "transpose":
                values = values.transpose(np.argsort(self._order(configuration["order"])))
            elif name == "shuffle":
                data = unshuffle(data, int(configuration.get("elementsize", 4)))
            elif name in ("delta", "fixedscaleoffset", "scale_offset", "cast_value", "bitround"):
                values, data = self._filter(name, configuration, values, data)
            else:
                data = decompress(name, data, self.expected)
        if values is None:
            values = np.frombuffer(data, stored, count=self.expected // stored.itemsize).reshape(
                shape, order=self.order
            )
        return values

    def _order(self, order: Any) -> list[int]:
        straight = list(range(len(self.chunks)))
        return straight if order == "C" else straight[::-1] if order == "F" else [int(axis) for axis in order]

    def _filter(self, name: str, configuration: dict[str, Any], values: Any, data: bytes) -> tuple[Any, bytes]:
        """Steps on values; in Zarr v2 they stand on bytes that have no step ``bytes`` of their own."""
        import numpy as np

        if name == "bitround":
            return values, data  # only encoding loses something
        if name in ("scale_offset", "cast_value"):
            raise ValueError(f"codec {name}")
        stored = np.dtype(configuration.get("astype") or self.dtype) if name == "fixedscaleoffset" else self.dtype
        flat = np.frombuffer(data, stored) if values is None else values.ravel()
        if name == "delta":
            out = np.cumsum(flat, dtype=self.dtype)
        else:
            out = (flat / configuration["scale"] + configuration["offset"]).astype(self.dtype)
        return (None, out.tobytes()) if values is None else (out.reshape(values.shape), data)


def assemble(head: dict[str, Any], parts: list[bytes]) -> Any:
    """The planes of the visible channels, (c, y, x), NaN or 0 where no chunk is; cut to the level's size."""
    import numpy as np

    array, at = Array(head["array"]), head["at"]
    height, width = head["size"]
    channels = head["channels"]
    planes = np.zeros((len(channels), height, width), array.dtype.newbyteorder("="))
    for place, data in zip(head["chunks"], parts, strict=True):
        values = array.decode(data)
        pick: list[Any] = [0] * values.ndim  # axes without a meaning show their first position
        for axis in ("t", "z"):
            if axis in at:
                pick[at[axis]] = head[axis] - place[at[axis]] * array.chunks[at[axis]]
        pick[at["y"]] = pick[at["x"]] = slice(None)
        y0, x0 = place[at["y"]] * array.chunks[at["y"]], place[at["x"]] * array.chunks[at["x"]]
        for slot, channel in enumerate(channels):
            if "c" in at:
                inside = channel["index"] - place[at["c"]] * array.chunks[at["c"]]
                if not 0 <= inside < array.chunks[at["c"]]:
                    continue
                pick[at["c"]] = inside
            plane = values[tuple(pick)]
            if at["y"] > at["x"]:
                plane = plane.T
            target = planes[slot, y0 : y0 + plane.shape[0], x0 : x0 + plane.shape[1]]
            target[...] = plane[: target.shape[0], : target.shape[1]]
    return planes


def shrink(planes: Any, most: int = SIDE) -> Any:
    """Every n-th pixel, so that the longer side has at most ``most``."""
    step = max(1, -(-max(planes.shape[1:]) // most))
    return planes[:, ::step, ::step]


def contrast(plane: Any) -> tuple[float, float]:
    """Percentiles of the finite values, by the rule of the exact viewer, so that the picture does not jump."""
    import numpy as np

    flat = plane.ravel()
    values = flat[:: max(1, -(-flat.size // SAMPLE))].astype(np.float64)
    values = np.sort(values[np.isfinite(values)])
    if not values.size:
        return 0.0, 1.0
    low, high = (float(values[round(share * (values.size - 1))]) for share in (LOW, HIGH))
    if low == high:
        low, high = float(values[0]), float(values[-1])
    return (low, high) if low < high else (low, low + 1)


def compose(head: dict[str, Any], planes: Any, most: int = SIDE) -> Any:
    """Channels stretched, tinted and added: (y, x, 3) bytes."""
    import numpy as np

    small = shrink(planes, most)
    total = np.zeros((*small.shape[1:], 3), np.float32)
    for channel, plane, picked in zip(head["channels"], planes, small, strict=True):
        low, high = channel["window"] or ((0.0, 1.0) if plane.dtype == bool else contrast(plane))
        part = np.nan_to_num((picked.astype(np.float32) - np.float32(low)) / np.float32(max(high - low, 1e-30)))
        tint = np.array([int(channel["color"][i : i + 2], 16) for i in (0, 2, 4)], np.float32)
        total += np.clip(part, 0, 1)[..., None] * tint
    return np.minimum(total, 255).astype(np.uint8)


def colour_labels(planes: Any, most: int = SIDE) -> Any:
    """A colour per id from a hash over all its bits (the finaliser of MurmurHash3), 0 black: as the exact viewer."""
    import numpy as np

    def mix(h: Any) -> Any:
        h = h ^ (h >> np.uint32(16))
        h = h * np.uint32(0x85EBCA6B)
        h = h ^ (h >> np.uint32(13))
        h = h * np.uint32(0xC2B2AE35)
        return h ^ (h >> np.uint32(16))

    ids = shrink(planes, most)[0].astype(np.int64).astype(np.uint64)
    low, high = (ids & np.uint64(0xFFFFFFFF)).astype(np.uint32), (ids >> np.uint64(32)).astype(np.uint32)
    h = mix(low ^ mix(high + np.uint32(0x9E3779B9)))
    turn = (h & np.uint32(0xFFFF)).astype(np.float32) / 65536 * 6
    hue = np.clip(np.abs((turn[..., None] + np.array([0, 4, 2], np.float32)) % 6 - 3) - 1, 0, 1)
    white = ((h >> np.uint32(16)) & np.uint32(0xFF)).astype(np.float32)[..., None] / 255 * 0.4
    bright = 0.65 + (h >> np.uint32(24)).astype(np.float32)[..., None] / 255 * 0.35
    rgb: Any = (hue + (1 - hue) * white) * bright * 255
    return np.where(ids[..., None] == 0, 0, rgb).astype(np.uint8)


def encode(pixels: Any, side: int | None = None, smooth: bool = True) -> tuple[int, int, bytes]:
    """WebP within ``MOST`` bytes: less quality first, then fewer pixels. ``side`` bounds one alone."""
    import io

    from PIL import Image

    image = Image.fromarray(pixels)
    most = MOST if side is None else 1500 + side * side // 4  # bytes; a gallery of 60 costs a third of a megabyte
    if side is not None:
        image.thumbnail((side, side), Image.Resampling.BOX if smooth else Image.Resampling.NEAREST)
    while True:
        for quality in QUALITIES:
            out = io.BytesIO()
            image.save(out, "WEBP", quality=quality, method=2)
            if len(out.getvalue()) <= most:
                return image.width, image.height, out.getvalue()
        image = image.resize((max(1, image.width * 2 // 3), max(1, image.height * 2 // 3)))


def picture(head: dict[str, Any], parts: list[bytes]) -> bytes:
    planes = assemble(head, parts)
    y0, y1, x0, x1 = head["region"]
    planes = planes[:, y0:y1, x0:x1]
    side = head.get("side")
    most = 2 * side if side else SIDE  # a mean over what remains looks better than every n-th pixel
    pixels = colour_labels(planes, most) if head["labels"] else compose(head, planes, most)
    width, height, data = encode(pixels, side, smooth=not head["labels"])
    return struct.pack("<HH", width, height) + data


def _exactly(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if len(data) != count:
        raise EOFError
    return data


def serve(source: IO[bytes], sink: IO[bytes]) -> None:
    """Tasks until the input ends."""
    while True:
        try:
            (length,) = struct.unpack("<I", _exactly(source, 4))
            head = json.loads(_exactly(source, length))
            parts = [_exactly(source, size) for size in head["lens"]]
        except EOFError:
            return
        try:
            answer = b"\0" + picture(head, parts)
        except Exception as error:  # noqa: BLE001  whatever foreign bytes cause is told to the parent, which ends this process
            answer = b"\1" + type(error).__name__.encode()
        sink.write(struct.pack("<I", len(answer)) + answer)
        sink.flush()


def warm_up() -> None:
    """Loads everything the first picture needs, and says so with an empty answer."""
    import numpy as np
    from numcodecs import blosc

    blosc.use_threads = False
    encode(np.zeros((8, 8, 3), np.uint8))


if __name__ == "__main__":
    limit()
    warm_up()
    sys.stdout.buffer.write(struct.pack("<I", 0))
    sys.stdout.buffer.flush()
    serve(sys.stdin.buffer, sys.stdout.buffer)
