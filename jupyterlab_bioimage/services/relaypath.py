"""Paths and queries of relayed requests: what a client sends is checked once, and written anew for the service.

Everything that two parsers could read in two ways is refused, although some of it would be harmless once quoted.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from ..errors import BioImageError
from ..said import say

MAX_PATH = 2048  # bytes as sent
MAX_QUERY = 8 * 1024  # bytes, as sent and as written anew; most servers take no longer line
MAX_FIELDS = 1000  # of a query; a list of all containers of an archive has some 250

_PRINTABLE = re.compile(r"[\x21-\x7e]*")
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")  # a percent sign that quotes nothing
_QUOTED_DELIMITER = re.compile(r"%(?:2f|5c|00|0a|0d)", re.IGNORECASE)
_STILL_QUOTED = re.compile(r"%[0-9A-Fa-f]{2}")
#: Characters that mean a delimiter to somebody: after compatibility normalisation, or in old code pages.
_DELIMITERS = frozenset("/\\.%?#:@")
_LOOKALIKES = frozenset("\u2044\u2215\u29f8\u29f5\u2216\ufe68\u3002\uff61")
#: Control characters, line and paragraph separators, halves of characters: in no text that a person types.
_CONTROLS = frozenset(("Cc", "Cs", "Zl", "Zp"))
#: Format, private and unassigned characters: in no name of a file that a service gives out.
_UNSEEN = _CONTROLS | {"Cf", "Co", "Cn"}


def _bad(what: str) -> BioImageError:
    return BioImageError("BAD_REQUEST", say("The %1 is not valid.", what))


def _decode(text: str, what: str) -> str:
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        raise _bad(what) from None


def _check_characters(text: str, what: str, refused: frozenset[str]) -> None:
    if any(unicodedata.category(char) in refused for char in text):
        raise _bad(what)


def _pretends(char: str) -> bool:
    if char < "\x80":
        return False
    return char in _LOOKALIKES or not _DELIMITERS.isdisjoint(unicodedata.normalize("NFKC", char))


def check_path(raw: str) -> str:
    """The path below a service's root, decoded once; ``raw`` is as it came, without a leading slash.

    PATH_DENIED for whatever could lead elsewhere (``..``, ``//``, quoted slashes, backslashes, anything quoted twice,
    characters that look like them); BAD_REQUEST for what is no text. One slash at the end is kept, for OMERO wants it.
    """
    if len(raw) > MAX_PATH or not _PRINTABLE.fullmatch(raw) or _ESCAPE.search(raw):
        raise _bad("path")
    if _QUOTED_DELIMITER.search(raw) or "\\" in raw or "#" in raw or "?" in raw:
        raise BioImageError("PATH_DENIED", say("This path is not relayed."))
    path = _decode(raw, "path")
    _check_characters(path, "path", _UNSEEN)
    if _STILL_QUOTED.search(path) or any(map(_pretends, path)):
        raise BioImageError("PATH_DENIED", say("This path is not relayed."))
    segments = path.removesuffix("/").split("/")
    if any(segment.strip(" .") == "" for segment in segments):
        raise BioImageError("PATH_DENIED", say("This path is not relayed."))
    return path


def quote_path(path: str) -> str:
    """A checked path for the service, with a leading slash; every byte that is not a plain letter quoted once."""
    return "/" + quote(path, safe="/~")


def check_query(raw: str) -> str:
    """The query written anew: same parameters in the same order, for services cache by address; "" without any."""
    if len(raw) > MAX_QUERY or not _PRINTABLE.fullmatch(raw) or _ESCAPE.search(raw) or "#" in raw:
        raise _bad("query")
    try:
        fields = parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:  # a UnicodeDecodeError too
        raise _bad("query") from None
    for name, value in fields:
        _check_characters(name + value, "query", _CONTROLS)
        if not name:
            raise _bad("query")
    query = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in fields)
    if len(query) > MAX_QUERY:
        raise _bad("query")
    return query
