"""GET catalogues: which services are relayed. GET, HEAD, POST catalogues/{service}/{path}: one answer of a service."""

from __future__ import annotations

import asyncio
import gzip
import re

from tornado import web

from ..errors import BioImageError
from ..said import say
from ..services.judge import JSON, TEXTS
from ..services.limits import WAIT
from ..services.relay import Question, Relayed, contact_of
from .base import BioImageHandler, cancellable
from .frames import PIECE

SMALL = 1400  # bytes; what fits into one packet gains nothing
LEVEL = 4  # of gzip: 50 MB/s, and hardly longer than the best
COMPRESSED = TEXTS | {JSON}

_WHERE = "/bioimage/catalogues/"
_SECONDS = re.compile(r"[0-9]{1,9}")


class CataloguesHandler(BioImageHandler):
    """GET of the catalogues of this server."""

    @web.authenticated
    def get(self) -> None:
        self.reply(
            {
                "services": [service.to_json() for service in self.state.relay.services.values()],
                "rewrites": [list(pair) for pair in self.state.rewrites],
            }
        )


class RelayHandler(BioImageHandler):
    """Only the checked path, query and body go on; no header of the client does, but those that are meant for us."""

    @web.authenticated
    @cancellable
    async def get(self, service: str, path: str) -> None:
        if self.body:
            raise BioImageError("BAD_REQUEST", say("A question of this kind has no body."))
        await self._answer(self._question(service))

    @web.authenticated
    @cancellable
    async def head(self, service: str, path: str) -> None:
        answer = await self._ask(self._question(service))
        self._describe(answer)
        await self.finish(set_content_type=answer.type)

    @web.authenticated
    @cancellable
    async def post(self, service: str, path: str) -> None:
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise BioImageError("BAD_REQUEST", say("The body must be JSON, and say so."))
        await self._answer(self._question(service, bytes(self.body)))

    def _question(self, service: str, body: bytes | None = None) -> Question:
        """From the address as it was written: Tornado's decoded arguments do not tell a slash from a quoted one."""
        _, _, rest = self.request.path.partition(_WHERE)
        return self.state.relay.question(service, rest.partition("/")[2], self.request.query, body)

    async def _ask(self, question: Question) -> Relayed:
        """With the manners that a person has set for the relay; those of the operator are the bounds."""
        headers = self.request.headers
        wanted = headers.get("X-BioImage-Max-Age", "")
        max_age = float(wanted) if _SECONDS.fullmatch(wanted) else None
        return await self.state.relay.ask(question, max_age, contact_of(headers.get("X-BioImage-Contact")))

    def _describe(self, answer: Relayed) -> None:
        self.set_header("Content-Length", str(len(answer.body)))
        self.set_header("Content-Disposition", "attachment")  # opened in a tab it is a download, whatever it holds
        self.set_header("X-BioImage-From", answer.origin)
        if answer.age is not None:
            self.set_header("Age", str(answer.age))

    async def _answer(self, question: Question) -> None:
        answer = await self._ask(question)
        held, whole = self.state.held, len(answer.body)
        await held.acquire(whole, WAIT)
        try:
            self._describe(answer)
            body = answer.body
            if whole >= SMALL and answer.type in COMPRESSED and self._takes_gzip():
                # Tables and JSON shrink to a tenth, which people with a thin line notice; chunks would not.
                body = await asyncio.to_thread(gzip.compress, body, LEVEL, mtime=0)
                self.set_header("Content-Encoding", "gzip")
                self.set_header("Content-Length", str(len(body)))
            self.set_header("Vary", "Accept-Encoding")
            self.set_header("Content-Type", answer.type)
            for at in range(0, len(body), PIECE):
                self.write(body[at : at + PIECE] if len(body) > PIECE else body)
                await self.flush()  # waits for the client: a slow one costs no memory but the body itself
            await self.finish(set_content_type=answer.type)
        finally:
            held.release(whole)

    def _takes_gzip(self) -> bool:
        listed = self.request.headers.get("Accept-Encoding", "").lower().split(",")
        return any(one.split(";")[0].strip() == "gzip" and ";q=0" not in one.replace(" ", "") for one in listed)
