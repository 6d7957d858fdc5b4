"""Files written whole or not at all, and what went wrong with a path as one sentence with its remedy."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from harness.errors import DiskError

_FULL = {errno.ENOSPC, errno.EDQUOT}
_REMEDIES = {
    errno.EACCES: "give this user the right, or name another place",
    errno.EPERM: "give this user the right, or name another place",
    errno.EROFS: "name a place that can be written to",
    errno.EEXIST: "a file is where a folder is needed: move it, or name another place",
    errno.ENOTDIR: "a file is where a folder is needed: move it, or name another place",
    errno.EISDIR: "a folder is where a file is needed: move it, or name another place",
}


def write(path: Path, data: bytes) -> None:
    """Write a file, in place of what it was; raise DiskError and leave that as it was where this fails."""
    with writing(path) as file:
        file.write(data)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write to that becomes `path` at the end, whole; after any error `path` is what it was."""
    beside = path.with_name(f"{path.name}.part")
    with told(path):
        try:
            with beside.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())  # some file systems find out only now that they are full
            beside.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise


def folder(path: Path) -> Path:
    """Make a folder and those above it, where they are not there yet, and return it."""
    with told(path):
        path.mkdir(parents=True, exist_ok=True)
    return path


def claim(path: Path) -> bool:
    """Make a folder of a name that nobody has yet, and those above it; say whether the name was free."""
    folder(path.parent)
    with told(path):
        try:
            path.mkdir()
        except FileExistsError:
            return False
    return True


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a file that nobody else holds meanwhile, of this process or another; it is made where it is not there."""
    folder(path.parent)
    with told(path):
        lock = path.open("w")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what the system says of `path` into a DiskError."""
    try:
        yield
    except OSError as error:
        raise DiskError(sentence(error, path)) from error


def sentence(error: OSError, path: Path | None = None) -> str:
    """Return an error of the system as a sentence: where, what, how much is free there, what to do."""
    where = path or (Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else None)
    what = (error.strerror or str(error)).lower()
    if error.errno in _FULL:
        free = _free(where) if where else ""
        return f"{where or 'where this prints to'}: {what}{free}; free some: what was written before is kept"
    remedy = _REMEDIES.get(error.errno or 0)
    return (f"{where}: " if where else "") + what + (f"; {remedy}" if remedy else "")


def _free(path: Path) -> str:
    there = next((p for p in (path, *path.absolute().parents) if p.is_dir()), Path("/"))
    try:
        return f" ({shutil.disk_usage(there).free >> 20} MiB free in {there})"
    except OSError:
        return ""
