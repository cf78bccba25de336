"""Names of the images of an OME-XML document: a small reader of its own, that knows no document type and no entity.

The browser's reader is the same (``src/ngff/xml.ts``, ``omexml.ts``): both count the same images.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..said import say
from .fields import SPACE, bad, cut

MAX_BYTES = 8 << 20
MAX_DEPTH = 256
MAX_SIZE = 2**31  # longer axes than this are beyond every format

_NAME = rf"[^{SPACE}<>/=\"'&]+"
_TAG = re.compile(rf"<(/?)({_NAME})")
_ATTRIBUTE = re.compile(rf"[{SPACE}]+({_NAME})[{SPACE}]*=[{SPACE}]*(?:\"([^\"<]*)\"|'([^'<]*)')")
_TAG_END = re.compile(rf"[{SPACE}]*(/?)>")
_REFERENCE = re.compile(r"&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([A-Za-z0-9_]{1,40}));", re.IGNORECASE)
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_WHOLE = re.compile(r"-?[0-9]{1,12}")
_ORDER = re.compile(r"XY(?:ZCT|ZTC|CZT|CTZ|TZC|TCZ)")
_WHERE = "OME-XML"

Attributes = dict[str, str]


def _unescape(text: str) -> str:
    def one(found: re.Match[str]) -> str:
        if found[3] is not None:
            if found[3] not in _NAMED:
                raise bad(_WHERE, say("names an entity that is not defined"))
            return _NAMED[found[3]]
        code = int(found[1], 16) if found[1] is not None else int(found[2])
        return chr(code) if 0 < code <= 0x10FFFF else "\ufffd"

    return _REFERENCE.sub(one, text) if "&" in text else text


def _decode(data: bytes) -> str:
    """By the byte order mark, else UTF-16 by the first character, else UTF-8, else Windows-1252."""
    if data[:2] in (b"\xff\xfe", b"<\0"):
        return data.decode("utf-16-le", "replace").removeprefix("\ufeff")
    if data[:2] in (b"\xfe\xff", b"\0<"):
        return data.decode("utf-16-be", "replace").removeprefix("\ufeff")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _special(text: str, at: int) -> int:
    """End of a comment, a processing instruction or literal text."""
    for begin, mark in (("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>")):
        if text.startswith(begin, at):
            end = text.find(mark, at + len(begin))
            if end < 0:
                raise bad(_WHERE, say("ends in the middle"))
            return end + len(mark)
    raise bad(_WHERE, say("has a document type, which is not allowed"))


def elements(text: str) -> Iterator[tuple[tuple[str, ...], Attributes]]:
    """Every element with its path from the root (names without prefix) and its attributes, in the document's order."""
    stack: list[tuple[str, str]] = []  # as written, and without its prefix
    at = 0
    while (at := _next(text, at, bool(stack))) >= 0:
        if text.startswith(("<!", "<?"), at):
            at = _special(text, at)
            continue
        head = _TAG.match(text, at)
        if head is None:
            raise bad(_WHERE, say("has something else than a tag"))
        attributes: Attributes = {}
        end = head.end()
        while head[1] == "" and (found := _ATTRIBUTE.match(text, end)):
            end = found.end()
            if ":" not in found[1]:
                attributes[found[1]] = _unescape(found[3] if found[2] is None else found[2])
        tail = _TAG_END.match(text, end)
        if tail is None:
            raise bad(_WHERE, say("has a tag that does not end"))
        if head[1] == "/":
            if not stack or stack.pop()[0] != head[2]:
                raise bad(_WHERE, say("has an element that ends where another one is open"))
        else:
            if len(stack) >= MAX_DEPTH:
                raise bad(_WHERE, say("has more than %1 levels", MAX_DEPTH))
            stack.append((head[2], head[2].rpartition(":")[2]))
            yield tuple(local for _, local in stack), attributes
            if tail[1] == "/":
                stack.pop()
        at = tail.end()
    if stack:
        raise bad(_WHERE, say("has an element that does not end"))


def _next(text: str, at: int, inside: bool) -> int:
    """The next tag, -1 at the end; text between tags is only looked at for entities."""
    found = text.find("<", at)
    if inside:
        _unescape(text[at : len(text) if found < 0 else found])
    return found


def _whole(attributes: Attributes, name: str, least: int) -> int | None:
    text = attributes.get(name, "").strip(SPACE)
    if not text:
        return None
    value = int(text) if _WHOLE.fullmatch(text) else -1
    if not least <= value <= MAX_SIZE:
        raise bad(f"{_WHERE}: @{name}")
    return value


def _check_pixels(attributes: Attributes) -> None:
    if not _ORDER.fullmatch(attributes.get("DimensionOrder", "XYZCT").strip(SPACE)):
        raise bad(f"{_WHERE}: @DimensionOrder")
    for axis in "XYZCT":
        if _whole(attributes, f"Size{axis}", 1) is None:
            raise bad(f"{_WHERE}: @Size{axis}", say("is missing"))


def image_names(data: bytes) -> list[str]:
    """One name an image, '' where it has none. BAD_METADATA for what is no XML, and for sizes that are none."""
    if len(data) > MAX_BYTES:
        raise bad(_WHERE, say("has more than 8 MiB"))
    names: list[str] = []
    pixels = 0
    for path, attributes in elements(_decode(data)):
        inner = path[1:]
        if inner == ("Image",):
            names.append(cut(attributes.get("Name", "").strip(SPACE), 200))
            pixels = 0
        elif inner == ("Image", "Pixels"):
            pixels += 1
            if pixels == 1:
                _check_pixels(attributes)
        elif pixels == 1 and inner == ("Image", "Pixels", "Channel"):
            _whole(attributes, "SamplesPerPixel", 1)
        elif pixels == 1 and inner == ("Image", "Pixels", "TiffData"):
            counted = _whole(attributes, "PlaneCount", 0)
            for name in ("IFD", "FirstZ", "FirstC", "FirstT", *(("NumPlanes",) if counted is None else ())):
                _whole(attributes, name, 0)
    return names
