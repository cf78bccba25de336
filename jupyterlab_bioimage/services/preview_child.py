"""The process that makes display-only pictures: decodes chunks, composes channels, encodes WebP.

It runs code of many authors over bytes of strangers, so it is bounded and disposable: little memory and time, no files,
no secrets in its environment; whoever started it kills it when it hangs or fails. Started as a script of its own, so
that it imports nothing of the server.

Both directions: uint32 little-endian length, then bytes. In: a JSON head with ``lens``, followed by that many parts of
raw chunks; its ``kind`` names a function of ``KINDS``. Out: one status byte (0 = well), then what that function gives,
or a message. ``picture`` gives uint16 width, uint16 height and the picture.
"""

from __future__ import annotations

import json
import resource
import struct
import sys
from collections.abc import Iterator
from typing import IO, Any

MEMORY = 1 << 30  # bytes of address space, of which numpy and Pillow take some 200 MB
CPU = 120  # s over the whole life, which ends after some hundred pictures
SIDE = 384  # pixels of the longer side
MOST = 9728  # bytes of a picture: with the digest and the headers of HTTP it fits into TCP's first window
QUALITIES = (60, 45, 30, 18, 8)
LOW, HIGH = 0.001, 0.999  # shares of the values below and up to the limits of contrast
SAMPLE = 1 << 18  # values looked at for contrast
EXACT = 1 << 24  # up to here a 32-bit float holds every integer


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


def pieces(head: dict[str, Any], parts: list[bytes]) -> Iterator[tuple[int, int, int, Any]]:
    """Of every chunk what lies in the region, channel by channel: (slot, y, x in the region, values)."""
    array, at = Array(head["array"]), head["at"]
    bottom, right = head["size"]
    top, left = head["region"][0], head["region"][2]
    bottom, right = min(bottom, head["region"][1]), min(right, head["region"][3])
    for place, data in zip(head["chunks"], parts, strict=True):
        values = array.decode(data)
        pick: list[Any] = [0] * values.ndim  # axes without a meaning show their first position
        for axis in ("t", "z"):
            if axis in at:
                pick[at[axis]] = head[axis] - place[at[axis]] * array.chunks[at[axis]]
        y0, x0 = place[at["y"]] * array.chunks[at["y"]], place[at["x"]] * array.chunks[at["x"]]
        pick[at["y"]] = slice(max(0, top - y0), max(0, bottom - y0))
        pick[at["x"]] = slice(max(0, left - x0), max(0, right - x0))
        for slot, channel in enumerate(head["channels"]):
            if "c" in at:
                inside = channel["index"] - place[at["c"]] * array.chunks[at["c"]]
                if not 0 <= inside < array.chunks[at["c"]]:
                    continue
                pick[at["c"]] = inside
            plane = values[tuple(pick)]
            yield slot, max(0, y0 - top), max(0, x0 - left), plane.T if at["y"] > at["x"] else plane


def assemble(head: dict[str, Any], parts: list[bytes]) -> tuple[Any, Any]:
    """The region of the visible channels, (c, y, x), 0 where no chunk is; and where there is one."""
    import numpy as np

    y0, y1, x0, x1 = head["region"]
    shape = (len(head["channels"]), max(0, y1 - y0), max(0, x1 - x0))
    planes = np.zeros(shape, np.dtype(head["array"]["dtype"]).newbyteorder("="))
    there = np.zeros(shape, bool)
    for slot, y, x, values in pieces(head, parts):
        planes[slot, y : y + values.shape[0], x : x + values.shape[1]] = values
        there[slot, y : y + values.shape[0], x : x + values.shape[1]] = True
    return planes, there


def shrink(planes: Any, most: int = SIDE) -> Any:
    """Every n-th pixel, so that the longer side has at most ``most``."""
    step = max(1, -(-max(planes.shape[1:]) // most))
    return planes[:, ::step, ::step]


def limits(values: Any) -> tuple[float, float]:
    """Percentiles of the finite values, by the rule of the exact viewer, so that the picture does not jump."""
    import numpy as np

    values = values[:: max(1, -(-values.size // SAMPLE))].astype(np.float64)
    values = np.sort(values[np.isfinite(values)])
    if not values.size:
        return 0.0, 1.0
    low, high = (float(values[round(share * (values.size - 1))]) for share in (LOW, HIGH))
    if low == high:
        low, high = float(values[0]), float(values[-1])
    return (low, high) if low < high else (low, low + max(1.0, abs(low) * 2**-51))


def contrast(plane: Any, there: Any) -> tuple[float, float]:
    """Of one plane; what is not there counts for nothing."""
    if plane.dtype == bool:
        return 0.0, 1.0
    return limits(plane.ravel() if there.all() else plane[there])


def compose(head: dict[str, Any], planes: Any, there: Any, most: int = SIDE) -> Any:
    """Channels stretched, tinted and added: (y, x, 3) bytes."""
    import numpy as np

    small = shrink(planes, most)
    total = np.zeros((*small.shape[1:], 3), np.float32)
    for slot, channel in enumerate(head["channels"]):
        low, high = channel["window"] or contrast(planes[slot], there[slot])
        scale = 1 / max(high - low, 1e-30)
        # Doubles: a 32-bit float cannot tell two large integers apart.
        part = (small[slot] - np.float64(low)) * scale if abs(low) > EXACT else None
        part = ((small[slot].astype(np.float32) - np.float32(low)) * np.float32(scale)) if part is None else part
        if planes.dtype.kind == "f":
            part = np.nan_to_num(part, posinf=1, neginf=0)
        part = np.clip(part, 0, 1).astype(np.float32)
        for band, first in enumerate((0, 2, 4)):
            tint = int(channel["color"][first : first + 2], 16)
            if tint:
                total[..., band] += part * np.float32(tint)
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


def draw(head: dict[str, Any], parts: list[bytes]) -> tuple[int, int, bytes]:
    """One picture: width, height, WebP."""
    planes, there = assemble(head, parts)
    side = head.get("side")
    most = 2 * side if side else SIDE  # a mean over what remains looks better than every n-th pixel
    pixels = colour_labels(planes, most) if head["labels"] else compose(head, planes, there, most)
    return encode(pixels, side, smooth=not head["labels"])


def picture(head: dict[str, Any], parts: list[bytes]) -> bytes:
    width, height, data = draw(head, parts)
    return struct.pack("<HH", width, height) + data


def _each(head: dict[str, Any], parts: list[bytes]) -> Iterator[tuple[dict[str, Any], list[bytes]]]:
    """The tasks of a task of several, with their parts."""
    at = 0
    for task in head["tasks"]:
        yield task, parts[at : at + len(task["chunks"])]
        at += len(task["chunks"])


def pictures(head: dict[str, Any], parts: list[bytes]) -> bytes:
    """Of every task uint8 (0 = well), uint16 width and height, uint32 length, and the picture or a failure's name."""
    out = []
    for task, mine in _each(head, parts):
        try:
            failed, (width, height, data) = 0, draw(task, mine)
        except Exception as error:  # noqa: BLE001  one damaged image of many; the parent ends this process after it
            failed, (width, height, data) = 1, (0, 0, type(error).__name__.encode())
        out += [struct.pack("<BHHI", failed, width, height, len(data)), data]
    return b"".join(out)


def windows(head: dict[str, Any], parts: list[bytes]) -> bytes:
    """Contrast over all tasks together, channel index → [low, high], as JSON; a task that fails counts for nothing."""
    import numpy as np

    found: dict[int, list[Any]] = {}
    share = max(1, SAMPLE // max(1, len(head["tasks"])))  # values of one plane
    for task, mine in _each(head, parts):
        try:
            planes, there = assemble(task, mine)
        except Exception:  # noqa: BLE001, S112  its own picture will say what is wrong with it
            continue
        for channel, plane, seen in zip(task["channels"], planes, there, strict=True):
            values = plane[seen]
            found.setdefault(channel["index"], []).append(values[:: max(1, -(-values.size // share))])
    both = {index: limits(np.concatenate([v.astype(np.float64) for v in values])) for index, values in found.items()}
    return json.dumps(both).encode()


KINDS = {"picture": picture, "pictures": pictures, "windows": windows}


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
            answer = b"\0" + KINDS[head.get("kind", "picture")](head, parts)
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
