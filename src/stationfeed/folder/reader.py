"""What stands in a station folder: which files there are, told apart by size and time, and their bytes."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from stationfeed.errors import FolderError, Problem
from stationfeed.folder.instants import MisreadError
from stationfeed.folder.scalars import read_slug, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

EPISODES = PurePosixPath("episodes")
PEOPLE = PurePosixPath("people")
SCHEDULES = PurePosixPath("schedules")
_NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
CONFIG = PurePosixPath("config.yaml")
STATE = PurePosixPath(".stationfeed")


@dataclass(frozen=True, slots=True)
class FolderStamp:
    """A folder's files with their sizes and times, as one text: equal texts mean nothing changed.

    `stamp` is None where the folder is there but cannot be read just now.
    """

    name: str
    stamp: str | None


def list_episode_folders(root: Path, only: Iterable[str] | None = None) -> Iterator[FolderStamp]:
    """Each folder in episodes/ that holds an episode.md, and each link, which is a fault; or those of `only`.

    Raises FolderError where episodes/ itself is missing or cannot be read: a share that is not mounted must
    not withdraw every story.
    """
    try:
        handle = os.open(root / EPISODES, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise FolderError(EPISODES, error.strerror or str(error)) from error
    try:
        for name in sorted(only) if only is not None else _names(handle):
            try:
                stamp = _stamp(name, handle)
            except OSError:
                yield FolderStamp(_shown(name), None)
                continue
            if stamp is not None:
                yield FolderStamp(_shown(name), stamp)
    finally:
        os.close(handle)


def _names(top: int) -> list[str]:
    try:
        with os.scandir(top) as entries:
            found = [one for one in entries if one.is_dir(follow_symlinks=False) or one.is_symlink()]
    except OSError as error:
        raise FolderError(EPISODES, error.strerror or str(error)) from error
    return sorted(one.name for one in found)


def _shown(name: str) -> str:
    """A name from the disk as text: what is no UTF-8, or does not print, is spelt out."""
    return visible(name.replace("\\", "\\\\"))


def _stamp(name: str, parent: int) -> str | None:
    """The stamp of one episode folder or link; None where it is gone or holds no episode.md."""
    try:
        handle = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
    except OSError as error:
        if error.errno in _NOT_THERE:
            return "a symbolic link" if _is_link(name, parent) else None
        raise
    try:
        with os.scandir(handle) as entries:
            files = sorted(_file_stamp(entry) for entry in entries if not entry.name.startswith("."))
    finally:
        os.close(handle)
    return "\n".join(files) if any(line.startswith("episode.md/") for line in files) else None


def _is_link(name: str, parent: int) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def _file_stamp(entry: os.DirEntry[str]) -> str:
    name = _shown(entry.name)
    try:
        return f"{name}/{stat_stamp(entry.stat(follow_symlinks=False))}"
    except FileNotFoundError:
        return f"{name} has vanished"


def stat_stamp(found: os.stat_result) -> str:
    """Size, time, inode and kind: what differs when a file was replaced or written."""
    return f"{found.st_size}/{found.st_mtime_ns}/{found.st_ino}/{stat.S_IFMT(found.st_mode):o}"


def list_files(root: Path, folder: PurePosixPath, suffix: str) -> list[tuple[PurePosixPath, str]]:
    """The visible files of one folder with a suffix, each with its stamp, in order of name."""
    try:
        with os.scandir(root / folder) as entries:
            return sorted(
                (folder / _shown(entry.name), stat_stamp(entry.stat(follow_symlinks=False)))
                for entry in entries
                if entry.name.endswith(suffix) and not entry.name.startswith(".")
            )
    except FileNotFoundError:
        return []
    except OSError as error:
        raise FolderError(folder, error.strerror or str(error)) from error


def slug_problem(name: str, path: PurePosixPath) -> Problem | None:
    """The problem with a file's or folder's name as an id, or None."""
    try:
        read_slug(name)
    except MisreadError as error:
        return Problem(
            path=path,
            message=f"the name is no id: {error.message}",
            remedy=error.remedy.replace("Use", "Rename it; use"),
            rule="slug",
        )
    return None
