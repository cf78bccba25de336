"""JSON of unknown origin, read field by field: every refusal is BAD_METADATA and names the field."""

from __future__ import annotations

import json
import re
from typing import Any

from ..errors import BioImageError
from ..said import Said, say
from .limits import MAX_DOCUMENT

#: White space as browsers see it; Python counts some control characters as well.
SPACE = "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))
#: Levels of nesting; real metadata has fewer than twenty.
MAX_DEPTH = 512
#: Digits of a whole number; with more it is an infinite double, or nearly.
MAX_DIGITS = 300
_LONG = re.compile("[0-9]{300}")
#: JavaScript's largest exact integer: beyond it the two readers of the metadata would see different numbers.
MAX_INTEGER = 2**53 - 1


def bad(where: str, why: str = "") -> BioImageError:
    """BAD_METADATA about the field ``where``, which must not be text from the document."""
    if why == "":
        return BioImageError("BAD_METADATA", say("This image's description is not valid: %1.", where))
    return BioImageError("BAD_METADATA", say("This image's description is not valid: %1 %2.", where, why))


def _plain(part: str | int) -> str:
    return "".join(char for char in str(part)[:60] if char.isascii() and char.isprintable() and char not in "<>&\"'`")


def unsupported(what: str) -> BioImageError:
    """UNSUPPORTED, naming what is not known; the name comes from the document, so only plain characters of it."""
    plain = say(what.template, *map(_plain, what.args)) if isinstance(what, Said) else _plain(what)
    return BioImageError("UNSUPPORTED", say("This format is not supported: %1.", plain))


def _depth(text: str) -> int:
    """Upper bound of the nesting, from brackets outside of strings."""
    depth = deepest = 0
    in_string = escaped = False
    for char in text:
        if in_string:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                in_string = False
        elif char == '"':
            in_string = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest


def parse_json(data: bytes) -> Any:
    """UTF-8 with or without BOM; bare NaN and Infinity are numbers, as zarr-python writes them for Zarr v2."""
    if len(data) > MAX_DOCUMENT:
        raise BioImageError("TOO_LARGE", say("Too large to preview (a description of %1 MiB).", len(data) >> 20))
    try:
        text = data.decode("utf-8-sig")
        # Counting costs more than parsing; only a document with very many brackets can be too deep.
        if text.count("[") + text.count("{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
            raise bad("json")
        # Python's whole numbers have no bound; a double, as browsers have it, does, and arithmetic with both fails.
        return json.loads(text, parse_int=_whole) if _LONG.search(text) else json.loads(text)
    except ValueError:  # UnicodeDecodeError, JSONDecodeError and numbers of thousands of digits too
        raise bad("json") from None


def _whole(digits: str) -> int | float:
    return float(digits) if len(digits) > MAX_DIGITS else int(digits)


def as_object(value: Any, where: str) -> dict[str, Any]:
    """A JSON object. BAD_METADATA about ``where``, as of the readers below."""
    if not isinstance(value, dict):
        raise bad(where, say("is not an object"))
    return value


def as_list(value: Any, where: str) -> list[Any]:
    """A JSON array, its entries not looked at."""
    if not isinstance(value, list):
        raise bad(where, say("is not a list"))
    return value


def as_text(value: Any, where: str) -> str:
    """A JSON string, which may be empty."""
    if not isinstance(value, str):
        raise bad(where, say("is not a text"))
    return value


def as_integer(value: Any, where: str, low: int = 0, high: int = MAX_INTEGER) -> int:
    """A whole number, also spelt ``4.0`` (JavaScript cannot tell); never a boolean or a text."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise bad(where, say("is not a whole number in its range"))
    return value


def given(value: Any, fallback: Any) -> Any:
    """``fallback`` where the field is missing or null; other empty values are what they are."""
    return fallback if value is None else value


def is_number(value: Any) -> bool:
    """Whether it is a JSON number, NaN and infinity too; Python takes booleans for numbers as well."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def cut(text: str, limit: int) -> str:
    """Shortened for display, ``limit`` characters at most."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
