"""Listing a folder page by page, marking Zarr groups without looking at their chunks."""

from __future__ import annotations

import base64
import binascii
import heapq
import os
import stat
import time
from collections.abc import Callable, Iterator

from ..errors import BioImageError
from ..said import say
from .keys import check_key
from .store import Entry, Listing

#: Any of these in a folder makes it a Zarr node (v3: zarr.json).
ZARR_DOCUMENTS = ("zarr.json", ".zattrs", ".zgroup")


def encode_cursor(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> str:
    """The name a cursor stands for; BAD_REQUEST when it is none of ours."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise BioImageError("BAD_REQUEST", say("The cursor is not valid.")) from None


def _names(fd: int, after: str | None) -> Iterator[str]:
    """Names that may be shown: none that could not be asked for, of hidden ones only what makes a Zarr node."""
    with os.scandir(fd) as entries:
        for count, entry in enumerate(entries):
            if count % 256 == 0:
                time.sleep(0)  # lets the event loop have the interpreter
            hidden = entry.name.startswith(".") and entry.name not in ZARR_DOCUMENTS
            if hidden or (after is not None and entry.name <= after):
                continue
            try:
                check_key(entry.name)
            except BioImageError:
                continue
            yield entry.name


def list_folder(fd: int, cursor: str | None, limit: int, follow: Callable[[str], os.stat_result | None]) -> Listing:
    """The ``limit`` names after ``cursor``, in the order of code points. ``follow`` resolves a link inside the store.

    The whole folder is scanned for a page (no order is kept by file systems), but only the page is asked for sizes.
    """
    after = decode_cursor(cursor) if cursor else None
    names = heapq.nsmallest(limit + 1, _names(fd, after))
    entries = [entry for name in names[:limit] if (entry := _describe(fd, name, follow)) is not None]
    return Listing(entries, encode_cursor(names[limit - 1]) if len(names) > limit else None)


def _describe(fd: int, name: str, follow: Callable[[str], os.stat_result | None]) -> Entry | None:
    try:
        status: os.stat_result | None = os.stat(name, dir_fd=fd, follow_symlinks=False)
    except FileNotFoundError:
        return None  # gone since the scan
    linked = status is not None and stat.S_ISLNK(status.st_mode)
    if linked:
        status = follow(name)
        if status is None:
            return Entry(name, "file", broken=True)
    assert status is not None  # noqa: S101  for the type checker
    if stat.S_ISDIR(status.st_mode):
        return Entry(name, "zarr" if _is_zarr(fd, name, linked, follow) else "folder")
    if stat.S_ISREG(status.st_mode):
        return Entry(name, "file", status.st_size)
    return None  # sockets, devices


def _is_zarr(fd: int, name: str, linked: bool, follow: Callable[[str], os.stat_result | None]) -> bool:
    if name.endswith(".zarr"):
        return True
    if linked:
        return any(follow(f"{name}/{document}") is not None for document in ZARR_DOCUMENTS)
    for document in ZARR_DOCUMENTS:
        try:
            os.stat(f"{name}/{document}", dir_fd=fd, follow_symlinks=False)
        except OSError:
            continue
        return True
    return False
