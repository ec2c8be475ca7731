"""Reading a file of the station folder by its relative path, without ever leaving the folder or reading too much."""

from __future__ import annotations

import errno
import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, BinaryIO

from stationfeed.errors import NotAFileError, NotFoundError, TooLargeError
from stationfeed.storage.local import as_plain_file, check_relative, failures_at, resolve_inside

if TYPE_CHECKING:
    from pathlib import Path, PurePosixPath

__all__ = ["open_inside", "read_bounded", "resolve_inside"]

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# Without O_NONBLOCK the opening of a named pipe would wait for its other end.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NO_PLAIN_FILE = {errno.ELOOP, errno.ENOTDIR, errno.ENXIO, errno.ENODEV}


def open_inside(root: Path, path: PurePosixPath) -> BinaryIO:
    """A plain file, open for reading.

    Raises NotFoundError, NotAFileError, or FolderError where the disk refuses.
    """
    check_relative(path)
    with failures_at(path):
        return as_plain_file(_open_below(root, path), path)


def read_bounded(root: Path, path: PurePosixPath, limit_bytes: int) -> tuple[bytes, os.stat_result]:
    """The bytes of a plain file, and its facts from just before they were read.

    Raises what `open_inside` does, and TooLargeError.
    """
    with open_inside(root, path) as file, failures_at(path):
        found = os.fstat(file.fileno())
        data = file.read(limit_bytes + 1)
    if len(data) > limit_bytes:
        raise TooLargeError(path, max(found.st_size, len(data)), limit_bytes)
    return data, found


def _open_below(root: Path, path: PurePosixPath) -> int:
    """Each part is opened in the one before it, so that no link put there meanwhile can lead outside."""
    try:
        with ExitStack() as opened:
            folder = _open_folder(str(root), None, opened)
            for part in path.parts[:-1]:
                folder = _open_folder(part, folder, opened)
            return os.open(path.name, _FILE, dir_fd=folder)
    except FileNotFoundError as error:
        raise NotFoundError("file", str(path)) from error
    except OSError as error:
        if error.errno in _NO_PLAIN_FILE:
            raise NotAFileError(path, "is no plain file, or is behind a symbolic link") from error
        raise


def _open_folder(name: str, parent: int | None, opened: ExitStack) -> int:
    """The root itself may be a link; nothing below it may."""
    handle = os.open(name, _FOLDER | (os.O_NOFOLLOW if parent is not None else 0), dir_fd=parent)
    opened.callback(os.close, handle)
    return handle
