"""Bytes on a local disk, written so that a crash at any moment leaves the old bytes or the new ones, never half.

https://man7.org/linux/man-pages/man2/fsync.2.html: a new name is safe only once its folder is flushed as well.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import stat
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from stationfeed.errors import FolderError, NotAFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NEW_FILE_MODE = 0o644
_NEW_FILE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_PLAIN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_TEMPORARY = re.compile(r"\.stationfeed-[0-9a-f]{16}\.tmp")
_NO_NAME = re.compile(r"[\0\\\ud800-\udfff]")
_CHUNK_BYTES = 1024 * 1024

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "there is no room left in the quota of this disk",
    errno.EACCES: "there is no permission to do this here",
    errno.EPERM: "there is no permission to do this here",
    errno.EROFS: "the disk can only be read",
    errno.EIO: "the disk has a fault",
    errno.EMFILE: "too many files are open",
    errno.ENFILE: "too many files are open",
    errno.EISDIR: "there is a folder of this name",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.ENAMETOOLONG: "the name is too long",
    errno.EEXIST: "exists already",
    errno.ENOENT: "is gone, or its folder is",
    errno.ELOOP: "is a symbolic link",
}


@contextmanager
def failures_at(path: PurePath) -> Iterator[None]:
    """An OSError inside becomes a FolderError at `path`, with its reason in plain words."""
    try:
        yield
    except OSError as error:
        reason = _REASONS.get(error.errno or 0) or error.strerror or str(error)
        raise FolderError(path, reason) from error


def write_atomic(path: Path, data: bytes) -> None:
    """Put `data` where `path` is, on disk for good when this returns; raises FolderError.

    A file that is replaced keeps its permissions. Unless the last flush fails, an error means the old bytes are there.
    """
    with failures_at(path):
        _write(path, (data,))


def _write(path: Path, chunks: Iterable[bytes]) -> None:
    with new_file(path) as file:
        file.writelines(chunks)


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A file to be filled and read, which is at `path` for good once the block ends; raises OSError.

    A block that fails leaves what was there.
    """
    with _beside(path) as (temporary, file):
        yield file
        file.flush()
        os.fsync(file.fileno())
        temporary.replace(path)
        flush_folder(path.parent)


@contextmanager
def staged(path: Path, chunks: Iterable[bytes]) -> Iterator[Path]:
    """A flushed temporary file beside `path`, to be renamed or linked to it; gone at the end; raises OSError."""
    with _beside(path) as (temporary, file):
        file.writelines(chunks)
        file.flush()
        os.fsync(file.fileno())
        yield temporary


@contextmanager
def _beside(path: Path) -> Iterator[tuple[Path, BinaryIO]]:
    temporary = path.with_name(f".stationfeed-{secrets.token_hex(8)}.tmp")
    handle = os.open(temporary, _NEW_FILE, NEW_FILE_MODE)
    try:
        with os.fdopen(handle, "w+b") as file:
            fcntl.flock(handle, fcntl.LOCK_EX)  # tells remove_leftovers that its writer lives
            os.fchmod(handle, _mode(path))
            yield temporary, file
    finally:
        with suppress(OSError):  # renamed, or left to remove_leftovers
            temporary.unlink()


def _mode(path: Path) -> int:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return NEW_FILE_MODE
    return found.st_mode & 0o777 if stat.S_ISREG(found.st_mode) else NEW_FILE_MODE


@contextmanager
def locked_folder(folder: Path) -> Iterator[int]:
    """An open handle of a folder; other holders, in any process, wait their turn."""
    handle = os.open(folder, _FOLDER)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def flush_folder(folder: Path) -> None:
    handle = os.open(folder, _FOLDER)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folders(folder: Path) -> None:
    """The folder and those above it, on disk for good; raises OSError."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        flush_folder(one.parent)


def remove_leftovers(folder: Path) -> int:
    """Delete what killed writers left in a folder and all below it; returns how many files that were.

    Temporary files of writers that live are let be.
    """
    with failures_at(folder):
        return sum(_remove_dead(path) for path in _files(folder) if _TEMPORARY.fullmatch(path.name))


def _remove_dead(temporary: Path) -> bool:
    try:
        handle = os.open(temporary, _PLAIN_FILE)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        temporary.unlink(missing_ok=True)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True


def _files(folder: Path) -> Iterator[Path]:
    """The plain files in a folder and below it, in order; links are not followed."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _files(folder / entry.name)
        elif entry.is_file(follow_symlinks=False):
            yield folder / entry.name


def resolve_inside(root: Path, path: PurePosixPath) -> Path:
    """The place of a relative path below `root`, whether or not something is there.

    Raises NotAFileError for a path that is empty, leaves the root or passes through a symbolic link.
    """
    check_relative(path)
    place = root
    with failures_at(path):
        for part in path.parts:
            place = place / part
            if place.is_symlink():
                raise NotAFileError(
                    path, f"{place.relative_to(root)} is a symbolic link; put the file itself here"
                )
    return place


def as_plain_file(handle: int, path: PurePath) -> BinaryIO:
    """An open handle as a file to read; closed, with NotAFileError, where it is anything but a plain file."""
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return os.fdopen(handle, "rb")
    os.close(handle)
    raise NotAFileError(path, "is no plain file")


def check_relative(path: PurePosixPath) -> None:
    """Raises NotAFileError for a path that is empty or leaves the folder it is meant to be in."""
    if path.is_absolute() or not path.parts or ".." in path.parts:
        raise NotAFileError(path, "is no path inside this folder")
    if _NO_NAME.search(str(path)):
        raise NotAFileError(path, "has a character that no path may have")


class LocalStore:
    """Bytes by key, below one folder; a key is the path of its file."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: PurePosixPath, data: bytes) -> None:
        """Write or replace; raises FolderError, and NotAFileError for a key that is no path inside."""
        self._put(key, (data,))

    def put_file(self, key: PurePosixPath, source: Path) -> None:
        """Copy a file of any size; what is at `source` when it is opened is what is stored."""
        with failures_at(source), open_plain(source) as file:
            self._put(key, iter(lambda: file.read(_CHUNK_BYTES), b""))

    def _put(self, key: PurePosixPath, chunks: Iterable[bytes]) -> None:
        place = resolve_inside(self._root, key)
        with failures_at(key):
            make_folders(place.parent)
            _write(place, chunks)

    def get(self, key: PurePosixPath) -> bytes | None:
        """The bytes; None where nothing was put."""
        place = resolve_inside(self._root, key)
        with failures_at(key):
            if not place.is_file():
                return None
            with open_plain(place) as file:
                return file.read()

    def delete(self, key: PurePosixPath) -> None:
        """Nothing is at `key` afterwards, whether or not something was."""
        place = resolve_inside(self._root, key)
        with failures_at(key):
            if place.is_file():
                place.unlink(missing_ok=True)
                flush_folder(place.parent)

    def keys(self) -> Iterator[PurePosixPath]:
        """Every key, in order; files that are still being written are none."""
        with failures_at(self._root):
            for path in _files(self._root):
                if not _TEMPORARY.fullmatch(path.name):
                    yield PurePosixPath(path.relative_to(self._root))


def open_plain(path: Path) -> BinaryIO:
    """A plain file, open for reading; raises OSError, and NotAFileError for anything but a plain file."""
    return as_plain_file(os.open(path, _PLAIN_FILE), path)
