"""An episode as its front matter says it, and the story it becomes with its files and its article."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Literal

from stationfeed.model.channel import Rights
from stationfeed.model.podcast import Chapter, Credit, License, Link, Location, SocialInteract, Soundbite, Txt
from stationfeed.model.rendition import AlternateAudio, AudioFile, PeaksFile
from stationfeed.model.words import Guid, Ordinal, Slug, Title, Url

ASSET = {"asset": True}
"""Marks a part whose fault drops that part and leaves the story standing."""


class State(StrEnum):
    DRAFT = "draft"
    READY = "ready"
    WITHDRAWN = "withdrawn"


class UpdateKind(StrEnum):
    UPDATE = "update"
    CORRECTION = "correction"
    CLARIFICATION = "clarification"
    RETRACTION = "retraction"


EpisodeType = Literal["full", "trailer", "bonus"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    file: PurePosixPath
    alt: str | None = None
    caption: str | None = None
    credit: str | None = None
    provider: str | None = None
    rights: Rights = field(default_factory=Rights)


@dataclass(frozen=True, kw_only=True, slots=True)
class Airing:
    service: Slug
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Audio:
    """The on-air audio; every time inside it counts from the start of `file`."""

    file: PurePosixPath
    aired: tuple[Airing, ...] = ()
    chapters: tuple[Chapter, ...] = field(default=(), metadata=ASSET)
    idents: bool | None = None
    rights: Rights = field(default_factory=Rights)


@dataclass(frozen=True, kw_only=True, slots=True)
class Update:
    """A dated note on what changed in a story after it was published."""

    at: datetime
    kind: UpdateKind
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Who made a partner's story and where it lives."""

    organization: str
    url: Url
    feed_url: Url | None = None
    year: Ordinal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Withdrawal:
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Episode:
    """The front matter of one episode.md; instants are in UTC."""

    guid: Guid
    title: Title
    show: Slug
    state: State = State.DRAFT
    published_at: datetime | None = None
    expires_at: datetime | None = None
    withdrawn: Withdrawal | None = None
    former_slugs: tuple[Slug, ...] = ()
    summary: str | None = None
    byline: tuple[str, ...] = ()
    image: Image | None = field(default=None, metadata=ASSET)
    audio: Audio | None = field(default=None, metadata=ASSET)
    transcript: PurePosixPath | None = field(default=None, metadata=ASSET)
    rights: Rights = field(default_factory=Rights)
    updates: tuple[Update, ...] = ()
    origin: Origin | None = None
    topics: tuple[Slug, ...] = ()
    season: Ordinal | None = None
    episode_number: Ordinal | None = None
    episode_type: EpisodeType = "full"
    explicit: bool | None = None
    people: tuple[Credit, ...] = ()
    license: License | None = None
    location: tuple[Location, ...] = ()
    soundbites: tuple[Soundbite, ...] = field(default=(), metadata=ASSET)
    social_interact: tuple[SocialInteract, ...] = ()
    txt: tuple[Txt, ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def updated_at(self) -> datetime | None:
        """The newest change: the last update note, else the publication."""
        return max((update.at for update in self.updates), default=self.published_at)

    def is_public(self, at: datetime) -> bool:
        """Whether it may be seen at an instant; a window is half-open."""
        if self.state is not State.READY or self.published_at is None or at < self.published_at:
            return False
        return self.expires_at is None or at < self.expires_at


@dataclass(frozen=True, kw_only=True, slots=True)
class PictureFile:
    path: PurePosixPath
    media_type: str
    size_bytes: int
    width: int
    height: int
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TranscriptFile:
    path: PurePosixPath
    size_bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Article:
    """A story's text as sanitised HTML; `lead` is its first paragraph as plain text, None where it has none."""

    html: str
    lead: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """An episode with its slug and those of its files that can be published; its article is read on its own.

    `opening` is how much later everything is heard in the published audio than in the episode's own file.
    """

    slug: Slug
    episode: Episode
    audio: AudioFile | None = None
    alternates: tuple[AlternateAudio, ...] = ()
    opening: timedelta = timedelta()
    peaks: PeaksFile | None = None
    picture: PictureFile | None = None
    transcript: TranscriptFile | None = None
