"""Shows and feeds: what is made, and the selections in which it is published."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal

from stationfeed.model.podcast import (
    Block,
    Chat,
    Credit,
    License,
    Link,
    Location,
    Medium,
    RemoteItem,
    SocialInteract,
    Trailer,
    Txt,
    UpdateFrequency,
)
from stationfeed.model.words import Category, FeedGuid, LanguageTag, Ordinal, Slug, Title, Url

ShowType = Literal["episodic", "serial"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rights:
    """What may be published; `podcast: false` was heard on air and is never published."""

    podcast: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Branding:
    """What a show and a feed may both say of themselves; None is "not said here"."""

    description: str | None = None
    language: LanguageTag | None = None
    artwork: PurePosixPath | None = None
    category: tuple[Category, ...] = ()
    explicit: bool | None = None
    type: ShowType | None = None
    link: Url | None = None
    subtitle: str | None = None
    copyright: str | None = None
    people: tuple[Credit, ...] = ()
    license: License | None = None
    location: tuple[Location, ...] = ()
    funding: tuple[Link, ...] = ()
    podroll: tuple[RemoteItem, ...] = ()
    update_frequency: UpdateFrequency | None = None
    medium: Medium | None = None
    trailer: tuple[Trailer, ...] = ()
    social_interact: tuple[SocialInteract, ...] = ()
    txt: tuple[Txt, ...] = ()
    chat: Chat | None = None
    block: Block | None = None
    publisher: RemoteItem | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Show(Branding):
    """The editorial unit an episode belongs to."""

    title: Title
    station: Slug
    hosts: tuple[Slug, ...] = ()
    rights: Rights = field(default_factory=Rights)


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """AND across the keys, OR within one; an empty key selects all."""

    shows: tuple[Slug, ...] = ()
    topics: tuple[Slug, ...] = ()
    stations: tuple[Slug, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed(Branding):
    """One RSS document: a selection and a branding."""

    title: Title
    station: Slug
    select: Selection = field(default_factory=Selection)
    limit: Ordinal = Ordinal(300)
    live: bool | Slug = False
    content: Literal["full", "summary"] = "full"
    audio_only: bool = False
    owner_email: str | None = None
    guid: FeedGuid
    locked: bool = False
    moved_to: Url | None = None
    redirect: bool = False
    podping: bool = False
