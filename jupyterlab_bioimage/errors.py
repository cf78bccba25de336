"""One table from failure to answer: code → HTTP status and next step.

A message never carries a path, a header, an address or an upstream's body: it reaches the browser and the log.
"""

from __future__ import annotations

from typing import NamedTuple


class _Class(NamedTuple):
    status: int
    message: str
    hint: str


_CLASSES: dict[str, _Class] = {
    "BAD_REQUEST": _Class(400, "The request was not understood.", "Check the address and its parameters."),
    "SESSION_ENDED": _Class(401, "Your session has ended.", "Sign in again; nothing was lost."),
    "CROSS_SITE": _Class(403, "Blocked: this came from another site.", "Open the image from this JupyterLab."),
    "STORE_DENIED": _Class(403, "This store is not on the list of allowed stores.", "Ask the operator to add it."),
    "PATH_DENIED": _Class(403, "This path is outside the allowed folder.", "Choose a path inside the store."),
    "NOT_FOUND": _Class(404, "There is nothing at this address.", "Check the address."),
    "ABSENT": _Class(404, "This object does not exist.", "A missing chunk means no data here."),
    "CHANGED": _Class(409, "The data changed while it was being read.", "Reload."),
    "TOO_LARGE": _Class(413, "Too large to preview.", "Use the code snippet instead."),
    "UNSUPPORTED": _Class(415, "This is not supported.", "Use the code snippet instead."),
    "BAD_METADATA": _Class(422, "This image's description is not valid.", "Tell the owner of the image."),
    "BAD_CHUNK": _Class(422, "A part of the image is damaged.", "Tell the owner of the image."),
    "INTERNAL": _Class(500, "Something went wrong here.", "Try again; the id names the line in the server's log."),
    "UPSTREAM_DENIED": _Class(502, "The store refused access.", "Check that the data are public."),
    "UPSTREAM_BAD": _Class(502, "The store gave a wrong answer.", "Try again later or tell the operator."),
    "UPSTREAM_DOWN": _Class(502, "The store is not answering.", "Try again in a moment."),
    "CATALOGUE_BAD": _Class(502, "The catalogue's answer was not understood.", "Try again later."),
    "BUSY": _Class(503, "Many requests are open.", "Please wait a moment."),
    "UPSTREAM_SLOW": _Class(504, "The store is too slow.", "Try again later."),
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
        message: str | None = None,
        *,
        hint: str | None = None,
        detail: str = "",
        status: int | None = None,
    ) -> None:
        entry = _CLASSES[code]
        self.code = code
        self.message = (message or entry.message)[:200]
        self.hint = hint or entry.hint
        self.detail = detail
        self.status = status or entry.status
        super().__init__(self.message)


class TooLargeError(BioImageError):
    """The object or range is larger than the reader's present limit; ``size`` in bytes lets the caller decide."""

    def __init__(self, size: int) -> None:
        super().__init__("TOO_LARGE", f"Too large to preview ({size / 2**20:.0f} MiB).")
        self.size = size


def absent() -> BioImageError:
    """The object does not exist: for a chunk the fill value, never a failure to be shown."""
    return BioImageError("ABSENT")
