"""Values of the Podcasting 2.0 namespace that shows, feeds and episodes share.

https://github.com/Podcastindex-org/podcast-namespace/tree/main/docs/tags
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from stationfeed.model.words import FeedGuid, MediaType, Ordinal, Slug, Url

SocialProtocol = Literal[
    "disabled", "activitypub", "twitter", "lightning", "atproto", "hive", "matrix", "nostr"
]
ChatProtocol = Literal["irc", "xmpp", "nostr", "matrix"]
Medium = Literal[
    "podcast", "music", "video", "film", "audiobook", "newsletter", "blog", "publisher", "course", "mixed"
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """An address with its words: podcast:funding, podcast:contentLink, a person's links."""

    url: Url
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Credit:
    """podcast:person: an id from people/ or a plain name, and what they did."""

    person: str
    role: str = "host"
    group: str = "cast"
    image: Url | None = None
    url: Url | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class License:
    """podcast:license: an identifier such as `CC-BY-4.0`, or words with their address."""

    identifier: str
    url: Url | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Location:
    """podcast:location; `geo` is an RFC 5870 address, `osm` an OpenStreetMap id."""

    name: str
    rel: Literal["subject", "creator"] = "subject"
    geo: str | None = None
    osm: str | None = None
    country: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoteItem:
    """podcast:remoteItem: another feed, by its podcast:guid."""

    feed_guid: FeedGuid
    feed_url: Url | None = None
    title: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateFrequency:
    """podcast:updateFrequency; `rrule` is an RFC 5545 recurrence."""

    text: str
    rrule: str | None = None
    dtstart: datetime | None = None
    complete: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Trailer:
    """podcast:trailer that lives outside the episodes."""

    title: str
    url: Url
    published_at: datetime
    size_bytes: Ordinal | None = None
    media_type: MediaType | None = None
    season: Ordinal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SocialInteract:
    """podcast:socialInteract; `priority` is lower for first."""

    protocol: SocialProtocol
    uri: str | None = None
    account_id: str | None = None
    account_url: Url | None = None
    priority: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Txt:
    """podcast:txt."""

    text: str
    purpose: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Chat:
    """podcast:chat."""

    server: str
    protocol: ChatProtocol
    account_id: str | None = None
    space: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Soundbite:
    """podcast:soundbite: a stretch of the episode's audio file."""

    at: timedelta
    duration: timedelta
    title: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Chapter:
    """One chapter; `at` counts from the start of the episode's audio file."""

    at: timedelta
    title: str
    url: Url | None = None
    toc: bool = True


Block = bool | tuple[Slug, ...]
"""podcast:block: everywhere or nowhere, or for the named services."""
