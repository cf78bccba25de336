"""Paths that try to leave the folder, or to be something else than a file."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from ..errors import BioImageError
from ..services.keys import check_key
from .conftest import SECRET, Ask
from .upstream import Sink

#: row → (path as written in the address, code)
ROWS = {
    "C01 up": ("../x", "PATH_DENIED"),
    "C01 up and down": ("a/../../x", "PATH_DENIED"),
    "C01 encoded slash": ("..%2fx", "PATH_DENIED"),
    "C01 encoded dots": ("%2e%2e/x", "PATH_DENIED"),
    "C01 encoded twice": ("%252e%252e/x", "ABSENT"),
    "C01 overlong": ("..%c0%af", "BAD_REQUEST"),
    "C01 backslash": ("..%5cx", "PATH_DENIED"),
    "C01 many dots": ("....//x", "PATH_DENIED"),
    "C02 absolute": ("/etc/passwd", "PATH_DENIED"),
    "C02 absolute encoded": ("%2fetc%2fpasswd", "PATH_DENIED"),
    "C02 share": ("//host/share", "PATH_DENIED"),
    "C02 drive": ("C:%5cx", "PATH_DENIED"),
    "C02 file URL": ("file:///etc/passwd", "PATH_DENIED"),
    "C02 home of root": ("~root", "PATH_DENIED"),
    "C02 home": ("~/.ssh", "PATH_DENIED"),
    "C03 sibling": ("../mount-secret/token", "PATH_DENIED"),
    "C04 link out": ("out/token", "PATH_DENIED"),
    "C04 link to a file outside": ("out-file", "PATH_DENIED"),
    "C04 double hop": ("hop", "PATH_DENIED"),
    "C04 absolute link inside": ("absolute", "PATH_DENIED"),
    "C04 by way of ..": ("dotdot", "PATH_DENIED"),
    "C06 loop": ("loop", "ABSENT"),
    "C06 broken": ("broken", "ABSENT"),
    "C07 fifo": ("fifo", "PATH_DENIED"),
    "C07 socket": ("socket", "PATH_DENIED"),
    "C07 folder": ("plain", "PATH_DENIED"),
    "C07 file as a folder": ("plain/note.txt/x", "ABSENT"),
    "C08 environment": ("proc/self/environ", "PATH_DENIED"),
    "C09 hidden folder": (".jupyter/config.json", "PATH_DENIED"),
    "C09 credentials": (".aws/credentials", "PATH_DENIED"),
    "C09 hidden file": ("plain/.netrc", "PATH_DENIED"),
    "C09 Zarr's name as a folder": (".zattrs/x", "PATH_DENIED"),
    "C10 NUL": ("a%00b", "BAD_REQUEST"),
    "C10 newline": ("a%0ab", "BAD_REQUEST"),
    "C10 return": ("a%0db", "BAD_REQUEST"),
    "C10 escape": ("a%1bb", "BAD_REQUEST"),
    "C10 delete": ("a%7fb", "BAD_REQUEST"),
    "C10 invalid UTF-8": ("a%80b", "BAD_REQUEST"),
    "C10 lone surrogate": ("a%ed%a0%80b", "BAD_REQUEST"),
    "C11 long segment": ("x" * 256, "BAD_REQUEST"),
    "C11 long path": ("/".join(["x" * 99] * 50), "BAD_REQUEST"),
    "C11 many segments": ("/".join("x" * 500), "BAD_REQUEST"),
    "C12 full-width dots": ("%EF%BC%8E%EF%BC%8E/x", "ABSENT"),
    "D01 metadata service": ("http://169.254.169.254/", "PATH_DENIED"),
}


@pytest.fixture
def traps(folder: Path) -> Iterator[Path]:
    """Everything in the folder that must not be followed, opened or waited for."""
    outside = folder.parent / "mount-secret"
    (folder / "out").symlink_to(outside)
    (folder / "out-file").symlink_to(outside / "token")
    (folder / "hop").symlink_to("out-file")
    (folder / "absolute").symlink_to(folder / "plain" / "note.txt")
    (folder / "dotdot").symlink_to("../mount-secret/token")
    (folder / "loop").symlink_to("loop")
    (folder / "broken").symlink_to("nothing")
    os.mkfifo(folder / "fifo")
    (folder / ".jupyter").mkdir()
    (folder / ".jupyter" / "config.json").write_text(SECRET)
    (folder / "plain" / ".netrc").write_text(SECRET)
    (folder / "proc").symlink_to("/proc")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / "socket"))
    yield folder
    listener.close()


@pytest.fixture(params=[True, False], ids=["openat2", "walk"])
def openat2(request: pytest.FixtureRequest, jp_serverapp: Any) -> bool:
    """The kernel's way, and the slower walk of older kernels."""
    available: bool = request.param
    jp_serverapp.web_app.settings["bioimage_state"].stores.get("data")._use_openat2 = available
    return available


@pytest.mark.parametrize("row", ROWS)
async def test_a_path_that_leads_elsewhere_is_refused(ask: Ask, traps: Path, openat2: bool, row: str) -> None:
    path, code = ROWS[row]
    if not openat2 and row.startswith("C06"):
        code = "PATH_DENIED"  # the walk refuses every link before it looks where it leads
    for method in ("GET", "HEAD"):
        answer = await ask("stores/data/objects/" + path, method, request_timeout=5)
        assert answer.status in (400, 403, 404)
        assert SECRET.encode() not in answer.body
    answer = await ask("stores/data/objects/" + path)
    assert answer.code == code
    assert str(traps).encode() not in answer.body


async def test_names_in_json_are_judged_alike(ask: Ask, traps: Path, openat2: bool) -> None:
    keys = [
        "../x",
        "out/token",
        "fifo",
        ".jupyter/config.json",
        "a\0b",
        "\ud800",
        "/etc/passwd",
        "",
        "a//b",
        "proc/self/environ",
    ]
    answer = await ask("stores/data/batch", "POST", body={"items": [{"key": key} for key in keys]})
    codes = {header["i"]: header["code"] for header, _ in answer.frames}
    expected = ["PATH_DENIED"] * 10
    expected[4] = expected[5] = "BAD_REQUEST"
    assert [codes[n] for n in range(10)] == expected
    assert SECRET.encode() not in answer.body


async def test_a_relative_link_inside_is_followed_where_the_kernel_helps(ask: Ask, folder: Path, openat2: bool) -> None:
    (folder / "alias.zarr").symlink_to("image.zarr")
    (folder / "image.zarr" / "up").symlink_to("../plain/note.txt")
    for path in ("alias.zarr/.zattrs", "image.zarr/up"):
        answer = await ask("stores/data/objects/" + path)
        assert answer.status == (200 if openat2 else 403)


@pytest.mark.parametrize("name", [".zattrs", ".zarray", ".zgroup", ".zmetadata"])
async def test_the_documents_of_zarr_are_readable(ask: Ask, folder: Path, openat2: bool, name: str) -> None:
    (folder / "plain" / name).write_text("{}")
    assert (await ask(f"stores/data/objects/plain/{name}")).body == b"{}"


NAMES = [
    "a#b",
    "a%b",
    "a%20b",
    "a?b",
    "a+b",
    "a&b",
    "a;b",
    "a'b",
    'a"b',
    "$a",
    "{a}",
    "a b",
    "😀",
    "שלום",
    "x#123",
    "a.partial",
]
NAMES += [
    "caf\u00e9",
    "cafe\u0301",
    "A",
    "a",
    "dot.",
    "space ",
    "．．",
    "-rf",
    "a=b",
    "*",
    "[a]",
    "a:b",
    "a@b",
    "a,b",
    "C:",
]


@pytest.mark.parametrize("name", NAMES)
async def test_an_odd_name_is_just_a_name(ask: Ask, folder: Path, openat2: bool, name: str) -> None:
    (folder / "odd").mkdir()
    (folder / "odd" / name).write_text(name)
    answer = await ask("stores/data/objects/odd/" + quote(name, safe=""))
    assert answer.body == name.encode()
    batch = await ask("stores/data/batch", "POST", body={"items": [{"key": f"odd/{name}"}]})
    assert batch.frames[0][1] == name.encode()
    listed = (await ask("stores/data/list?prefix=odd")).json["entries"]
    assert [entry["name"] for entry in listed] == [name]


async def test_a_device_is_refused(ask: Ask, folder: Path) -> None:
    try:
        os.mknod(folder / "device", 0o666 | 0o020000, os.makedev(1, 5))  # /dev/zero
    except PermissionError:
        pytest.skip("making a device needs root")
    assert (await ask("stores/data/objects/device", request_timeout=5)).code == "PATH_DENIED"


async def test_a_file_without_permission_is_refused_and_not_absent(ask: Ask, folder: Path, monkeypatch: Any) -> None:
    def refuse(*args: Any, **options: Any) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("jupyterlab_bioimage.services.mounted.open_beneath", refuse)
    assert (await ask("stores/data/objects/plain/note.txt")).code == "UPSTREAM_DENIED"


async def test_a_file_cut_while_it_is_read_is_changed(ask: Ask, monkeypatch: Any) -> None:
    monkeypatch.setattr("os.pread", lambda fd, size, offset: b"x" * (size - 1))
    assert (await ask("stores/data/objects/plain/note.txt")).code == "CHANGED"


STORES = [
    "http://169.254.169.254",
    "%5B::1%5D",
    "2130706433",
    "0x7f.1",
    "localhost.",
    "LOCALHOST",
    "web@evil",
    "WEB",
    "web ",
    "w%00eb",
]


@pytest.mark.parametrize("store", STORES)
async def test_an_address_is_no_store(ask: Ask, sink: Sink, store: str) -> None:
    for path in ("objects/x", "list", f"objects/{quote(sink.url, safe='')}"):
        answer = await ask(f"stores/{quote(store, safe='%@')}/{path}")
        assert answer.status in (400, 403)
        assert answer.code in ("STORE_DENIED", "PATH_DENIED", "BAD_REQUEST")


@pytest.mark.parametrize("key", ["a", "a/b", "a b", ".zattrs", "0/0/0", "…", "a%2e", "a:b"])
def test_check_key_lets_names_pass_unchanged(key: str) -> None:
    assert check_key(key) is key


@pytest.mark.parametrize("char", [*(chr(n) for n in range(32)), "\x7f", *(chr(n) for n in range(0x80, 0xA0))])
def test_check_key_refuses_control_characters(char: str) -> None:
    with pytest.raises(BioImageError) as caught:
        check_key(f"a{char}b")
    assert caught.value.code == "BAD_REQUEST"
