"""Who may ask: every route and verb without login, from other sites, and without the XSRF token."""

from __future__ import annotations

import itertools
import re
from collections.abc import Awaitable, Callable
from http.cookies import SimpleCookie
from typing import Any

import pytest

from ..routes import ROUTES
from .client import Answer, as_answer
from .conftest import Ask
from .upstream import Upstream

EXAMPLE = {"{id}": "data", "{key}": "plain/note.txt", "{service}": "cat", "{path}": "study.json"}
PATHS = [re.sub(r"\{\w+\}", lambda part: EXAMPLE[part[0]], path.strip("/")) for path in ROUTES]
PATHS += ["", "unknown", "stores/data/nothing"]
VERBS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
SWEEP = list(itertools.product(PATHS, VERBS))
REFUSED = {401: "SESSION_ENDED", 403: "CROSS_SITE"}
OPEN: list[dict[str, Any]] = [
    {},
    {"ServerApp": {"allow_origin": "*", "allow_origin_pat": ".*"}},
    {
        "ServerApp": {
            "allow_origin": "*",
            "allow_unauthenticated_access": False,
            "allow_credentials": True,
            "tornado_settings": {"headers": {"Access-Control-Allow-Origin": "*"}},
        }
    },
]


@pytest.fixture(autouse=True)
def archive(upstream: Upstream) -> None:
    """A catalogue that answers every question."""
    upstream.script = lambda exchange: exchange.send(200, {"Content-Type": "application/json"}, b'{"hello": 1}')


@pytest.fixture(params=OPEN, ids=["default", "any origin", "any origin by header"])
def server_options(request: pytest.FixtureRequest) -> dict[str, Any]:
    options: dict[str, Any] = request.param
    return options


def body_of(verb: str) -> bytes | None:
    return b'{"items": [{"key": "plain/note.txt"}]}' if verb in ("POST", "PUT", "PATCH") else None


def assert_refused(answer: Answer, verb: str, statuses: tuple[int, ...] = (401, 403)) -> None:
    assert answer.status in statuses
    assert not [name for name in answer.headers if name.startswith("Access-Control")]
    if verb != "HEAD":
        assert answer.code == REFUSED[answer.status]
        assert b"hello" not in answer.body, "of a file, or of a catalogue"


async def test_nothing_is_answered_without_login(ask: Ask) -> None:
    for path, verb in SWEEP:
        assert_refused(await ask(path, verb, auth=False, body=body_of(verb)), verb, (401,))


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    {"Sec-Fetch-Site": "something-new"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Host": "evil.example"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_nothing_is_answered_to_another_site_even_with_the_token(ask: Ask, headers: dict[str, str]) -> None:
    for path, verb in SWEEP:
        assert_refused(await ask(path, verb, body=body_of(verb), headers=headers), verb, (403,))


async def test_a_preflight_of_another_site_is_refused(ask: Ask) -> None:
    asking = {
        "Origin": "https://evil.example",
        "Sec-Fetch-Site": "cross-site",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    for path in PATHS:
        assert_refused(await ask(path, "OPTIONS", auth=False, headers=asking), "OPTIONS", (403,))


Browser = Callable[..., Awaitable[Answer]]


@pytest.fixture(params=["/", "/user/a/", "/user/a%40b/", "/user/a@b/"])
def jp_base_url(request: pytest.FixtureRequest) -> str:
    base: str = request.param
    return base


@pytest.fixture
def browser(jp_serverapp: Any, http_server_client: Any, jp_base_url: str, jp_auth_header: dict[str, str]) -> Browser:
    """Asks as a logged-in browser does: with cookies, without the token. ``xsrf`` adds the header."""

    async def fetch(path: str, method: str = "GET", *, xsrf: bool = False, **options: Any) -> Answer:
        token = jp_auth_header["Authorization"].removeprefix("token ")
        page = await http_server_client.fetch(f"{jp_base_url}api/status?token={token}", raise_error=False)
        cookies = SimpleCookie("; ".join(page.headers.get_list("Set-Cookie")))
        page = await http_server_client.fetch(f"{jp_base_url}login", raise_error=False)
        cookies.load("; ".join(page.headers.get_list("Set-Cookie")))
        headers = {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())}
        if xsrf:
            headers["X-XSRFToken"] = cookies["_xsrf"].value
        headers |= options.pop("headers", {})
        path = path.replace("{xsrf}", cookies["_xsrf"].value)
        response = await http_server_client.fetch(
            f"{jp_base_url}bioimage/{path}",
            method=method,
            headers=headers,
            raise_error=False,
            follow_redirects=False,
            allow_nonstandard_methods=True,
            **options,
        )
        return as_answer(response)

    return fetch


OWN = {"Sec-Fetch-Site": "same-origin"}
ADDRESS_BAR = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}
READS = ("stores/data/objects/plain/note.txt", "catalogues/cat/study.json")
WRITES = ("stores/data/batch", "catalogues/cat/ask")
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("headers", "xsrf", "read", "write"),
    [
        (OWN, True, 200, 200),
        (OWN, False, 200, 403),
        (ADDRESS_BAR, False, 200, 403),
        ({}, True, 200, 200),
        ({}, False, 403, 403),
        ({"X-XSRFToken": "wrong"}, False, 403, 403),
        ({**OWN, "X-XSRFToken": "wrong"}, False, 200, 403),
        ({"Referer": "https://evil.example/"}, False, 403, 403),
        ({"Referer": "https://evil.example/"}, True, 200, 200),
        ({**OWN, "Origin": "https://evil.example"}, True, 200, 200),  # a proxy has changed the host
        ({"Sec-Fetch-Site": "cross-site"}, True, 403, 403),
        ({"Origin": "null"}, True, 403, 403),
    ],
)
async def test_a_cookie_needs_the_page_or_the_token(
    browser: Browser, headers: dict[str, str], xsrf: bool, read: int, write: int
) -> None:
    for path in READS:
        assert (await browser(path, xsrf=xsrf, headers=dict(headers))).status == read
    for path in WRITES:
        answer = await browser(path, "POST", xsrf=xsrf, headers=headers | JSON, body=body_of("POST"))
        assert answer.status == write
        if write == 403:
            assert answer.code == "CROSS_SITE"


async def test_the_xsrf_token_counts_as_a_header_only(browser: Browser) -> None:
    for path in WRITES:
        answer = await browser(path + "?_xsrf={xsrf}", "POST", headers=OWN | JSON, body=body_of("POST"))
        assert (answer.status, answer.code) == (403, "CROSS_SITE")


async def test_an_own_referer_is_enough_to_read_over_plain_http(
    browser: Browser, http_server_client: Any, jp_base_url: str
) -> None:
    own = {"Referer": f"http://127.0.0.1:{http_server_client.get_http_port()}{jp_base_url}lab"}
    for path in READS:
        assert (await browser(path, headers=dict(own))).status == 200
    for path in WRITES:
        assert (await browser(path, "POST", headers=own | JSON, body=body_of("POST"))).status == 403
