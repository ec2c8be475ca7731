"""The renditions in the cache: one folder of files, each rendition with a record of what it was found to be.

The record is written last: a rendition that has one is whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from stationfeed.model.rendition import Rendition
from stationfeed.storage.local import failures_at, make_folders, remove_leftovers, write_atomic

if TYPE_CHECKING:
    from collections.abc import Collection

FOLDER = PurePosixPath(".stationfeed/cache/audio")
PEAKS = ".peaks.json"
_RECORD = ".json"
_RECORDS = TypeAdapter(Rendition)


@dataclass(frozen=True, slots=True)
class RenditionShelf:
    """The renditions of one station folder."""

    root: Path

    @property
    def folder(self) -> Path:
        return self.root / FOLDER

    def names(self) -> frozenset[str]:
        """The names of all renditions that are whole."""
        found = self._files()
        return frozenset(one.removesuffix(_RECORD) for one in found if _is_record(one))

    def get(self, name: str) -> Rendition | None:
        """A rendition; None where it is not there, or its record cannot be read, which is the same."""
        try:
            text = (self.folder / f"{name}{_RECORD}").read_bytes()
            return _RECORDS.validate_json(text, strict=True)
        except (FileNotFoundError, ValidationError):
            return None

    def put(self, rendition: Rendition) -> None:
        """Note that a rendition is whole; raises FolderError."""
        write_atomic(self.folder / f"{rendition.name}{_RECORD}", _RECORDS.dump_json(rendition))

    def forget(self, name: str) -> None:
        """Take a rendition for one that is not there; raises FolderError."""
        with failures_at(FOLDER):
            (self.folder / f"{name}{_RECORD}").unlink(missing_ok=True)

    def make_room(self) -> None:
        """Raises FolderError."""
        with failures_at(FOLDER):
            make_folders(self.folder)

    def sweep(self, used: Collection[str], older_than_s: float) -> int:
        """Delete what no story has any more and was made before an instant, in seconds since 1970.

        Returns how many files that were; the records go first. What killed writers left goes, too.
        """
        remove_leftovers(self.folder)
        with failures_at(FOLDER):
            unused = [one for one in self._files() if one.partition(".")[0] not in used]
            places = [self.folder / one for one in sorted(unused, key=lambda one: not _is_record(one))]
            old = [one for one in places if one.stat().st_mtime < older_than_s]
            for one in old:
                one.unlink(missing_ok=True)
        return len(old)

    def _files(self) -> list[str]:
        """The names of all files but those that are still being written."""
        if not self.folder.is_dir():
            return []
        return [one.name for one in self.folder.iterdir() if not one.name.startswith(".")]


def _is_record(name: str) -> bool:
    return name.endswith(_RECORD) and not name.endswith(PEAKS)
