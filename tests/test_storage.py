"""Bytes on a local disk: whole or not at all, inside their folder, and refused in plain words."""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import stat
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest

from stationfeed.errors import FolderError, NotAFileError
from stationfeed.storage.local import (
    LocalStore,
    failures_at,
    new_file,
    remove_leftovers,
    staged,
    write_atomic,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

DEAD = ".stationfeed-0123456789abcdef.tmp"
AUDIO = PurePosixPath("media/audio.mp3")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@contextmanager
def files_at_most(size_bytes: int) -> Iterator[None]:
    """A disk without room, for this process: a write beyond the size fails."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, before)


# write_atomic


def test_new_bytes_are_written_for_all_to_read(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert mode(tmp_path / "a") == 0o644
    assert names(tmp_path) == ["a"]


def test_a_replaced_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o600)
    write_atomic(path, b"new")
    assert (path.read_bytes(), mode(path)) == (b"new", 0o600)


def test_a_link_is_replaced_and_what_it_points_to_stays(tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"old")
    (tmp_path / "link").symlink_to("outside")
    write_atomic(tmp_path / "link", b"new")
    assert (tmp_path / "outside").read_bytes() == b"old"
    assert (tmp_path / "link").read_bytes() == b"new"
    assert mode(tmp_path / "link") == 0o644


def test_a_write_that_fails_leaves_the_old_bytes_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with files_at_most(1000), pytest.raises(FolderError) as caught:
        write_atomic(path, b"x" * 100_000)
    assert str(caught.value) == f"{path}: File too large"
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_a_folder_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(FolderError, match="there is a folder of this name"):
        write_atomic(tmp_path / "a", b"new")
    assert names(tmp_path) == ["a"]


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="is gone, or its folder is"):
        write_atomic(tmp_path / "no" / "a", b"new")


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (28, "the disk is full"),
        (13, "there is no permission to do this here"),
        (30, "the disk can only be read"),
    ],
)
def test_a_failure_is_told_in_plain_words_with_its_cause(number: int, reason: str) -> None:
    with pytest.raises(FolderError) as caught, failures_at(AUDIO):
        raise OSError(number, os.strerror(number))
    assert str(caught.value) == f"media/audio.mp3: {reason}"
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == number


# new_file


def test_a_file_that_was_filled_replaces_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with new_file(tmp_path / "a") as file:
        file.write(b"new")
        assert (tmp_path / "a").read_bytes() == b"old"
        file.seek(0)
        assert file.read() == b"new"
    assert (tmp_path / "a").read_bytes() == b"new"
    assert names(tmp_path) == ["a"]


def test_a_file_that_could_not_be_filled_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with files_at_most(10), pytest.raises(OSError, match="File too large"), new_file(tmp_path / "a") as file:
        file.write(bytes(100_000))
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


# remove_leftovers


def test_what_a_killed_writer_left_is_deleted_at_any_depth(tmp_path: Path) -> None:
    (tmp_path / "episodes" / "a").mkdir(parents=True)
    for place in (tmp_path, tmp_path / "episodes" / "a"):
        (place / DEAD).write_bytes(b"half")
    (tmp_path / ".other.tmp").write_bytes(b"somebody's own")
    (tmp_path / "keep").write_bytes(b"")
    assert remove_leftovers(tmp_path) == 2
    assert names(tmp_path) == [".other.tmp", "episodes", "keep"]
    assert names(tmp_path / "episodes" / "a") == []


def test_the_temporary_file_of_a_living_writer_is_let_be(tmp_path: Path) -> None:
    with staged(tmp_path / "a", [b"new"]) as temporary:
        assert remove_leftovers(tmp_path) == 0
        temporary.replace(tmp_path / "a")
    assert names(tmp_path) == ["a"]


def test_leftovers_are_not_looked_for_behind_links(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / DEAD).write_bytes(b"half")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "root" / DEAD).symlink_to(tmp_path / "outside" / DEAD)
    assert remove_leftovers(tmp_path / "root") == 0
    assert names(tmp_path / "outside") == [DEAD]


def test_a_missing_folder_has_no_leftovers(tmp_path: Path) -> None:
    assert remove_leftovers(tmp_path / "no") == 0


# LocalStore


def test_what_was_put_is_there_under_its_key(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "site")
    assert store.get(AUDIO) is None
    assert list(store.keys()) == []
    store.put(AUDIO, b"one")
    store.put(AUDIO, b"two")
    store.put(PurePosixPath("feeds/news.xml"), b"<rss/>")
    assert store.get(AUDIO) == b"two"
    assert list(store.keys()) == [PurePosixPath("feeds/news.xml"), AUDIO]
    store.delete(AUDIO)
    store.delete(AUDIO)
    assert store.get(AUDIO) is None


def test_a_folder_is_no_key(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put(AUDIO, b"one")
    assert store.get(AUDIO.parent) is None
    assert store.get(AUDIO / "x") is None
    store.delete(AUDIO.parent)
    assert store.get(AUDIO) == b"one"
    with pytest.raises(FolderError, match="there is a folder of this name"):
        store.put(AUDIO.parent, b"")
    with pytest.raises(FolderError, match="a part of the path is a file, not a folder"):
        store.put(AUDIO / "x", b"")


def test_a_large_file_is_copied(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(os.urandom(3_000_000))
    store = LocalStore(tmp_path / "site")
    store.put_file(AUDIO, source)
    assert store.get(AUDIO) == source.read_bytes()


def test_only_plain_files_are_copied(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "site")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("source")
    with pytest.raises(NotAFileError, match="is no plain file"):
        store.put_file(AUDIO, tmp_path / "pipe")
    with pytest.raises(FolderError, match="is a symbolic link"):
        store.put_file(AUDIO, tmp_path / "link")
    with pytest.raises(FolderError, match="is gone, or its folder is"):
        store.put_file(AUDIO, tmp_path / "missing")
    assert list(store.keys()) == []


def test_files_still_being_written_and_links_are_no_keys(tmp_path: Path) -> None:
    (tmp_path / DEAD).write_bytes(b"half")
    (tmp_path / "link").symlink_to(DEAD)
    assert list(LocalStore(tmp_path).keys()) == []


@pytest.mark.parametrize("key", ["", ".", "/etc/passwd", "../a", "a/../../b", "a\0b", "a\\b", "a\ud800"])
def test_a_key_that_is_no_path_inside_is_refused(tmp_path: Path, key: str) -> None:
    store = LocalStore(tmp_path)
    with pytest.raises(
        NotAFileError, match=r"is no path inside this folder|has a character that no path may have"
    ):
        store.put(PurePosixPath(key), b"")
    with pytest.raises(NotAFileError):
        store.get(PurePosixPath(key))


def test_a_key_never_passes_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "audio.mp3").write_bytes(b"secret")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "media").symlink_to(tmp_path / "outside")
    store = LocalStore(tmp_path / "site")
    with pytest.raises(NotAFileError, match="media is a symbolic link; put the file itself here"):
        store.put(AUDIO, b"new")
    for refused in (store.get, store.delete):
        with pytest.raises(NotAFileError):
            refused(AUDIO)
    assert (tmp_path / "outside" / "audio.mp3").read_bytes() == b"secret"


def test_a_lock_is_given_back_with_its_writer(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a", b"new")
    with (tmp_path / "a").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
