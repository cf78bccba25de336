"""The answer of ListObjectsV2, read by a parser that knows no entities and no document types."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote_plus
from xml.parsers import expat

from ..errors import BioImageError
from ..said import say

_DEEPEST = 8
_LONGEST = 8192  # characters of one value


@dataclass(slots=True)
class BucketPage:
    """Keys with sizes, common prefixes (ending in the delimiter), and where the next page begins."""

    files: list[tuple[str, int | None]] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    token: str | None = None


def _refuse(*_: object) -> None:
    raise BioImageError("CATALOGUE_BAD", say("The store's listing was not understood."), detail="document type")


class _Reader:
    def __init__(self) -> None:
        self.page = BucketPage()
        self._path: list[str] = []
        self._text = ""
        self._key: str | None = None
        self._size: int | None = None
        self._encoded = False
        self._truncated = False

    def start(self, name: str, _: object) -> None:
        self._path.append(name.rpartition(" ")[2])
        self._text = ""
        if len(self._path) > _DEEPEST or self._path[0] != "ListBucketResult":
            raise BioImageError("CATALOGUE_BAD", say("The store's listing was not understood."), detail="shape")

    def text(self, data: str) -> None:
        self._text += data
        if len(self._text) > _LONGEST:
            raise BioImageError(
                "CATALOGUE_BAD", say("The store's listing was not understood."), detail="value too long"
            )

    def end(self, _: str) -> None:
        match self._path[1:]:
            case ["Contents", "Key"]:
                self._key = self._text
            case ["Contents", "Size"]:
                self._size = int(self._text) if self._text.isascii() and self._text.isdigit() else None
            case ["Contents"]:
                if self._key is not None:
                    self.page.files.append((self._key, self._size))
                self._key = self._size = None
            case ["CommonPrefixes", "Prefix"]:
                self.page.folders.append(self._text)
            case ["NextContinuationToken"]:
                self.page.token = self._text or None
            case ["EncodingType"]:
                self._encoded = self._text == "url"
            case ["IsTruncated"]:
                self._truncated = self._text == "true"
        self._path.pop()
        self._text = ""

    def finish(self) -> BucketPage:
        """Names decoded exactly once; no token unless the page says that it is not the last."""
        page = self.page
        if self._encoded:
            page.files = [(unquote_plus(key), size) for key, size in page.files]
            page.folders = [unquote_plus(name) for name in page.folders]
        if not self._truncated:
            page.token = None
        return page


def parse_page(data: bytes) -> BucketPage:
    """CATALOGUE_BAD when it is not a listing."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise BioImageError("CATALOGUE_BAD", say("The store's listing was not understood."), detail="not XML") from None
    return reader.finish()
