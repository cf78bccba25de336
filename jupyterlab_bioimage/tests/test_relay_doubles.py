"""The relay with its default paths in front of the archives' doubles: what the sources ask for comes through."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..config import SERVICES
from ..errors import BioImageError
from ..services.answercache import AnswerCache
from ..services.catalogueconfig import parse_service
from ..services.client import Upstream as Shared
from ..services.limits import DAY
from ..services.relay import Relay, Relayed
from .doubles import Doubles

ENGINE = "searchengine/api/v1/resources"
COPY = "pub/databases/biostudies/S-BIAD/492/S-BIAD1492/S-BIAD1492.json"

#: What the catalogue's sources ask of each service; the body makes it a POST.
ASKED: list[tuple[str, str, str, Any]] = [
    ("biostudies", "api/v1/bioimages/search", "query=zebrafish&pageSize=20&page=1", None),
    ("biostudies", "api/v1/bioimages/facets", "query=&limit=10", None),
    ("biostudies", "api/v1/studies/S-BIAD1492", "", None),
    ("biostudies", "api/v1/studies/S-BIAD1492/info", "", None),
    ("biostudies", "api/v1/files/S-BIAD1492", "start=0&length=5", None),
    ("biostudies-ftp", COPY, "", None),
    ("bia", "search/study/accession", "accession_id=S-BIAD1492", None),
    ("bia", "search/study", "page_size=5", None),
    ("bia-search", "search/fts", "query=zebrafish&pagination.page=1&facet.organism=mus%20musculus", None),
    ("bia-search", "search/fts/image", "query=zebrafish", None),
    ("bia-search", "search/advanced", "query=zebrafish", None),
    ("bia-search", "website/browse/study", "query=zebrafish", None),
    ("bia-search", "website/image", "query=zebrafish", None),
    ("idr", "api/v0/m/projects/", "childCount=true&limit=500", None),
    ("idr", "api/v0/m/screens/102/", "", None),
    ("idr", "api/v0/m/screens/102/plates/", "", None),
    ("idr", "webclient/api/annotations/", "type=map&screen=102&ns=idr.openmicroscopy.org%2Fstudy%2Finfo", None),
    ("idr", "api/v0/m/projects/101/datasets/", "childCount=true", None),
    ("idr", "api/v0/m/datasets/2020001/images/", "limit=5", None),
    ("idr", "api/v0/m/images/6001240/", "", None),
    ("idr", "webgateway/get_thumbnails/", "id=1&id=2", None),
    ("idr", "image/6001240/download_urls/", "", None),
    ("idr", f"{ENGINE}/container_images/", "data_source=idr", None),
    ("idr", f"{ENGINE}/image/searchvalues/", "value=ade8", None),
    ("idr", f"{ENGINE}/submitquery/", "", {"resource": "image", "query_details": {"and_filters": []}}),
    ("idr", f"{ENGINE}/submitquery/containers/", "", {}),
    ("idr-tables", "_data/studies.tsv", "", None),
    ("idr-tables", "_data/download_urls.tsv", "", None),
    ("ngff-samples", "_data/table.csv", "", None),
    ("ngff-challenge", "samples/ngff_samples.csv", "", None),
]


@pytest.fixture
def relay(
    jp_asyncio_loop: asyncio.AbstractEventLoop,
    doubles: Doubles,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Relay]:
    """``recorded`` as the demo sets it where the test does not say otherwise."""
    recorded = getattr(request, "param", True)
    services = [
        parse_service(name, {"url": f"{doubles.url}/{name}", "recorded": recorded}, SERVICES) for name in SERVICES
    ]
    relay = Relay(services, AnswerCache(tmp_path, 1 << 26), Shared(), DAY)
    yield relay
    jp_asyncio_loop.run_until_complete(relay.close())


async def ask(relay: Relay, service: str, path: str, query: str = "", body: Any = None) -> Relayed:
    sent = None if body is None else json.dumps(body).encode()
    return await relay.ask(relay.question(service, path, query, sent))


async def test_what_the_sources_ask_for_comes_through(relay: Relay) -> None:
    sizes = {}
    for service, path, query, body in ASKED:
        answer = await ask(relay, service, path, query, body)
        assert answer.origin == "recorded"
        if answer.type == "application/json":
            json.loads(answer.body)
        sizes[f"{service} {path}"] = len(answer.body)
    print("\n".join(f"{size:9} {name}" for name, size in sizes.items()))


@pytest.mark.parametrize("mode", ["200", "302", "link"])
async def test_a_study_in_all_its_modes(relay: Relay, doubles: Doubles, mode: str) -> None:
    doubles.control(biostudies={"study": mode})
    answer = json.loads((await ask(relay, "biostudies", "api/v1/studies/S-BIAD1492")).body)
    if mode == "link":
        assert answer["ftpHttp_link"].endswith("/S-BIAD1492/")
    else:
        assert answer["accno"] == "S-BIAD1492"


@pytest.mark.parametrize("relay", [False], indirect=True)
async def test_a_confirmed_redirect_is_kept_by_the_question(
    relay: Relay,
    doubles: Doubles,
) -> None:
    doubles.control(biostudies={"study": "302"})
    first = await ask(relay, "biostudies", "api/v1/studies/S-BIAD1492")
    doubles.control(fail={"biostudies": 500, "biostudies-ftp": 500})
    second = await ask(relay, "biostudies", "api/v1/studies/S-BIAD1492")
    assert (first.body, first.origin, second.origin) == (second.body, "service", "cache")


async def test_a_refused_agent(relay: Relay, doubles: Doubles) -> None:
    doubles.control(biostudies={"agent": "refused"})
    with pytest.raises(BioImageError, match="User-Agent") as caught:
        await ask(relay, "biostudies", "api/v1/studies/S-BIAD1492")
    assert caught.value.code == "UPSTREAM_DENIED"


async def test_one_archive_that_never_answers_holds_up_no_other(
    relay: Relay,
    doubles: Doubles,
) -> None:
    doubles.control(delay={"idr": 60, "bia-search": 0.3})
    never = asyncio.ensure_future(ask(relay, "idr", "api/v0/m/projects/"))
    late = asyncio.ensure_future(ask(relay, "bia-search", "search/fts", "query=a"))
    start = time.monotonic()
    await ask(relay, "biostudies", "api/v1/bioimages/search", "query=a")
    print(f"the first archive answered after {(time.monotonic() - start) * 1000:.0f} ms")
    assert not late.done()
    await late
    assert not never.done()
    never.cancel()
    await asyncio.gather(never, return_exceptions=True)
    async with asyncio.timeout(5):
        while not (await asyncio.to_thread(doubles.ask, "/requests")).json["aborted"]:
            await asyncio.sleep(0.02)
    assert (await asyncio.to_thread(doubles.ask, "/requests")).json["aborted"] == ["GET /idr/api/v0/m/projects/"]
