"""The relay refuses everything that is not on its list: hundreds of addresses, and a sink that hears of none of them.

The services have the paths of the default configuration, at a sink instead of the archives: whatever got through, to a
listed host too, would be a connection there.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ..config import SERVICES
from ..services.catalogueconfig import parse_service
from ..services.relay import Question, Relay
from .client import Raw
from .conftest import Ask
from .upstream import Sink

#: A path that is relayed, per service; what is refused below differs from one of them in one thing.
GOOD = {
    "biostudies": "api/v1/studies/S-BIAD1492",
    "biostudies-ftp": "pub/databases/biostudies/S-BIAD/492/S-BIAD1492/S-BIAD1492.json",
    "bia": "search/study/accession",
    "bia-search": "search/fts",
    "idr": "api/v0/m/projects/",
    "idr-tables": "_data/studies.tsv",
    "ngff-samples": "_data/table.csv",
    "ngff-challenge": "samples/ngff_samples.csv",
}

#: What stands where a service's id is expected.
IDS = """
http: https: file: ftp: gopher: data:,x javascript:alert(1) http:%2F%2F{sink} https:%2F%2F{sink}
HTTP:%2f%2f{sink} {sink} {sink}%2F %2F%2F{sink} //{sink} bia@{sink} bia%40{sink} user:word@bia bia:80 bia:8001
bia:22 bia.evil.example bia%2eevil.example bia%00 bia%0d%0a bia%0aHost:%20evil bia%20 %20bia bia%09 bia%3F
bia%23 bia%5C bia%25 BIA Bia b\u0456a \uff42ia bia\u2024search .. . %2e%2e %2e %252e%252e ..%2Fbia ..; bia;
bia,idr bia%2Fidr stores localhost localhost. 127.0.0.1 127.0.0.1:8888 127.1 2130706433 0x7f000001 017700000001
0 169.254.169.254 [::1] %5B::1%5D [::ffff:169.254.169.254] [fd00:ec2::254] xn--bia-8cd __proto__ constructor *
%2A null undefined %00 %FF %C0%AE%C0%AE %ED%A0%80
"""
FOREIGN = [*IDS.split(), "a" * 300]

#: Added to a good path, before its last segment, or in place of it: leads elsewhere, or could.
TRICKS = [
    "..",
    ".",
    "../..",
    "../../..",
    "..;",
    "..;/",
    "..%2F",
    "..%2f..%2f",
    "%2e%2e",
    "%2e%2e/",
    "%2E%2E/%2E%2E",
    "%2e",
    ".%2e",
    "%2e.",
    "%252e%252e",
    "%252e%252e%252f",
    "%25252e%25252e",
    "%c0%ae%c0%ae",
    "%c0%af",
    "%e0%80%af",
    "%uff0e%uff0e",
    "%u002e%u002e",
    "\uff0e\uff0e",
    "%EF%BC%8E%EF%BC%8E",
    "%E2%80%A5",
    "%E2%80%A4%E2%80%A4",
    "%EF%BC%8F",
    "%E2%88%95",
    "%E2%81%84",
    "%EF%BC%BC",
    "%E3%80%82%E3%80%82",
    "...",
    "....//",
    "//",
    "///",
    "/",
    "%2F",
    "%2f%2f",
    "%252F",
    "\\",
    "..\\..",
    "%5C",
    "%5c..%5c..",
    "%255c",
    "//{sink}/",
    "%2F%2F{sink}%2F",
    "http://{sink}/",
    "https://{sink}/",
    "http:%2F%2F{sink}%2F",
    "@{sink}",
    "%40{sink}/",
    ":80@{sink}",
    "\\@{sink}",
    "%00",
    "%00.json",
    "%0a",
    "%0d%0a",
    "%0d%0aHost:%20{sink}",
    "%0d%0a%0d%0aGET%20/%20HTTP/1.1",
    "%E5%98%8A%E5%98%8D",
    "%09",
    "%1b",
    "%7f",
    "%80",
    "%FF",
    "%C2%85",
    "%E2%80%A8",
    "%E2%80%AE",
    "%E2%80%8B",
    "%EF%BB%BF",
    "%ED%A0%80",
    "%F4%90%80%80",
    "%",
    "%2",
    "%zz",
    "%3F",
    "%3Fkey=1",
    "%23",
    "%23fragment",
    "#fragment",
    "<script>",
    "{{7*7}}",
    "|",
    "`id`",
    "$(id)",
    "'--",
    "%27%20OR%201=1",
    "%20",
    "~root",
    "x" * 3000,
    "a/" * 1500,
]

#: Other things that the same hosts offer.
UNLISTED = {
    "biostudies": [
        "",
        "api",
        "api/v1",
        "api/v1/",
        "api/v2/search",
        "api/v1/studies",
        "api/v1/studies/",
        "api/v1/studies/S-BIAD1/",
        "api/v1/studies/S-BIAD1/secret",
        "api/v1/studies/S-BIAD1'--",
        "api/v1/studies/-S-BIAD1",
        "api/v1/studies/" + "S" * 65,
        "api/v1/search",
        "api/v1/other/search",
        "api/v1/bioimages/facets/facet.organism",
        "api/v1/studies/S-BIAD1/similar",
        "thumbnail/S-BIAD1/x.png",
        "API/V1/bioimages/search",
        "files/S-BIAD1/image.tif",
        "files/S-BIAD1/x.json.exe",
        "files/S-BIAD1",
        "auth/login",
        "submissions/x.json",
        "actuator/env",
        "x/api/v1/search",
    ],
    "biostudies-ftp": [
        "",
        "pub/databases/biostudies/",
        "pub/databases/biostudies/x.tif",
        "pub/databases/IDR/x.json",
        "pub/x.json",
        "biostudies/nfs/x.json",
        "robots.txt",
    ],
    "bia": ["", "openapi.json", "docs", "study", "study/1", "study/x-y", "search/study/accession/more", "admin/users"],
    "bia-search": [
        "",
        "search",
        "search/fts/image/x",
        "website",
        "website/doc",
        "website/study",
        "website/browse/image",
        "website/doc/1",
        "_search",
        "elastic/_cat/indices",
    ],
    "idr": [
        "",
        "webclient/login/",
        "webclient/logout/",
        "webclient/archived_files/download/1/",
        "webgateway/archived_files/download/1/",
        "webgateway/render_image/1/0/0/",
        "webgateway/render_thumbnail/1/",
        "webgateway/render_birds_eye_view/1/",
        "webgateway/original_file_paths/1/",
        "webgateway/imgData/1/",
        "webclient/imgData/1/",
        "webgateway/plate/1/0/",
        "webgateway/table/1/query/",
        "webgateway/table/Screen.plateLinks.child/1/query/",
        "webclient/api/plates/",
        "webclient/api/tags/",
        "gallery_settings/",
        "gallery-api/thumbnails/",
        "study/idr0062/json/",
        "searchengine/api/v1/resources/image/search/",
        "searchengine/api/v1/resources/image/keys/",
        "searchengine/api/v1/resources/image/searchvaluesusingkey/",
        "searchengine/api/v1/resources/container_bff_data/",
        "searchengine/api/v1/resources/data_sources/",
        "api/v0/m/",
        "api/v0/m/experimenters/",
        "api/v0/m/experimentergroups/1/",
        "api/v0/m/images/1/rois/",
        "webclient/api/annotations/1/",
        "searchengine/api/v1/resources/image/submitquery/more",
        "searchengine/api/v1/resources/submitquery/",
        "searchengine/api/v1/resources/async_submitquery/",
        "searchengine/apidocs/",
        "jupyter/hub/login",
        "study/other/json/",
        "image/x/download_urls/",
        "api/v0/token/",
        "api/v0/servers/",
        "api/v0/m/projects//",
        "admin/",
    ],
    "idr-tables": ["_data/other.tsv", "_data/studies.tsv/", "_data/studies.tsvx", "README.md", "_data", "../master/x"],
    "ngff-samples": ["_data/table.csv/x", "_data/Table.csv", "index.md", "table.csv"],
    "ngff-challenge": ["samples/", "samples/x.html", "x.csv", "samples.csv", "other/x.csv"],
}

QUERIES = [
    "a=%00",
    "a=%0d%0aHost:%20{sink}",
    "a=%0aX-Evil:1",
    "a=b%0d%0a%0d%0aGET%20http://{sink}/%20HTTP/1.1",
    "a%0d%0a=b",
    "a=%E2%80%A8",
    "a=%C2%85",
    "a=%FF",
    "a=%ED%A0%80",
    "a=%",
    "a=%z1",
    "=b",
    "a=1#b",
    "a=\u00e9",
    "a=" + "x" * 8200,
    "a=" + "%C3%A9" * 1400,
    "&".join("a=" for _ in range(1001)),
]


def others(name: str) -> list[str]:
    """Paths of the other services, asked of this one; shared names (tables) are not foreign."""
    listed = parse_service(name, SERVICES[name], {})
    return [path for path in GOOD.values() if not listed.allows("GET", path)]


def spoilt(name: str) -> list[str]:
    """Tricks on the good path of a service; all of them on one, a few on the others."""
    good, tricks = GOOD[name], TRICKS if name == "biostudies" else TRICKS[:: len(GOOD)]
    head, _, last = good.rstrip("/").rpartition("/")
    return [
        address
        for trick in tricks
        for address in (f"{good}{trick}", f"{head}/{trick}/{last}", f"{trick}/{good}")
        # What remains a plain name, or a slash at the end, is another listed address and no trick.
        if not (trick in ("/", "..;") and address == f"{good}{trick}" and name == "idr")
    ]


PATHS = [f"{name}/{path}" for name in GOOD for path in (*UNLISTED[name], *others(name), *spoilt(name))]
PATHS += [f"{name}/{path}" for name in FOREIGN for path in (GOOD["bia"], "")]
PATHS += [f"bia/{GOOD['bia']}?{query}" for query in QUERIES]
PATHS = list(dict.fromkeys(PATHS))
CHUNKS = [PATHS[at : at + 100] for at in range(0, len(PATHS), 100)]


@pytest.fixture
def bioimage_services(sink: Sink) -> dict[str, Any]:
    return {name: {"url": f"{sink.url}/{name}"} for name in SERVICES}


async def status_and_body(raw: Raw, method: str, path: str, headers: str = "", body: bytes = b"") -> tuple[int, bytes]:
    reader, writer = await raw.send(method, f"catalogues/{path}", f"Connection: close\r\n{headers}", body)
    try:
        data = await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:  # cut while the body was still being sent
        return 413, b""
    finally:
        writer.close()
    return int(data.split(maxsplit=2)[1]), data


def test_there_are_more_than_300_addresses() -> None:
    print(f"{len(PATHS)} hostile addresses")
    assert len(PATHS) >= 300


@pytest.mark.parametrize("part", range(len(CHUNKS)))
async def test_a_hostile_address_is_refused_before_anything_is_asked(raw: Raw, sink: Sink, part: int) -> None:
    for path in CHUNKS[part]:
        path = path.replace("{sink}", f"127.0.0.1:{sink.port}")
        status, data = await status_and_body(raw, "GET", path)
        assert status in (400, 403, 404), (status, path[:200])
        assert b'"code"' in data or status == 400, path[:200]  # a request line that is none is answered by Tornado
        assert sink.dry, path[:200]


async def test_the_good_addresses_would_be_asked(jp_serverapp: Any) -> None:
    """Else the table above would prove nothing."""
    relay: Relay = jp_serverapp.web_app.settings["bioimage_state"].relay
    for name, path in GOOD.items():
        assert relay.question(name, path, "b=2&a=1") == Question(name, path, "b=2&a=1")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get"])
async def test_no_other_verb_is_relayed(raw: Raw, sink: Sink, method: str) -> None:
    for name, path in GOOD.items():
        status, _ = await status_and_body(raw, method, f"{name}/{path}", "Content-Length: 0\r\n")
        assert status >= 400
    assert sink.dry


ENGINE = "searchengine/api/v1/resources/submitquery"
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
IS_JSON = "Content-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("path", "kind", "body", "status"),
    [
        *[(f"{name}/{path}", IS_JSON, b"{}", 403) for name, path in GOOD.items()],
        (f"idr/{ENGINE}/../submitquery/", IS_JSON, b"{}", 403),
        (f"idr/{ENGINE}/%2e%2e/", IS_JSON, b"{}", 403),
        (f"idr/{ENGINE}/other/", IS_JSON, b"{}", 403),
        (f"bia/{ENGINE}/", IS_JSON, b"{}", 403),
        (f"idr/{ENGINE}/", FORM, b"{}", 400),
        (f"idr/{ENGINE}/", "", b"{}", 400),
        (f"idr/{ENGINE}/", "Content-Type: text/plain; a=application/json\r\n", b"{}", 400),
        (f"idr/{ENGINE}/", IS_JSON, b"[]", 400),
        (f"idr/{ENGINE}/", IS_JSON, b"{", 400),
        (f"idr/{ENGINE}/", IS_JSON, b"1", 400),
        (f"idr/{ENGINE}/", IS_JSON, b'{"a": NaN}', 400),
        (f"idr/{ENGINE}/", IS_JSON, b'{"a": "\xff"}', 400),
        (f"idr/{ENGINE}/", IS_JSON, b"a=1&b=2", 400),
        (f"idr/{ENGINE}/", IS_JSON, b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}", 400),
        (f"idr/{ENGINE}/containers/", IS_JSON, b"{" + b" " * 65536 + b"}", 400),
    ],
)
async def test_a_post_to_other_places_or_of_other_things_is_refused(
    raw: Raw, sink: Sink, path: str, kind: str, body: bytes, status: int
) -> None:
    given, _ = await status_and_body(raw, "POST", path, f"{kind}Content-Length: {len(body)}\r\n", body)
    assert given in (status, 413)
    assert sink.dry


async def test_a_get_with_a_body_and_doubled_headers_is_refused(raw: Raw, sink: Sink) -> None:
    status, _ = await status_and_body(raw, "GET", "bia/search/study/accession", "Content-Length: 2\r\n", b"{}")
    assert status == 400
    smuggled = "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"
    assert (await status_and_body(raw, "POST", f"idr/{ENGINE}/", IS_JSON + smuggled, b"0\r\n\r\n"))[0] >= 400
    assert sink.dry


async def test_the_real_paths_need_no_long_thought(ask: Ask) -> None:
    """No expression of the defaults takes more than linear time on what it almost matches."""
    for name in SERVICES:
        service = parse_service(name, SERVICES[name], {})
        for piece in ("a/", "a", "0/", "a.", "-", "samples/"):
            for head in ("", "api/v0/m/", "files/A/", "samples/", "thumbnail/A/", "pub/databases/biostudies/"):
                assert not service.allows("POST", head + piece * 900 + "\n")
                service.allows("GET", head + piece * 900 + "\n")
