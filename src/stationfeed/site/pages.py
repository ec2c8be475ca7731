"""The pages that people read: what each shows of stories, shows, people and the air."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from stationfeed.catalogue.queries import Wanted, entries_of, newest
from stationfeed.feeds import corrections
from stationfeed.feeds.item import authors_of
from stationfeed.feeds.stitch import compress_segment
from stationfeed.folder.article import render_article
from stationfeed.model.addresses import (
    CORRECTIONS,
    HOME,
    LIVE,
    absolute,
    brand_path,
    feed_path,
    live_path,
    person_path,
    picture_path,
    schedule_page_path,
    show_path,
    story_path,
    stylesheet_path,
    topic_path,
    transcript_path,
)
from stationfeed.model.channel import Selection
from stationfeed.model.transcript import paragraphs, shifted
from stationfeed.pages import values
from stationfeed.pages.render import render_page, render_stylesheet
from stationfeed.site.answers import Document
from stationfeed.site.on_air_page import live_page, on_air_box, schedule_page
from stationfeed.site.story_parts import clock, moment_of, sound_of, structured_data

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from stationfeed.catalogue.index import Catalogue
    from stationfeed.catalogue.rows import Entry
    from stationfeed.feeds.channel import Surroundings
    from stationfeed.feeds.item import Item
    from stationfeed.model.episode import Episode, Story
    from stationfeed.site.on_air import Broadcast
    from stationfeed.site.stories import StoryViews

HTML = "text/html; charset=utf-8"
CSS = "text/css; charset=utf-8"
SELF = "'self'"
LISTED = 50
_LATEST = 20
_RELATED = 3
_ADDRESS = re.compile(r"/(stories|shows|topics|people|live|schedule)/([a-z0-9-]{1,80})")
_WORDS = {
    "update": "Updated",
    "correction": "Correction",
    "clarification": "Clarification",
    "retraction": "Retraction",
}


@dataclass(frozen=True)
class Pages:
    """Pages over one state of the folder and of what is live."""

    around: Surroundings
    catalogue: Catalogue
    stories: StoryViews
    broadcast: Broadcast

    def answer(self, address: str, at: datetime) -> Document | None:
        """What is public at a page's address at an instant, or None."""
        if address == stylesheet_path(self._stylesheet_sha256):
            return Document(address, CSS, (compress_segment(self._stylesheet),))
        page = self._page(address, at)
        if page is None:
            return None
        html = compress_segment(render_page(page, self._brand))
        return Document(address, HTML, (html,), policy=self._policy)

    def addresses(self, at: datetime) -> Iterator[str]:
        """Every page there is at an instant, the stylesheet first."""
        yield stylesheet_path(self._stylesheet_sha256)
        yield from (HOME, LIVE, CORRECTIONS)
        yield from (show_path(one) for one in self.around.config.shows)
        yield from (person_path(one) for one in self.around.people)
        for service_id in self.broadcast.live.timelines:
            yield live_path(service_id)
            yield schedule_page_path(service_id)
        shown = [entry.slug for entry in newest(self.catalogue, Wanted(), at, limit=None)]
        yield from (story_path(slug) for slug in shown)
        stories = self.catalogue.stories(shown).values()
        topics = {topic: None for story in stories for topic in story.episode.topics}
        yield from (topic_path(topic) for topic in topics)

    def _page(self, address: str, at: datetime) -> values.Page | None:
        match address:
            case "/":
                return self._home(at)
            case "/live":
                return live_page(self.broadcast, None, at, self._head)
            case "/corrections":
                return self._corrections(at)
        found = _ADDRESS.fullmatch(address)
        return self._named(found[1], found[2], at) if found else None

    def _named(self, kind: str, name: str, at: datetime) -> values.Page | None:
        config, services = self.around.config, self.broadcast.live.timelines
        makers: dict[str, tuple[Container[str] | None, Callable[[str, datetime], values.Page | None]]] = {
            "stories": (None, self._story),
            "topics": (None, self._topic),
            "shows": (config.shows, self._show),
            "people": (self.around.people, self._person),
            "live": (services, lambda one, at: live_page(self.broadcast, one, at, self._head)),
            "schedule": (services, lambda one, at: schedule_page(self.broadcast, one, at, self._head)),
        }
        known, make = makers[kind]
        return make(name, at) if known is None or name in known else None

    def _home(self, at: datetime) -> values.ListPage:
        site = self.around.config.site
        boxes = [on_air_box(self.broadcast, one, at) for one in self.broadcast.live.timelines]
        return values.ListPage(
            head=self._head(site.title, f"The latest from {site.title}, and what is on air.", HOME),
            heading=site.title,
            intro=None,
            author=None,
            teasers=self._teasers(Wanted(), at, _LATEST),
            on_air=tuple(boxes),
        )

    def _show(self, show_id: str, at: datetime) -> values.ListPage:
        show = self.around.config.shows[show_id]  # type: ignore[index]  # it is one of them
        feed = next(
            (one for one, it in self.around.config.feeds.items() if it.select.shows == (show_id,)), None
        )
        description = show.description or f"Stories from {show.title}."
        link = values.Link(self.around.config.feeds[feed].title, feed_path(feed)) if feed else None
        return values.ListPage(
            head=self._head(show.title, description, show_path(show_id), link),
            heading=show.title,
            intro=show.description,
            author=None,
            teasers=self._teasers(Wanted(select=Selection(shows=(show_id,))), at),  # type: ignore[arg-type]
        )

    def _topic(self, topic: str, at: datetime) -> values.ListPage | None:
        teasers = self._teasers(Wanted(select=Selection(topics=(topic,))), at)  # type: ignore[arg-type]
        words = topic.replace("-", " ")
        head = self._head(words, f"Stories about {words}.", topic_path(topic))
        heading = words[:1].upper() + words[1:]
        if not teasers:
            return None
        return values.ListPage(head=head, heading=heading, intro=None, author=None, teasers=teasers)

    def _person(self, person_id: str, at: datetime) -> values.ListPage:
        author = self._author(person_id)
        return values.ListPage(
            head=self._head(author.name, f"Stories by {author.name}.", person_path(person_id)),
            heading=author.name,
            intro=None,
            author=author,
            teasers=self._teasers(Wanted(person=person_id), at),
        )

    def _corrections(self, at: datetime) -> values.CorrectionsPage:
        shown = newest(self.catalogue, Wanted(corrected_only=True), at, limit=None)
        stories = self.catalogue.stories([entry.slug for entry in shown]).values()
        notes = [
            (
                values.Link(one.story.episode.title, story_path(one.story.slug)),
                self._note(
                    one.update.kind.value, one.update.at, one.update.note, self._zone(one.story.episode)
                ),
            )
            for one in corrections.corrections_of(stories)
        ]
        title = self.around.config.site.title
        link = values.Link(f"{title}: corrections", feed_path(corrections.FEED_ID))
        head = self._head("Corrections", f"What {title} has corrected or retracted.", CORRECTIONS, link)
        return values.CorrectionsPage(head=head, notes=tuple(notes))

    def _story(self, slug: str, at: datetime) -> values.StoryPage | None:
        entry = entries_of(self.catalogue, Wanted(), at, [slug]).get(slug)  # type: ignore[call-overload]
        if entry is None:
            return None
        ((story, article),) = self.stories.read([entry.slug])
        (item,) = self.stories.views([entry])
        episode = story.episode
        zone = self._zone(episode)
        related = self._teasers(Wanted(select=Selection(shows=(episode.show,))), at, _RELATED + 1)
        picture = self._picture(story)
        return values.StoryPage(
            head=self._story_head(item, picture),
            title=item.title,
            show=self._show_link(episode),
            published=moment_of(item.published_at, zone),
            authors=self._authors(episode),
            notes=tuple(
                self._note(one.kind.value, one.at, one.note, zone) for one in reversed(episode.updates)
            ),
            picture=picture,
            sound=sound_of(story),
            article_html=article.html,
            transcript=self._transcript(story),
            transcript_files=tuple(
                values.Link(form, transcript_path(slug, form.lower()))
                for form in ("VTT", "SRT", "JSON", "HTML")
            ),
            attribution=self._attribution(item),
            topics=tuple(values.Link(one.replace("-", " "), topic_path(one)) for one in episode.topics),
            related=tuple(one for one in related if one.url != story_path(slug))[:_RELATED],
        )

    def _head(self, title: str, description: str, path: str, feed: values.Link | None = None) -> values.Head:
        site = self.around.config.site
        whole = title if title == site.title else f"{title} | {site.title}"
        return values.Head(
            title=whole, description=description, canonical=absolute(site.base_url, path), feed=feed
        )

    def _story_head(self, item: Item, picture: values.Picture | None) -> values.Head:
        origin = item.episode.origin
        thumbnail = item.thumbnail
        return values.Head(
            title=f"{item.title} | {self.around.config.site.title}",
            description=item.description,
            canonical=origin.url if origin else item.url,
            picture=values.Picture(
                url=thumbnail.url, width=picture.width, height=picture.height, alt=picture.alt
            )
            if thumbnail and picture
            else None,
            data=structured_data(item, self.around),
        )

    @cached_property
    def _stylesheet(self) -> bytes:
        stations = self.around.config.stations.values()
        colors = next((one.colors for one in stations if one.colors), None)
        return render_stylesheet(colors.primary if colors else None, colors.accent if colors else None)

    @cached_property
    def _stylesheet_sha256(self) -> str:
        return sha256(self._stylesheet).hexdigest()

    @cached_property
    def _policy(self) -> str:
        """Nothing but our own files, and the streams that the station names."""
        streams = (one.url for _, service in self.around.config.services.values() for one in service.streams)
        hosts = sorted({f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, streams)})
        return (
            "default-src 'none'; style-src 'self'; img-src 'self'; "
            f"media-src {' '.join(chain([SELF], hosts))}; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
        )

    @cached_property
    def _brand(self) -> values.Brand:
        config = self.around.config
        logos = (one.logo for one in config.stations.values() if one.logo)
        logo = next((found for one in logos if (found := self.around.pictures.get(one))), None)
        return values.Brand(
            title=config.site.title,
            language=config.site.language,
            copyright=config.organization.copyright,
            stylesheet=stylesheet_path(self._stylesheet_sha256),
            logo=values.Picture(url=brand_path(logo), width=logo.width, height=logo.height, alt="")
            if logo
            else None,
            shows=tuple(values.Link(show.title, show_path(one)) for one, show in config.shows.items()),
            feeds=tuple(values.Link(feed.title, feed_path(one)) for one, feed in config.feeds.items()),
        )

    def _zone(self, episode: Episode) -> ZoneInfo:
        return self.around.zones[self.around.config.shows[episode.show].station]

    def _teasers(self, wanted: Wanted, at: datetime, limit: int = LISTED) -> tuple[values.Teaser, ...]:
        shown = newest(self.catalogue, wanted, at, limit)
        stories = self.catalogue.stories([entry.slug for entry in shown])
        views = zip(shown, self.stories.views(shown), strict=True)
        return tuple(self._teaser(entry, item, stories[entry.slug]) for entry, item in views)

    def _teaser(self, entry: Entry, item: Item, story: Story) -> values.Teaser:
        return values.Teaser(
            title=item.title,
            url=story_path(entry.slug),
            summary=item.description,
            published=moment_of(item.published_at, self._zone(item.episode)),
            show=self._show_link(item.episode),
            duration=clock(item.enclosure.duration) if item.enclosure else None,
            picture=self._picture(story),
        )

    def _show_link(self, episode: Episode) -> values.Link:
        return values.Link(self.around.config.shows[episode.show].title, show_path(episode.show))

    def _authors(self, episode: Episode) -> tuple[values.Author, ...]:
        """Those of a partner's story are the partner."""
        if episode.origin or not episode.byline:
            return tuple(values.Author(name=name, url=None) for name in authors_of(episode, self.around))
        return tuple(self._author(one) for one in episode.byline)

    def _author(self, person_id: str) -> values.Author:
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
            bio_html=render_article(profile.bio, absolute(self.around.base_url, address)).html,
        )

    def _picture(self, story: Story) -> values.Picture | None:
        image, file = story.episode.image, story.picture
        if image is None or file is None:
            return None
        credit = ", ".join(one for one in (image.credit, image.provider) if one)
        return values.Picture(
            url=picture_path(story.slug, file),
            width=file.width,
            height=file.height,
            alt=image.alt or "",
            caption=image.caption,
            credit=credit or None,
        )

    def _note(self, kind: str, at: datetime, text: str, zone: ZoneInfo) -> values.Note:
        return values.Note(_WORDS[kind], moment_of(at, zone), text)

    def _attribution(self, item: Item) -> tuple[str, values.Link] | None:
        origin = item.episode.origin
        if origin is None:
            return None
        year = f"{origin.year} " if origin.year else ""
        return f"Copyright {year}{origin.organization}.", values.Link(origin.organization, origin.url)

    def _transcript(self, story: Story) -> tuple[values.Spoken, ...]:
        heard = self.catalogue.transcript(str(story.transcript.path)) if story.transcript else None
        if heard is None:
            return ()
        found = paragraphs(shifted(heard, story.opening))
        return tuple(values.Spoken(one.speaker, clock(one.start), one.text) for one in found)
