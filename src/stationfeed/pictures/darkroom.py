"""The prints that are missing are made, one picture after the other; killed at any moment, the next look goes on."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

from stationfeed.errors import NotAFileError, NotFoundError, UnreadableMediaError
from stationfeed.pictures.prints import make_prints
from stationfeed.pictures.shelf import name_of
from stationfeed.storage.local import failures_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import PurePosixPath
    from threading import Event

    from stationfeed.model.config import Limits
    from stationfeed.model.episode import PictureFile
    from stationfeed.pictures.shelf import PrintShelf


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of the pictures without prints; those neither made nor refused are missing still."""

    made: int
    refused: tuple[UnreadableMediaError, ...]


@dataclass(frozen=True, slots=True)
class Darkroom:
    """Where prints are made; `open_file` opens a plain file of the station folder by its relative path."""

    open_file: Callable[[PurePosixPath], AbstractContextManager[BinaryIO]]
    shelf: PrintShelf
    limits: Limits

    def print_all(self, wanted: Sequence[PictureFile], stop: Event) -> Outcome:
        """Make what is missing until all is there or `stop` is set, which is asked between two pictures.

        A picture that was replaced or has gone since it was looked at is left out: the next look knows better.
        Raises FolderError where the disk is to blame.
        """
        missing = self._missing(wanted)
        made, refused = 0, []
        for picture in missing:
            if stop.is_set():
                break
            content = self._content_of(picture)
            if content is None:
                continue
            try:
                prints = make_prints(BytesIO(content), picture, self.limits)
                made += 1
            except UnreadableMediaError as error:
                prints = ()
                refused.append(error)
            self.shelf.put(picture.sha256, prints)
        return Outcome(made=made, refused=tuple(refused))

    def _missing(self, wanted: Sequence[PictureFile]) -> list[PictureFile]:
        """Each picture once, however many stories show it."""
        there = self.shelf.names()
        return list({one.sha256: one for one in wanted if name_of(one.sha256) not in there}.values())

    def _content_of(self, picture: PictureFile) -> bytes | None:
        """Its bytes while they are those that were looked at.

        They are read before anything is made of them, so that a fault of the disk is never taken for one of theirs.
        """
        try:
            with self.open_file(picture.path) as file, failures_at(picture.path):
                content = file.read(picture.size_bytes + 1)
        except (NotFoundError, NotAFileError):
            return None
        return content if sha256(content).hexdigest() == picture.sha256 else None
