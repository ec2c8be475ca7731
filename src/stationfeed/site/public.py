"""The public site: the answer for an address, and every address there is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stationfeed.catalogue.queries import Wanted, archive_places, count_places, entries_of, newest
from stationfeed.feeds import corrections, opml, rss
from stationfeed.feeds.extras import Paging
from stationfeed.feeds.stitch import compress_segment
from stationfeed.model.addresses import (
    OPML,
    absolute,
    archive_path,
    brand_path,
    feed_path,
)
from stationfeed.site.answers import Document, LateDocument, Moved, PublicFile
from stationfeed.site.documents import FORMATS, MEDIA_TYPES, NOTHING_ON_AIR, FeedDocuments, Older, OnAirPart
from stationfeed.site.media import media_of, public_file
from stationfeed.site.on_air import Broadcast, Live
from stationfeed.site.page_parts import PageParts, no_prints
from stationfeed.site.pages import Pages
from stationfeed.site.stories import StoryViews

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from stationfeed.catalogue.index import Catalogue
    from stationfeed.catalogue.rows import Entry
    from stationfeed.feeds.channel import Channel, Surroundings
    from stationfeed.feeds.item import Item
    from stationfeed.model.channel import Feed
    from stationfeed.model.episode import PictureFile, Story
    from stationfeed.model.words import Slug
    from stationfeed.site.answers import Answer
    from stationfeed.site.documents import Format
    from stationfeed.site.media import Media

ARCHIVE_PAGE_SIZE = 100
TRAILER_LIMIT = 10
_CHUNK = 200

_FEED = re.compile(r"/feeds/([a-z0-9-]{1,80})\.(xml|atom|json)")
_ARCHIVE = re.compile(r"/feeds/([a-z0-9-]{1,80})/archive/([1-9]\d{0,6})\.xml")
_MEDIA = re.compile(r"/media/([a-z0-9-]{1,80})/([a-z0-9.-]{1,80})")


@dataclass(slots=True)
class Site:
    """The public site for one configuration, its people and pictures, over the catalogue.

    Made anew when any of those change; stories are told apart by their version. `prints` finds a photo in the
    sizes of pages, by the photo's hash.
    """

    around: Surroundings
    catalogue: Catalogue
    prints: Callable[[str], tuple[PictureFile, ...]] = no_prints
    parts: PageParts = field(init=False)
    stories: StoryViews = field(init=False)
    documents: FeedDocuments = field(init=False)
    broadcast: Broadcast = field(init=False)
    pages: Pages = field(init=False)

    def __post_init__(self) -> None:
        self.stories = StoryViews(self.around, self.catalogue)
        self.documents = FeedDocuments(self.around, self.stories)
        self.parts = PageParts(self.around, self.catalogue, self.stories, self.prints)
        self.go_live(Live())

    def go_live(self, live: Live) -> None:
        """Say from now on that this is on air and planned."""
        self.broadcast = Broadcast(self.around, self.catalogue, live)
        self.pages = Pages(self.parts, self.broadcast)

    def answer(self, address: str, at: datetime) -> Answer | None:
        """What is public at an address at an instant, or None."""
        if address == OPML:
            return self._opml()
        if match := _FEED.fullmatch(address):
            return self._feed_answer(match[1], match[2], at)  # type: ignore[arg-type]  # the pattern says so
        if match := _ARCHIVE.fullmatch(address):
            return self._archive(match[1], int(match[2]), at)  # type: ignore[arg-type]  # the pattern says so
        if match := _MEDIA.fullmatch(address):
            found = self._media(address, match[1], at) or self.brand_files().get(address)
            return found or self.pages.answer(address, at)
        return (
            self.broadcast.answer(address, at)
            or self.brand_files().get(address)
            or self.pages.answer(address, at)
        )

    def addresses(self, at: datetime) -> Iterator[str]:
        """Every public address at an instant that a plain file can answer."""
        yield OPML
        yield feed_path(corrections.FEED_ID)
        for feed_id in self.around.config.feeds:
            yield from (feed_path(feed_id, one) for one in FORMATS)
            count = self.archive_count(feed_id, at)
            yield from (archive_path(feed_id, number) for number in range(1, count + 1))
        yield from self.brand_files()
        yield from self.broadcast.addresses()
        yield from self.pages.addresses(at)
        shown = [entry.slug for entry in newest(self.catalogue, Wanted(), at, limit=None)]
        for start in range(0, len(shown), _CHUNK):
            for story in self.catalogue.stories(shown[start : start + _CHUNK]).values():
                yield from (one.address for one in self.media_of(story))

    def window(self, feed_id: Slug, at: datetime) -> tuple[Entry, ...]:
        """The stories that a feed's first document shows, newest first."""
        feed = self.around.config.feeds[feed_id]
        return newest(self.catalogue, wanted(feed), at, feed.limit)

    def older(self, feed_id: Slug, at: datetime) -> Older:
        """What a feed's head says of stories that its first document may not show."""
        feed = self.around.config.feeds[feed_id]
        trailers = newest(self.catalogue, _trailers_of(feed), at, TRAILER_LIMIT)
        return Older(self.archive_count(feed_id, at), trailers)

    def document(
        self,
        feed_id: Slug,
        kind: Format,
        shown: tuple[Entry, ...],
        older: Older,
        on_air: OnAirPart = NOTHING_ON_AIR,
    ) -> Document:
        """A feed's first document with these stories."""
        return self.documents.document(feed_id, kind, shown, older, on_air)

    def on_air(self, feed_id: Slug, at: datetime) -> OnAirPart:
        """What a feed's first document says of what is on air."""
        return self.broadcast.part_of(feed_id, at)

    def views(self, shown: Sequence[Entry]) -> list[Item]:
        """What feeds say of stories, in their order."""
        return self.stories.views(shown)

    def channel(self, feed_id: Slug) -> Channel:
        """Everything a feed's head says."""
        return self.documents.channel(feed_id)

    def archive_count(self, feed_id: Slug, at: datetime) -> int:
        """How many archive pages there are: enough for all that the first document may not show.

        It counts places and not what is visible, so that a withdrawal never takes a page away.
        """
        feed = self.around.config.feeds[feed_id]
        beyond = count_places(self.catalogue, wanted(feed), at) - feed.limit
        return -(-max(beyond, 0) // _page_size(feed))

    def media_of(self, story: Story) -> list[Media]:
        """The public files of a story."""
        photo = story.picture
        return media_of(story, self.catalogue, self.prints(photo.sha256) if photo else ())

    def public_story(self, slug: str, at: datetime) -> Story | None:
        found = entries_of(self.catalogue, Wanted(), at, [slug])
        return self.catalogue.stories([slug]).get(slug) if found else None

    def _feed_answer(self, feed_id: Slug, kind: Format, at: datetime) -> Answer | None:
        if feed_id == corrections.FEED_ID:
            return self.corrections(at) if kind == "xml" else None
        feed = self.around.config.feeds.get(feed_id)
        if feed is None:
            return None
        if feed.redirect and feed.moved_to and kind == "xml":
            return Moved(feed.moved_to)
        shown = self.window(feed_id, at)
        return self.document(feed_id, kind, shown, self.older(feed_id, at), self.on_air(feed_id, at))

    def _archive(self, feed_id: Slug, number: int, at: datetime) -> Document | None:
        feed = self.around.config.feeds.get(feed_id)
        if feed is None or number > self.archive_count(feed_id, at):
            return None
        size = _page_size(feed)
        places = archive_places(self.catalogue, wanted(feed), at, start=(number - 1) * size, size=size)
        shown = [entry for entry in places if entry.visible]
        base = self.around.base_url
        address = archive_path(feed_id, number)
        paging = Paging(
            absolute(base, address),
            absolute(base, archive_path(feed_id, number - 1)) if number > 1 else None,
            absolute(base, feed_path(feed_id)),
        )
        channel = self.channel(feed_id)
        built_at = max((entry.updated_at for entry in shown), default=None)
        head, tail = rss.render_rss_frame(channel, paging, built_at=built_at)
        items = [rss.render_rss_item(channel, item) for item in self.views(shown)]
        return Document(address, MEDIA_TYPES["xml"], (compress_segment(b"".join((head, *items, tail))),))

    def corrections(self, at: datetime) -> Document:
        shown = newest(self.catalogue, Wanted(corrected_only=True), at, limit=None)
        stories = self.catalogue.stories([entry.slug for entry in shown])
        notes = corrections.corrections_of(stories.values())
        head, items, tail = corrections.render_corrections(self.around.config.site, notes)
        segment = compress_segment(b"".join((head, *items, tail)))
        return Document(feed_path(corrections.FEED_ID), MEDIA_TYPES["xml"], (segment,))

    def _opml(self) -> Document:
        config = self.around.config
        channels = [self.channel(feed_id) for feed_id in config.feeds]
        segment = compress_segment(opml.render_opml(config.site.title, channels))
        return Document(OPML, "text/x-opml; charset=utf-8", (segment,))

    def _media(self, address: str, slug: str, at: datetime) -> PublicFile | Document | None:
        story = self.public_story(slug, at)
        if story is None:
            return None
        found = next((one for one in self.media_of(story) if one.address == address), None)
        return found.document() if isinstance(found, LateDocument) else found

    def brand_files(self) -> dict[str, PublicFile]:
        """Artwork, logos and people's photos, by address."""
        pictures = self.around.pictures.values()
        return {brand_path(one): public_file(brand_path(one), one, None) for one in pictures}


def wanted(feed: Feed) -> Wanted:
    return Wanted(select=feed.select, audio_only=feed.audio_only)


def _trailers_of(feed: Feed) -> Wanted:
    return Wanted(select=feed.select, audio_only=True, trailers_only=True)


def _page_size(feed: Feed) -> int:
    """No page is larger than the first document, so that every page is full when it is first needed."""
    return min(ARCHIVE_PAGE_SIZE, feed.limit)
