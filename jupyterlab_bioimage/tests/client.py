"""What a test sees of an answer, a reader of frames, and requests written byte by byte."""

from __future__ import annotations

import asyncio
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
        """Code of an error, after checking its shape: texts, their templates, an id of 8 hex digits, nothing else."""
        value = self.json
        assert sorted(value) == ["code", "hint", "id", "message", "said"], value
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


class Raw:
    """Connections to the server under test, written byte by byte."""

    def __init__(self, port: int, base: str, authorization: str) -> None:
        self.port, self.base, self.authorization = port, base, authorization

    async def send(
        self, method: str, path: str, headers: str = "", body: bytes = b"", auth: bool = True
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        login = f"Authorization: {self.authorization}\r\n" if auth else ""
        head = f"{method} {self.base}bioimage/{path} HTTP/1.1\r\nHost: localhost\r\n{login}{headers}\r\n"
        writer.write(head.encode() + body)
        return reader, writer

    async def batch(self, body: bytes, store: str = "data") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await self.send("POST", f"stores/{store}/batch", f"Content-Length: {len(body)}\r\n", body)
