"""A mounted folder: regular files below a directory descriptor, read by two threads of the store's own.

A hop to a thread costs more than reading a cached chunk, so files are read in groups; a pool per store keeps a hanging
network file system from holding up the others.
"""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ..errors import BioImageError, absent
from ..said import say
from .beneath import PROBE, READ, OutsideError, is_pseudo, open_beneath, open_root
from .folders import list_folder
from .keys import check_key, check_visible
from .limits import MAX_READ, PAGE, STREAM_HELD
from .store import Blob, Item, Listing, Outcome, Outcomes, Stat, Store, StoreConfig, span

T = TypeVar("T")


class _ShortReadError(OSError):
    """Fewer bytes than the size said: the file was cut while it was read, or a network file system is out of step."""


def _etag(status: os.stat_result) -> str:
    """Changes whenever the file is replaced or written, as far as the file system can tell."""
    return f'"{status.st_dev:x}-{status.st_ino:x}-{status.st_size:x}-{status.st_mtime_ns:x}"'


def _translate(error: OSError) -> BioImageError:
    if isinstance(error, FileNotFoundError):
        return absent()
    detail = errno.errorcode.get(error.errno or 0, "?")
    if isinstance(error, _ShortReadError) or error.errno == errno.ESTALE:
        return BioImageError("CHANGED", detail=detail)
    if error.errno in (errno.EACCES, errno.EPERM):
        return BioImageError("UPSTREAM_DENIED", detail=detail)
    if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
        return BioImageError("BUSY", detail=detail)
    return BioImageError("UPSTREAM_DOWN", detail=detail)


class MountedStore(Store):
    """``config.root`` is the folder. ``use_openat2`` False forces the walk of older kernels (for tests)."""

    parallel = 2
    group = 8

    def __init__(self, config: StoreConfig, *, use_openat2: bool = True) -> None:
        super().__init__(config)
        self._use_openat2 = use_openat2
        self._root: int | None = None
        self._stale: list[int] = []  # descriptors of earlier mounts, which a thread may still be using
        self._opening = threading.Lock()
        self._pseudo: dict[int, bool] = {}  # device → shows the kernel's state
        self._pool = ThreadPoolExecutor(self.parallel, thread_name_prefix=f"bioimage-{config.id}")
        # Scanning a folder of a million entries takes seconds and must not stand before the chunks.
        self._listing_pool = ThreadPoolExecutor(1, thread_name_prefix=f"bioimage-list-{config.id}")

    async def _run(self, pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(pool, work)

    async def read(self, item: Item, limit: int = MAX_READ) -> Blob:
        return await self._run(self._pool, lambda: self._read(item, limit))

    async def stat(self, key: str) -> Stat:
        return await self._run(self._pool, lambda: self._stat(key))

    async def read_group(self, group: Sequence[tuple[int, Item]], limit: int = MAX_READ) -> Outcomes:
        return await self._run(self._pool, lambda: self._read_group(group, limit))

    async def list(self, prefix: str, cursor: str | None = None, limit: int = PAGE) -> Listing:
        if prefix:
            check_visible(check_key(prefix))
        return await self._run(self._listing_pool, lambda: self._list(prefix, cursor, limit))

    async def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._listing_pool.shutdown(wait=False, cancel_futures=True)
        with self._opening:
            roots = self._stale + ([] if self._root is None else [self._root])
            self._root, self._stale = None, []
        for root in roots:
            os.close(root)

    # Below here everything runs in a thread.

    def _open_root(self) -> int:
        """A folder that is not there is a store that is down, not a store without objects."""
        with self._opening:
            if self._root is None:
                try:
                    self._root = open_root(self.config.root)
                except OSError as error:
                    raise BioImageError("UPSTREAM_DOWN", detail=errno.errorcode.get(error.errno or 0, "?")) from error
            return self._root

    def _mounted_anew(self) -> None:
        """After ESTALE the root itself may belong to a mount that is gone."""
        with self._opening:
            if self._root is not None:
                self._stale.append(self._root)
                self._root = None

    def open(self, key: str, flags: int = READ) -> int:
        """A descriptor of anything below the root, refusing what shows the kernel's state. The caller closes it."""
        fd = open_beneath(self._open_root(), key, flags, use_openat2=self._use_openat2)
        device = os.fstat(fd).st_dev
        pseudo = self._pseudo.get(device)
        if pseudo is None:
            pseudo = self._pseudo[device] = is_pseudo(fd)
        if pseudo:
            os.close(fd)
            raise OutsideError
        return fd

    def _open_file(self, key: str) -> tuple[int, os.stat_result]:
        check_visible(check_key(key))
        try:
            fd = self.open(key)
        except OutsideError:
            raise BioImageError("PATH_DENIED", say("A link that leads out, or not a regular file.")) from None
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            os.close(fd)
            raise BioImageError("PATH_DENIED", say("This is not a regular file."))
        return fd, status

    def _read(self, item: Item, limit: int) -> Blob:
        try:
            try:
                return self._read_once(item, limit)
            except OSError as error:
                if error.errno != errno.ESTALE:
                    raise
                self._mounted_anew()
                return self._read_once(item, limit)  # opened anew: a replaced file is read whole, as it is now
        except OSError as error:
            raise _translate(error) from error

    def _read_once(self, item: Item, limit: int) -> Blob:
        fd, status = self._open_file(item.key)
        try:
            if not item.matches(_etag(status)):
                raise BioImageError("CHANGED", detail="another file than before")
            start, end = span(item, status.st_size, limit)
            data = os.pread(fd, end - start, start)
            if len(data) != end - start:
                raise _ShortReadError(errno.ESTALE, os.strerror(errno.ESTALE))
            return Blob(data, _etag(status), status.st_size, start)
        finally:
            os.close(fd)

    def _stat(self, key: str) -> Stat:
        try:
            fd, status = self._open_file(key)
        except OSError as error:
            raise _translate(error) from error
        os.close(fd)
        return Stat(status.st_size, _etag(status))

    def _read_group(self, group: Sequence[tuple[int, Item]], limit: int) -> Outcomes:
        outcomes: Outcomes = []
        held = 0
        for index, item in group:
            if held > STREAM_HELD // 2:  # the rest is asked for again once these bytes have left
                break
            try:
                blob = self._read(item, limit)
                held += len(blob.data)
                outcomes.append(Outcome(index, blob))
            except BioImageError as error:
                outcomes.append(Outcome(index, error=error))
        return outcomes

    def _list(self, prefix: str, cursor: str | None, limit: int) -> Listing:
        try:
            fd = self.open(prefix, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OutsideError:
            raise BioImageError("PATH_DENIED", say("A link leads out of the folder.")) from None
        except FileNotFoundError:
            raise BioImageError("NOT_FOUND", say("There is no such folder.")) from None
        except OSError as error:
            raise _translate(error) from error
        try:
            return list_folder(fd, cursor, limit, lambda name: self._probe(prefix, name))
        except OSError as error:
            raise _translate(error) from error
        finally:
            os.close(fd)

    def _probe(self, prefix: str, name: str) -> os.stat_result | None:
        """What the link ``name`` in ``prefix`` leads to, None where that is nothing inside the store."""
        try:
            fd = self.open(f"{prefix}/{name}" if prefix else name, PROBE)
        except (OutsideError, OSError):
            return None
        try:
            return os.fstat(fd)
        finally:
            os.close(fd)
