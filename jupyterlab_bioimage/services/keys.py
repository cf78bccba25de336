"""Keys: names of objects relative to a store's root. They come from metadata and URLs and are data, not addresses."""

from __future__ import annotations

from ..errors import BioImageError
from ..said import say

MAX_KEY = 4000  # bytes of UTF-8; Linux's PATH_MAX less room for the root
MAX_SEGMENT = 255  # bytes; NAME_MAX
MAX_SEGMENTS = 256
#: The only names with a leading dot that a mounted store gives out (Zarr v2's documents).
ZARR_DOT_FILES = frozenset({".zarray", ".zattrs", ".zgroup", ".zmetadata"})


def check_key(key: str) -> str:
    """The key itself, when every segment is a plain name; percent signs and the like are literal.

    BAD_REQUEST: control characters, lone surrogates, too long. PATH_DENIED: empty, ``.``, ``..``, a backslash.
    """
    try:
        size = len(key.encode())
    except UnicodeEncodeError:
        raise BioImageError("BAD_REQUEST", say("The key is not valid text.")) from None
    if any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in key):
        raise BioImageError("BAD_REQUEST", say("The key contains control characters."))
    parts = key.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\\" in key:
        raise BioImageError("PATH_DENIED")
    if size > MAX_KEY or len(parts) > MAX_SEGMENTS or any(len(part.encode()) > MAX_SEGMENT for part in parts):
        raise BioImageError("BAD_REQUEST", say("The key is too long."))
    return key


def check_prefix(prefix: str) -> str:
    """A folder's key, empty for the root; one trailing slash is tolerated."""
    prefix = prefix.removesuffix("/")
    return check_key(prefix) if prefix else ""


def check_visible(key: str) -> str:
    """PATH_DENIED for anything hidden: configuration, credentials and tokens of a home folder have leading dots."""
    *folders, name = key.split("/")
    if any(part.startswith(".") for part in folders) or (name.startswith(".") and name not in ZARR_DOT_FILES):
        raise BioImageError("PATH_DENIED", say("Hidden files are not given out."))
    if key.startswith("~"):
        raise BioImageError("PATH_DENIED", say("Home folders are not expanded."))
    return key
