"""Text files of a station folder: replaced only as they were read, made only where nothing is, read only inside."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path, PurePosixPath

import pytest

from stationfeed.errors import (
    EditConflictError,
    EditRejectedError,
    FolderError,
    NotAFileError,
    NotFoundError,
    TooLargeError,
)
from stationfeed.folder.paths import open_inside, read_bounded, resolve_inside
from stationfeed.folder.writer import create_text, replace_text

EPISODE = PurePosixPath("episodes/a/episode.md")


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "station"
    (folder / "episodes" / "a").mkdir(parents=True)
    (folder / EPISODE).write_bytes(b"old\r\n")
    return folder


# replacing


def test_a_file_is_replaced_as_it_was_read(root: Path) -> None:
    new = replace_text(root, EPISODE, expected_sha256=digest("old\r\n"), text="new é\r\n\n")
    assert (root / EPISODE).read_bytes() == "new é\r\n\n".encode()
    assert new == digest("new é\r\n\n")
    assert os.listdir((root / EPISODE).parent) == ["episode.md"]  # noqa: PTH208 - hidden files count too


def test_a_file_that_changed_since_it_was_read_is_kept_and_both_versions_are_shown(root: Path) -> None:
    with pytest.raises(EditConflictError) as caught:
        replace_text(root, EPISODE, expected_sha256=digest("older"), text="mine")
    assert str(caught.value) == "episodes/a/episode.md changed since it was opened; nothing was written"
    assert (caught.value.current, caught.value.wanted) == ("old\r\n", "mine")
    assert (root / EPISODE).read_bytes() == b"old\r\n"
    assert os.listdir((root / EPISODE).parent) == ["episode.md"]  # noqa: PTH208 - hidden files count too


@pytest.mark.parametrize("path", ["episodes/a/gone.md", "episodes/gone/episode.md"])
def test_a_file_that_is_gone_is_not_made_again(root: Path, path: str) -> None:
    with pytest.raises(NotFoundError, match=f"there is no file '{path}'"):
        replace_text(root, PurePosixPath(path), expected_sha256=digest(""), text="mine")
    assert not (root / path).exists()


def test_of_writers_that_read_the_same_bytes_one_wins(root: Path) -> None:
    counter = PurePosixPath("counter")
    create_text(root, counter, "0")

    def count(_: int) -> bool:
        text = (root / counter).read_text()
        try:
            replace_text(root, counter, expected_sha256=digest(text), text=str(int(text) + 1))
        except EditConflictError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        wins = sum(pool.map(count, range(200)))
    assert int((root / counter).read_text()) == wins
    assert wins > 0


def test_text_that_is_no_utf8_is_refused(root: Path) -> None:
    with pytest.raises(
        EditRejectedError, match=r"'\\ud800' cannot be saved as UTF-8 text; nothing was written"
    ):
        replace_text(root, EPISODE, expected_sha256=digest("old\r\n"), text="a\ud800")


# creating


def test_a_file_is_made_with_its_folder(root: Path) -> None:
    path = PurePosixPath("episodes/b/episode.md")
    assert create_text(root, path, "new") == digest("new")
    assert (root / path).read_bytes() == b"new"
    assert os.listdir((root / path).parent) == ["episode.md"]  # noqa: PTH208 - hidden files count too


def test_a_file_that_is_there_is_never_made_anew(root: Path) -> None:
    with pytest.raises(FolderError) as caught:
        create_text(root, EPISODE, "mine")
    assert str(caught.value) == "episodes/a/episode.md: exists already"
    assert (root / EPISODE).read_bytes() == b"old\r\n"


def test_of_two_makers_of_one_file_one_wins(root: Path) -> None:
    def create(number: int) -> bool:
        try:
            create_text(root, PurePosixPath("episodes/c/episode.md"), f"{number}")
        except FolderError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(create, range(8)))
    assert made.count(True) == 1
    assert (root / "episodes/c/episode.md").read_text() == str(made.index(True))


# paths


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../x", "episodes/../../x", "a\0b", "a\\b"])
def test_a_path_that_leaves_the_folder_is_refused(root: Path, path: str) -> None:
    wanted = PurePosixPath(path)
    for refused in (
        lambda: resolve_inside(root, wanted),
        lambda: open_inside(root, wanted),
        lambda: create_text(root, wanted, ""),
        lambda: replace_text(root, wanted, expected_sha256="", text=""),
    ):
        with pytest.raises(NotAFileError):
            refused()


@pytest.mark.parametrize("path", ["link/episode.md", "episodes/a/link.md"])
def test_a_path_never_passes_through_a_link(root: Path, path: str) -> None:
    (root / "link").symlink_to(root / "episodes" / "a")
    (root / "episodes" / "a" / "link.md").symlink_to("episode.md")
    wanted = PurePosixPath(path)
    with pytest.raises(NotAFileError, match="is a symbolic link; put the file itself here"):
        replace_text(root, wanted, expected_sha256=digest("old\r\n"), text="new")
    with pytest.raises(NotAFileError, match="is a symbolic link"):
        create_text(root, wanted, "new")
    with pytest.raises(NotAFileError, match="is no plain file, or is behind a symbolic link"):
        read_bounded(root, wanted, 100)
    assert (root / EPISODE).read_bytes() == b"old\r\n"


def test_the_station_folder_itself_may_be_a_link(root: Path) -> None:
    (root.parent / "current").symlink_to(root)
    assert read_bounded(root.parent / "current", EPISODE, 100)[0] == b"old\r\n"


# reading


def test_a_file_is_read_with_its_facts(root: Path) -> None:
    data, found = read_bounded(root, EPISODE, 5)
    assert data == b"old\r\n"
    assert (found.st_size, found.st_ino) == (5, (root / EPISODE).stat().st_ino)


def test_a_file_over_its_limit_is_not_read(root: Path) -> None:
    with pytest.raises(TooLargeError) as caught:
        read_bounded(root, EPISODE, 4)
    assert str(caught.value) == "episodes/a/episode.md: has 5 bytes, more than the 4 allowed"


def test_of_a_file_too_large_for_memory_only_the_start_is_read(root: Path) -> None:
    with (root / "huge").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(TooLargeError, match="has 1099511627776 bytes, more than the 4 allowed"):
        read_bounded(root, PurePosixPath("huge"), 4)


@pytest.mark.parametrize("path", ["episodes/gone.md", "gone/episode.md"])
def test_a_file_that_is_gone_is_not_found(root: Path, path: str) -> None:
    with pytest.raises(NotFoundError, match=f"there is no file '{path}'"):
        read_bounded(root, PurePosixPath(path), 100)


def test_only_plain_files_are_read(root: Path) -> None:
    os.mkfifo(root / "pipe")
    for path in ("pipe", "episodes", "episodes/a/episode.md/x"):
        with pytest.raises(NotAFileError, match="is no plain file"):
            open_inside(root, PurePosixPath(path))
