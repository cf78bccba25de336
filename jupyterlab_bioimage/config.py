"""Everything an operator can set: traits of ``BioImage``, each also by a ``BIOIMAGE_…`` environment variable."""

from __future__ import annotations

import json
import os
from typing import Any

from traitlets import Dict, Int, List, Unicode, default
from traitlets.config import LoggingConfigurable

from .services.limits import MAX_BATCH, MAX_ITEMS, MAX_OPEN, MAX_READ, TOTAL_HELD

PREFIX = "BIOIMAGE_"


class ConfigError(ValueError):
    """An environment variable that cannot be understood; names the variable, never shows its value."""


def from_environment(name: str, fallback: Any) -> Any:
    """The value of ``BIOIMAGE_<NAME>``: text as it is, numbers as decimal, lists and objects as JSON."""
    variable = PREFIX + name.upper()
    text = os.environ.get(variable)
    if text is None:
        return fallback
    if isinstance(fallback, str):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        raise ConfigError(f"{variable} is not valid JSON") from None
    if not isinstance(value, type(fallback)) or isinstance(value, bool):
        raise ConfigError(f"{variable} must be JSON of type {type(fallback).__name__}")
    return value


class BioImage(LoggingConfigurable):
    """The extension's configuration: ``c.BioImage.<trait>`` in jupyter_server_config.py."""

    stores: List[dict[str, Any]] = List(
        Dict(),
        help="""Stores that sessions may read, besides their own files (the store 'files').

        A mounted folder: {id, label, root}. S3-compatible storage, read without credentials by path-style addresses:
        {id, label, endpoint, bucket, prefix}. A web server: {id, label, url}. For each: 'prefixes' (public addresses
        the store answers for), 'aliases' (older ones), 'prefer' ('session', 'direct' or 'auto'), 'direct' (base
        address a browser may read), 'absent_is_403' (the storage says 403 for objects that do not exist), 'immutable'
        (objects never change, browsers may keep them), 'opaque_etags' (the bucket's ETags look like MD5 sums and are
        none), 'addresses' (address ranges such as '10.0.0.0/8' that the
        host's name may lead to; public ones always may). As variable: BIOIMAGE_STORES, JSON.""",
    ).tag(config=True)
    services: Dict[str, Any] = Dict(
        help="Archive catalogues: {id: {url, paths}}; only these hosts and paths are relayed. BIOIMAGE_SERVICES, JSON.",
    ).tag(config=True)
    rewrites: Dict[str, str] = Dict(
        Unicode(),
        help="Old address prefix → new prefix, for images that have moved. BIOIMAGE_REWRITES, JSON.",
    ).tag(config=True)
    home_quota_bytes = Int(0, help="Quota of the home folder in bytes; 0: not known. BIOIMAGE_HOME_QUOTA_BYTES.").tag(
        config=True
    )
    cull_idle_seconds = Int(
        0, help="Idle seconds after which the hub ends a session; 0: not known. BIOIMAGE_CULL_IDLE_SECONDS."
    ).tag(config=True)
    max_age_seconds = Int(
        0, help="Age in seconds at which the hub ends a session; 0: not known. BIOIMAGE_MAX_AGE_SECONDS."
    ).tag(config=True)
    contact = Unicode("", help="Whom to ask: an address or a URL, shown beside failures. BIOIMAGE_CONTACT.").tag(
        config=True
    )
    max_items = Int(MAX_ITEMS, help="Items of one batch. BIOIMAGE_MAX_ITEMS.").tag(config=True)
    max_read_bytes = Int(MAX_READ, help="Bytes of one object or range. BIOIMAGE_MAX_READ_BYTES.").tag(config=True)
    max_batch_bytes = Int(MAX_BATCH, help="Bytes of one batch. BIOIMAGE_MAX_BATCH_BYTES.").tag(config=True)
    max_held_bytes = Int(
        TOTAL_HELD, help="Bytes between storage and browsers, all streams together. BIOIMAGE_MAX_HELD_BYTES."
    ).tag(config=True)
    max_open_requests = Int(
        MAX_OPEN, help="Requests admitted at a time; the rest are told to come back. BIOIMAGE_MAX_OPEN_REQUESTS."
    ).tag(config=True)

    @default("stores")
    def _stores(self) -> Any:
        return from_environment("stores", [])

    @default("services")
    def _services(self) -> Any:
        return from_environment("services", {})

    @default("rewrites")
    def _rewrites(self) -> Any:
        return from_environment("rewrites", {})

    @default("contact")
    def _contact(self) -> Any:
        return from_environment("contact", "")

    @default("home_quota_bytes")
    def _home_quota_bytes(self) -> Any:
        return from_environment("home_quota_bytes", 0)

    @default("cull_idle_seconds")
    def _cull_idle_seconds(self) -> Any:
        return from_environment("cull_idle_seconds", 0)

    @default("max_age_seconds")
    def _max_age_seconds(self) -> Any:
        return from_environment("max_age_seconds", 0)

    @default("max_items")
    def _max_items(self) -> Any:
        return from_environment("max_items", MAX_ITEMS)

    @default("max_read_bytes")
    def _max_read_bytes(self) -> Any:
        return from_environment("max_read_bytes", MAX_READ)

    @default("max_batch_bytes")
    def _max_batch_bytes(self) -> Any:
        return from_environment("max_batch_bytes", MAX_BATCH)

    @default("max_held_bytes")
    def _max_held_bytes(self) -> Any:
        return from_environment("max_held_bytes", TOTAL_HELD)

    @default("max_open_requests")
    def _max_open_requests(self) -> Any:
        return from_environment("max_open_requests", MAX_OPEN)
