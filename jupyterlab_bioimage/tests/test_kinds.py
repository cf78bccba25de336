"""Kinds beyond images of microscopes: colour pictures, labels with colours, plain arrays and groups, named series."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from ..errors import BioImageError
from ..services.limits import MAX_DOCUMENT, ByteGate
from ..services.multiscale import Image
from ..services.ngff import Group, build_node
from ..services.omexml import image_names
from ..services.opening import Frame
from ..services.plan import make_plan, read_view
from ..services.plane import Planes
from ..services.planes import ArrayPlane, with_axes
from ..services.thumbnail import Thumbnails
from .memory import MemoryStore, collect, encode, of_type
from .plates import Objects, Straight, image

LABELS = {"label-value": 1, "rgba": [255, 0, 0, 255]}


async def thumbnail(objects: Objects, path: str = "a", size: int = 64) -> Any:
    """Red, green and blue of the picture."""
    picture = await Thumbnails(Straight(), ByteGate(1 << 27)).make(MemoryStore(objects), path, size)
    return np.asarray(Pillow.open(io.BytesIO(picture.data)).convert("RGB")).astype(int)


def named(objects: Objects, axes: list[Any], **more: Any) -> Objects:
    """With axes as objects, and further attributes."""
    attributes = json.loads(objects["a/.zattrs"])
    attributes["multiscales"][0]["axes"] = axes
    return objects | encode({"a/.zattrs": attributes | more})


def colours() -> Any:
    """(y, x, 4): a left half of (200, 100, 0), a right one of (0, 50, 250), half transparent."""
    planes = np.zeros((32, 32, 4), "|u1")
    planes[:, :16] = (200, 100, 0, 255)
    planes[:, 16:] = (0, 50, 250, 128)
    return planes


AXES = [{"name": "y", "type": "space"}, {"name": "x", "type": "space"}, {"name": "c", "type": "channel"}]


async def test_a_colour_picture_is_shown_as_it_is() -> None:
    made = named(image("a", colours(), axes="yxc"), AXES)
    shown = await thumbnail(made)
    assert shown[16, 4] == pytest.approx([200, 100, 0], abs=12)
    assert shown[16, 28] == pytest.approx([0, 50, 250], abs=12)


async def test_a_last_axis_of_three_without_a_name_is_no_colour_picture() -> None:
    made = {key.replace("a/0/", "a/"): data for key, data in image("a", colours(), axes="yxc").items()}
    made = {key: data for key, data in made.items() if not key.endswith(".zattrs")}
    shown = await thumbnail(made)
    assert np.ptp(shown, axis=2).max() < 8, "grey: a plane of an array of three axes"


async def test_labels_have_the_colours_of_the_metadata_else_hashed_ones() -> None:
    ids = np.zeros((48, 48), ">u4")
    ids[:, 16:32], ids[:, 32:] = 1, 70000
    entry = {"label-value": 0, "rgba": [0, 0, 200]}
    made = named(image("a", ids), ["y", "x"], **{"image-label": {"colors": [LABELS, entry, 7, {"label-value": "x"}]}})
    shown = await thumbnail(made)
    assert shown[24, 4] == pytest.approx([0, 0, 200], abs=12), "also the ground, where the metadata gives it a colour"
    assert shown[24, 24] == pytest.approx([255, 0, 0], abs=12)
    assert shown[24, 44].max() > 100
    without = await thumbnail(named(image("a", ids), ["y", "x"], **{"image-label": {}}))
    assert without[24, 4].max() < 8
    assert without[24, 44] == pytest.approx(shown[24, 44], abs=12)


def bare(shape: list[int], chunks: list[int], **more: Any) -> Image:
    document = {"zarr_format": 2, "shape": shape, "chunks": chunks, "dtype": "<u2", "order": "C", "compressor": None}
    node = build_node(
        {"zarr.json": None, ".zattrs": None, ".zgroup": None, ".zarray": json.dumps(document | more).encode()}
    )
    assert isinstance(node, Image)
    return node


def test_any_plane_of_an_array_can_be_drawn() -> None:
    found = bare([2, 3, 4, 5, 6, 7, 8], [1] * 7)
    assert found.others == ((0, 0), (1, 0))
    turned = with_axes(found, ArrayPlane(1, 0, (0, 0, 3, 2, 1, 6, 7)))
    assert (turned.at["y"], turned.at["x"]) == (1, 0)
    # Axes called t, c and z keep their meaning; the longest of the others would have become z and t.
    assert turned.at == {"c": 3, "t": 2, "z": 4, "y": 1, "x": 0}
    assert (turned.t, turned.z) == (3, 1)
    assert turned.others == ((5, 6), (6, 7))
    assert len(turned.channels) == 5
    plan = make_plan(turned, read_view({"c": [2]}, 8, 8))
    assert {chunk[2:] for chunk in plan.wanted[0].chunks} == {(3, 2, 1, 6, 7)}
    assert len(plan.wanted[0].chunks) == 6


@pytest.mark.parametrize(
    ("shape", "names"),
    [
        ([100, 90, 3], "y, x, z"),
        ([3, 100, 90], "z, y, x"),
        ([100, 3, 90], "z, y, x"),
        ([5, 100, 90, 3], "c, y, x, z"),
        ([100, 90, 3, 2], "y, x, c, z"),
        ([2, 2, 2, 100, 90, 4], "axis 0, t, c, y, x, z"),
        ([100, 90, 8], "z, y, x"),
        ([4, 5, 3], "z, y, x"),
        ([2, 90], "y, x"),
    ],
)
def test_axes_without_names_are_told_by_their_lengths(shape: list[int], names: str) -> None:
    document = {"zarr_format": 2, "shape": shape, "chunks": [4] * len(shape), "dtype": "|u1", "order": "C"}
    document |= {"compressor": None, "filters": None, "fill_value": 0}
    node = build_node({"zarr.json": None, ".zattrs": None, ".zgroup": None, ".zarray": json.dumps(document).encode()})
    assert isinstance(node, Image)
    assert ", ".join(axis.name for axis in node.axes) == names
    assert [node.axes[node.at[name]].name for name in "yx"] == ["y", "x"]
    assert not node.rgb


@pytest.mark.parametrize(
    "plane",
    [
        {"y": 0, "x": 0},
        {"y": 0, "x": 9},
        {"y": 0, "x": 1, "at": [0]},
        {"y": 0, "x": 1, "at": [0, 0, 4]},
        {"y": -1, "x": 1},
        {"x": 1},
        {"y": 0, "x": 1, "at": "0"},
        [0, 1],
    ],
    ids=str,
)
def test_planes_that_are_refused(plane: Any) -> None:
    def draw() -> None:
        view = read_view({"plane": plane}, 8, 8)
        assert view.plane is not None
        with_axes(bare([2, 3, 4], [1, 1, 1]), view.plane)

    with pytest.raises(BioImageError) as caught:
        draw()
    assert caught.value.code == "BAD_REQUEST"


async def test_a_plane_across_the_usual_one() -> None:
    volume = np.zeros((8, 16, 16), "|u1")
    volume[2:, :, 5] = 255
    made = {key.replace("a/0/", "a/"): data for key, data in image("a", volume).items()}
    made = {key: data for key, data in made.items() if not key.endswith(".zattrs")}
    planes = Planes(Straight(), ByteGate(1 << 27))
    view = read_view({"plane": {"y": 0, "x": 1, "at": [0, 0, 5]}}, 64, 64)
    got = await planes.make(MemoryStore(made), "a", view)
    shown = np.asarray(Pillow.open(io.BytesIO(got.picture.data)).convert("L")).astype(int)
    assert shown.shape == (8, 16), "the first axis downwards, the second to the right"
    assert shown[0].max() < 30
    assert shown[5].min() > 225


async def test_an_array_of_one_axis_is_a_row() -> None:
    made = {
        "a/.zarray": json.dumps({"zarr_format": 2, "shape": [7], "chunks": [4], "dtype": "|u1", "order": "C"}).encode()
    }
    made |= {"a/0": bytes([0, 0, 255, 255]), "a/1": bytes([255, 0, 0, 0])}
    shown = await thumbnail(made)
    assert shown.shape == (1, 7, 3)


def digest_of(frames: list[Frame]) -> dict[str, Any]:
    (frame,) = of_type(frames, "digest")
    digest: dict[str, Any] = json.loads(frame.body)
    return digest


async def test_a_plain_group_opens_with_what_it_holds() -> None:
    metadata: dict[str, Any] = {"a/.zarray": {}, "b/.zgroup": {}, "b/c/.zarray": {}, "../x/.zarray": {}, ".zattrs": {}}
    made = encode({".zgroup": {"zarr_format": 2}, ".zmetadata": {"metadata": metadata}})
    digest = digest_of(await collect(MemoryStore(made)))
    assert (digest["kind"], digest["images"]) == ("group", 3)
    huge = made | {".zmetadata": b" " * (MAX_DOCUMENT + 1)}
    frames = await collect(MemoryStore(huge))
    assert digest_of(frames)["images"] == 0
    assert ".zmetadata" not in [frame.header["key"] for frame in of_type(frames, "doc")], "the browser reads it itself"


XML = """<?xml version="1.0"?><!-- <Image/> --><OME xmlns="x">
  <ome:Image xmlns:ome="x" Name="A &amp; B"><Pixels DimensionOrder="XYZCT" SizeX="1" SizeY="1" SizeZ="1" SizeC="1"
   SizeT="1"><Channel SamplesPerPixel="1"/><TiffData IFD="0"/></Pixels></ome:Image>
  <Image><Description><![CDATA[<Image>]]></Description></Image></OME>"""


async def test_series_of_a_collection_have_their_names() -> None:
    made = encode({".zattrs": {"bioformats2raw.layout": 3}, "OME/METADATA.ome.xml": XML.encode()})
    digest = digest_of(await collect(MemoryStore(made)))
    assert digest["kind"] == "collection"
    assert digest["series"] == [{"path": "0", "name": "A & B"}, {"path": "1", "name": ""}]


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE OME [<!ENTITY a "aaaa">]><OME><Image/></OME>',
        "<OME><Image></OME>",
        "<OME><Image/>",
        '<OME><Image Name="&a;"/></OME>',
        "<OME><Image",
        "<OME>< Image/></OME>",
        "<OME><Image><Pixels SizeX='0' SizeY='1' SizeZ='1' SizeC='1' SizeT='1'/></Image></OME>",
        "<OME><Image><Pixels SizeX='1'/></Image></OME>",
        "<a>" * 300,
        "<OME><!-- ",
    ],
)
def test_xml_that_is_refused(text: str) -> None:
    with pytest.raises(BioImageError) as caught:
        image_names(text.encode())
    assert caught.value.code == "BAD_METADATA"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_every_encoding_of_old_programs_is_read(encoding: str) -> None:
    assert image_names('<OME><Image Name="µm"/></OME>'.encode(encoding)) == ["µm"]


def test_a_scene_holds_its_images() -> None:
    steps = [{"input": {"path": "one"}, "output": {"path": "two"}}, {"input": {"path": "one"}, "output": {"name": "w"}}]
    document = {"attributes": {"ome": {"version": "0.6", "scene": {"coordinateTransformations": steps}}}}
    node = build_node({"zarr.json": json.dumps(document).encode(), ".zattrs": None})
    assert isinstance(node, Group)
    assert (node.kind, node.paths) == ("collection", ("one", "two"))
