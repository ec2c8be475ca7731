"""What can be at a public address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stationfeed.feeds.stitch import Segment, compress_segment, fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import PurePosixPath

    from stationfeed.model.words import Slug


LASTING = "public, max-age=31536000, immutable"
"""How a web server names what never changes at its address, and is never asked for again (RFC 8246)."""


@dataclass(frozen=True, slots=True)
class Document:
    """Rendered text, in pieces that are compressed already; `slug` names the story it belongs to.

    `policy` is a page's Content-Security-Policy. What is `lasting` never changes at its address,
    what is `live` tells of what is on air.
    """

    address: str
    media_type: str
    segments: tuple[Segment, ...]
    slug: Slug | None = None
    tag: str | None = None
    policy: str | None = None
    lasting: bool = False
    live: bool = False

    @property
    def size_bytes(self) -> int:
        return sum(segment.length for segment in self.segments)

    @property
    def etag(self) -> str:
        return self.tag or fingerprint(self.segments)


@dataclass(frozen=True, slots=True)
class LateDocument:
    """A document that is not rendered before somebody asks for it; its tag is made of what it is made of."""

    address: str
    media_type: str
    etag: str
    render: Callable[[], bytes]
    slug: Slug | None = None

    def document(self) -> Document:
        return Document(
            self.address, self.media_type, (compress_segment(self.render()),), self.slug, tag=self.etag
        )


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
