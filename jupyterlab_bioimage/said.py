"""Texts for people as templates, so that the browser can show them in its reader's language.

The same as ``src/core/say.ts``: ``%1``, ``%2`` … stand for the arguments, ``%%`` for a percent sign.
"""

from __future__ import annotations

import re
from typing import Any

_PLACE = re.compile(r"%(%|\d+)")


class Said(str):
    """An English sentence that knows its template and arguments; cut or joined it is a plain text."""

    template: str
    args: tuple[str | int, ...]

    def __new__(cls, template: str, *args: str | int) -> Said:
        filled = _PLACE.sub(lambda found: "%" if found[1] == "%" else str(args[int(found[1]) - 1]), template)
        said = super().__new__(cls, filled)
        said.template = template
        said.args = args
        return said

    def wire(self) -> dict[str, Any]:
        """As the browser reads it (``heard`` in ``src/core/say.ts``)."""
        return {"text": self.template, "args": [arg.wire() if isinstance(arg, Said) else arg for arg in self.args]}


def say(template: str, *args: str | int) -> Said:
    """The text ``template``, a literal that translators see, with arguments; texts among them are translated too."""
    return Said(template, *args)
