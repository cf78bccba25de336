"""Units that a browser names by where their bytes lie: parts of a TIFF file, or of files in a zip archive.

The browser has read the file's own directory; what it says of a unit is checked here as anything foreign is: the key by
the store's rules, codecs by the tables, lengths by the limits. The bytes come from the store as those of any read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import BioImageError, TooLargeError
from ..said import Said, say
from .keys import check_key
from .limits import LARGEST, MAX_READ
from .preview import array_spec
from .shards import damaged
from .store import Blob, Item
from .tiffcodecs import read_codec
from .zarrcodecs import ITEM_BYTES
from .zarrmeta import read_array

MAX_PIECES = 256  # strips of one unit
MAX_SIDE = 1 << 20  # rows or columns of one unit
MAX_SAMPLES = 1024


def refuse(what: Said) -> BioImageError:
    """BAD_REQUEST that says what is wrong."""
    return BioImageError("BAD_REQUEST", what)


def _number(value: Any, least: int, most: int, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise refuse(say("%1 is not a valid number.", what))
    return value


@dataclass(frozen=True, slots=True)
class Part:
    """One unit: the read, what is taken out of it, and its pieces (TIFF). An error where its key is not allowed."""

    item: Item | BioImageError
    take: dict[str, int]
    pieces: tuple[tuple[int, int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Parts:
    """What all units of a request have in common, as the child is told, and the bytes of one that is decoded."""

    spec: dict[str, Any]
    size: int
    parts: Sequence[Part]

    def head(self, index: int) -> dict[str, Any]:
        part = self.parts[index]
        return {**self.spec, "take": part.take, "pieces": part.pieces}

    def check(self, index: int, blob: Blob, etags: dict[str, str]) -> None:
        """BAD_CHUNK where the file ends before the part; CHANGED where two parts are of different versions."""
        item = self.parts[index].item
        assert isinstance(item, Item)  # noqa: S101  it has been read
        if len(blob.data) != item.expected:
            raise damaged(say("the file ends before it"))
        if blob.etag is not None and etags.setdefault(item.key, blob.etag) != blob.etag:
            raise BioImageError("CHANGED")


def _take(entry: Mapping[str, Any], length: int) -> dict[str, int]:
    """``inflate``, ``crc``, ``from`` and ``to``, as far as they are given."""
    take = {}
    if (size := entry.get("inflate")) is not None:
        take["inflate"] = length = _number(size, 0, LARGEST, "inflate")
        if length > MAX_READ:
            raise TooLargeError(length)
    if (crc := entry.get("crc")) is not None:
        take["crc"] = _number(crc, 0, (1 << 32) - 1, "crc")
    if entry.get("from") is not None or entry.get("to") is not None:
        take["from"] = _number(entry.get("from"), 0, length, "from")
        take["to"] = _number(entry.get("to"), take["from"], length, "to")
    return take


def _pieces(value: Any, length: int, rows: int) -> tuple[tuple[int, int, int, int], ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_PIECES:
        raise refuse(say("A unit has 1 to %1 pieces.", MAX_PIECES))
    pieces, top = [], 0
    for entry in value:
        if not isinstance(entry, list) or len(entry) != 4:
            raise refuse(say("A piece has an offset, a length, rows, and rows that are left out before these."))
        offset = _number(entry[0], -LARGEST, LARGEST, "offset")
        size, high = _number(entry[1], 0, length, "length"), _number(entry[2], 1, rows - top, "rows")
        skipped = _number(entry[3], 0, MAX_SIDE, "rows left out")
        # What is not there (length 0) has no place.
        if size > 0 and not 0 <= offset <= length - size:
            raise refuse(say("A piece lies outside of the part."))
        pieces.append((offset if size > 0 else 0, size, high, skipped))
        top += high
    return tuple(pieces)


def _part(entry: Any, rows: int | None) -> Part:
    if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
        raise refuse(say("A part has a key."))
    start = _number(entry.get("start"), 0, LARGEST, "start")
    end = _number(entry.get("end"), start + 1, LARGEST, "end")
    if end - start > MAX_READ:
        raise TooLargeError(end - start)
    take = _take(entry, end - start)
    length = take.get("to", take.get("inflate", end - start)) - take.get("from", 0)
    pieces = _pieces(entry.get("pieces"), length, rows) if rows is not None else ()
    item: Item | BioImageError
    try:
        item = Item(check_key(entry["key"]), start, end)
    except BioImageError as error:
        item = error
    return Part(item, take, pieces)


def _tiff_spec(value: Any) -> tuple[dict[str, Any], int]:
    if not isinstance(value, dict):
        raise refuse(say("A codec has a name, its parameters, a shape and a type."))
    shape = value.get("shape")
    if not isinstance(shape, list) or len(shape) != 3:
        raise refuse(say("A unit has rows, columns and samples."))
    rows, columns = (_number(size, 1, MAX_SIDE, "a side of the unit") for size in shape[:2])
    samples = _number(shape[2], 1, MAX_SAMPLES, "the number of samples")
    dtype = value.get("dtype")
    if not isinstance(dtype, str) or dtype not in ITEM_BYTES or dtype == "bool":
        raise refuse(say("The type is not known."))
    configuration = read_codec(value.get("name"), value.get("configuration"), dtype)
    if configuration is None:
        raise BioImageError("UNSUPPORTED", say("This format is not supported: no such codec of TIFF files."))
    spec = {
        "name": value["name"],
        "configuration": configuration,
        "shape": [rows, columns, samples],
        "dtype": dtype,
    }
    return {"tiff": spec}, rows * columns * samples * ITEM_BYTES[dtype]


def _zarr_spec(document: Any) -> tuple[dict[str, Any], int]:
    array = read_array("", document)
    if array.shard is not None or array.row:
        raise refuse(say("A part is a chunk of an array without shards."))
    return {"array": array_spec(array)}, array.chunk_bytes


def read_parts_request(value: dict[str, Any], most_units: int, most_bytes: int) -> Parts:
    """A request by places: ``parts``, and either ``tiff`` (a codec of TIFF files) or ``document`` (of an array).

    BAD_REQUEST, UNSUPPORTED, BAD_METADATA; TOO_LARGE for a unit over ``most_bytes``, or one that is read from more.
    """
    listed = value.get("parts")
    if not isinstance(listed, list) or not 1 <= len(listed) <= most_units:
        raise refuse(say("A request names 1 to %1 parts.", most_units))
    if ("tiff" in value) == ("document" in value):
        raise refuse(say("A request by parts says how they are decoded, in one way."))
    spec, size = _tiff_spec(value["tiff"]) if "tiff" in value else _zarr_spec(value["document"])
    if size > most_bytes:
        raise TooLargeError(size)
    rows = spec["tiff"]["shape"][0] if "tiff" in spec else None
    parts = [_part(entry, rows) for entry in listed]
    return Parts(spec, size, parts)
