"""From the operator's words to a store's configuration; every mistake names the field and the store."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
from collections.abc import Mapping
from typing import Any, Literal, cast

from yarl import URL

from .keys import check_prefix
from .store import Network, StoreConfig

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]")
_PLACE = frozenset({"root", "endpoint", "bucket", "prefix", "url", "addresses"})
_FIELDS = _PLACE | {"id", "label", "prefixes", "aliases", "prefer", "direct", "absent_is_403"}
_FIELDS |= {"immutable", "opaque_etags"}
_LOOPBACK = ("127.0.0.0/8", "::1/128")
Kind = Literal["folder", "s3", "https"]
Prefer = Literal["session", "direct", "auto"]


class StoreConfigError(ValueError):
    """A store that cannot be used as it is configured."""


def text_of(entry: Mapping[str, Any], name: str, fallback: str = "") -> str:
    """The text in the field ``name``. StoreConfigError where it is none."""
    value = entry.get(name, fallback)
    if not isinstance(value, str):
        raise StoreConfigError(f"{name} must be text")
    return value


def texts_of(entry: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The texts in the field ``name``, none of them empty. StoreConfigError."""
    value = entry.get(name, [])
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) and item for item in value):
        raise StoreConfigError(f"{name} must be a list of texts")
    return tuple(item.rstrip("/") for item in value)


def flag_of(entry: Mapping[str, Any], name: str) -> bool:
    """The field ``name``, false where it is missing. StoreConfigError where it is neither true nor false."""
    value = entry.get(name, False)
    if not isinstance(value, bool):
        raise StoreConfigError(f"{name} must be true or false")
    return value


def address_of(entry: Mapping[str, Any], name: str) -> str:
    """An http(s) address without user, query or fragment; plain http counts as configured by being written here."""
    text = text_of(entry, name).rstrip("/")
    try:
        url = URL(text, encoded=True)
        valid = url.scheme in ("http", "https") and bool(url.host) and url.port is not None
    except ValueError:
        valid = False
    if not valid or url.user or url.password or "?" in text or "#" in text or "\\" in text:
        raise StoreConfigError(f"{name} must be an http(s) address without user, query or fragment")
    if ".." in url.raw_path.split("/"):
        raise StoreConfigError(f"{name} must not contain '..'")
    return text


def networks_of(entry: Mapping[str, Any], host: str) -> tuple[Network, ...]:
    """Non-public ranges a connection may lead to: those named, and the one a literal address stands for."""
    named = list(texts_of(entry, "addresses"))
    if host.rstrip(".").lower() == "localhost":
        named += _LOOPBACK
    with contextlib.suppress(ValueError):  # a name: only the ranges given, beside public addresses
        named.append(str(ipaddress.ip_address(host)))
    try:
        return tuple(ipaddress.ip_network(text) for text in named)
    except ValueError:
        raise StoreConfigError("addresses must be ranges such as 10.0.0.0/8") from None


def parse_store(entry: Mapping[str, Any]) -> StoreConfig:
    """One entry of ``BioImage.stores``. StoreConfigError names the field that is wrong."""
    unknown = sorted(set(map(str, entry)) - _FIELDS)
    if unknown:
        raise StoreConfigError(f"unknown field {unknown[0]}")
    name = text_of(entry, "id")
    if not _ID.fullmatch(name):
        raise StoreConfigError("id must be 1-64 letters, digits, '_', '.' or '-'")
    kinds: dict[str, Kind] = {"root": "folder", "endpoint": "s3", "url": "https"}
    given = [field for field in kinds if entry.get(field)]
    if len(given) != 1:
        raise StoreConfigError("exactly one of root, endpoint, url is needed")
    kind = kinds[given[0]]
    prefer = text_of(entry, "prefer", "auto" if kind == "https" else "session")
    if prefer not in ("session", "direct", "auto"):
        raise StoreConfigError("prefer must be session, direct or auto")
    root = endpoint = bucket = prefix = url = host = ""
    own: tuple[str, ...] = ()
    if kind == "folder":
        root = os.path.realpath(os.path.expanduser(text_of(entry, "root")))
    elif kind == "s3":
        endpoint = address_of(entry, "endpoint")
        host = URL(endpoint, encoded=True).host or ""
        bucket, prefix = text_of(entry, "bucket"), check_prefix(text_of(entry, "prefix"))
        if not _BUCKET.fullmatch(bucket) or ".." in bucket:
            raise StoreConfigError("bucket is not a valid name")
        own = ("s3://" + "/".join(filter(None, (bucket, prefix))),)
    else:
        url = address_of(entry, "url")
        host = URL(url, encoded=True).host or ""
        own = (url,)
    prefixes = tuple(dict.fromkeys((*texts_of(entry, "prefixes"), *texts_of(entry, "aliases"), *own)))
    public = next((text for text in prefixes if text.startswith(("https://", "http://"))), None)
    return StoreConfig(
        id=name,
        label=text_of(entry, "label", name),
        kind=kind,
        prefixes=prefixes,
        prefer=cast(Prefer, prefer),
        direct=address_of(entry, "direct") if entry.get("direct") else public,
        absent_is_403=flag_of(entry, "absent_is_403"),
        immutable=flag_of(entry, "immutable"),
        opaque_etags=flag_of(entry, "opaque_etags"),
        root=root,
        endpoint=endpoint,
        bucket=bucket,
        prefix=prefix,
        url=url,
        networks=networks_of(entry, host) if host else (),
    )
