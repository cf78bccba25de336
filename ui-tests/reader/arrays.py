"""Zarr v2 and v3 arrays of folders and archives, one chunk at a time: one that is not there is told apart."""

import io
import itertools
import json
import math
import zipfile
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numcodecs import get_codec
from numcodecs.compat import ensure_bytes

DATA_TYPES = {"bool": "?", "float16": "f2", "float32": "f4", "float64": "f8"}
#: Codecs that compress bytes, by their names in Zarr v3, and the names of numcodecs for them.
COMPRESSORS = {"gzip": "gzip", "zstd": "zstd", "blosc": "blosc"}


class Files:
    """The objects below a folder, or below the root of a zip archive."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._zip = zipfile.ZipFile(place) if place.is_file() else None

    @cached_property
    def names(self) -> list[str]:
        """Every object of an archive, or of a folder."""
        if self._zip:
            return [name for name in self._zip.namelist() if not name.endswith("/")]
        return [str(file.relative_to(self.place)) for file in self.place.rglob("*") if file.is_file()]

    def get(self, key: str) -> bytes | None:
        """The object, or nothing where there is none."""
        key = key.strip("/")
        if self._zip:
            return self._zip.read(key) if key in self._zip.NameToInfo else None
        file = self.place / key
        return file.read_bytes() if file.is_file() else None

    def document(self, key: str) -> dict[str, Any] | None:
        """A JSON object; byte order marks and bare NaN are let pass."""
        data = self.get(key)
        if data is None:
            return None
        try:
            found = json.loads(data.decode("utf-8-sig"))
        except ValueError:
            return None
        return found if isinstance(found, dict) else None


class Array:
    """One array; axes in its own order, ``chunks`` the unit that is decoded."""

    def __init__(self, files: Files, path: str) -> None:
        self.files, self.path = files, path.strip("/")
        document = files.document(f"{self.path}/zarr.json")
        self.inner: list[dict[str, Any]] | None = None
        if document and document.get("node_type") == "array":
            self._read_v3(document)
        else:
            document = files.document(f"{self.path}/.zarray")
            if not document:
                raise LookupError(f"no array at {path}")
            self._read_v2(document)
        self.chunk = lru_cache(maxsize=64)(self._chunk)

    def _read_v2(self, document: dict[str, Any]) -> None:
        self.shape = tuple(document["shape"])
        self.chunks = self.outer = tuple(document["chunks"])
        self.dtype = np.dtype(document["dtype"])
        separator = document.get("dimension_separator", ".")
        self._key = lambda index: separator.join(map(str, index)) or "0"
        compressor = [document["compressor"]] if document.get("compressor") else []
        self._codecs_v2 = [get_codec(dict(one)) for one in [*(document.get("filters") or []), *compressor]]
        self._order = document.get("order", "C")
        self.fill = document.get("fill_value")
        self.version = 2
        self.names = [codec.codec_id for codec in self._codecs_v2]

    def _read_v3(self, document: dict[str, Any]) -> None:
        self.shape = tuple(document["shape"])
        self.outer = self.chunks = tuple(document["chunk_grid"]["configuration"]["chunk_shape"])
        name = document["data_type"]
        self.dtype = np.dtype(DATA_TYPES.get(name, name))
        encoding = document["chunk_key_encoding"]
        default = encoding["name"] == "default"
        separator = (encoding.get("configuration") or {}).get("separator", "/" if default else ".")
        start = ["c"] if default else []
        self._key = lambda index: separator.join([*start, *map(str, index)]) or "0"
        self.codecs = document["codecs"]
        self.fill = document.get("fill_value")
        self.version = 3
        self.names = [codec["name"] for codec in self.codecs]
        if self.codecs[0]["name"] == "sharding_indexed":
            shard = self.codecs[0]["configuration"]
            self.inner, self.chunks, self.shard = shard["codecs"], tuple(shard["chunk_shape"]), shard
            self.names += [codec["name"] for codec in self.inner]

    def present(self) -> bool:
        """Whether any chunk is there at all."""
        counts = [math.ceil(length / chunk) for length, chunk in zip(self.shape, self.outer, strict=True)]
        grid = itertools.islice(itertools.product(*map(range, counts)), 4000)
        return any(self.files.get(f"{self.path}/{self._key(index)}") is not None for index in grid)

    def _chunk(self, index: tuple[int, ...]) -> np.ndarray | None:
        """A decoded chunk, or nothing where it is not there."""
        if self.inner is None:
            data = self.files.get(f"{self.path}/{self._key(index)}")
            if data is None:
                return None
            return self._decode_v2(data) if self.version == 2 else self._decode_v3(data, self.codecs, self.chunks)
        per = [outer // chunk for outer, chunk in zip(self.outer, self.chunks, strict=True)]
        shard = self._shard(tuple(i // n for i, n in zip(index, per, strict=True)))
        if shard is None:
            return None
        data, table = shard
        start, length = (int(one) for one in table[tuple(i % n for i, n in zip(index, per, strict=True))])
        if start == 2**64 - 1:
            return None
        return self._decode_v3(data[start : start + length], self.inner, self.chunks)

    @lru_cache(maxsize=16)  # noqa: B019 — arrays live as long as the process
    def _shard(self, index: tuple[int, ...]) -> tuple[bytes, np.ndarray] | None:
        data = self.files.get(f"{self.path}/{self._key(index)}")
        if data is None:
            return None
        per = [outer // chunk for outer, chunk in zip(self.outer, self.chunks, strict=True)]
        size = 16 * math.prod(per) + 4 * sum(codec["name"] == "crc32c" for codec in self.shard["index_codecs"])
        raw = data[:size] if self.shard.get("index_location") == "start" else data[-size:]
        return data, np.frombuffer(raw[: 16 * math.prod(per)], "<u8").reshape([*per, 2])

    def _decode_v2(self, data: Any) -> np.ndarray:
        for codec in reversed(self._codecs_v2):
            data = codec.decode(data)
        flat = np.frombuffer(ensure_bytes(data), self.dtype)
        return flat.reshape(self.chunks, order=self._order)

    def _decode_v3(self, data: Any, codecs: list[dict[str, Any]], shape: tuple[int, ...]) -> np.ndarray:
        order, shapes = list(codecs), [shape]
        for codec in order:
            if codec["name"] == "transpose":
                axes = _order(codec["configuration"]["order"], len(shape))
                shapes.append(tuple(shapes[-1][axis] for axis in axes))
        for codec in reversed(order):
            name, settings = codec["name"], codec.get("configuration") or {}
            if name == "crc32c":
                data = bytes(data)[:-4]
            elif name == "bytes":
                kind = self.dtype.newbyteorder(">" if settings.get("endian") == "big" else "<")
                data = np.frombuffer(ensure_bytes(data), kind).reshape(shapes[-1])
            elif name == "transpose":
                shapes.pop()
                data = data.transpose(np.argsort(_order(settings["order"], data.ndim)))
            else:
                known = data.shape if isinstance(data, np.ndarray) else None
                data = get_codec(_numcodecs(name, settings, self.dtype)).decode(data)
                data = data if known is None else np.asarray(data).reshape(known)
        return np.asarray(data).reshape(shape)

    def value(self, index: tuple[int, ...]) -> Any:
        """One element, or ``None`` where its chunk is not there."""
        place = tuple(i // chunk for i, chunk in zip(index, self.chunks, strict=True))
        chunk = self.chunk(place)
        return None if chunk is None else chunk[tuple(i % n for i, n in zip(index, self.chunks, strict=True))]

    def region(self, slices: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
        """Elements of a region, and where they are there at all."""
        out = np.zeros([stop - start for start, stop in slices], self.dtype.newbyteorder("="))
        there = np.zeros(out.shape, bool)
        spans = [range(start // n, -(-stop // n)) for (start, stop), n in zip(slices, self.chunks, strict=True)]
        for place in itertools.product(*spans):
            chunk = self.chunk(place)
            if chunk is None:
                continue
            into, part = [], []
            for i, n, (start, stop) in zip(place, self.chunks, slices, strict=True):
                low, high = max(start, i * n), min(stop, (i + 1) * n)
                into.append(slice(low - start, high - start))
                part.append(slice(low - i * n, high - i * n))
            out[tuple(into)] = chunk[tuple(part)]
            there[tuple(into)] = True
        return out, there

    def everything(self) -> np.ndarray:
        """All of it, what is not there filled with the fill value."""
        out, there = self.region([(0, length) for length in self.shape])
        named = {"NaN": np.nan, "Infinity": np.inf, "-Infinity": -np.inf}
        fill = named.get(self.fill, self.fill) if isinstance(self.fill, str) else self.fill
        if fill is not None and not there.all():
            out[~there] = fill
        return out


def _order(order: str | list[int], dimensions: int) -> list[int]:
    """A transposition's order; older writers name it by a letter."""
    if isinstance(order, str):
        return list(range(dimensions)) if order == "C" else list(range(dimensions))[::-1]
    return order


def _numcodecs(name: str, settings: dict[str, Any], dtype: np.dtype) -> dict[str, Any]:
    """What numcodecs calls a codec of Zarr v3."""
    if name == "blosc":
        shuffle = {"noshuffle": 0, "shuffle": 1, "bitshuffle": 2}.get(settings.get("shuffle"), 1)
        kept = {key: settings[key] for key in ("cname", "clevel", "blocksize") if key in settings}
        return {"id": "blosc", "shuffle": shuffle, **kept}
    if name == "gzip":
        return {"id": "gzip", "level": settings.get("level", 1)}
    if name == "zstd":
        return {"id": "zstd", "level": settings.get("level", 0)}
    kind = name.split(".")[-1]
    if kind in ("delta", "fixedscaleoffset", "quantize", "astype") and "dtype" not in settings:
        settings = {**settings, "dtype": dtype.str}
    return {"id": kind, **settings}


def little_endian(array: np.ndarray) -> bytes:
    """Bytes in C order, as digests of arrays are taken over."""
    out = io.BytesIO()
    out.write(np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"))).tobytes())
    return out.getvalue()
