"""The server's reader against the table that is a test of both readers, and details the table does not show."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ..errors import BioImageError
from ..services.fields import parse_json
from ..services.multiscale import Image, Missing, check_dataset_path, read_channels
from ..services.ngff import build_node
from ..services.plan import make_plan, read_view, region_at_level, region_of_level
from ..services.zarrmeta import ArrayMeta, read_array
from .canonical import row, rows
from .readers import TABLE, answer
from .samples import formula, sample_folder
from .shared import shared_path

CASES = json.loads(TABLE.read_text(encoding="ascii"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_both_readers_say_the_same(case: dict[str, Any]) -> None:
    assert answer(case) == case["expect"]


def test_the_table_covers_every_version_and_kind() -> None:
    expected = [case["expect"] for case in CASES]
    assert {"image", "plate", "well", "collection"} <= {e["kind"] for e in expected if "kind" in e}
    assert {"0.1", "0.3", "0.4", "0.5", ""} <= {e["version"] for e in expected if "version" in e}
    assert len({case["name"] for case in CASES}) == len(CASES)


@pytest.mark.parametrize(
    ("dtype", "fill", "expected"),
    [
        ("<f4", "0", 0.0),
        ("<f4", "0.0", 0.0),
        ("<f8", "-1.5e3", -1500.0),
        ("<u2", "7.0", 7),
        ("|b1", "true", True),
        ("|b1", "1", True),
        ("|b1", "false", False),
        ("|b1", "0", False),
        ("<i8", 9007199254740993, 9007199254740993),
        ("<u8", 18446744073709551614, 18446744073709551614),
    ],
)
def test_fill_values_may_be_decimal_text_and_are_exact(dtype: str, fill: Any, expected: Any) -> None:
    document = {"zarr_format": 2, "shape": [4], "chunks": [4], "dtype": dtype, "fill_value": fill}
    found = read_array("", document | {"order": "C", "filters": None, "compressor": None}).fill
    assert found == expected
    assert isinstance(found, type(expected))


def test_an_extension_that_need_not_be_understood_is_left_alone() -> None:
    group = {"zarr_format": 3, "node_type": "group", "other": {"name": "x", "must_understand": False}}
    node = build_node({"zarr.json": json.dumps(group).encode(), ".zattrs": None})
    assert not isinstance(node, Missing)
    assert node.kind == "group"


def test_every_folder_of_the_collection_is_read_as_the_browser_reads_it() -> None:
    """``src/ngff/__tests__/collection.spec.ts`` compares the browser's reader with the same table."""
    root, known = shared_path("data"), rows()
    assert {place: row(root / place) for place in known} == known
    assert len(known) > 900


def test_the_keys_of_the_samples_are_files() -> None:
    cases = [case for case in CASES if case.get("folder") and case["expect"].get("keys")]
    assert len(cases) > 10
    for case in cases:
        folder = sample_folder() / case["folder"]
        assert [key for key in case["expect"]["keys"] if not (folder / key).is_file()] == [], case["name"]


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b"\xef\xbb\xbf[1]", [1]),  # BOM
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'{"__proto__": {"x": 1}}', {"__proto__": {"x": 1}}),
    ],
)
def test_json_is_read_as_it_is_written(data: bytes, value: Any) -> None:
    assert parse_json(data) == value


def test_bare_nan_and_infinity_are_numbers() -> None:
    nan, infinity = parse_json(b"[NaN, -Infinity]")
    assert nan != nan
    assert infinity == float("-inf")


@pytest.mark.parametrize(
    "data",
    [
        b"{bad",
        b"",
        b"[" * 100_000 + b"]" * 100_000,
        b"[" * 600 + b"]" * 600,
        '{"a": 1}'.encode("utf-16"),
        b'{"a": "\xff\xfe"}',
    ],
    ids=["broken", "empty", "deep", "deeper than 512", "UTF-16", "invalid UTF-8"],
)
def test_bad_json_is_bad_metadata(data: bytes) -> None:
    with pytest.raises(BioImageError) as caught:
        parse_json(data)
    assert caught.value.code == "BAD_METADATA"
    assert "json" in caught.value.message


@pytest.mark.parametrize("digits", [310, 5000])
def test_a_number_beyond_all_doubles_is_infinite_and_breaks_nothing(digits: int) -> None:
    number = parse_json(b"[" + b"9" * digits + b"]")[0]
    assert number == float("inf")
    (channel,) = read_channels({"channels": [{"label": number, "window": {"start": 0, "end": number}}]}, 1)
    assert (channel.label, channel.window) == ("Infinity", None)


def test_many_brackets_side_by_side_are_not_deep() -> None:
    assert len(parse_json(json.dumps([[]] * 2000 + ['"[[[[']).encode())) == 2001


def test_a_document_over_8_mib_is_too_large() -> None:
    with pytest.raises(BioImageError) as caught:
        parse_json(b" " * (8 << 20) + b"1")
    assert caught.value.code == "TOO_LARGE"


@pytest.mark.parametrize("path", ["0", "s0", "a/b/c", "a?x", "a#f", "a%3Fx", "100%", "größe", "a b", "..."])
def test_plain_names_are_dataset_paths(path: str) -> None:
    assert check_dataset_path(path, "path") == path


def array(**more: Any) -> ArrayMeta:
    document = {"zarr_format": 2, "shape": [10, 10], "chunks": [4, 4], "dtype": "<u2", "order": "C", "fill_value": 0}
    return read_array("a", document | {"filters": None, "compressor": None} | more)


@pytest.mark.parametrize(
    ("dtype", "name", "big"),
    [
        ("|b1", "bool", False),
        ("|u1", "uint8", False),
        (">i2", "int16", True),
        ("<f2", "float16", False),
        ("<i8", "int64", False),
        (">u8", "uint64", True),
        ("<f8", "float64", False),
    ],
)
def test_every_type_of_the_list_is_read(dtype: str, name: str, big: bool) -> None:
    found = array(dtype=dtype)
    assert (found.dtype, found.big_endian) == (name, big)


@pytest.mark.parametrize("dtype", ["<M8[ns]", "|S4", "<c8", "=u2", "|u2", "<u3", "", "<", 7, None, [["a", "<u2"]]])
def test_no_other_type_is_read(dtype: Any) -> None:
    with pytest.raises(BioImageError) as caught:
        array(dtype=dtype)
    assert caught.value.code in ("UNSUPPORTED", "BAD_METADATA")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"filters": [{"id": "delta", "dtype": "<u2"}] * 2}, "UNSUPPORTED"),
        ({"filters": [{"id": "delta"}] * 3000}, "UNSUPPORTED"),
        ({"filters": [{"id": "shuffle", "elementsize": -1}]}, "BAD_METADATA"),
        ({"filters": [{"id": "fixedscaleoffset", "scale": "1", "offset": 0}]}, "BAD_METADATA"),
        ({"compressor": {"id": "__import__"}}, "UNSUPPORTED"),
        ({"compressor": "zlib"}, "BAD_METADATA"),
        ({"order": "K"}, "BAD_METADATA"),
        ({"fill_value": -1}, "BAD_METADATA"),
        ({"fill_value": 65536}, "BAD_METADATA"),
        ({"fill_value": True}, "BAD_METADATA"),
        ({"dimension_separator": "%2F%2e%2e%2F"}, "BAD_METADATA"),
        ({"shape": [1e400, 1]}, "BAD_METADATA"),
        ({"shape": 10}, "BAD_METADATA"),
        ({"zarr_format": 4}, "UNSUPPORTED"),
    ],
    ids=lambda v: str(v)[:40],
)
def test_arrays_that_are_refused(more: dict[str, Any], code: str) -> None:
    with pytest.raises(BioImageError) as caught:
        array(**more)
    assert caught.value.code == code


def sharded(**more: Any) -> ArrayMeta:
    plain = {"name": "bytes", "configuration": {"endian": "little"}}
    configuration = {"chunk_shape": [2, 4], "codecs": [plain], "index_codecs": [plain, {"name": "crc32c"}]} | more
    document = {
        "zarr_format": 3,
        "node_type": "array",
        "shape": [20, 20],
        "data_type": "uint8",
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [8, 8]}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "."}},
        "fill_value": 0,
        "codecs": [{"name": "sharding_indexed", "configuration": configuration}],
    }
    return read_array("", document)


def test_where_an_inner_chunk_lies() -> None:
    found = sharded()
    assert (found.chunks, found.grid) == ((2, 4), (10, 5))
    assert found.shard is not None
    assert (found.shard.per_shard, found.shard.index_bytes, found.shard.index_at) == ((4, 2), 16 * 8 + 4, "end")
    assert found.object_key((5, 3)) == "c.1.1"
    assert found.place_in_shard((5, 3)) == 1 * 2 + 1
    assert sharded(index_location="start", index_codecs=["bytes"]).shard is not None


@pytest.mark.parametrize(
    "more",
    [
        {"chunk_shape": [3, 4]},
        {"chunk_shape": [2]},
        {"chunk_shape": [0, 4]},
        {"index_location": "middle"},
        {"index_codecs": ["zstd"]},
        {"index_codecs": []},
        {"codecs": []},
        {"codecs": ["bytes", "bytes"]},
        {"codecs": ["bytes", "evil"]},
        {"codecs": [{"name": "transpose", "configuration": {"order": [0, 0]}}, "bytes"]},
        {"codecs": ["zstd", "bytes"]},
    ],
    ids=str,
)
def test_shards_that_are_refused(more: dict[str, Any]) -> None:
    with pytest.raises(BioImageError) as caught:
        sharded(**more)
    assert caught.value.code in ("UNSUPPORTED", "BAD_METADATA")


def test_display_hints_cannot_fail_an_image() -> None:
    channels = read_channels(
        {
            "channels": [
                {"label": "<b>x</b>", "color": "red;background:url(//evil)", "window": {"start": 9, "end": 1}},
                {"label": 7, "color": "#00ff7f", "active": False, "window": {"min": 0, "max": float("nan")}},
                "nonsense",
                {"window": {"start": 5, "end": 5}},
            ]
        },
        9,
    )
    assert [c.color for c in channels[:3]] == [None, "00FF7F", None]
    assert [c.window for c in channels[:4]] == [(1.0, 9.0), None, None, None]
    assert [c.label for c in channels[:4]] == ["<b>x</b>", "7", "Channel 2", "Channel 3"]
    assert [c.active for c in channels] == [True, False, True, True, True, True, False, False, False]


def test_an_image_whose_channels_are_all_hidden_shows_the_first() -> None:
    assert [c.active for c in read_channels({"channels": [{"active": False}] * 2}, 2)] == [True, False]


def sample_image(path: str) -> Image:
    keys = [p for p in (sample_folder() / path).rglob("*") if p.name in (".zattrs", ".zarray", "zarr.json")]
    documents: dict[str, bytes | None] = {"zarr.json": None, ".zattrs": None}
    documents |= {key.relative_to(sample_folder() / path).as_posix(): key.read_bytes() for key in keys}
    node = build_node(documents)
    assert isinstance(node, Image)
    return node


@pytest.mark.parametrize(
    ("width", "height", "level"),
    [
        (1024, 1024, 0),
        (1023, 2000, 0),
        (512, 512, 1),
        (513, 513, 0),
        (256, 256, 2),
        (128, 128, 3),
        (10, 10, 3),
        (1, 1, 3),
    ],
)
def test_the_level_drawn_has_pixels_no_larger_than_the_screens(width: int, height: int, level: int) -> None:
    plan = make_plan(sample_image("cells-2d.ome.zarr"), read_view(None, width, height))
    assert plan.drawn == level


def test_the_sample_formula_and_the_planes_agree() -> None:
    """The default plane of the stack is the one in the middle."""
    plan = make_plan(sample_image("stack-zt.ome.zarr"), read_view(None, 64, 64))
    assert (plan.t, plan.z) == (0, 6)
    assert formula().value("stack-zt.ome.zarr", 2, z=6, y=3, x=3) == formula().value(
        "stack-zt.ome.zarr", 0, z=6, y=12, x=12
    )


@pytest.mark.parametrize(
    "selection",
    [
        [],
        "x",
        {"t": -1},
        {"t": 1.5},
        {"t": "1"},
        {"z": True},
        {"c": 1},
        {"c": [0, -1]},
        {"c": list(range(2000))},
        {"region": [0, 1, 0]},
        {"region": [5, 5, 0, 1]},
        {"region": [0, 1, 7, 3]},
        {"level": 2**53},
    ],
    ids=lambda v: str(v)[:30],
)
def test_selections_that_are_refused(selection: Any) -> None:
    with pytest.raises(BioImageError) as caught:
        read_view(selection, 10, 10)
    assert caught.value.code == "BAD_REQUEST"


def test_unknown_and_null_fields_of_a_selection_are_dropped() -> None:
    view = read_view({"t": 1.0, "z": None, "well": "A1", "labels": ["x"], "other": {}}, 10, 20)
    assert (view.t, view.z, view.c, view.region) == (1, None, None, None)


def test_a_huge_image_without_levels_is_planned_in_bounds() -> None:
    documents = {
        "zarr.json": None,
        ".zattrs": b'{"multiscales": [{"axes": ["y", "x"], "version": "0.3", "datasets": [{"path": "0"}]}]}',
        "0/.zarray": json.dumps(
            {"zarr_format": 2, "shape": [2**40, 2**40], "chunks": [64, 64], "dtype": "|u1", "compressor": None}
        ).encode(),
    }
    node = build_node(documents)
    assert isinstance(node, Image)
    plan = make_plan(node, read_view(None, 800, 600))
    chunks = plan.wanted[0].chunks
    assert len(chunks) == 256
    middle = 2**40 // 64 // 2
    assert all(abs(row - middle) < 12 and abs(column - middle) < 12 for row, column in chunks)


def test_a_region_lies_where_its_level_is_drawn() -> None:
    case = next(case for case in CASES if case["name"] == "a level that begins 8 pixels to the right, a region")
    node = build_node({key: None if v is None else json.dumps(v).encode() for key, v in case["documents"].items()})
    assert isinstance(node, Image)
    assert region_at_level(node, 1, (1, 37, 8, 20)) == (0, 19, 0, 6)
    assert region_at_level(node, 1, (0, 64, 0, 8)) == (0, 32, 0, 0)
    assert region_of_level(node, 1, (0, 19, 0, 6)) == (0, 38, 8, 20)
