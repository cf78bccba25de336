"""The doubles of the archives (``fixtures/doubles``) as a process, and a client that hides nothing of an answer."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from .samples import sample_folder

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "fixtures" / "recorded"


class Answer(NamedTuple):
    """One answer, whatever its status."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def type(self) -> str:
        return str(self.headers["Content-Type"]).split(";")[0]


class Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Doubles:
    """The running server."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._open = urllib.request.build_opener(Stay, urllib.request.ProxyHandler({})).open

    def ask(self, path: str, method: str = "GET", body: Any = None, **headers: str) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + quote(path, safe="/?&=[]+%*"), data, named, method=method)
        try:
            with self._open(request, timeout=20) as response:
                return Answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def control(self, **settings: Any) -> None:
        settings = {name.replace("_", "-"): value for name, value in settings.items()}
        assert self.ask("/control", "POST", settings).status == 200


@pytest.fixture(scope="session")
def doubles_server() -> Iterator[Doubles]:
    """One process for all tests of a run."""
    command = [sys.executable, str(ROOT / "fixtures/doubles/serve.py"), "--owned", "--samples", str(sample_folder())]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        assert child.stdin
        line = child.stdout.readline()
        assert line.startswith("READY ")
        yield Doubles(line.split()[1])
        child.stdin.close()
        assert child.wait(10) == 0


@pytest.fixture
def doubles(doubles_server: Doubles) -> Doubles:
    """The process with all settings as at first."""
    doubles_server.control()
    return doubles_server


def load_recorded(*parts: str) -> Any:
    """A recorded file of the project."""
    return json.loads(RECORDED.joinpath(*parts).read_text(encoding="utf-8"))
