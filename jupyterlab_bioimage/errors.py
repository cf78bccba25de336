"""One table from failure to answer: code → HTTP status and next step.

A message never carries a path, a header, an address or an upstream's body: it reaches the browser and the log.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .said import Said, say


class _Class(NamedTuple):
    status: int
    message: Said
    hint: Said


_CLASSES: dict[str, _Class] = {
    "BAD_REQUEST": _Class(400, say("The request was not understood."), say("Check the address and its parameters.")),
    "SESSION_ENDED": _Class(401, say("Your session has ended."), say("Sign in again; nothing was lost.")),
    "CROSS_SITE": _Class(
        403, say("Blocked: this came from another site."), say("Open the image from this JupyterLab.")
    ),
    "STORE_DENIED": _Class(
        403, say("This store is not on the list of allowed stores."), say("Ask the operator to add it.")
    ),
    "PATH_DENIED": _Class(403, say("This path is outside the allowed folder."), say("Choose a path inside the store.")),
    "NOT_FOUND": _Class(404, say("There is nothing at this address."), say("Check the address.")),
    "ABSENT": _Class(404, say("This object does not exist."), say("A missing chunk means no data here.")),
    "CHANGED": _Class(409, say("The data changed while it was being read."), say("Reload.")),
    "TOO_LARGE": _Class(413, say("Too large to preview."), say("Use the code snippet instead.")),
    "UNSUPPORTED": _Class(415, say("This is not supported."), say("Use the code snippet instead.")),
    "BAD_METADATA": _Class(422, say("This image's description is not valid."), say("Tell the owner of the image.")),
    "BAD_CHUNK": _Class(422, say("A part of the image is damaged."), say("Tell the owner of the image.")),
    "INTERNAL": _Class(
        500, say("Something went wrong here."), say("Try again; the id names the line in the server's log.")
    ),
    "UPSTREAM_DENIED": _Class(502, say("The store refused access."), say("Check that the data are public.")),
    "UPSTREAM_BAD": _Class(502, say("The store gave a wrong answer."), say("Try again later or tell the operator.")),
    "UPSTREAM_DOWN": _Class(502, say("The store is not answering."), say("Try again in a moment.")),
    "CATALOGUE_BAD": _Class(502, say("The catalogue's answer was not understood."), say("Try again later.")),
    "BUSY": _Class(503, say("Many requests are open."), say("Please wait a moment.")),
    "UPSTREAM_SLOW": _Class(504, say("The store is too slow."), say("Try again later.")),
}

#: HTTP status of every code; constant over releases.
STATUS: dict[str, int] = {code: entry.status for code, entry in _CLASSES.items()}


class BioImageError(Exception):
    """A failure with a stable code, a plain message (≤ 200 characters, safe to show) and a next step.

    ``detail`` is for the server's log only. ``status`` differs from the code's own status only where HTTP has a more
    exact one (405, 416).
    """

    def __init__(
        self,
        code: str,
        message: Said | None = None,
        *,
        hint: Said | None = None,
        detail: str = "",
        status: int | None = None,
    ) -> None:
        entry = _CLASSES[code]
        self.code = code
        told = message or entry.message
        self.message: str = told if len(told) <= 200 else told[:200]
        self.hint = hint or entry.hint
        self.detail = detail
        self.status = status or entry.status
        super().__init__(self.message)

    @property
    def said(self) -> dict[str, Any]:
        """Message and hint as templates, for a browser that speaks another language."""
        both = {"message": self.message, "hint": self.hint}
        return {name: text.wire() for name, text in both.items() if isinstance(text, Said)}


class TooLargeError(BioImageError):
    """The object or range is larger than the reader's present limit; ``size`` in bytes lets the caller decide."""

    def __init__(self, size: int) -> None:
        super().__init__("TOO_LARGE", say("Too large to preview (%1 MiB).", f"{size / 2**20:.0f}"))
        self.size = size


def absent() -> BioImageError:
    """The object does not exist: for a chunk the fill value, never a failure to be shown."""
    return BioImageError("ABSENT")
