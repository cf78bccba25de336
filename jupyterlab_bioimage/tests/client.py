"""What a test sees of an answer, and a reader of frames."""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass
from typing import Any

from tornado.httpclient import HTTPResponse
from tornado.httputil import HTTPHeaders


@dataclass(frozen=True)
class Answer:
    status: int
    headers: HTTPHeaders
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """Code of an error, after checking its shape: four texts, an id of 8 hex digits, nothing else."""
        value = self.json
        assert sorted(value) == ["code", "hint", "id", "message"], value
        assert re.fullmatch("[0-9a-f]{8}", value["id"])
        assert len(value["message"]) <= 200
        assert self.headers["Content-Type"].startswith("application/json")
        return str(value["code"])

    @property
    def frames(self) -> list[tuple[dict[str, Any], bytes]]:
        return read_frames(self.body)


def as_answer(response: HTTPResponse) -> Answer:
    return Answer(response.code, response.headers, response.body or b"")


def read_frames(data: bytes) -> list[tuple[dict[str, Any], bytes]]:
    """The frames before the last, after checking that the last counts them."""
    frames: list[tuple[dict[str, Any], bytes]] = []
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at)
        header = json.loads(data[at + 4 : at + 4 + length])
        at += 4 + length
        body = data[at : at + header.get("bytes", 0)]
        assert len(body) == header.get("bytes", 0), "a frame is cut"
        at += len(body)
        frames.append((header, body))
    assert frames, "no frame at all"
    assert frames[-1][0] == {"end": len(frames) - 1}, "the last frame is missing"
    return frames[:-1]
