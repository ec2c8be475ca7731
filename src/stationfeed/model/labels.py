"""What a published audio file says in its tags, whatever the codec's way of saying it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from stationfeed.model.words import Ordinal, Url


@dataclass(frozen=True, kw_only=True, slots=True)
class ChapterMark:
    """A chapter as it lies in the file: both instants count from its start, `until` is the first one outside."""

    at: timedelta
    until: timedelta
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Labels:
    """Texts may hold anything: they are brought to one line, `lyrics` to plain lines, when they are written.

    `comment` is the address of the story, `artwork` a JPEG, `language` a code of ISO 639-2. `chapters` are in the
    order of time. `lyrics` is the transcript; a long one is left out.
    """

    title: str
    artist: str | None = None
    album: str | None = None
    published_on: date | None = None
    genre: str = "Podcast"
    comment: str | None = None
    publisher: str | None = None
    copyright: str | None = None
    podcast: bool = True
    guid: str | None = None
    feed_url: Url | None = None
    season: Ordinal | None = None
    episode_number: Ordinal | None = None
    chapters: tuple[ChapterMark, ...] = ()
    lyrics: str | None = None
    language: str | None = None
    artwork: bytes | None = None
