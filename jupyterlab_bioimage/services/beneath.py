"""Opening a file below a folder so that no link, rename or trick leads out of it.

``openat2`` (Linux 5.6) does it in the kernel; where the kernel or a seccomp profile lacks it, a walk from descriptor to
descriptor does, and refuses every link.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat

_OPENAT2 = 437  # the same number on every architecture
_RESOLVE_NO_MAGICLINKS, _RESOLVE_BENEATH = 0x02, 0x08
# Without O_NONBLOCK opening a FIFO would wait for its writer.
READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
PROBE = os.O_PATH | os.O_CLOEXEC
# Kernel interfaces, not data: proc, sysfs, debugfs, tracefs, securityfs, cgroup, cgroup2, bpf, binfmt_misc, devpts.
_PSEUDO = frozenset(
    {
        0x9FA0,
        0x62656572,
        0x64626720,
        0x74726163,
        0x73636673,
        0x27E0EB,
        0x63677270,
        0xCAFE4A11,
        0x42494E4D,
        0x1CD1,
    }
)


class _How(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


_libc = ctypes.CDLL(None, use_errno=True)


class OutsideError(Exception):
    """The key leads out of the folder, or to something that is not a regular file."""


def open_root(folder: str) -> int:
    """A descriptor of the folder; everything is opened relative to it."""
    return os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)


def open_beneath(root: int, key: str, flags: int = READ, *, use_openat2: bool = True) -> int:
    """A descriptor of ``key`` below ``root``. Relative links that stay inside are followed where the kernel helps.

    Raises OutsideError, FileNotFoundError (also for a file in the place of a folder), or OSError.
    """
    try:
        return _openat2(root, key, flags) if use_openat2 else _walk(root, key, flags)
    except OSError as error:
        if error.errno in (errno.EXDEV, errno.ENXIO):  # ENXIO: a socket
            raise OutsideError from None
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP):  # ELOOP: links in a circle
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)) from None
        raise


def _openat2(root: int, key: str, flags: int) -> int:
    how = _How(flags, 0, _RESOLVE_BENEATH | _RESOLVE_NO_MAGICLINKS)
    name = os.fsencode(key or ".")
    code = 0
    for _ in range(8):
        fd: int = _libc.syscall(_OPENAT2, root, name, ctypes.byref(how), ctypes.sizeof(how))
        if fd >= 0:
            return fd
        code = ctypes.get_errno()
        if code in (errno.ENOSYS, errno.EPERM):
            return _walk(root, key, flags)
        if code != errno.EAGAIN:  # a rename somewhere while a link with ".." was followed
            break
    raise OSError(code, os.strerror(code))


def _walk(root: int, key: str, flags: int) -> int:
    *folders, name = key.split("/") if key else ["."]
    fd = os.dup(root)
    try:
        for part in folders:
            _refuse_link(fd, part)
            # The link test names the cause; O_NOFOLLOW is the guard: a link put there in between is ENOTDIR.
            below = os.open(part, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=fd)
            os.close(fd)
            fd = below
        _refuse_link(fd, name)
        return os.open(name, flags | os.O_NOFOLLOW, dir_fd=fd)
    finally:
        os.close(fd)


def _refuse_link(folder: int, name: str) -> None:
    if stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        raise OutsideError


def is_pseudo(fd: int) -> bool:
    """Whether the descriptor lies on a file system that shows the kernel's state (a token in an environment, say)."""
    buffer = (ctypes.c_long * 32)()  # struct statfs is 120 bytes; its first word is the type
    if _libc.fstatfs(fd, ctypes.byref(buffer)) != 0:
        return True
    return (buffer[0] & 0xFFFFFFFF) in _PSEUDO
