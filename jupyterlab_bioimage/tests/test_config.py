"""What operators write: traits, environment variables, stores; mistakes are named and harmless."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from ..config import BioImage, ConfigError
from ..services.registry import StoreRegistry
from ..services.storeconfig import StoreConfigError, parse_store

S3 = {"id": "s", "endpoint": "https://s3.example.org", "bucket": "images"}

VALUES: dict[str, tuple[str, Any]] = {
    "stores": ('[{"id": "a", "root": "/a"}]', [{"id": "a", "root": "/a"}]),
    "services": ('{"bia": {"url": "https://x"}}', {"bia": {"url": "https://x"}}),
    "rewrites": ('{"https://old": "https://new"}', {"https://old": "https://new"}),
    "catalogue_cache_bytes": ("1000", 1000),
    "catalogue_cache_seconds": ("60", 60),
    "home_quota_bytes": ("1000", 1000),
    "cull_idle_seconds": ("60", 60),
    "max_age_seconds": ("3600", 3600),
    "contact": ("help@example.org", "help@example.org"),
    "max_items": ("10", 10),
    "max_read_bytes": ("100", 100),
    "max_batch_bytes": ("100", 100),
    "max_held_bytes": ("100", 100),
    "max_open_requests": ("4", 4),
}


def test_every_trait_is_in_the_table() -> None:
    own = set(BioImage.class_traits(config=True)) - set(BioImage.__mro__[1].class_traits(config=True))  # type: ignore[attr-defined]
    assert set(VALUES) == own
    for name in own:
        assert f"BIOIMAGE_{name.upper()}" in BioImage.class_traits()[name].help


@pytest.mark.parametrize("name", VALUES)
def test_a_trait_is_set_by_its_variable_and_the_configuration_wins(name: str, monkeypatch: Any) -> None:
    text, value = VALUES[name]
    before = getattr(BioImage(), name)
    monkeypatch.setenv(f"BIOIMAGE_{name.upper()}", text)
    assert getattr(BioImage(), name) == value != before
    config = Config({"BioImage": {name: before}})
    assert getattr(BioImage(config=config), name) == before


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("BIOIMAGE_STORES", "{"),
        ("BIOIMAGE_STORES", "{}"),
        ("BIOIMAGE_MAX_ITEMS", "many"),
        ("BIOIMAGE_MAX_ITEMS", "true"),
    ],
)
def test_a_variable_that_is_wrong_is_named_without_its_value(variable: str, text: str, monkeypatch: Any) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(ConfigError, match=variable):
        getattr(BioImage(), variable.removeprefix("BIOIMAGE_").lower())


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({}, "id"),
        ({"id": "a/b", "root": "/x"}, "id"),
        ({"id": "..", "root": "/x"}, "id"),
        ({"id": "a"}, "root"),
        ({"id": "a", "root": "/x", "url": "https://x"}, "root"),
        ({"id": "a", "rot": "/x"}, "rot"),
        ({"id": "a", "root": "/x", "prefer": "fast"}, "prefer"),
        ({"id": "a", "root": "/x", "prefixes": "https://x"}, "prefixes"),
        ({"id": "a", "root": "/x", "absent_is_403": "yes"}, "absent_is_403"),
        ({"id": "a", "url": "ftp://x"}, "url"),
        ({"id": "a", "url": "file:///etc"}, "url"),
        ({"id": "a", "url": "https://user:word@x"}, "url"),
        ({"id": "a", "url": "https://allowed@evil"}, "url"),
        ({"id": "a", "url": "https://x?signature=1"}, "url"),
        ({"id": "a", "url": "https://x#y"}, "url"),
        ({"id": "a", "url": "https://x\\@y"}, "url"),
        ({"id": "a", "url": "https://x/../y"}, "url"),
        ({"id": "a", "url": "https://x:99999"}, "url"),
        ({"id": "a", "url": "//x"}, "url"),
        ({**S3, "bucket": ".."}, "bucket"),
        ({**S3, "bucket": "a/b"}, "bucket"),
        ({**S3, "bucket": "x" * 64}, "bucket"),
        ({**S3, "bucket": ""}, "bucket"),
        ({**S3, "addresses": ["inside"]}, "addresses"),
        ({**S3, "direct": "javascript:alert(1)"}, "direct"),
    ],
)
def test_a_store_that_cannot_be_used_names_the_field(entry: dict[str, Any], field: str) -> None:
    with pytest.raises(StoreConfigError, match=field):
        parse_store(entry)


def test_a_wrong_store_is_left_out_and_the_others_work(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    entries = [
        {"id": "bad"},
        {"id": "good", "root": str(tmp_path)},
        {"id": "good", "root": "/"},
        {"id": "files", "root": "/"},
    ]
    registry = StoreRegistry.from_config(str(tmp_path), entries, logging.getLogger("bioimage-test"))
    assert [store.config.id for store in registry.all()] == ["files", "good"]
    assert [record.args[0] for record in caplog.records if isinstance(record.args, tuple)] == [0, 2, 3]


def test_a_bucket_answers_for_its_addresses() -> None:
    config = parse_store(
        {
            **S3,
            "label": "Images",
            "prefixes": ["https://images.example.org/"],
            "aliases": ["https://old.example.org/images"],
            "absent_is_403": True,
        }
    )
    assert json.loads(json.dumps(config.to_json())) == {
        "id": "s",
        "label": "Images",
        "kind": "s3",
        "prefixes": ["https://images.example.org", "https://old.example.org/images", "s3://images"],
        "prefer": "session",
        "direct": "https://images.example.org",
        "absentIs403": True,
        "access": {"endpoint": "https://s3.example.org", "bucket": "images"},
    }


def test_a_web_server_may_be_read_by_the_browser() -> None:
    config = parse_store({"id": "w", "url": "https://example.org/data/", "prefer": "direct"})
    assert (config.url, config.direct, config.prefer) == ("https://example.org/data",) * 2 + ("direct",)
