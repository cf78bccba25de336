"""The base of every handler: who may ask, what may leave, and how failures look."""

from __future__ import annotations

import asyncio
import functools
import json
import math
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import APIHandler
from tornado import web
from tornado.iostream import StreamClosedError

from ..errors import BioImageError
from ..said import say
from ..services.limits import MAX_BODY, retry_after
from ..services.registry import StoreRegistry
from ..services.retry import RetryableError
from .state import SETTING, ServerState

BINARY = "application/octet-stream"
_CODES = {401: "SESSION_ENDED", 403: "CROSS_SITE", 404: "NOT_FOUND", 413: "TOO_LARGE", 503: "BUSY"}
_READS = ("GET", "HEAD")
Handler = TypeVar("Handler", bound="BioImageHandler")


def cancellable(
    method: Callable[..., Awaitable[None]],
) -> Callable[..., Awaitable[None]]:
    """Waits for a turn, then runs the method; ends it, and every read it awaits, when the client has gone.

    The wait is not in ``prepare``: until that is done, Tornado does not look whether the client is still there.
    """

    @functools.wraps(method)
    async def run(self: BioImageHandler, *args: Any) -> None:
        self.work = asyncio.current_task()
        try:
            async with self.state.admission.turn():
                await method(self, *args)
        except (StreamClosedError, asyncio.CancelledError):
            if not self.gone:
                raise
        finally:
            self.work = None

    return run


@web.stream_request_body
class BioImageHandler(APIHandler):
    """Refuses callers without login and from other sites, whatever ``allow_origin`` says; answers errors as JSON.

    Bodies are streamed on every path: otherwise half a gigabyte would be read before the caller is refused.
    """

    body: bytearray  # of the request, at most ``MAX_BODY`` bytes

    _track_activity = False  # looking at images in a forgotten tab must not keep a session alive
    gone = False  # the client has closed the connection
    work: asyncio.Future[Any] | None = None
    _admitted = False

    @property
    def state(self) -> ServerState:
        return cast(ServerState, self.settings[SETTING])

    @property
    def stores(self) -> StoreRegistry:
        return self.state.stores

    async def prepare(self, **_options: Any) -> None:
        self.body = bytearray()
        # Refused by the length announced, or while a body without one arrives.
        self.request.connection.set_max_body_size(MAX_BODY)  # type: ignore[union-attr]  # HTTP/1 connections have it
        self._refuse_other_sites()
        try:
            await super().prepare()  # login; XSRF token of writes; origin
        except web.HTTPError as error:
            if getattr(self, "_jupyter_current_user", None) is None:
                raise BioImageError("SESSION_ENDED") from error
            raise BioImageError("CROSS_SITE", detail=f"{error.status_code} {error.log_message}") from error
        user = self.current_user
        if user is None:
            raise BioImageError("SESSION_ENDED")
        self._require_own_page()
        # Every route only reads, the POST of many keys too.
        if not await ensure_async(self.authorizer.is_authorized(self, user, "read", "bioimage")):
            raise BioImageError("STORE_DENIED", say("You may not read images in this session."))
        self.state.admission.enter()
        self._admitted = True

    def data_received(self, chunk: bytes) -> None:
        self.body += chunk

    def _own(self, url: str) -> bool:
        return urlsplit(url).netloc.lower() == self.request.host.lower()

    def _refuse_other_sites(self) -> None:
        """Before the login is looked at: what the browser says about the asking page cannot be forged by a page."""
        headers = self.request.headers
        site = headers.get("Sec-Fetch-Site")
        if site not in (None, "same-origin", "none") or not self.check_origin() or not self.check_host():
            raise BioImageError("CROSS_SITE")

    def _require_own_page(self) -> None:
        """With a cookie: writes need the token as a header; reads too where the browser says nothing of the page.

        Only our own pages can read the cookie and set a header; over plain http there is no Sec-Fetch-Site.
        """
        if self.token_authenticated or self.settings.get("disable_check_xsrf", False):
            return
        headers = self.request.headers
        marked = "X-Xsrftoken" in headers or "X-Csrftoken" in headers
        if self.request.method not in _READS:
            if not marked:
                raise BioImageError("CROSS_SITE", detail="no X-XSRFToken header")
        elif "Sec-Fetch-Site" not in headers and not self.check_referer():
            if not marked:
                raise BioImageError("CROSS_SITE", detail="neither own Referer nor X-XSRFToken header")
            try:
                self.check_xsrf_cookie()
            except web.HTTPError as error:
                raise BioImageError("CROSS_SITE", detail="X-XSRFToken does not match") from error

    def check_origin(self, origin_to_satisfy_tornado: str = "") -> bool:
        headers = self.request.headers
        origin = headers.get("Origin")
        return headers.get("Sec-Fetch-Site") == "same-origin" or origin is None or self._own(origin)

    def check_referer(self) -> bool:
        return self._own(self.request.headers.get("Referer", ""))

    def set_cors_headers(self) -> None:
        """No page of another origin reads anything, so there is nothing to allow."""

    @property
    def content_security_policy(self) -> str:
        return super().content_security_policy + "; sandbox"

    def set_default_headers(self) -> None:
        super().set_default_headers()
        for name in [name for name in self._headers if name.lower().startswith("access-control-")]:
            self.clear_header(name)  # operators set them for all of Jupyter
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")

    @web.authenticated
    def options(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]  # the decorator widens the type
        """Preflights come from other sites only."""
        raise BioImageError("BAD_REQUEST", say("This method is not offered here."), status=405)

    def compute_etag(self) -> None:
        """Bodies are not hashed; objects carry the storage's own ETag."""

    def reply(self, value: Any) -> None:
        self.finish(json.dumps(value))

    def on_connection_close(self) -> None:
        self.gone = True
        if self.work is not None:
            self.work.cancel()
        self._leave()

    def on_finish(self) -> None:
        self._leave()

    def _leave(self) -> None:
        if self._admitted:
            self._admitted = False
            self.state.admission.leave()

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        """Nothing here: ``write_error`` writes the one line of a failure."""

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        cause = kwargs.get("exc_info", (None, None, None))[1]
        error = cause if isinstance(cause, BioImageError) else _classify(status_code, cause)
        self.set_status(error.status)
        if error.code == "ABSENT":
            self.set_header("X-Bia-Absent", "1")
        if error.code == "BUSY":
            after = error.after if isinstance(error, RetryableError) else None
            self.set_header("Retry-After", retry_after() if after is None else str(max(1, math.ceil(after))))
        self.finish(json.dumps(self.describe(error, cause)))

    def describe(self, error: BioImageError, cause: BaseException | None = None) -> dict[str, Any]:
        """A failure as the browser sees it; ``id`` names the line in the server's log."""
        return {
            "code": error.code,
            "message": error.message,
            "hint": error.hint,
            "said": error.said,
            "id": self.state.errors.record(error, cause),
        }


def _classify(status: int, cause: BaseException | None) -> BioImageError:
    if isinstance(cause, web.HTTPError):
        if status >= 500 and status not in _CODES:
            return BioImageError("INTERNAL", status=status, detail=cause.log_message or "")
        return BioImageError(_CODES.get(status, "BAD_REQUEST"), status=status, detail=cause.log_message or "")
    return BioImageError("INTERNAL", detail=type(cause).__name__ if cause else "")
