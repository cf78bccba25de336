"""The log of failures: each answer's id names a line, and a flood of equal failures writes one line per 10 s."""

from __future__ import annotations

import logging
import secrets
import time
from dataclasses import dataclass

from ..errors import BioImageError

QUIET = 10.0  # s between two lines of one class
LONGEST = 500  # characters of a line
_LEVELS = {
    "ABSENT": logging.DEBUG,
    "NOT_FOUND": logging.INFO,
    "BAD_REQUEST": logging.INFO,
    "SESSION_ENDED": logging.INFO,
    "INTERNAL": logging.ERROR,
}


@dataclass(slots=True)
class _Line:
    id: str
    at: float
    more: int = 0


class ErrorLog:
    """Repeats within ``QUIET`` share the id of the line already written, so that every id can be found in the log."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._lines: dict[tuple[str, str], _Line] = {}

    def record(self, error: BioImageError, cause: BaseException | None = None) -> str:
        """The id, 8 hex digits, of the line that stands for this failure."""
        key = (error.code, error.message)
        now = time.monotonic()
        line = self._lines.get(key)
        if line is not None and now - line.at < QUIET:
            line.more += 1
            return line.id
        if len(self._lines) > 256:  # messages are ours and few; this only bounds what is kept
            self._lines.clear()
        new = self._lines[key] = _Line(secrets.token_hex(4), now)
        text = f"bioimage {new.id} {error.code} {error.message}"
        if error.detail:
            text += f" [{error.detail}]"
        if line is not None and line.more:
            text += f" ({line.more} more since {line.id})"
        level = _LEVELS.get(error.code, logging.WARNING)
        # A failure nobody foresaw brings its traceback to the log, never to the answer.
        trace = cause if error.code == "INTERNAL" else None
        self._log.log(level, "%s", text[:LONGEST], exc_info=trace)
        return new.id
