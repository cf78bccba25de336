"""A storage that lies: a raw server whose every answer a test writes itself; and a sink that must stay dry."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

BODY = bytes(range(256)) * 4  # 1024 bytes, the object of most tests


@dataclass
class Exchange:
    """One request and the means to answer it."""

    method: str
    target: str
    headers: dict[str, str]  # names in lower case
    attempt: int  # 1 for the first request to this target
    writer: asyncio.StreamWriter
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def raw(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def send(
        self, status: int, headers: dict[str, str] | None = None, body: bytes = b"", length: int = -1
    ) -> None:
        """An answer; ``length`` lies about the body's."""
        lines = [f"HTTP/1.1 {status} X"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if "Transfer-Encoding" not in (headers or {}):
            lines.append(f"Content-Length: {len(body) if length < 0 else length}")
        await self.raw("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (b"" if self.method == "HEAD" else body))

    async def object(self, body: bytes = BODY, **headers: str) -> None:
        """The honest answer, ranges and HEAD included."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        wanted = self.headers.get("range")
        if wanted and self.method == "GET":
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            start, end = int(first), min(int(last or len(body) - 1) + 1, len(body))
            if start >= len(body):
                await self.send(416, given)
                return
            given["Content-Range"] = f"bytes {start}-{end - 1}/{len(body)}"
            await self.send(206, given, body[start:end])
        else:
            await self.send(200, given, body)

    def reset(self) -> None:
        """Ends the connection with RST."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Script = Callable[[Exchange], Awaitable[None]]


class Upstream:
    """Answers every request by ``script``. ``requests`` has all of them; ``closed`` counts connections that ended."""

    def __init__(self) -> None:
        self.script: Script = Exchange.object
        self.requests: list[Exchange] = []
        self.opened = 0
        self.closed = 0
        self._seen: Counter[str] = Counter()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 20)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.opened += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode("latin-1").split("\r\n")
                method, target, _ = first.split(" ")
                pairs = [line.partition(":") for line in lines if line]
                headers = {name.lower(): value.strip() for name, _, value in pairs}
                self._seen[target] += 1
                exchange = Exchange(method, target, headers, self._seen[target], writer)
                self.requests.append(exchange)
                await self._answer(exchange, reader)
                if writer.is_closing():
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client closed the connection
        finally:
            self.closed += 1
            writer.close()
            self._tasks.discard(task)

    async def _answer(self, exchange: Exchange, reader: asyncio.StreamReader) -> None:
        """Runs the script; stops it when the client hangs up meanwhile."""
        answer = asyncio.ensure_future(self.script(exchange))
        while not answer.done():
            await asyncio.wait([answer], timeout=0.005)
            if reader.at_eof() and not answer.done():
                answer.cancel()
                break
        await asyncio.gather(answer, return_exceptions=True)


class Sink:
    """A listening socket that must receive nothing: not a byte, not a connection."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port: int = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    @property
    def dry(self) -> bool:
        try:
            self.socket.accept()[0].close()
        except BlockingIOError:
            return True
        return False
