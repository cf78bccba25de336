"""JupyterHub's own login and XSRF rules in front of our routes: its identity provider, with a hub that knows one user.

A bare server lets pass what a hub refuses (reads without the XSRF header), and the other way round.
"""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest
from jupyter_server.base.handlers import JupyterHandler
from tornado import web
from traitlets import default

from .client import Answer, as_answer
from .upstream import Upstream

auth = pytest.importorskip("jupyterhub.services.auth", reason="JupyterHub is not installed")
extension = pytest.importorskip("jupyterhub.singleuser.extension", reason="JupyterHub is not installed")

TOKEN = "token-of-the-hub"
PATCHED = ("check_xsrf_cookie", "xsrf_token", "_xsrf_token_id")


class Hub(auth.HubOAuth):  # type: ignore[misc, name-defined]  # JupyterHub is not typed
    """Knows the user of one token, without asking anybody."""

    async def user_for_token(self, token: str, **_: Any) -> dict[str, Any] | None:
        return {"name": "a", "kind": "user", "scopes": ["access:servers"]} if token == TOKEN else None


class Provider(extension.JupyterHubIdentityProvider):  # type: ignore[misc, name-defined]  # JupyterHub is not typed
    @default("hub_auth")
    def _hub_of_the_test(self) -> Hub:
        return Hub(
            parent=self,
            oauth_client_id="jupyterhub-user-a",
            api_token="secret",
            base_url=self.parent.base_url,
            access_scopes={"access:servers"},
        )


@pytest.fixture(params=["/", "/user/a/", "/user/a%40b/", "/user/a@b/"])
def jp_base_url(request: pytest.FixtureRequest) -> str:
    base: str = request.param
    return base


@pytest.fixture
def server_options() -> dict[str, Any]:
    return {
        "ServerApp": {
            "identity_provider_class": Provider,
            "allow_unauthenticated_access": False,
            "tornado_settings": {"xsrf_cookies": False},  # as the hub's extension sets it: it checks later, by itself
        }
    }


@pytest.fixture(autouse=True)
def unpatched() -> Iterator[None]:
    """The hub replaces methods of Jupyter's handlers for the whole process; other tests want the originals."""
    classes = (JupyterHandler, web.RequestHandler)
    before = [{name: cls.__dict__[name] for name in PATCHED if name in cls.__dict__} for cls in classes]
    yield
    for cls, kept in zip(classes, before, strict=True):
        for name in PATCHED:
            if name in kept:
                setattr(cls, name, kept[name])
            elif name in cls.__dict__:
                delattr(cls, name)


class Page:
    """A page of the session, with the cookies that the hub's login and the first navigation have set."""

    def __init__(self, app: Any, client: Any, base: str) -> None:
        self.client, self.base = client, base
        secret = app.web_app.settings["cookie_secret"]
        self.cookies = {"jupyterhub-user-a": web.create_signed_value(secret, "jupyterhub-user-a", TOKEN).decode()}

    async def visit(self) -> None:
        answer = await self.fetch("nowhere", headers={"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"}, below="")
        morsels = SimpleCookie("; ".join(answer.headers.get_list("Set-Cookie")))
        self.cookies["_xsrf"] = morsels["_xsrf"].value

    async def fetch(
        self, path: str, method: str = "GET", headers: dict[str, str] | None = None, below: str = "bioimage/"
    ) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        response = await self.client.fetch(
            f"{self.base}{below}{path}",
            method=method,
            headers={
                "Cookie": cookie,
                **({"Content-Type": "application/json"} if method == "POST" else {}),
                **(headers or {}),
            },
            body=b'{"items": [{"key": "plain/note.txt"}]}' if method == "POST" else None,
            raise_error=False,
            follow_redirects=False,
        )
        return as_answer(response)


CORS = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
IMAGE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors"}
MARK = {"X-XSRFToken": "{xsrf}"}
WRONG = {"X-XSRFToken": "2|1:0|10:1700000000|5:_xsrf|4:eA==|00"}
EVIL = {"Referer": "https://evil.example/"}

#: headers, status of a read, status of a write
ROWS = [
    (CORS | MARK, 200, 200),
    (CORS, 401, 401),
    (CORS | WRONG, 401, 401),
    (IMAGE, 200, 401),
    (MARK, 200, 200),
    ({}, 403, 401),
    (EVIL, 403, 401),
    (EVIL | MARK, 200, 200),
    ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"} | MARK, 403, 403),
    ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"} | MARK, 403, 403),
    ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 403, 403),
    ({"Origin": "https://evil.example"} | MARK, 403, 403),
]


@pytest.mark.parametrize(("headers", "read", "write"), ROWS, ids=[str(row[0])[:70] for row in ROWS])
async def test_the_hubs_rules_and_ours(
    jp_serverapp: Any,
    http_server_client: Any,
    jp_base_url: str,
    upstream: Upstream,
    headers: dict[str, str],
    read: int,
    write: int,
) -> None:
    upstream.script = lambda exchange: exchange.send(200, {"Content-Type": "application/json"}, b"{}")
    page = Page(jp_serverapp, http_server_client, jp_base_url)
    await page.visit()
    sent = {name: value.replace("{xsrf}", page.cookies["_xsrf"]) for name, value in headers.items()}
    answers = [
        await page.fetch("stores/data/objects/plain/note.txt", headers=sent),
        await page.fetch("catalogues", headers=sent),
        await page.fetch("catalogues/cat/study", headers=sent),
        await page.fetch("stores/data/batch", "POST", headers=sent),
        await page.fetch("catalogues/cat/ask", "POST", headers=sent),
    ]
    assert [answer.status for answer in answers] == [read, read, read, write, write]
    assert len(upstream.requests) == [read, write].count(200), "what is refused is not asked of a catalogue either"
    for answer in answers:
        if answer.status != 200:
            assert answer.code in ("SESSION_ENDED", "CROSS_SITE")


async def test_without_the_hubs_login_nothing_is_answered(
    jp_serverapp: Any, http_server_client: Any, jp_base_url: str
) -> None:
    page = Page(jp_serverapp, http_server_client, jp_base_url)
    page.cookies = {}
    paths = ("stores", "catalogues", "catalogues/cat/study", "stores/data/thumbnail", "unknown")
    for path, method in (
        *((path, "GET") for path in paths),
        ("stores/data/batch", "POST"),
        ("catalogues/cat/ask", "POST"),
    ):
        answer = await page.fetch(path, method, headers=CORS)
        assert (answer.status, answer.code) == (401, "SESSION_ENDED")
