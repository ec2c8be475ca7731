"""A feed's own words, its show's and its station's → what its channel says, everything decided."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from stationfeed.model.addresses import absolute, brand_path, feed_path, person_path
from stationfeed.model.channel import Branding
from stationfeed.model.podcast import Credit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import PurePosixPath
    from zoneinfo import ZoneInfo

    from stationfeed.model.channel import Feed, Show, ShowType
    from stationfeed.model.config import Config
    from stationfeed.model.episode import PictureFile
    from stationfeed.model.person import Profile
    from stationfeed.model.words import LanguageTag, Slug, Url


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What a feed is rendered in: the configuration, the people, the brand's pictures, the zones."""

    config: Config
    people: Mapping[str, Profile]
    pictures: Mapping[PurePosixPath, PictureFile]
    zones: Mapping[str, ZoneInfo]

    @property
    def base_url(self) -> str:
        return self.config.site.base_url


@dataclass(frozen=True, slots=True)
class Face:
    """A credited person as an app shows them."""

    name: str
    role: str
    group: str
    image_url: Url | None
    url: Url | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """Everything a feed's head says; `said` holds what needs no further decision."""

    feed_id: Slug
    feed: Feed
    said: Branding
    title: str
    author: str
    description: str
    link: Url
    language: LanguageTag
    copyright: str
    explicit: bool
    type: ShowType
    artwork: PictureFile | None
    artwork_url: Url | None
    faces: tuple[Face, ...]
    self_url: Url
    hubs: tuple[Url, ...]


def resolve_channel(feed_id: Slug, around: Surroundings) -> Channel:
    """What is not said by the feed comes from its only show, else from its station and the site."""
    config = around.config
    feed = config.feeds[feed_id]
    station = config.stations[feed.station]
    show = _only_show(feed, config)
    said = _inherit(feed, show)
    artwork = around.pictures.get(said.artwork or station.logo) if said.artwork or station.logo else None  # type: ignore[arg-type]
    return Channel(
        feed_id=feed_id,
        feed=feed,
        said=said,
        title=feed.title,
        author=station.name,
        description=said.description or station.tagline or feed.title,
        link=said.link or station.website or absolute(around.base_url, "/"),
        language=said.language or config.site.language,
        copyright=said.copyright or config.organization.copyright,
        explicit=bool(said.explicit),
        type=said.type or "episodic",
        artwork=artwork,
        artwork_url=absolute(around.base_url, brand_path(artwork)) if artwork else None,
        faces=faces_of(_credits(said, show), around),
        self_url=absolute(around.base_url, feed_path(feed_id)),
        hubs=config.hubs,
    )


def _only_show(feed: Feed, config: Config) -> Show | None:
    return config.shows[feed.select.shows[0]] if len(feed.select.shows) == 1 else None


def _inherit(feed: Feed, show: Show | None) -> Branding:
    """Each word of the feed, or where it is silent the show's."""
    chosen = {}
    for one in fields(Branding):
        own = getattr(feed, one.name)
        chosen[one.name] = getattr(show, one.name) if show and own in (None, ()) else own
    return Branding(**chosen)


def _credits(said: Branding, show: Show | None) -> tuple[Credit, ...]:
    hosts = tuple(Credit(person=host) for host in show.hosts) if show else ()
    named = {credit.person for credit in said.people}
    return (*(host for host in hosts if host.person not in named), *said.people)


def faces_of(credits_: tuple[Credit, ...], around: Surroundings) -> tuple[Face, ...]:
    return tuple(_face(credit, around) for credit in credits_)


def _face(credit: Credit, around: Surroundings) -> Face:
    profile = around.people.get(credit.person)
    if profile is None:
        return Face(credit.person, credit.role, credit.group, credit.image, credit.url)
    photo = around.pictures.get(profile.person.photo.file) if profile.person.photo else None
    photo_url = absolute(around.base_url, brand_path(photo)) if photo else None
    page_url = absolute(around.base_url, person_path(credit.person))
    return Face(
        profile.person.name, credit.role, credit.group, credit.image or photo_url, credit.url or page_url
    )
