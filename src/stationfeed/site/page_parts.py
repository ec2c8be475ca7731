"""What several kinds of page are made of: heads, teasers, authors, pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, TypedDict, Unpack
from urllib.parse import urlsplit

from stationfeed.catalogue.queries import Wanted, newest
from stationfeed.catalogue.tables import to_instant
from stationfeed.feeds.item import UPDATE_WORDS, authors_of, describe
from stationfeed.folder.article import render_article
from stationfeed.model.addresses import (
    absolute,
    asset_path,
    brand_path,
    feed_path,
    person_path,
    picture_path,
    print_path,
    show_path,
    story_path,
    stylesheet_path,
)
from stationfeed.pages import values
from stationfeed.pages.article import fit_for_page
from stationfeed.pages.colors import ACCENT, PRIMARY
from stationfeed.pages.render import render_stylesheet
from stationfeed.pages.static import EMBED_ENTRY, ENTRY, ICON, STYLE_OF_TURBO, preloaded, static_sha256
from stationfeed.site.story_parts import clock, moment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from stationfeed.catalogue.index import Catalogue
    from stationfeed.catalogue.rows import Entry
    from stationfeed.feeds.channel import Surroundings
    from stationfeed.model.episode import Episode, PictureFile, Story, Update
    from stationfeed.site.stories import StoryViews

LISTED = 50
_SELF = "'self'"


class _More(TypedDict, total=False):
    """What only some heads say."""

    feed: values.Link | None
    data: str | None
    hidden: bool


def no_prints(_sha256: str) -> tuple[PictureFile, ...]:
    """Every photo only as it is."""
    return ()


@dataclass(frozen=True)
class PageParts:
    """Parts of pages over one state of the folder; `prints` finds a photo in sizes, by the photo's hash."""

    around: Surroundings
    catalogue: Catalogue
    stories: StoryViews
    prints: Callable[[str], tuple[PictureFile, ...]]

    def head(self, title: str, description: str, path: str, **more: Unpack[_More]) -> values.Head:
        site = self.around.config.site
        whole = title if title == site.title else f"{title} | {site.title}"
        return values.Head(
            title=whole,
            description=description,
            canonical=absolute(site.base_url, path),
            **more,
        )

    @cached_property
    def stylesheet(self) -> bytes:
        return render_stylesheet(*self.colors)

    @cached_property
    def colors(self) -> tuple[str, str]:
        """The primary and the accent colour of the first station that has some."""
        stations = self.around.config.stations.values()
        found = next((one.colors for one in stations if one.colors), None)
        return (found.primary, found.accent) if found else (PRIMARY, ACCENT)

    @cached_property
    def stylesheet_address(self) -> str:
        return stylesheet_path(sha256(self.stylesheet).hexdigest())

    @cached_property
    def policy(self) -> str:
        """A page's Content-Security-Policy: our own files, the sound of streams, and no script but ours, none inline.

        Hosts of streams send listeners on to other hosts, so sound may come from anywhere that is encrypted. HLS is
        asked for by a script where a browser does not know it.
        """
        streams = [one for _, service in self.around.config.services.values() for one in service.streams]
        plain = sorted({_host(one.url) for one in streams if one.url.startswith("http:")})
        sound = ["https:", *plain] if streams else []
        hls = any("mpegurl" in one.media_type.lower() for one in streams)
        return (
            f"default-src 'none'; script-src 'self'; style-src 'self' {STYLE_OF_TURBO}; img-src 'self'; "
            f"connect-src {' '.join([_SELF, *(sound if hls else [])])}; "
            f"media-src {' '.join([_SELF, *(['blob:'] if hls else []), *sound])}; "
            "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
        )

    @property
    def embed_policy(self) -> str:
        """That of a page that other sites may frame."""
        return self.policy.replace("frame-ancestors 'self'", "frame-ancestors *")

    @cached_property
    def brand(self) -> values.Brand:
        config = self.around.config
        logos = (one.logo for one in config.stations.values() if one.logo)
        logo = next((found for one in logos if (found := self.around.pictures.get(one))), None)
        return values.Brand(
            title=config.site.title,
            language=config.site.language,
            copyright=config.organization.copyright,
            stylesheet=self.stylesheet_address,
            script=asset_path(static_sha256(), ENTRY),
            embed_script=asset_path(static_sha256(), EMBED_ENTRY),
            modules=tuple(asset_path(static_sha256(), one) for one in preloaded()),
            icon=brand_path(logo) if logo else asset_path(static_sha256(), ICON),
            has_services=bool(config.services),
            logo=values.Picture(url=brand_path(logo), width=logo.width, height=logo.height, alt="")
            if logo
            else None,
            shows=tuple(values.Link(show.title, show_path(one)) for one, show in config.shows.items()),
            feeds=tuple(values.Link(feed.title, feed_path(one)) for one, feed in config.feeds.items()),
        )

    @property
    def main_zone(self) -> ZoneInfo:
        """The first station's: days of the whole site are its days."""
        return next(iter(self.around.zones.values()))

    def zone(self, episode: Episode) -> ZoneInfo:
        return self.around.zones[self.around.config.shows[episode.show].station]

    def teasers(self, wanted: Wanted, at: datetime, limit: int | None = LISTED) -> tuple[values.Teaser, ...]:
        return self.teasers_of(newest(self.catalogue, wanted, at, limit))

    def teasers_of(self, shown: Sequence[Entry]) -> tuple[values.Teaser, ...]:
        """Articles are read only of stories without a summary: to make HTML of one takes longer than all the rest."""
        slugs = [entry.slug for entry in shown]
        stories = self.catalogue.stories(slugs)
        silent = [slug for slug in slugs if not stories[slug].episode.summary]
        leads = {story.slug: article.lead for story, article in self.stories.read(silent)}
        return tuple(self._teaser(entry, stories[entry.slug], leads.get(entry.slug)) for entry in shown)

    def _teaser(self, entry: Entry, story: Story, lead: str | None) -> values.Teaser:
        episode = story.episode
        return values.Teaser(
            title=episode.title,
            url=story_path(story.slug),
            summary=describe(episode, lead),
            published=moment_of(to_instant(entry.published_at), self.zone(episode)),
            show=self.show_link(episode),
            duration=clock(story.audio.duration) if story.audio else None,
            picture=self.picture(story),
        )

    def show_link(self, episode: Episode) -> values.Link:
        return values.Link(self.around.config.shows[episode.show].title, show_path(episode.show))

    def authors(self, episode: Episode) -> tuple[values.Author, ...]:
        """Those of a partner's story are the partner."""
        if episode.origin or not episode.byline:
            return tuple(values.Author(name=name, url=None) for name in authors_of(episode, self.around))
        return tuple(self.author(one) for one in episode.byline)

    def author(self, person_id: str) -> values.Author:
        profile = self.around.people.get(person_id)
        if profile is None:
            return values.Author(name=person_id, url=None)
        photo = profile.person.photo
        file = self.around.pictures.get(photo.file) if photo else None
        address = person_path(person_id)
        return values.Author(
            name=profile.person.name,
            url=address,
            role=profile.person.role,
            photo=values.Picture(
                url=brand_path(file),
                width=file.width,
                height=file.height,
                alt=(photo.alt if photo else None) or "",
            )
            if file
            else None,
            bio_html=fit_for_page(render_article(profile.bio, absolute(self.around.base_url, address)).html),
        )

    def picture(self, story: Story) -> values.Picture | None:
        """A story's photo: the largest file of the oldest format for all, with the others to choose from."""
        image, file = story.episode.image, story.picture
        if image is None or file is None:
            return None
        credit = ", ".join(one for one in (image.credit, image.provider) if one)
        prints = self.prints(file.sha256)
        choice = [one for one in prints if one.media_type == "image/webp"]
        plain = next((one for one in prints if one.media_type == "image/jpeg"), None)
        return values.Picture(
            url=print_path(story.slug, file, plain) if plain else picture_path(story.slug, file),
            width=file.width,
            height=file.height,
            alt=image.alt or "",
            caption=image.caption,
            credit=credit or None,
            choice=", ".join(f"{print_path(story.slug, file, one)} {one.width}w" for one in choice) or None,
        )

    def note(self, update: Update, zone: ZoneInfo) -> values.Note:
        return values.Note(UPDATE_WORDS[update.kind], moment_of(update.at, zone), update.note)


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
