"""The mounted store itself: races, file systems of the kernel, big folders, hanging reads."""

from __future__ import annotations

import asyncio
import ctypes
import errno
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..errors import BioImageError
from ..services import beneath
from ..services.beneath import is_pseudo
from ..services.mounted import MountedStore
from ..services.store import Item
from ..services.storeconfig import parse_store

RACE = 1.5  # s per race; far more swaps than a look-and-open reader needs to leak


@pytest.fixture(params=[True, False], ids=["openat2", "walk"])
def store(request: pytest.FixtureRequest, folder: Path) -> Iterator[MountedStore]:
    store = MountedStore(parse_store({"id": "data", "root": str(folder)}), use_openat2=request.param)
    yield store
    asyncio.run(store.close())


def test_a_folder_swapped_with_a_link_never_leaks(store: MountedStore, folder: Path) -> None:
    """Another thread swaps a folder with a link out of the root as fast as it can."""
    (folder / "swap").mkdir()
    (folder / "swap" / "token").write_text("inside")
    os.symlink(folder.parent / "mount-secret", folder / "link")
    stop = threading.Event()

    def flip() -> None:
        while not stop.is_set():
            os.rename(folder / "swap", folder / "aside")
            os.rename(folder / "link", folder / "swap")
            os.rename(folder / "swap", folder / "link")
            os.rename(folder / "aside", folder / "swap")

    thread = threading.Thread(target=flip)
    thread.start()
    inside = refused = 0
    try:
        end = time.monotonic() + RACE
        while time.monotonic() < end:
            try:
                assert store._read(Item("swap/token"), 100).data == b"inside"
                inside += 1
            except BioImageError as error:
                if error.code not in ("PATH_DENIED", "ABSENT"):
                    raise
                refused += 1
    finally:
        stop.set()
        thread.join()
    assert inside, "the race never saw the folder"
    assert refused, "the race never saw the link"


def test_a_file_swapped_with_a_link_never_leaks(store: MountedStore, folder: Path) -> None:
    target = folder.parent / "mount-secret" / "token"
    (folder / "plain" / "other").symlink_to(target)
    (folder / "plain" / "file").write_text("inside")
    stop = threading.Event()

    def flip() -> None:
        one, two, spare = folder / "plain" / "file", folder / "plain" / "other", folder / "plain" / "spare"
        while not stop.is_set():
            os.rename(one, spare)
            os.rename(two, one)
            os.rename(spare, two)

    thread = threading.Thread(target=flip)
    thread.start()
    try:
        end = time.monotonic() + RACE
        while time.monotonic() < end:
            try:
                assert store._read(Item("plain/file"), 100).data == b"inside"
            except BioImageError as error:
                if error.code not in ("PATH_DENIED", "ABSENT"):
                    raise
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("key", ["out-file", "out/token"])
def test_the_walk_does_not_depend_on_its_link_test(key: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the link had been put there between the test and the opening."""
    (folder / "out").symlink_to(folder.parent / "mount-secret")
    (folder / "out-file").symlink_to(folder.parent / "mount-secret" / "token")
    monkeypatch.setattr("jupyterlab_bioimage.services.beneath._refuse_link", lambda *_: None)
    store = MountedStore(parse_store({"id": "data", "root": str(folder)}), use_openat2=False)
    with pytest.raises(BioImageError):
        store._read(Item(key), 100)
    asyncio.run(store.close())


class Kernel:
    """Answers openat2 with the errors given, then as the real one."""

    def __init__(self, *errors: int) -> None:
        self.errors = list(errors)
        self.real = beneath._libc

    def syscall(self, *arguments: Any) -> int:
        if self.errors:
            ctypes.set_errno(self.errors.pop(0))
            return -1
        return int(self.real.syscall(*arguments))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.EPERM])
def test_where_the_kernel_lacks_openat2_the_walk_reads(
    code: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "out").symlink_to("/etc")
    (folder / "inside").symlink_to("plain")
    monkeypatch.setattr(beneath, "_libc", Kernel(code, code, code))
    store = MountedStore(parse_store({"id": "data", "root": str(folder)}))
    assert store._read(Item("plain/note.txt"), 100).data == b"hello"
    for key in ("out/passwd", "inside/note.txt"):  # the walk refuses links that the kernel would have followed, too
        with pytest.raises(BioImageError) as caught:
            store._read(Item(key), 100)
        assert caught.value.code == "PATH_DENIED"
    assert store._read(Item("inside/note.txt"), 100).data == b"hello"
    asyncio.run(store.close())


def test_a_rename_elsewhere_is_waited_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beneath, "_libc", Kernel(*[errno.EAGAIN] * 7))
    store = MountedStore(parse_store({"id": "data", "root": str(folder)}))
    assert store._read(Item("plain/note.txt"), 100).data == b"hello"
    monkeypatch.setattr(beneath, "_libc", Kernel(*[errno.EAGAIN] * 8))
    with pytest.raises(BioImageError) as caught:
        store._read(Item("plain/note.txt"), 100)
    assert caught.value.code == "UPSTREAM_DOWN", "never absent"
    asyncio.run(store.close())


def test_descriptors_do_not_leak(store: MountedStore, folder: Path) -> None:
    (folder / "out").symlink_to("/etc")
    os.mkfifo(folder / "fifo")
    keys = ["plain/note.txt", "out/passwd", "fifo", "plain", "none/none", "plain/note.txt/x"]

    def once() -> None:
        for key in keys:
            try:
                store._read(Item(key), 100)
            except BioImageError:
                continue
        store._list("", None, 10)

    once()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        once()
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("key", ["self/environ", "1/root", "self/cwd/x", "self/fd/0"])
@pytest.mark.parametrize("openat2", [True, False])
def test_the_kernels_own_files_are_refused(key: str, openat2: bool) -> None:
    store = MountedStore(parse_store({"id": "proc", "root": "/proc"}), use_openat2=openat2)
    with pytest.raises(BioImageError) as caught:
        store._read(Item(key), 1000)
    assert caught.value.code in ("PATH_DENIED", "ABSENT", "UPSTREAM_DENIED")
    asyncio.run(store.close())


def test_a_root_that_is_not_there_is_down_and_not_empty(tmp_path: Path) -> None:
    store = MountedStore(parse_store({"id": "gone", "root": str(tmp_path / "later")}))
    for work in (lambda: store._read(Item("x"), 10), lambda: store._stat("x"), lambda: store._list("", None, 10)):
        with pytest.raises(BioImageError) as caught:
            work()
        assert caught.value.code == "UPSTREAM_DOWN"
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "x").write_text("here")
    assert store._read(Item("x"), 10).data == b"here"
    asyncio.run(store.close())


def test_a_stale_mount_is_opened_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = MountedStore(parse_store({"id": "data", "root": str(folder)}))
    assert store._read(Item("plain/note.txt"), 10).data == b"hello"
    first = store._root
    real = os.pread

    def stale(fd: int, size: int, offset: int) -> bytes:
        monkeypatch.setattr(os, "pread", real)
        raise OSError(errno.ESTALE, "stale")

    monkeypatch.setattr(os, "pread", stale)
    assert store._read(Item("plain/note.txt"), 10).data == b"hello"
    assert store._root != first
    asyncio.run(store.close())


def test_only_the_kernels_file_systems_are_pseudo(tmp_path: Path) -> None:
    def judge(path: str) -> bool:
        fd = os.open(path, os.O_PATH)
        try:
            return is_pseudo(fd)
        finally:
            os.close(fd)

    assert [judge(path) for path in ("/proc", "/sys", str(tmp_path))] == [True, True, False]


def test_a_hanging_file_does_not_hold_up_the_loop_or_other_stores(folder: Path) -> None:
    async def check() -> float:
        slow = MountedStore(parse_store({"id": "slow", "root": str(folder)}))
        fast = MountedStore(parse_store({"id": "fast", "root": str(folder)}))
        release = threading.Event()
        slow._read = lambda item, limit: release.wait(10)  # type: ignore[assignment, method-assign, return-value]
        waiting = [asyncio.create_task(slow.read(Item("plain/note.txt"))) for _ in range(10)]
        start = time.monotonic()
        assert (await fast.read(Item("plain/note.txt"))).data == b"hello"
        took = time.monotonic() - start
        release.set()
        await asyncio.gather(*waiting)
        await slow.close()
        await fast.close()
        return took

    assert asyncio.run(check()) < 1


def test_a_large_folder_is_listed_in_pages_beside_reads(folder: Path) -> None:
    (folder / "large").mkdir()
    root = os.open(folder / "large", os.O_DIRECTORY)
    for number in range(20_000):
        os.close(os.open(f"{number:06}", os.O_CREAT | os.O_WRONLY, dir_fd=root))
    os.close(root)

    async def check() -> None:
        store = MountedStore(parse_store({"id": "data", "root": str(folder)}))
        listing = asyncio.create_task(store.list("large"))
        lags: list[float] = []
        while not listing.done():
            start = time.monotonic()
            await asyncio.sleep(0.002)
            lags.append(time.monotonic() - start - 0.002)
        page = await listing
        assert [entry.name for entry in page.entries] == [f"{n:06}" for n in range(1000)]
        assert page.cursor
        print(f"listing of 20,000 names: worst lag of the loop {max(lags) * 1000:.1f} ms")
        await store.close()

    asyncio.run(check())
