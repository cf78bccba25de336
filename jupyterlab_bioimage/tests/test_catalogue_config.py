"""What operators write about catalogues and moved storage: the defaults, and mistakes that are named and harmless."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ..config import REWRITES, SERVICES, STORES, BioImage
from ..services.catalogueconfig import ServiceConfigError, parse_rewrites, parse_service, parse_services
from ..services.storeconfig import parse_store
from .conftest import Ask

LOG = logging.getLogger("bioimage-test")
X: dict[str, Any] = {"url": "https://x.example/api", "paths": ["a"]}
PACKAGE = Path(__file__).resolve().parents[1]


def test_the_archives_are_the_default() -> None:
    services = parse_services(BioImage().services, SERVICES, LOG)
    assert [service.id for service in services] == [
        "biostudies",
        "biostudies-ftp",
        "bia",
        "bia-search",
        "idr",
        "idr-tables",
        "ngff-samples",
        "ngff-challenge",
    ]
    for service in services:
        assert service.url.startswith("https://")
        assert not service.recorded
        assert service.networks == (), "public addresses only"
    assert [service.id for service in services if service.post] == ["idr"]


def test_the_public_storage_of_the_archives_is_there_by_default() -> None:
    config, *files = [parse_store(entry) for entry in BioImage().stores]
    assert [store.id for store in files] == ["biostudies", "biostudies-fire"]
    for store in files:
        assert (store.kind, store.prefer, store.prefixes) == ("https", "session", (store.url,))
    assert (config.id, config.label, config.kind, config.prefer) == ("ebi", "EBI public storage", "https", "auto")
    assert config.prefixes == (config.url,)
    assert config.direct == config.url == STORES[0]["url"]


def test_moved_buckets_are_the_default_rewrites() -> None:
    pairs = parse_rewrites(BioImage().rewrites, LOG)
    assert len(pairs) == len(REWRITES)
    assert [len(old) for old, _ in pairs] == sorted((len(old) for old, _ in pairs), reverse=True)
    for _, new in pairs:
        assert new.startswith(STORES[0]["url"]), "everything has moved to the store that is read"


def test_names_of_hosts_stand_in_the_configuration_only() -> None:
    hosts = {urlsplit(text).hostname for text in (*REWRITES, *REWRITES.values())}
    hosts |= {urlsplit(str(service["url"])).hostname for service in SERVICES.values()}
    texts = {path: path.read_text() for path in PACKAGE.rglob("*.py") if "tests" not in path.parts}
    texts[PACKAGE / "openapi.yaml"] = (PACKAGE / "openapi.yaml").read_text()
    found = {(path.name, host) for path, text in texts.items() for host in hosts if host and host in text}
    assert {name for name, _ in found} == {"config.py"}


def test_an_entry_of_a_known_id_takes_over_what_it_does_not_say() -> None:
    service = parse_service("idr", {"url": "http://127.0.0.1:9/idr", "recorded": True}, SERVICES)
    assert (service.label, service.url, service.recorded) == ("IDR", "http://127.0.0.1:9/idr", True)
    assert service.allows("POST", "searchengine/api/v1/resources/submitquery/")
    assert not service.allows("GET", "searchengine/api/v1/resources/submitquery/")
    assert [service.id for service in parse_services({"bia": {}}, SERVICES, LOG)] == ["bia"]


@pytest.mark.parametrize(
    ("name", "entry", "field"),
    [
        ("", X, "id"),
        ("a/b", X, "id"),
        ("..", X, "id"),
        ("x" * 65, X, "id"),
        ("a", [], "object"),
        ("a", "https://x.example", "object"),
        ("a", {}, "url"),
        ("a", {"paths": ["a"]}, "url"),
        ("a", {**X, "url": "ftp://x"}, "url"),
        ("a", {**X, "url": "https://user:word@x"}, "url"),
        ("a", {**X, "url": "https://x?a=1"}, "url"),
        ("a", {**X, "url": "https://x/../y"}, "url"),
        ("a", {**X, "url": 5}, "url"),
        ("a", {"url": X["url"]}, "paths"),
        ("a", {**X, "paths": []}, "paths"),
        ("a", {**X, "paths": "a"}, "paths"),
        ("a", {**X, "paths": [5]}, "paths"),
        ("a", {**X, "paths": ["("]}, "paths"),
        ("a", {**X, "paths": ["x" * 1001]}, "paths"),
        ("a", {**X, "post": ["["]}, "post"),
        ("a", {**X, "post": {}}, "post"),
        ("a", {**X, "recorded": "yes"}, "recorded"),
        ("a", {**X, "label": 5}, "label"),
        ("a", {**X, "addresses": ["inside"]}, "addresses"),
        ("a", {**X, "path": ["a"]}, "path"),
    ],
)
def test_a_service_that_cannot_be_used_names_itself_and_the_field(
    name: str, entry: Any, field: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ServiceConfigError, match=field):
        parse_service(name, entry, SERVICES)
    assert [service.id for service in parse_services({name: entry, "good": X}, SERVICES, LOG)] == ["good"]
    (record,) = caplog.records
    assert re.search(f"service {name[:64]!r} is left out: .*{field}", record.getMessage())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", "https://x"),
        ("https://x", ""),
        ("ftp://x", "https://x"),
        ("https://x", "file:///etc"),
        ("https://u:p@x", "https://y"),
        ("https://x/a?b", "https://y"),
        ("s3://", "https://y"),
        ("s3://a b", "https://y"),
        ("x/y", "https://y"),
    ],
)
def test_a_rewrite_that_makes_no_sense_is_left_out(old: str, new: str, caplog: pytest.LogCaptureFixture) -> None:
    assert parse_rewrites({old: new, "https://a/": "https://b/c/"}, LOG) == [("https://a", "https://b/c")]
    assert "rewrite 0" in caplog.text


def test_rewrites_are_given_without_slashes_longest_first() -> None:
    given = {"https://a": "https://b", "https://a/c/": "s3://d/e/", "s3://old": "https://b/old"}
    assert parse_rewrites(given, LOG) == [
        ("https://a/c", "s3://d/e"),
        ("https://a", "https://b"),
        ("s3://old", "https://b/old"),
    ]


@pytest.fixture
def bioimage_services() -> dict[str, Any]:
    return {"bad": {"url": "nowhere"}, "idr": {"recorded": True}, "mine": {**X, "label": "Mine"}}


async def test_a_wrong_service_costs_the_others_nothing(ask: Ask) -> None:
    assert (await ask("catalogues")).json["services"] == [
        {"id": "idr", "label": "IDR", "recorded": True},
        {"id": "mine", "label": "Mine", "recorded": False},
    ]
    assert (await ask("catalogues/bad/a")).code == "STORE_DENIED"
    assert (await ask("catalogues/mine/b")).code == "PATH_DENIED"


@pytest.mark.parametrize(
    ("contact", "end"),
    [
        ("", "(+https://github.com/bioimage-archive/jupyterlab-bioimage)"),
        ("help@example.org", "(+help@example.org)"),
        ("https://hub.example.org/help", "(+https://hub.example.org/help)"),
        ("evil)\r\nX-Evil: 1", "(+https://github.com/bioimage-archive/jupyterlab-bioimage)"),
        ("two words", "(+https://github.com/bioimage-archive/jupyterlab-bioimage)"),
    ],
)
def test_the_name_we_ask_under(contact: str, end: str) -> None:
    agent = BioImage(contact=contact).agent
    assert re.fullmatch(r"jupyterlab-bioimage/[0-9][^ ]* \(\+[^ ()]*\)", agent)
    assert agent.endswith(end)
