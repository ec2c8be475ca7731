"""Photos in the sizes of pages: which there are, and whose are missing."""

from __future__ import annotations

from collections import OrderedDict
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from stationfeed.catalogue.queries import Wanted, entries_of, newest, photo_hashes
from stationfeed.folder.paths import open_inside
from stationfeed.pictures.darkroom import Darkroom
from stationfeed.pictures.shelf import PrintShelf, name_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from pathlib import Path

    from stationfeed.catalogue.index import Catalogue
    from stationfeed.model.config import Limits
    from stationfeed.model.episode import PictureFile
    from stationfeed.model.words import Slug

KEPT = 2_000
UNUSED_FOR = timedelta(days=1)


class Prints:
    """What the cache has, read when a page asks for it first; what it has not is looked for each time."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._shelf = PrintShelf(root)
        self._kept: OrderedDict[str, tuple[PictureFile, ...]] = OrderedDict()

    def find(self, sha256: str) -> tuple[PictureFile, ...]:
        """The prints of a photo; none where they are not made yet, or cannot be."""
        if sha256 in self._kept:
            return self._kept[sha256]
        found = self._shelf.get(sha256)
        if found is None:
            return ()
        self._kept[sha256] = found
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found

    def missing(self, catalogue: Catalogue, slugs: Collection[str], at: datetime) -> list[PictureFile]:
        """The photos of those of some stories that are public of which nobody has tried to make prints."""
        public = entries_of(catalogue, Wanted(), at, list(slugs))
        stories = catalogue.stories(list(public)).values()
        photos = {one.picture.sha256: one.picture for one in stories if one.picture}
        return [photo for sha256, photo in photos.items() if not self._is_tried(sha256)]

    def _is_tried(self, sha256: str) -> bool:
        return sha256 in self._kept or self._shelf.get(sha256) is not None

    def sweep(self, catalogue: Catalogue, at: datetime) -> int:
        """Delete what no story has had for a day; how many files that were."""
        used = {name_of(one) for one in photo_hashes(catalogue)}
        return self._shelf.sweep(used, (at - UNUSED_FOR).timestamp())

    def open_darkroom(self, limits: Limits) -> Darkroom:
        """What makes them."""
        return Darkroom(partial(open_inside, self._root), self._shelf, limits)


def public_slugs(catalogue: Catalogue, at: datetime) -> list[Slug]:
    """The stories that are public, newest first."""
    return [entry.slug for entry in newest(catalogue, Wanted(), at, limit=None)]
