"""Public files held open, so that not every request walks the path to one."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stationfeed.folder.paths import open_inside
from stationfeed.folder.reader import stat_stamp

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path, PurePosixPath
    from typing import BinaryIO

    from stationfeed.site import PublicFile

HELD = 128


@dataclass(frozen=True, slots=True)
class FileOffer:
    """A public file, when it was first served, and the stamp it had when its facts were found out."""

    file: PublicFile
    since: datetime
    stamp: str | None


class OpenFiles:
    """The files asked for last.

    A walk that follows no link opens every folder on the way, and wakes whoever watches them.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._held: OrderedDict[PurePosixPath, BinaryIO] = OrderedDict()

    def open(self, offer: FileOffer) -> int | None:
        """A descriptor of the offered file, the caller's to close; None while another file is in its place.

        Raises FolderError and NotFoundError.
        """
        held = self.borrow(offer)
        return None if held is None else os.dup(held)

    def borrow(self, offer: FileOffer) -> int | None:
        """The same, good until anything else is asked of this."""
        path = offer.file.path
        held = self._held.pop(path, None)
        if held is not None and not _is_the_same(held, offer):
            held.close()
            held = None
        if held is None:
            held = open_inside(self._root, path)
            if not _is_the_same(held, offer):
                held.close()
                return None
        self._hold(path, held)
        return held.fileno()

    def let_go(self) -> None:
        """Close all that is held; what is being sent has a descriptor of its own."""
        while self._held:
            self._held.popitem()[1].close()

    def _hold(self, path: PurePosixPath, file: BinaryIO) -> None:
        self._held[path] = file
        if len(self._held) > HELD:
            self._held.popitem(last=False)[1].close()


def _is_the_same(file: BinaryIO, offer: FileOffer) -> bool:
    found = os.fstat(file.fileno())
    if offer.stamp is not None:
        return found.st_nlink > 0 and stat_stamp(found) == offer.stamp
    return hashlib.sha256(os.pread(file.fileno(), found.st_size, 0)).hexdigest().startswith(offer.file.etag)
