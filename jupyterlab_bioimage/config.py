"""Everything an operator can set: traits of ``BioImage``, each also by a ``BIOIMAGE_…`` environment variable."""

from __future__ import annotations

import json
import os
from typing import Any

from traitlets import Dict, Int, List, Unicode, default
from traitlets.config import LoggingConfigurable

from ._version import __version__
from .services.limits import CATALOGUE_CACHE, DAY, MAX_BATCH, MAX_ITEMS, MAX_OPEN, MAX_READ, TOTAL_HELD
from .services.relay import contact_of

PREFIX = "BIOIMAGE_"
PROJECT = "https://github.com/bioimage-archive/jupyterlab-bioimage"  # whom archives may ask where no contact is set

_OBJECTS = "https://livingobjects.ebi.ac.uk"  # public S3 storage of the archives, path style
_OBJECTS_INSIDE = "https://livingobjects-int.ebi.ac.uk"  # the same, as named inside the institute
_OLD_OBJECTS = "https://uk1s3.embassy.ebi.ac.uk"  # until April 2026
_FILES = "https://ftp.ebi.ac.uk"
_TABLES = "https://raw.githubusercontent.com"

_ACCESSION = "[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?"
_UUID = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_FILE = "(?:[^/~<>][^/<>]*/)*[^/~<>][^/<>]*"  # a path of plain names; one that begins with ~ is somebody's home
_SEARCH_ENGINE = "searchengine/api/v1/resources"

#: The archives' interfaces, as far as the catalogue asks for them: what nobody asks for is only a way in for others.
#: Expressions match the whole path below the address, decoded.
SERVICES: dict[str, dict[str, Any]] = {
    "biostudies": {
        "label": "BioStudies",
        "url": "https://www.ebi.ac.uk/biostudies",
        "paths": [
            "api/v1/bioimages/(?:search|facets)",
            f"api/v1/studies/{_ACCESSION}(?:/info)?",
            f"api/v1/files/{_ACCESSION}",
            f"files/{_ACCESSION}/{_FILE}[.]json",
        ],
    },
    "biostudies-ftp": {
        "label": "BioStudies files",
        "url": _FILES,
        "paths": [f"pub/databases/biostudies/{_FILE}[.]json", f"biostudies/fire/{_FILE}[.]json"],
    },
    "bia": {
        "label": "BioImage Archive",
        "url": "https://wwwdev.ebi.ac.uk/bioimage-archive/api/v2",
        "paths": [f"[a-z_]+/{_UUID}(?:/[a-z_]+)?", "search/[a-z_]+(?:/[a-z_]+)?"],
    },
    "bia-search": {
        "label": "BioImage Archive search",
        "url": "https://alpha.bioimagearchive.org/search/v1",
        "paths": [
            "search/fts(?:/image)?",
            "search/advanced",
            "website/(?:browse/study|image)",
        ],
    },
    "idr": {
        "label": "IDR",
        "url": "https://idr.openmicroscopy.org",
        "paths": [
            "api/v0/m/(?:projects|screens|datasets|plates|images)(?:/[0-9]+(?:/(?:datasets|plates|images))?)?/?",
            "webclient/api/(?:annotations|paths_to_object)/?",
            "webgateway/get_thumbnails/?",
            f"{_SEARCH_ENGINE}/(?:image/searchvalues|container_images)/?",
            "image/[0-9]+/download_urls/?",
        ],
        "post": [f"{_SEARCH_ENGINE}/submitquery(?:/containers)?/?"],
    },
    "idr-tables": {
        "label": "IDR tables",
        "url": f"{_TABLES}/IDR/idr.openmicroscopy.org/master",
        "paths": ["_data/(?:studies|download_urls)[.]tsv"],
    },
    "ngff-samples": {
        "label": "IDR OME-NGFF samples",
        "url": f"{_TABLES}/IDR/ome-ngff-samples/main",
        "paths": ["_data/table[.]csv"],
    },
    "ngff-challenge": {
        "label": "NGFF challenge 2024",
        "url": f"{_TABLES}/ome/ome2024-ngff-challenge/main",
        "paths": [f"samples/{_FILE}[.]csv"],
    },
}

#: Buckets that have moved; three of them were renamed.
REWRITES: dict[str, str] = {
    f"{_OLD_OBJECTS}/bia-integrator-data": f"{_OBJECTS}/bioimaging-integrator-data",
    f"{_OLD_OBJECTS}/idr/zarr": f"{_OBJECTS}/idr/zarr",
    f"{_OLD_OBJECTS}/idr/share/ome2024-ngff-challenge": f"{_OBJECTS}/idr/share/ome2024-ngff-challenge",
    f"{_OLD_OBJECTS}/ebi-ngff-challenge-2024": f"{_OBJECTS}/bioimaging-01-pub/ebi-ngff-challenge-2024",
    f"{_OLD_OBJECTS}/bia-zarr-test/vizarr": f"{_OBJECTS}/bioimaging-01-pub/bia-zarr-test/vizarr",
    _OBJECTS_INSIDE: _OBJECTS,
}

#: The archives' public storage. A session that runs beside it may be given the inner address as ``url``. Files of
#: BioStudies lie in two kinds of storage behind one host, which lets no browser read them.
STORES: list[dict[str, Any]] = [
    {
        "id": "ebi",
        "label": "EBI public storage",
        "url": _OBJECTS,
        "prefixes": [_OBJECTS],
        "prefer": "auto",
        "direct": _OBJECTS,
    },
    *(
        {"id": name, "label": label, "url": f"{_FILES}/{path}", "prefixes": [f"{_FILES}/{path}"], "prefer": "session"}
        for name, label, path in (
            ("biostudies", "BioStudies files", "pub/databases/biostudies"),
            ("biostudies-fire", "BioStudies files (FIRE)", "biostudies/fire"),
        )
    ),
]


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
        help="""Archive catalogues: {id: {label, url, paths, post, recorded, addresses}}; nothing else is relayed.

        'paths' are regular expressions for the whole path below 'url', 'post' those of paths that accept a POST,
        'recorded' says that the answers are recorded samples, 'addresses' are as for stores. What an entry of a known
        id leaves out is as by default: {"bia": {}, "idr": {}} relays these two only. BIOIMAGE_SERVICES, JSON.""",
    ).tag(config=True)
    rewrites: Dict[str, str] = Dict(
        Unicode(),
        help="Old address prefix → new prefix, for images that have moved. BIOIMAGE_REWRITES, JSON.",
    ).tag(config=True)
    catalogue_cache_bytes = Int(
        CATALOGUE_CACHE,
        help="Bytes of catalogues' answers kept on disk in Jupyter's data folder; 0: none. "
        "BIOIMAGE_CATALOGUE_CACHE_BYTES.",
    ).tag(config=True)
    catalogue_cache_seconds = Int(
        DAY, help="Seconds for which a catalogue's answer is given again unasked. BIOIMAGE_CATALOGUE_CACHE_SECONDS."
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
    contact = Unicode(
        "",
        help="Whom to ask: an e-mail address or a URL. Archives see it in our User-Agent. BIOIMAGE_CONTACT.",
    ).tag(config=True)
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
        return from_environment("stores", STORES)

    @default("services")
    def _services(self) -> Any:
        return from_environment("services", SERVICES)

    @default("rewrites")
    def _rewrites(self) -> Any:
        return from_environment("rewrites", REWRITES)

    @default("catalogue_cache_bytes")
    def _catalogue_cache_bytes(self) -> Any:
        return from_environment("catalogue_cache_bytes", CATALOGUE_CACHE)

    @default("catalogue_cache_seconds")
    def _catalogue_cache_seconds(self) -> Any:
        return from_environment("catalogue_cache_seconds", DAY)

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

    @property
    def agent(self) -> str:
        """User-Agent of every request that leaves the server: who asks, and where to complain."""
        return f"jupyterlab-bioimage/{__version__} (+{contact_of(self.contact) or PROJECT})"
