"""Which renditions should exist, and what is to be done about those that do not.

A rendition is named by a hash of all that it is made of, so a name that is there is fresh, whatever happened before.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from stationfeed.model.labels import Labels
from stationfeed.model.rendition import Encoding, LoudnessTarget, MasterFile
from stationfeed.model.words import Slug

if TYPE_CHECKING:
    from collections.abc import Collection

RECIPE = "2"
"""Raised when the same master would come to sound otherwise."""
LABELLING = "1"
"""Raised when the same labels would be written otherwise."""

EXTENSIONS = {"mp3": "mp3", "aac": "m4a", "opus": "opus"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A file of the station folder with a name for what it held when it was looked at."""

    path: PurePosixPath
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """A rendition that should exist.

    `labels` have no artwork yet, and chapter times that count from the start of the master.
    """

    slug: Slug
    master: MasterFile
    encoding: Encoding
    target: LoudnessTarget
    before: MasterFile | None = None
    after: MasterFile | None = None
    labels: Labels
    artwork: Source | None = None

    @property
    def sound(self) -> str:
        """A name for how it sounds."""
        parts = (
            RECIPE,
            self.master.sha256,
            self.encoding,
            self.target,
            *map(_content, (self.before, self.after)),
        )
        return _hash(parts)

    @property
    def name(self) -> str:
        """A name for it with its labels."""
        return f"{self.sound}-{_hash((LABELLING, asdict(self.labels), _content(self.artwork)))}"

    @property
    def file_name(self) -> str:
        return f"{self.name}.{EXTENSIONS[self.encoding.codec]}"


@dataclass(frozen=True, slots=True)
class Encode:
    """Make the sound from the master."""


@dataclass(frozen=True, slots=True)
class Relabel:
    """Copy the sound of a rendition that has it already, with other labels."""

    name: str


@dataclass(frozen=True, slots=True)
class Keep:
    """It is there."""

    name: str


Step = Encode | Relabel | Keep


def next_step(order: Order, cached: Collection[str]) -> Step:
    """What to do for an order where renditions of these names are in the cache."""
    if order.name in cached:
        return Keep(order.name)
    same_sound = sorted(name for name in cached if name.startswith(f"{order.sound}-"))
    return Relabel(same_sound[0]) if same_sound else Encode()


def _content(source: Source | MasterFile | None) -> str | None:
    """Where a file lies makes no difference."""
    return source.sha256 if source else None


def _hash(parts: object) -> str:
    return sha256(repr(parts).encode()).hexdigest()[:32]
