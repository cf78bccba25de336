"""From the operator's words to the catalogues that are relayed; every mistake names the service and the field."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from yarl import URL

from .store import Network
from .storeconfig import StoreConfigError, address_of, flag_of, networks_of, text_of, texts_of

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_FIELDS = frozenset({"label", "url", "paths", "post", "recorded", "addresses"})
MAX_PATTERN = 1000  # characters of a regular expression
MAX_REWRITES = 1000


class ServiceConfigError(ValueError):
    """A service that cannot be used as it is configured."""


@dataclass(frozen=True, slots=True)
class Service:
    """A catalogue's interface; ``url`` has no trailing slash. Patterns match the whole decoded path below it."""

    id: str
    label: str
    url: str
    paths: tuple[re.Pattern[str], ...]
    post: tuple[re.Pattern[str], ...] = ()
    recorded: bool = False  # answers are recorded samples, not the service's own
    networks: tuple[Network, ...] = field(default=())  # non-public addresses the operator allows

    def allows(self, method: str, path: str) -> bool:
        patterns = self.post if method == "POST" else self.paths
        return any(pattern.fullmatch(path) for pattern in patterns)

    def to_json(self) -> dict[str, Any]:
        return {"id": self.id, "label": self.label, "recorded": self.recorded}


def _patterns(entry: Mapping[str, Any], name: str) -> tuple[re.Pattern[str], ...]:
    compiled = []
    for text in texts_of(entry, name):
        try:
            if len(text) > MAX_PATTERN:
                raise ServiceConfigError(f"{name} has an expression of more than {MAX_PATTERN} characters")
            compiled.append(re.compile(text))
        except re.error as error:
            raise ServiceConfigError(f"{name} has an expression that is not valid: {error.msg}") from None
    return tuple(compiled)


def parse_service(name: str, entry: Any, defaults: Mapping[str, Any]) -> Service:
    """One entry of ``BioImage.services``; what it does not say is taken from the default of the same id, if any."""
    if not _ID.fullmatch(name):
        raise ServiceConfigError("the id must be 1-64 letters, digits, '_', '.' or '-'")
    if not isinstance(entry, Mapping):
        raise ServiceConfigError("the entry must be an object")
    unknown = sorted(set(map(str, entry)) - _FIELDS)
    if unknown:
        raise ServiceConfigError(f"unknown field {unknown[0]}")
    entry = {**defaults.get(name, {}), **entry}
    try:
        url = address_of(entry, "url")
        service = Service(
            id=name,
            label=text_of(entry, "label", name),
            url=url,
            paths=_patterns(entry, "paths"),
            post=_patterns(entry, "post"),
            recorded=flag_of(entry, "recorded"),
            networks=networks_of(entry, URL(url, encoded=True).host or ""),
        )
    except StoreConfigError as error:
        raise ServiceConfigError(str(error)) from None
    if not service.paths and not service.post:
        raise ServiceConfigError("paths must have at least one expression")
    return service


def parse_services(entries: Mapping[str, Any], defaults: Mapping[str, Any], log: logging.Logger) -> list[Service]:
    """All that can be used, in the operator's order; the others are left out and logged."""
    services = []
    for name, entry in entries.items():
        try:
            services.append(parse_service(name, entry, defaults))
        except ServiceConfigError as error:
            log.error("bioimage: service %r is left out: %s", str(name)[:64], error)  # noqa: TRY400  no trace
    return services


def _prefix(name: str, text: str) -> str:
    if text.startswith("s3://") and len(text) > len("s3://") and not set(text) & set("?#@\\ "):
        return text.rstrip("/")
    try:
        return address_of({name: text}, name)
    except StoreConfigError as error:
        raise ServiceConfigError(str(error)) from None


def parse_rewrites(entries: Mapping[str, str], log: logging.Logger) -> list[tuple[str, str]]:
    """Pairs (old prefix, new prefix) without trailing slashes, longest old one first; wrong ones are logged."""
    pairs = {}
    for position, (old, new) in enumerate(_first(entries.items(), MAX_REWRITES)):
        try:
            pairs[_prefix("the old prefix", old)] = _prefix("the new prefix", new)
        except ServiceConfigError as error:
            log.error("bioimage: rewrite %d (%.100r) is left out: %s", position, old, error)  # noqa: TRY400  no trace
    return sorted(pairs.items(), key=lambda pair: -len(pair[0]))


def _first(pairs: Iterable[tuple[str, str]], most: int) -> list[tuple[str, str]]:
    return list(pairs)[:most]
