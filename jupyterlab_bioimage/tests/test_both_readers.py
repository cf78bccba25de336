"""The server's reader of metadata and the browser's, held to each other by cases that both read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ..errors import BioImageError
from ..services.affine import TYPES, compose
from ..services.ngff import Group, Plate, build_node

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
TRANSFORMS: list[dict[str, Any]] = json.loads((FIXTURES / "transforms.json").read_text())
LISTS: list[dict[str, Any]] = json.loads((FIXTURES / "lists.json").read_text())


def types_in(value: Any) -> set[str]:
    """The types of transformations in it, however deep."""
    if isinstance(value, list):
        return {name for entry in value for name in types_in(entry)}
    if not isinstance(value, dict):
        return set()
    own = {value["type"]} if isinstance(value.get("type"), str) else set()
    return own | {name for entry in value.values() for name in types_in(entry)}


@pytest.mark.parametrize("case", TRANSFORMS, ids=lambda case: case["name"])
def test_transformations(case: dict[str, Any]) -> None:
    odd: list[str] = []
    found = compose(case["list"], case["rank"], None, odd)
    assert (found.matrix, found.sized, bool(odd)) == (case["matrix"], case["sized"], case["refused"])


def test_every_transformation_has_a_case_that_is_used_and_one_that_is_refused() -> None:
    for refused in (False, True):
        seen = {name for case in TRANSFORMS if case["refused"] is refused for name in types_in(case["list"])}
        # An identity has nothing that could be wrong.
        assert set(TYPES) - seen <= ({"identity"} if refused else set())


@pytest.mark.parametrize("case", LISTS, ids=lambda case: case["name"])
def test_one_bad_entry_does_not_lose_a_list(case: dict[str, Any]) -> None:
    documents = {key: None if v is None else json.dumps(v).encode() for key, v in case["documents"].items()}
    if "code" in case:
        with pytest.raises(BioImageError) as caught:
            build_node(documents)
        assert caught.value.code == case["code"]
        return
    node = build_node(documents)
    assert isinstance(node, Plate | Group)
    paths = [well.path for well in node.wells] if isinstance(node, Plate) else list(node.paths)
    said = [notice for notice in node.notices if "cannot be read and are left out" in notice]
    assert (node.kind, paths) == (case["kind"], case["paths"])
    assert [text.split(" cannot be read")[0] for text in said] == ([case["refused"]] if "refused" in case else [])
    if "names" in case:
        assert isinstance(node, Plate)
        assert [well.name for well in node.wells] == case["names"]


def test_v2_is_read_where_only_it_has_an_image() -> None:
    group = {"zarr_format": 3, "node_type": "group", "attributes": {}}
    node = build_node({"zarr.json": json.dumps(group).encode(), ".zattrs": json.dumps({"labels": ["a"]}).encode()})
    assert isinstance(node, Group)
    assert node.notices == ("Zarr v2 and v3 metadata lie side by side; v2 is read, for it has the image.",)
