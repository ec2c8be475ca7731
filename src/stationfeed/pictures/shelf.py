"""The prints in the cache: one folder of files, and for each picture a record of what was made of it.

The record is written last: a picture that has one is whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from stationfeed.model.episode import PictureFile
from stationfeed.pictures.prints import RECIPE
from stationfeed.storage.local import failures_at, make_folders, remove_leftovers, write_atomic

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from stationfeed.pictures.prints import Print

FOLDER = PurePosixPath(".stationfeed/cache/pictures")
_SUFFIXES = {"image/webp": ".webp", "image/jpeg": ".jpg"}
_RECORD = ".json"
_RECORDS = TypeAdapter(tuple[PictureFile, ...])


def name_of(picture_sha256: str) -> str:
    """What the prints of a picture are called together, in this recipe."""
    return f"{picture_sha256[:32]}-{RECIPE}"


@dataclass(frozen=True, slots=True)
class PrintShelf:
    """The prints of one station folder."""

    root: Path

    @property
    def folder(self) -> Path:
        return self.root / FOLDER

    def names(self) -> frozenset[str]:
        """The names of all pictures that are whole, or were refused."""
        return frozenset(one.removesuffix(_RECORD) for one in self._files() if one.endswith(_RECORD))

    def get(self, picture_sha256: str) -> tuple[PictureFile, ...] | None:
        """A picture's prints, as they were put; empty where it was refused, None where nobody has tried yet.

        A record that cannot be read is none.
        """
        try:
            text = self._record(picture_sha256).read_bytes()
            return _RECORDS.validate_json(text, strict=True)
        except (FileNotFoundError, ValidationError):
            return None

    def put(self, picture_sha256: str, prints: Sequence[Print]) -> tuple[PictureFile, ...]:
        """Keep the prints of a picture, none of one that was refused; raises FolderError."""
        with failures_at(FOLDER):
            make_folders(self.folder)
        files = tuple(self._keep(name_of(picture_sha256), one) for one in prints)
        write_atomic(self._record(picture_sha256), _RECORDS.dump_json(files))
        return files

    def sweep(self, used: Collection[str], older_than_s: float) -> int:
        """Delete what belongs to none of the names in use and was made before an instant, in seconds since 1970.

        Returns how many files that were; the records go first. What killed writers left goes, too.
        """
        remove_leftovers(self.folder)
        with failures_at(FOLDER):
            unused = [one for one in self._files() if _picture_of(one) not in used]
            places = [self.folder / one for one in sorted(unused, key=lambda one: not one.endswith(_RECORD))]
            old = [one for one in places if one.stat().st_mtime < older_than_s]
            for one in old:
                one.unlink(missing_ok=True)
        return len(old)

    def _record(self, picture_sha256: str) -> Path:
        return self.folder / f"{name_of(picture_sha256)}{_RECORD}"

    def _keep(self, name: str, made: Print) -> PictureFile:
        path = FOLDER / f"{name}-{made.width}{_SUFFIXES[made.media_type]}"
        write_atomic(self.root / path, made.content)
        return PictureFile(
            path=path,
            media_type=made.media_type,
            size_bytes=len(made.content),
            width=made.width,
            height=made.height,
            sha256=sha256(made.content).hexdigest(),
        )

    def _files(self) -> list[str]:
        """The names of all files but those that are still being written."""
        if not self.folder.is_dir():
            return []
        return [one.name for one in self.folder.iterdir() if not one.name.startswith(".")]


def _picture_of(file_name: str) -> str:
    """The name of the picture a file belongs to: its hash and its recipe."""
    return "-".join(file_name.partition(".")[0].split("-")[:2])
