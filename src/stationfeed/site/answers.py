"""What can be at a public address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stationfeed.feeds.stitch import Segment, fingerprint

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from stationfeed.model.words import Slug


@dataclass(frozen=True, slots=True)
class Document:
    """Rendered text, in pieces that are compressed already; `slug` names the story it belongs to."""

    address: str
    media_type: str
    segments: tuple[Segment, ...]
    slug: Slug | None = None

    @property
    def size_bytes(self) -> int:
        return sum(segment.length for segment in self.segments)

    @property
    def etag(self) -> str:
        return fingerprint(self.segments)


@dataclass(frozen=True, slots=True)
class PublicFile:
    """A file of the station folder that is public as it is."""

    address: str
    media_type: str
    path: PurePosixPath
    size_bytes: int
    etag: str
    slug: Slug | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """The address has moved for good."""

    location: str


Answer = Document | PublicFile | Moved
