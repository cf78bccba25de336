"""The relay to the catalogues: listed services and paths only, with the manners that public archives ask for.

Metadata is asked for once a day, one question at a time per host; equal questions are asked once; a service in trouble
is left alone for a while, and meanwhile its last good answers are shown with their age. Nothing of a client's request
reaches a service but the checked path, query and body, and of its answer only the body and its type come back.
"""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urljoin

import aiohttp
from yarl import URL

from ..errors import BioImageError
from ..said import Said, say
from .answercache import AnswerCache, Kept
from .catalogueconfig import Service
from .client import TIMEOUT, CertificateError, Upstream, UpstreamClient
from .judge import (
    answer_type,
    bad_answer,
    check_answer_status,
    check_answer_type,
    check_body,
    read_answer,
    says_something,
    validators,
)
from .relaypath import check_path, check_query, quote_path
from .retry import Retrier, RetryableError
from .turns import HostQueue, SingleFlight

MAX_HOPS = 2
#: Failures in so many s until a host is left alone: its questions come one by one, each with its own time-out.
FAILURES, WINDOW = 5, 60.0
LONGEST_REST = 300.0  # s that a host is given when it asks for hours: it may have been mistaken
REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: Failures of a service that its last good answer stands in for. Not its refusal: what has been withdrawn stays away.
#: STORE_DENIED is ours, where a network's login page answers for every name.
STANDS_IN = frozenset({"UPSTREAM_DOWN", "UPSTREAM_SLOW", "UPSTREAM_BAD", "BUSY", "CATALOGUE_BAD", "STORE_DENIED"})
_CONTACT = re.compile(r"[\x21-\x27\x2a-\x5b\x5d-\x7e]{3,100}")  # no blank, bracket or backslash: it stands in a comment


@dataclass(frozen=True, slots=True)
class Question:
    """One request, checked: ``path`` is decoded, ``query`` encoded, ``body`` is compact JSON (None: a GET)."""

    service: str
    path: str
    query: str = ""
    body: bytes | None = None

    @property
    def method(self) -> Literal["GET", "POST"]:
        return "GET" if self.body is None else "POST"

    @property
    def target(self) -> str:
        """Path and query for the service, with a leading slash."""
        return quote_path(self.path) + (f"?{self.query}" if self.query else "")


@dataclass(frozen=True, slots=True)
class Relayed:
    """An answer; ``age`` in s where it comes from the cache and is known."""

    body: bytes
    type: str
    origin: Literal["service", "cache", "recorded"]
    age: int | None = None


@dataclass(slots=True)
class _Host:
    """What all services of one scheme, name and port share."""

    queue: HostQueue
    retrier: Retrier
    rests_until: float = -math.inf  # s of a clock that nobody sets: before that it does not want to be asked

    def check(self, now: float) -> None:
        if (left := self.rests_until - now) > 0:
            raise RetryableError("BUSY", detail="asked for rest", after=left)


def contact_of(text: str | None) -> str:
    """A contact that may stand in a User-Agent, "" for anything else."""
    return text if text and _CONTACT.fullmatch(text) else ""


def check_body_of_question(body: bytes) -> bytes:
    """The JSON of a question written anew, so that no two readers can see different things in it; "" stays empty."""
    if not body:
        return body
    try:
        value = json.loads(body)
        if not isinstance(value, dict):
            raise BioImageError("BAD_REQUEST", say("The body is not a JSON object."))
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise BioImageError("BAD_REQUEST", say("The body is not valid JSON.")) from None


class Relay:
    """Owns the connections to all services. ``fresh`` is how long an answer is given again unasked, in s."""

    def __init__(
        self,
        services: Iterable[Service],
        cache: AnswerCache,
        upstream: Upstream,
        fresh: float,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.services = {service.id: service for service in services}
        self._cache = cache
        self._upstream = upstream
        self._fresh = fresh
        self._timeout = timeout
        self._clock = clock
        self._steady = steady
        self._flights: SingleFlight[Relayed] = SingleFlight()
        self._clients: dict[str, UpstreamClient] = {}
        self._hosts: dict[str, _Host] = {}

    def question(self, service: str, path: str, query: str = "", body: bytes | None = None) -> Question:
        """Checks what a client sends; ``path`` and ``query`` as they came. STORE_DENIED, PATH_DENIED, BAD_REQUEST."""
        listed = self.services.get(service)
        if listed is None:
            raise BioImageError("STORE_DENIED", say("This catalogue is not on the list of this server."))
        asked = Question(
            service, check_path(path), check_query(query), None if body is None else check_body_of_question(body)
        )
        if not listed.allows(asked.method, asked.path):
            raise BioImageError("PATH_DENIED", say("This path is not relayed."))
        return asked

    async def ask(self, question: Question, max_age: float | None = None, contact: str = "") -> Relayed:
        """The answer, from wherever it can be had. ``max_age`` (s) may ask for a fresher one than usual."""
        service = self.services[question.service]
        key = "\n".join([question.method, service.url + question.target, (question.body or b"").decode()])
        fresh = self._fresh if max_age is None else min(self._fresh, max_age)

        async def answer() -> Relayed:
            return await self._answer(service, question, key, fresh, contact)

        try:
            # Those who want different ages would get each other's answers.
            return await self._flights.join(f"{fresh} {key}", answer)
        except BioImageError as error:
            raise _said(error, service) from error

    async def _answer(self, service: Service, question: Question, key: str, fresh: float, contact: str) -> Relayed:
        if service.recorded:  # a sample is at hand anyway, and must never be taken for the service's own answer
            kept = await self._fetch(service, question, None, contact)
            return Relayed(kept.body, kept.type, "recorded")
        known = _sound(await self._cache.get(key))
        age = None if known is None else known.age(self._clock())
        if known is not None and age is not None and age < fresh:
            return _from_cache(known, self._clock())
        try:
            kept = await self._fetch(service, question, known, contact)
        except BioImageError as error:
            if error.code == "NOT_FOUND" and known is not None:
                await self._cache.drop(key)
            if error.code in STANDS_IN and known is not None:
                return _from_cache(known, self._clock())
            raise
        if says_something(kept.type, kept.body):
            await self._cache.put(key, kept)
        return Relayed(kept.body, kept.type, "service")

    async def _fetch(self, service: Service, question: Question, known: Kept | None, contact: str) -> Kept:
        """Asks the service, and again where that may help; follows redirects to listed paths of listed services."""
        headers = {"Accept": "*/*"}
        if contact:
            headers["User-Agent"] = f"{self._upstream.agent} (+{contact})"
        if question.body is not None:
            headers["Content-Type"] = "application/json"
        elif known is not None:
            headers |= {"If-None-Match": known.etag} if known.etag else {}
            headers |= {"If-Modified-Since": known.modified} if known.modified else {}
        at, target = service, question
        for _ in range(MAX_HOPS + 1):
            result = await self._hop(at, target, headers, known)
            if isinstance(result, Kept):
                return result
            at, target = self._redirected(at, target, result)
        raise bad_answer("too many redirects")

    async def _hop(
        self, service: Service, question: Question, headers: dict[str, str], known: Kept | None
    ) -> Kept | str:
        """One address: its answer, or the place it points to."""
        client = self._clients.get(service.id)
        if client is None:
            client = self._clients[service.id] = UpstreamClient(
                service.url, service.networks, self._upstream, self._timeout
            )

        async def once() -> Kept | str:
            async with client.request(question.method, question.target, headers, question.body) as response:
                if response.status == 304 and known is not None and question.body is None:
                    return replace(known, stored=self._clock())
                if response.status in REDIRECTS:
                    return response.headers.get("Location", "")
                check_answer_status(response)
                kind = check_answer_type(response)
                body = await read_answer(response, kind)
                etag, modified = validators(response)
                return Kept(body, kind, self._clock(), etag, modified)

        host = self._host(service)
        async with host.queue.turn():  # pauses between two tries too: a host in trouble is asked by nobody
            host.check(self._steady())
            try:
                return await host.retrier.run(once)
            except RetryableError as error:
                if error.after is not None:
                    host.rests_until = self._steady() + min(error.after, LONGEST_REST)
                raise

    def _host(self, service: Service) -> _Host:
        origin = str(URL(service.url, encoded=True).origin())
        # One server may play all archives, and one of them must not wait for another then.
        key = f"{origin} {service.id}" if service.recorded else origin
        return self._hosts.setdefault(key, _Host(HostQueue(), Retrier(FAILURES, WINDOW)))

    def _redirected(self, service: Service, question: Question, location: str) -> tuple[Service, Question]:
        """The listed service and path that ``location`` names. CATALOGUE_BAD for any other place, and for a POST."""
        refused = bad_answer("redirect")
        if question.body is not None or not location or len(location) > 4096 or not location.isascii():
            raise refused
        address = urljoin(service.url + question.target, location)
        if "\\" in location or "#" in address or "@" in address.partition("//")[2].partition("/")[0]:
            raise refused
        for listed in self.services.values():
            if address.startswith(listed.url + "/"):
                path, _, query = address[len(listed.url) + 1 :].partition("?")
                try:
                    return listed, self.question(listed.id, path, query)
                except BioImageError:
                    continue  # another service may lie at the same host
        raise refused

    async def close(self) -> None:
        await self._flights.close()
        for client in self._clients.values():
            await client.close()
        self._cache.close()


def _sound(kept: Kept | None) -> Kept | None:
    """A file can be changed by whoever owns the home folder: what leaves from there is judged like the rest."""
    if kept is None or answer_type(kept.type) != kept.type:
        return None
    try:
        check_body(kept.type, kept.body)
    except BioImageError:
        return None
    return kept


def _from_cache(kept: Kept, now: float) -> Relayed:
    return Relayed(kept.body, kept.type, "cache", kept.age(now))


def _named(message: str, label: str) -> Said:
    """The message with the name of the service for "The store" and "The catalogue"."""
    named = message.replace("The store", label).replace("The catalogue", label)
    known = (
        say("%1 refused access.", label),
        say("%1 gave a wrong answer.", label),
        say("%1 is not answering.", label),
        say("%1 is too slow.", label),
        say("%1's answer was not understood.", label),
        say("%1's certificate is not valid.", label),
        say("%1's name leads to an address that is not allowed.", label),
        say("%1 has nothing at this address.", label),
        say("%1 did not understand the question.", label),
        say("%1 refuses the name under which this program asks (User-Agent).", label),
    )
    if named == message and isinstance(message, Said):
        return message
    return next((text for text in known if text == named), say("%1", named))


def _said(error: BioImageError, service: Service) -> BioImageError:
    """The failure in the words of catalogues, with the service's name."""
    code, message, hint = error.code, error.message, error.hint
    detail = f"{service.id}: {error.detail}"
    if isinstance(error, RetryableError) and error.after is not None and error.after >= 1:
        message = say("%1 asks us to come back in %2 s.", service.label, math.ceil(error.after))
        return RetryableError(code, message, detail=detail, after=error.after)
    if isinstance(error, CertificateError):
        code = "UPSTREAM_DOWN"
    elif code == "UPSTREAM_BAD":
        code, message = "CATALOGUE_BAD", BioImageError("CATALOGUE_BAD").message
    elif code not in STANDS_IN | {"UPSTREAM_DENIED"}:
        return error
    return BioImageError(code, _named(message, service.label), hint=hint if code == error.code else None, detail=detail)
