"""The process that makes display-only pictures: decodes chunks, composes channels, encodes WebP.

It runs code of many authors over bytes of strangers, so it is bounded and disposable: little memory and time, no files,
no secrets in its environment; whoever started it kills it when it hangs or fails. See ``child`` for how it begins and
how it speaks.

The parts of a task are raw chunks; the ``kind`` of its head names the function of ``KINDS`` that answers. ``picture``
gives uint16 width, uint16 height and the picture.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any

from . import decode_chunk

MEMORY = 3 << 29  # bytes of address space, of which libraries take 200 to 600 MB
CPU = 120  # s over the whole life, which ends after some hundred pictures
SIDE = 384  # pixels of the longer side
MOST = 9728  # bytes of a picture: with the digest and the headers of HTTP it fits into TCP's first window
QUALITIES = (60, 45, 30, 18, 8)
LOW, HIGH = 0.001, 0.999  # shares of the values below and up to the limits of contrast
STRIPE, LATTICE = 6, 8  # pixels from one line of a mark to the next
SAMPLE = 1 << 18  # values looked at for contrast
EXACT = 1 << 24  # up to here a 32-bit float holds every integer
#: States of a pixel: no chunk is there, it has its value, its chunk is damaged.
ABSENT, THERE, DAMAGED = 0, 1, 2
PARTLY = 3  # in a picture: of some of the channels no chunk is there


def places(head: dict[str, Any], place: list[int]) -> Iterator[tuple[int, tuple[Any, ...], tuple[slice, slice]]]:
    """Where a chunk lies in the region, channel by channel: slot, what of the chunk, which rows and columns of it."""
    at, shape = head["at"], head["chunk"]
    pick: list[Any] = [0] * len(shape)
    for axis, index in [*head["others"], *((at[name], head[name]) for name in "tz" if name in at)]:
        pick[axis] = index - place[axis] * shape[axis]
    spans: list[slice] = []
    for name, size, (first, last) in zip("yx", head["size"], (head["region"][:2], head["region"][2:]), strict=True):
        step = shape[at[name]]
        start, last = place[at[name]] * step, min(size, last)
        pick[at[name]] = slice(max(0, first - start), max(0, last - start))
        spans.append(slice(max(0, start - first), max(0, start - first, min(last, start + step) - first)))
    for slot, channel in enumerate(head["channels"]):
        if "c" in at:
            inside = channel["index"] - place[at["c"]] * shape[at["c"]]
            if not 0 <= inside < shape[at["c"]]:
                continue
            pick[at["c"]] = inside
        yield slot, tuple(pick), (spans[0], spans[1])


def decoded(head: dict[str, Any], parts: list[bytes], every: bool = False) -> Iterator[tuple[list[int], Any]]:
    """Every chunk with its values, None for one that is damaged. Where ``every`` one may be, that is no failure."""
    array = decode_chunk.Array(head["array"])
    wrong: list[Exception] = []
    for place, data in zip(head["chunks"], parts, strict=True):
        values = None
        try:
            values = array.decode(data).reshape(head["chunk"])  # what is stored with one axis is shown as a row
        except (MemoryError, ImportError, decode_chunk.MissingError):
            raise  # not the fault of the chunk
        except Exception as error:  # noqa: BLE001  whatever a decoder says of foreign bytes
            wrong.append(error)
        yield place, values
    if wrong and len(wrong) == len(parts) and not every:
        raise wrong[-1]
    for place in head.get("broken") or []:
        yield place, None


def assemble(head: dict[str, Any], parts: list[bytes]) -> tuple[Any, Any]:
    """The region of the visible channels, (c, y, x), 0 where no chunk is; and the state of every pixel.

    Sets ``damaged`` of the head: whether any chunk is. A failure where none could be decoded.
    """
    import numpy as np

    y0, y1, x0, x1 = head["region"]
    shape = (len(head["channels"]), max(0, y1 - y0), max(0, x1 - x0))
    planes = np.zeros(shape, np.dtype(head["array"]["dtype"]).newbyteorder("="))
    states = np.full(shape, ABSENT, np.uint8)
    head["damaged"] = False
    for place, values in decoded(head, parts):
        head["damaged"] |= values is None
        for slot, pick, (rows, columns) in places(head, place):
            states[slot, rows, columns] = THERE if values is not None else DAMAGED
            if values is not None:
                plane = values[pick]
                planes[slot, rows, columns] = plane.T if head["at"]["y"] > head["at"]["x"] else plane
    return planes, states


def shrink(planes: Any, most: int = SIDE) -> Any:
    """Every n-th pixel, so that the longer side has at most ``most``."""
    step = max(1, -(-max(planes.shape[1:]) // most))
    return planes[:, ::step, ::step]


def extremes(values: Any) -> tuple[float, float]:
    """Smallest and largest finite value of all; (inf, -inf) where there is none."""
    import numpy as np

    if values.dtype.kind == "f":
        values = values[np.isfinite(values)]
    return (float(values.min()), float(values.max())) if values.size else (float("inf"), float("-inf"))


def limits(values: Any, ends: tuple[float, float] | None = None) -> tuple[float, float]:
    """Percentiles of the finite values, by the rule of the exact viewer, so that the picture does not jump.

    ``ends`` are the extremes where ``values`` are not all there are: a single bright spot may lie between them.
    """
    import numpy as np

    every, kind, values = values, values.dtype, values[:: max(1, -(-values.size // SAMPLE))].astype(np.float64)
    values = np.sort(values[np.isfinite(values)])
    if not values.size:
        return 0.0, 1.0
    low, high = (float(values[round(share * (values.size - 1))]) for share in (LOW, HIGH))
    if low == high:
        low, high = ends or extremes(every)
    if low < high:
        return low, high
    reach = abs(low)  # an even plane is an even grey, not the black of nothing
    if not np.isfinite(2 * reach):
        return (0.0, low) if low > 0 else (low, 0.0)
    top = float(np.iinfo(kind).max) if kind.kind == "u" else np.inf  # a white one stays white
    return (low - reach, min(low + reach, top)) if reach else (0.0, 1.0)


def contrast(plane: Any, states: Any) -> tuple[float, float]:
    """Of one plane; what is not there counts for nothing."""
    there = states == THERE
    if plane.dtype == bool:
        return 0.0, 1.0
    return limits(plane.ravel() if there.all() else plane[there])


def compose(head: dict[str, Any], planes: Any, states: Any, most: int = SIDE) -> Any:
    """Channels stretched, tinted and added: (y, x, 3) bytes."""
    import numpy as np

    small = shrink(planes, most)
    total = np.zeros((*small.shape[1:], 3), np.float32)
    for slot, channel in enumerate(head["channels"]):
        low, high = channel["window"] or contrast(planes[slot], states[slot])
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


def colour_labels(planes: Any, colors: list[list[int]], most: int = SIDE) -> Any:
    """A colour per id: the metadata's (id, red, green, blue, alpha), else from a hash over all its bits (the finaliser
    of MurmurHash3), 0 black: as the exact viewer.
    """
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
    rgb = np.where(ids[..., None] == 0, 0, rgb).astype(np.uint8)
    if colors:
        keys = np.array([entry[0] & (2**64 - 1) for entry in colors], np.uint64)
        order = np.argsort(keys)
        tints = np.array([entry[1:] for entry in colors], np.float32)[order]
        found = np.minimum(np.searchsorted(keys[order], ids), len(keys) - 1)
        named = (tints[..., :3] * (tints[..., 3:] / 255)).astype(np.uint8)[found]
        rgb = np.where((keys[order][found] == ids)[..., None], named, rgb)
    return rgb


def marks(states: Any, most: int = SIDE) -> Any:
    """What has to be marked of a picture, (y, x), as the exact viewer does; None where nothing has."""
    import numpy as np

    small = shrink(states, most)
    if (small == THERE).all():
        return None
    absent = small == ABSENT
    found = np.where(absent.all(0), ABSENT, np.where(absent.any(0), PARTLY, THERE))
    return np.where((small == DAMAGED).any(0), DAMAGED, found).astype(np.uint8)


def hatch(image: Any, found: Any) -> Any:
    """The picture with its marks: grey stripes for nothing there, a red lattice for damage, thin stripes for parts."""
    import numpy as np
    from PIL import Image

    pixels = np.asarray(image, np.float32)
    height, width = pixels.shape[:2]
    y, x = np.mgrid[:height, :width]
    state = found[y * found.shape[0] // height, x * found.shape[1] // width][..., None]
    stripe = ((x + y) % STRIPE)[..., None]
    grid = (((x + y) % LATTICE < 2) | ((x - y) % LATTICE < 2))[..., None]
    pixels = np.where(state == ABSENT, np.where(stripe * 2 >= STRIPE, np.float32(140), np.float32(107)), pixels)
    pixels = np.where((state == PARTLY) & (stripe < 1), 0.3 * pixels + 0.7 * 140, pixels)
    damaged = np.where(grid, np.array([219, 89, 74], np.float32), np.array([64, 41, 41], np.float32))
    return Image.fromarray(np.where(state == DAMAGED, damaged, pixels).astype(np.uint8))


def encode(pixels: Any, side: int | None = None, smooth: bool = True, found: Any = None) -> tuple[int, int, bytes]:
    """WebP within ``MOST`` bytes: less quality, then fewer pixels. ``side`` bounds one alone; ``found``: ``marks``."""
    import io

    from PIL import Image

    image = Image.fromarray(pixels)
    most = MOST if side is None else 1500 + side * side // 4  # bytes; a gallery of 60 costs a third of a megabyte
    if side is not None:
        image.thumbnail((side, side), Image.Resampling.BOX if smooth else Image.Resampling.NEAREST)
    while True:
        marked = image if found is None else hatch(image, found)
        for quality in QUALITIES:
            out = io.BytesIO()
            marked.save(out, "WEBP", quality=quality, method=2)
            if len(out.getvalue()) <= most:
                return image.width, image.height, out.getvalue()
        image = image.resize((max(1, image.width * 2 // 3), max(1, image.height * 2 // 3)))


def draw(head: dict[str, Any], parts: list[bytes]) -> tuple[int, int, bytes]:
    """One picture: width, height, WebP."""
    planes, states = assemble(head, parts)
    side = head.get("side")
    most = 2 * side if side else SIDE  # a mean over what remains looks better than every n-th pixel
    labels = head["labels"]  # colours of ids; None where the image is none of labels
    pixels = compose(head, planes, states, most) if labels is None else colour_labels(planes, labels, most)
    return encode(pixels, side, smooth=labels is None, found=marks(states, most))


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
    """Of every task uint8, uint16 width and height, uint32 length, and the picture or a failure's name.

    The first is 0 where all is well, 1 for a failure, 2 for a picture some of whose chunks are damaged.
    """
    out = []
    for task, mine in _each(head, parts):
        try:
            width, height, data = draw(task, mine)
            failed = 2 if task["damaged"] else 0
        except Exception as error:  # noqa: BLE001  one damaged image of many; the parent ends this process after it
            failed, (width, height, data) = 1, (0, 0, type(error).__name__.encode())
        out += [struct.pack("<BHHI", failed, width, height, len(data)), data]
    return b"".join(out)


def windows(head: dict[str, Any], parts: list[bytes]) -> bytes:
    """Contrast over all tasks together, channel index → [low, high], as JSON; a task that fails counts for nothing."""
    import numpy as np

    found: dict[int, list[Any]] = {}
    ends: dict[int, list[tuple[float, float]]] = {}
    share = max(1, SAMPLE // max(1, len(head["tasks"])))  # values of one plane
    for task, mine in _each(head, parts):
        try:
            planes, states = assemble(task, mine)
        except Exception:  # noqa: BLE001, S112  its own picture will say what is wrong with it
            continue
        for channel, plane, state in zip(task["channels"], planes, states, strict=True):
            values = plane[state == THERE]
            ends.setdefault(channel["index"], []).append(extremes(values))
            found.setdefault(channel["index"], []).append(values[:: max(1, -(-values.size // share))])
    both = {}
    for index, parts_of in found.items():
        lows, highs = zip(*ends[index], strict=True)
        every = np.concatenate([values.astype(np.float64) for values in parts_of])
        both[index] = limits(every, (min(lows), max(highs)))
    return json.dumps(both).encode()


def sample(head: dict[str, Any], parts: list[bytes]) -> bytes:
    """Of every chunk, for each channel in it, uint32 length and evenly spread values; length 0 for a damaged one."""
    import numpy as np

    at, shape, out = head["at"], head["chunk"], []
    spread = {
        name: (np.arange(n) * 2 + 1) * shape[at[name]] // (2 * n) for name, n in zip("yx", head["samples"], strict=True)
    }
    for place, values in decoded(head, parts, every=True):
        for _, pick, _ in places(head, place):
            if values is None:
                out.append(struct.pack("<I", 0))
                continue
            inside = list(pick)
            inside[at["y"]] = inside[at["x"]] = slice(None)
            first, second = sorted("yx", key=lambda name: at[name])
            taken = values[tuple(inside)][np.ix_(spread[first], spread[second])]
            data = taken.astype(taken.dtype.newbyteorder("<")).tobytes()
            out += [struct.pack("<I", len(data)), data]
    return b"".join(out)


KINDS = {"picture": picture, "pictures": pictures, "windows": windows, "sample": sample}


def answer(head: dict[str, Any], parts: list[bytes]) -> bytes:
    """What one task gives."""
    return KINDS[head.get("kind", "picture")](head, parts)


def warm_up() -> None:
    """Loads everything the first picture needs."""
    import numpy as np
    from numcodecs import blosc

    blosc.use_threads = False
    encode(np.zeros((8, 8, 3), np.uint8))
