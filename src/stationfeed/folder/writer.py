"""Writing text files of the station folder: all or nothing, and never over what somebody else just wrote."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING

from stationfeed.errors import EditConflictError, EditRejectedError, NotFoundError
from stationfeed.folder.paths import read_bounded, resolve_inside
from stationfeed.storage.local import failures_at, locked_folder, make_folders, staged

if TYPE_CHECKING:
    from pathlib import Path, PurePosixPath

TEXT_LIMIT_BYTES = 16 * 1024 * 1024
"""More than any text file of a station folder may have; a larger one is not compared, and so not replaced."""


def replace_text(root: Path, path: PurePosixPath, *, expected_sha256: str, text: str) -> str:
    """Replace a file that still is what was read; returns the new file's SHA-256.

    Of several writers that read the same bytes one wins. Raises EditConflictError for the others, NotFoundError
    where the file is gone, EditRejectedError for text that is no UTF-8, and FolderError.
    """
    data = _encoded(path, text)
    target = resolve_inside(root, path)
    if not target.exists():
        raise NotFoundError("file", str(path))
    with failures_at(path), staged(target, (data,)) as temporary, locked_folder(target.parent) as folder:
        _check_unchanged(root, path, expected_sha256, text)
        temporary.replace(target)
        os.fsync(folder)
    return sha256(data).hexdigest()


def create_text(root: Path, path: PurePosixPath, text: str) -> str:
    """Make a file and the folders above it; returns the file's SHA-256.

    Raises FolderError where there is one already, EditRejectedError for text that is no UTF-8.
    """
    data = _encoded(path, text)
    target = resolve_inside(root, path)
    with failures_at(path):
        make_folders(target.parent)
        with staged(target, (data,)) as temporary, locked_folder(target.parent) as folder:
            os.link(temporary, target)  # unlike a rename it fails where a file is
            os.fsync(folder)
    return sha256(data).hexdigest()


def _check_unchanged(root: Path, path: PurePosixPath, expected_sha256: str, wanted: str) -> None:
    current, _ = read_bounded(root, path, TEXT_LIMIT_BYTES)
    if sha256(current).hexdigest() != expected_sha256:
        raise EditConflictError(path, current=current.decode("utf-8", "replace"), wanted=wanted)


def _encoded(path: PurePosixPath, text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise EditRejectedError(path, f"{text[error.start]!a} cannot be saved as UTF-8 text") from error
