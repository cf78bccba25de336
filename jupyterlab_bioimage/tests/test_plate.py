"""GET stores/{id}/plate and the stream behind it: what wells look like, in what order they come, what is refused."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import numpy as np
import pytest

from ..errors import BioImageError
from ..services.limits import ByteGate
from ..services.plate import blocks, plate_stream
from ..services.plateview import read_plate_view
from ..services.preview import Previews
from ..services.worker import PreviewError
from .memory import MemoryStore, encode
from .plates import WHITE, Objects, Straight, full, image, pictures, pixels, pixels_of, plain, plate, well


def places(frames: list[Any]) -> list[tuple[int, int]]:
    return [(frame.header["row"], frame.header["column"]) for frame in frames]


async def test_wells_come_row_by_row_with_one_contrast() -> None:
    store = MemoryStore(full(3, 4, lambda row, column: 250 * (row + 1)))
    head, frames = await pictures(store)
    assert head == {
        "others": [],
        "count": 12,
        "channels": [{"index": 0, "label": "Channel 0", "color": "FFFFFF", "window": [0.0, 1000.0]}],
    }
    assert places(frames) == [(row, column) for row in range(3) for column in range(4)]
    for frame in frames:
        row = frame.header["row"]
        assert (frame.header["type"], frame.header["field"], frame.header["fields"]) == ("well", 0, 1)
        dark, *_, bright = pixels(frame)
        assert max(dark) < 8
        assert abs(int(bright[0]) - 255 * 250 * (row + 1) // 1000) < 8
    assert len(store.reads) == len(set(store.reads)), "nothing is read twice"


async def test_the_first_wells_are_there_before_the_last_are_read() -> None:
    made = full(8, 12)
    store = MemoryStore(made, delay=0.005)
    frames = plate_stream(store, "", read_plate_view("", 32), Straight(), ByteGate(1 << 27))
    async with aclosing(frames) as stream:  # type: ignore[type-var]  # an async generator
        async for frame in stream:
            if frame.header["type"] == "well":
                break
        assert not any(item.key.startswith("H/12/0/0/0") for item in store.reads)
    await asyncio.sleep(0.05)
    seen = len(store.reads)
    await asyncio.sleep(0.1)
    assert len(store.reads) == seen, "who leaves stops the reads"
    assert store.running == 0


async def test_wells_that_are_absent_or_broken_say_so() -> None:
    made = full(2, 3)
    for key in [key for key in made if key.startswith("A/2/")]:
        del made[key]  # named, no folder
    for key in [key for key in made if key.startswith("A/3/0/")]:
        del made[key]  # a well without its field
    made |= image("B/1/0", plain(7), omero=WHITE, absent=True)
    for key in [key for key in made if key.startswith("B/1/0/0/0/")]:
        del made[key]  # no chunk
    made["B/2/.zattrs"] = b"{bad"
    made["B/3/0/0/0/0/0"] = b"short"
    _, frames = await pictures(MemoryStore(made, broken=[]))
    states = {f"{'AB'[f.header['row']]}{f.header['column'] + 1}": f.header["state"] for f in frames}
    assert states == {"A1": "picture", "A2": "absent", "A3": "absent", "B1": "absent", "B2": "failed", "B3": "failed"}
    broken = {frame.header["column"]: frame.header for frame in frames if frame.header["state"] == "failed"}
    assert (broken[1]["code"], broken[2]["code"]) == ("BAD_METADATA", "BAD_CHUNK")
    assert all(header["message"] for header in broken.values())
    assert all(frame.body == b"" for frame in frames if frame.header["state"] != "picture")


async def test_a_chunk_that_cannot_be_read_fails_its_well_alone() -> None:
    store = MemoryStore(full(1, 3), broken=["A/2/0/0/0/0/0"])
    _, frames = await pictures(store)
    assert [frame.header["state"] for frame in frames] == ["picture", "failed", "picture"]
    assert frames[1].header["code"] == "UPSTREAM_DOWN"


@pytest.mark.parametrize("how", ["unreadable", "short", "absent"])
async def test_of_a_well_with_one_bad_chunk_the_rest_is_drawn(how: str) -> None:
    key = "A/1/0/0/0/1/1"
    made = plate(1, 1) | well("A/1") | image("A/1/0", np.full((1, 64, 64), 1000, "<u2"), chunk=32, omero=WHITE)
    if how == "absent":
        del made[key]
    elif how == "short":
        made[key] = b"short"
    _, (frame,) = await pictures(MemoryStore(made, broken=[key] if how == "unreadable" else []), size=64)
    picture = pixels_of(frame).astype(int)
    assert picture[:30, :].min() > 230
    assert picture[:, :30].min() > 230
    marked = picture[34:, 34:].reshape(-1, 3)
    if how == "absent":
        assert "message" not in frame.header
        assert 90 < marked.mean() < 160  # stripes of two greys, neither the black of 0 nor data
        assert marked.std(0).min() > 5
    else:
        assert frame.header["code"] == ("UPSTREAM_DOWN" if how == "unreadable" else "BAD_CHUNK")
        assert frame.header["message"]
        assert marked[:, 0].mean() > 1.5 * marked[:, 1].mean()  # red


async def test_shapes_and_types_may_differ() -> None:
    made = plate(1, 5) | well("A/1") | well("A/2") | well("A/3") | well("A/4") | well("A/5")
    made |= image("A/1/0", plain(1000, 2), levels=2)
    made |= image("A/2/0", plain(1000, 2, 100, "<f4"), levels=2, chunk=30)
    made |= image("A/3/0", plain(200, 1, 64, "|u1"))
    made |= image("A/4/0", plain(1000, 2, 64, ">i4")[:, :, :40], levels=3)
    made |= image("A/5/0", plain(1000, 2)[:, None], axes="czyx")
    _, frames = await pictures(MemoryStore(made), c=[0, 1], windows=[[0, 1000], [0, 1000]])
    assert [frame.header["state"] for frame in frames] == ["picture"] * 5
    assert [(f.header["width"], f.header["height"]) for f in frames] == [(32, 32)] * 3 + [(20, 32), (32, 32)]
    for frame in (frames[0], frames[1], frames[4]):
        assert list(pixels(frame)[-4]) == pytest.approx([255, 255, 255], abs=10)


async def test_only_the_level_that_is_drawn_is_read() -> None:
    made = plate(1, 20)
    for column in range(20):
        made |= well(f"A/{column + 1}") | image(f"A/{column + 1}/0", plain(1000, 1, 256), levels=4, omero=WHITE)
    store = MemoryStore(made)
    _, frames = await pictures(store, size=32)
    assert [frame.header["width"] for frame in frames] == [32] * 20
    chunks = [item.key for item in store.reads if not item.key.endswith(("zarray", "zattrs", "json"))]
    assert {key.split("/")[3] for key in chunks} == {"3"}, "the coarsest that has the size"
    levels = [item.key for item in store.reads if item.key.endswith(".zarray")]
    assert len(levels) <= 7 * 4 + 13, "the other levels of later wells are as those of the first"
    _, frames = await pictures(store, size=200)
    assert [frame.header["width"] for frame in frames] == [200] * 20


async def test_contrast_is_common_where_the_metadata_has_none() -> None:
    made = plate(2, 2)
    for row, column, value in ((0, 0, 10.0), (0, 1, 50.0), (1, 0, np.nan), (1, 1, 90.0)):
        path = f"{'AB'[row]}/{column + 1}"
        made |= well(path) | image(f"{path}/0", np.full((1, 64, 64), value, "<f4"))
    made[next(key for key in made if key.startswith("B/2/0/0/0/"))] = np.full((64, 64), np.inf, "<f4").tobytes()
    head, frames = await pictures(MemoryStore(made))
    assert head["channels"][0]["window"] == [10.0, 50.0], "of all wells; NaN and infinity do not count"
    assert [int(pixels(frame)[9][0]) for frame in frames] == pytest.approx([0, 255, 0, 255], abs=2)


async def test_what_is_missing_does_not_count_for_the_common_contrast() -> None:
    made = plate(1, 1) | well("A/1") | image("A/1/0", np.full((1, 64, 64), 300, "<u2"), chunk=32)
    made["A/1/0/0/0/0/0"] = np.full((32, 32), 200, "<u2").tobytes()
    del made["A/1/0/0/0/1/1"]
    head, _ = await pictures(MemoryStore(made))
    assert head["channels"][0]["window"] == [200, 300]


async def test_channels_and_windows_as_asked_for() -> None:
    made = plate(1, 1) | well("A/1") | image("A/1/0", plain(500, 3))
    store = MemoryStore(made)
    head, frames = await pictures(store, c=[2, 0], windows=[[0, 500], [0, 2000]])
    assert [(channel["index"], channel["window"]) for channel in head["channels"]] == [(2, [0, 500]), (0, [0, 2000])]
    assert [channel["index"] for channel in head["others"]] == [1], "there, and not shown"
    assert list(pixels(frames[0])[-4]) == pytest.approx([64, 0, 255], abs=8)
    head, _ = await pictures(store)
    assert [channel["color"] for channel in head["channels"]] == ["FF0000", "00FF00", "0000FF"]


async def test_fields_acquisitions_and_a_well_by_name_or_address() -> None:
    made = plate(1, 2) | well("A/1", 4, [1, 2, 1, 2]) | well("A/2", 2)
    for field in range(4):
        made |= image(f"A/1/{field}", plain(250 * (field + 1)), omero=WHITE)
    made |= image("A/2/0", plain(250), omero=WHITE) | image("A/2/1", plain(1000), omero=WHITE)
    store = MemoryStore(made)

    def shown(frames: list[Any]) -> list[tuple[int, int, int]]:
        """Field, number of fields, brightness in quarters."""
        return [(f.header["field"], f.header["fields"], round(int(pixels(f)[-4][0]) / 64)) for f in frames]

    assert shown((await pictures(store))[1]) == [(0, 4, 1), (0, 2, 1)]
    assert shown((await pictures(store, field=3))[1]) == [(3, 4, 4), (1, 2, 4)], "clipped to what a well has"
    _, frames = await pictures(store, field=1, acquisition=2)
    assert [frame.header["state"] for frame in frames] == ["picture", "absent"]
    assert shown(frames[:1]) == [(3, 2, 4)]
    head, frames = await pictures(store, well="A1")
    assert head["count"] == 4
    assert [frame.header["type"] for frame in frames] == ["field"] * 4
    assert places(frames) == [(0, 0)] * 4
    assert shown(frames) == [(0, 4, 1), (1, 4, 2), (2, 4, 3), (3, 4, 4)]
    _, frames = await pictures(store, path="A/1", acquisition=1)
    assert shown(frames) == [(0, 2, 1), (2, 2, 3)]
    with pytest.raises(BioImageError, match="no such well"):
        await pictures(store, well="Z9")


async def test_a_plate_without_any_image_is_all_absent() -> None:
    head, frames = await pictures(MemoryStore(plate(4, 6)))
    assert head == {"channels": [], "others": [], "count": 24}
    assert {frame.header["state"] for frame in frames} == {"absent"}
    assert len(frames) == 24
    empty = encode({".zattrs": {"plate": {"rows": [], "columns": [], "wells": []}}})
    assert await pictures(MemoryStore(empty)) == ({"channels": [], "others": [], "count": 0}, [])


def listed(*wells: Any, **more: Any) -> Objects:
    description = {"rows": [{"name": "A"}], "columns": [{"name": "1"}, {"name": "2"}], "wells": list(wells)}
    return encode({".zattrs": {"plate": description | more}})


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (listed(*[{"path": "A/1"}] * 100_000), "TOO_LARGE"),
        (listed({"path": "../other"}), "BAD_METADATA"),
        (listed({"path": "https://evil.example/A/1"}), "BAD_METADATA"),
        (listed({"path": "%2e%2e/A"}), "BAD_METADATA"),
        (listed({"path": 7}), "BAD_METADATA"),
        (listed(7), "BAD_METADATA"),
        (listed(rows=7), "BAD_METADATA"),
        ({}, "NOT_FOUND"),
        ({".zattrs": b'{"labels": []}'}, "UNSUPPORTED"),
    ],
    ids=["100,000 wells", "out", "elsewhere", "encoded", "no text", "no object", "rows", "nothing", "no plate"],
)
async def test_plates_that_are_refused(made: Objects, code: str) -> None:
    with pytest.raises(BioImageError) as caught:
        await pictures(MemoryStore(made))
    assert caught.value.code == code


async def test_wells_outside_and_twins_are_left_out() -> None:
    made = listed(
        {"path": "A/1", "rowIndex": 0, "columnIndex": 1},
        {"path": "A/2", "rowIndex": 0, "columnIndex": 1},
        {"path": "A/3", "rowIndex": 10**9, "columnIndex": 0},
        {"path": "A/4", "rowIndex": -1, "columnIndex": 0},
        {"path": "A/5", "rowIndex": 1e400, "columnIndex": 0},
        {"path": "A/6", "rowIndex": 0.5, "columnIndex": 0},
        {"path": "A/1"},
    )
    made |= well("A/1") | image("A/1/0", plain(9), omero=WHITE)
    _, frames = await pictures(MemoryStore(made))
    assert places(frames) == [(0, 0), (0, 1)], "by its indices, else by its path"


async def test_few_bytes_are_held_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    class Watched(ByteGate):
        most = 0

        async def acquire(self, size: int, timeout: float | None = None) -> None:
            await super().acquire(size, timeout)
            self.most = max(self.most, self.used)

    monkeypatch.setattr("jupyterlab_bioimage.services.plate.DECODED", 5 * 64 * 64 * 2)
    gate = Watched(1 << 27)
    await pictures(MemoryStore(full(8, 12)), gate=gate)
    assert gate.used == 0
    assert gate.most <= 4 * 5 * 64 * 64 * 2, "one part drawn, one waiting, one being read; all have 19 times as much"


async def test_columns_of_one_name_are_two_columns() -> None:
    wells = [{"path": "A/1", "rowIndex": 0, "columnIndex": column} for column in range(2)]
    made = encode({".zattrs": {"plate": {"rows": [{"name": "A"}], "columns": [{"name": "1"}] * 2, "wells": wells}}})
    _, frames = await pictures(MemoryStore(made | well("A/1") | image("A/1/0", plain(9))))
    assert places(frames) == [(0, 0), (0, 1)]


async def test_bytes_held_are_given_back() -> None:
    gate = ByteGate(1 << 20)
    made = full(4, 6)
    await pictures(MemoryStore(made, broken=["A/2/0/0/0/0/0"]), gate=gate)
    assert gate.used == 0
    leaving = asyncio.ensure_future(pictures(MemoryStore(made, delay=0.01), gate=gate))
    await asyncio.sleep(0.3)
    assert not leaving.done()
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    assert gate.used == 0


async def test_a_child_that_ends_over_one_well_costs_only_that_well() -> None:
    class Fragile(Straight):
        tasks = 0

        async def _ask(self, head: dict[str, Any], parts: Any, most: int = 0) -> bytes:
            self.tasks += 1
            if b"evil" in parts:
                raise PreviewError("the child ended")
            return await super()._ask(head, parts, most)

    made = full(4, 6)
    made["B/3/0/0/0/0/0"] = b"evil"
    _, frames = await pictures(MemoryStore(made), previews=Fragile())
    assert [places([frame])[0] for frame in frames if frame.header["state"] != "picture"] == [(1, 2)]
    assert frames[8].header["code"] == "UNSUPPORTED"


async def test_a_child_of_its_own_makes_them() -> None:
    previews = Previews()
    made = full(2, 3)
    made["B/3/0/0/0/0/0"] = b"short"
    try:
        _, frames = await pictures(MemoryStore(made), previews=previews)
        assert [frame.header["state"] for frame in frames] == [*["picture"] * 5, "failed"]
        assert frames[5].header["code"] == "BAD_CHUNK"
    finally:
        await previews.close()


def test_blocks_are_small_at_first() -> None:
    spots: list[Any] = list(range(100))
    found = list(blocks(spots))
    assert [spot for block in found for spot in block] == spots
    assert len(found[0]) == 1
    assert max(map(len, found)) <= 32
