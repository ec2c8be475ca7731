"""Which bytes are at a public address, for one state of the folder and an instant.

`serve` asks for one address, `build` for all of them. What is kept between calls only saves work: the same folder
and the same instant give the same bytes.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

from stationfeed.catalogue.queries import Wanted, archive_places, count_before, entries_of, newest
from stationfeed.catalogue.tables import EPOCH
from stationfeed.feeds import atom, corrections, jsonfeed, opml, rss
from stationfeed.feeds.channel import resolve_channel
from stationfeed.feeds.chapters import MEDIA_TYPE as CHAPTERS_TYPE
from stationfeed.feeds.chapters import render_chapters
from stationfeed.feeds.extras import Paging
from stationfeed.feeds.item import has_chapters, view_story
from stationfeed.feeds.stitch import Segment, compress_segment, fingerprint
from stationfeed.folder.article import ARTICLE_RENDERER, Article, render_article
from stationfeed.model.addresses import (
    OPML,
    absolute,
    archive_path,
    audio_path,
    brand_path,
    chapters_path,
    feed_path,
    picture_path,
    story_path,
    transcript_path,
)
from stationfeed.model.podcast import Trailer
from stationfeed.model.words import MediaType, Ordinal, Title

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import PurePosixPath

    from stationfeed.catalogue.index import Catalogue
    from stationfeed.catalogue.rows import Entry
    from stationfeed.feeds.channel import Channel, Surroundings
    from stationfeed.feeds.item import Item
    from stationfeed.model.channel import Feed
    from stationfeed.model.episode import AudioFile, PictureFile, Story, TranscriptFile
    from stationfeed.model.words import Slug

Format = Literal["xml", "atom", "json"]
FORMATS: tuple[Format, ...] = ("xml", "atom", "json")
ARCHIVE_PAGE_SIZE = 100
TRAILER_LIMIT = 10
_VIEWS_KEPT = 512
_CHUNK = 200

_MEDIA_TYPES: dict[Format, str] = {
    "xml": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}
_FEED = re.compile(r"/feeds/([a-z0-9-]{1,80})\.(xml|atom|json)")
_ARCHIVE = re.compile(r"/feeds/([a-z0-9-]{1,80})/archive/([1-9]\d{0,6})\.xml")
_MEDIA = re.compile(r"/media/([a-z0-9-]{1,80})/([a-z0-9.-]{1,80})")


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


@dataclass(frozen=True, slots=True)
class Older:
    """How many archive pages a feed has, and its trailers whatever their age."""

    pages: int
    trailers: tuple[Entry, ...]


@dataclass(slots=True)
class Site:
    """The public site for one configuration, its people and pictures, over the catalogue.

    Made anew when any of those change; stories are told apart by their version.
    """

    around: Surroundings
    catalogue: Catalogue
    _items: dict[tuple[str, Format], dict[tuple[str, str], Segment]] = field(default_factory=dict)
    _views: OrderedDict[tuple[str, str], Item] = field(default_factory=OrderedDict)

    def answer(self, address: str, at: datetime) -> Answer | None:
        """What is public at an address at an instant, or None."""
        if address == OPML:
            return self._opml()
        if match := _FEED.fullmatch(address):
            return self._feed_answer(match[1], match[2], at)  # type: ignore[arg-type]  # the pattern says so
        if match := _ARCHIVE.fullmatch(address):
            return self._archive(match[1], int(match[2]), at)  # type: ignore[arg-type]  # the pattern says so
        if match := _MEDIA.fullmatch(address):
            return self._media(address, match[1], at)
        return self._brand_files().get(address)

    def addresses(self, at: datetime) -> Iterator[str]:
        """Every public address at an instant that a plain file can answer."""
        yield OPML
        yield feed_path(corrections.FEED_ID)
        for feed_id in self.around.config.feeds:
            yield from (feed_path(feed_id, one) for one in FORMATS)
            count = self.archive_count(feed_id, self.window(feed_id, at), at)
            yield from (archive_path(feed_id, number) for number in range(1, count + 1))
        yield from self._brand_files()
        shown = [entry.slug for entry in newest(self.catalogue, Wanted(), at, limit=None)]
        for start in range(0, len(shown), _CHUNK):
            for story in self.catalogue.stories(shown[start : start + _CHUNK]).values():
                yield from (one.address for one in self.media_of(story))

    def window(self, feed_id: Slug, at: datetime) -> tuple[Entry, ...]:
        """The stories that a feed's first document shows, newest first."""
        feed = self.around.config.feeds[feed_id]
        return newest(self.catalogue, wanted(feed), at, feed.limit)

    def document(self, feed_id: Slug, kind: Format, shown: Sequence[Entry], older: Older) -> Document:
        """A feed's first document with these stories."""
        base = self.around.base_url
        channel = resolve_channel(feed_id, self.around)
        address = feed_path(feed_id, kind)
        self_url = absolute(base, address)
        built_at = max((entry.updated_at for entry in shown), default=None)
        if kind == "xml":
            page = absolute(base, archive_path(feed_id, older.pages)) if older.pages else None
            head, tail = rss.render_rss_frame(
                channel, Paging(self_url, page), built_at=built_at, trailers=self._trailers(older.trailers)
            )
        elif kind == "atom":
            head, tail = atom.render_atom_frame(channel, self_url, built_at or EPOCH)
        else:
            head, tail = jsonfeed.render_json_frame(channel, self_url)
        return self._stitched(address, kind, channel, shown, (head, tail))

    def older(self, feed_id: Slug, shown: Sequence[Entry], at: datetime) -> Older:
        """What a feed's head says of stories that its first document may not show."""
        feed = self.around.config.feeds[feed_id]
        trailers = newest(self.catalogue, _trailers_of(feed), at, TRAILER_LIMIT)
        return Older(self.archive_count(feed_id, shown, at), trailers)

    def archive_count(self, feed_id: Slug, shown: Sequence[Entry], at: datetime) -> int:
        """How many archive pages hold what is older than the first document."""
        feed = self.around.config.feeds[feed_id]
        if len(shown) < feed.limit:
            return 0
        older = count_before(self.catalogue, wanted(feed), at, shown[-1])
        return -(-older // _page_size(feed))

    def media_of(self, story: Story) -> list[PublicFile | Document]:
        """The public files of a story."""
        slug = story.slug
        files: list[PublicFile | Document] = []
        if story.audio:
            files.append(_public(audio_path(slug, story.audio), story.audio, slug))
        if story.picture:
            files.append(_public(picture_path(slug, story.picture), story.picture, slug))
        if story.transcript:
            files.append(_public(transcript_path(slug, story.transcript), story.transcript, slug))
        if has_chapters(story):
            segment = compress_segment(render_chapters(story))
            files.append(Document(chapters_path(slug), CHAPTERS_TYPE, (segment,), slug))
        return files

    def public_story(self, slug: str, at: datetime) -> Story | None:
        found = entries_of(self.catalogue, Wanted(), at, [slug])
        return self.catalogue.stories([slug]).get(slug) if found else None

    def views(self, shown: Sequence[Entry]) -> list[Item]:
        """What feeds say of stories, in their order."""
        missing = [entry.slug for entry in shown if (entry.slug, entry.version) not in self._views]
        fresh: dict[str, Item] = {}
        for start in range(0, len(missing), _CHUNK):
            stories = self.catalogue.stories(missing[start : start + _CHUNK])
            texts = self._articles(list(stories.values()))
            for slug, story in stories.items():
                fresh[slug] = view_story(story, texts[slug].html, texts[slug].lead, self.around)
        items = [fresh.get(entry.slug) or self._views[entry.slug, entry.version] for entry in shown]
        for entry, item in zip(shown[:_VIEWS_KEPT], items, strict=False):
            self._views[entry.slug, entry.version] = item
        while len(self._views) > _VIEWS_KEPT:
            self._views.popitem(last=False)
        return items

    def _feed_answer(self, feed_id: Slug, kind: Format, at: datetime) -> Answer | None:
        if feed_id == corrections.FEED_ID:
            return self.corrections(at) if kind == "xml" else None
        feed = self.around.config.feeds.get(feed_id)
        if feed is None:
            return None
        if feed.redirect and feed.moved_to and kind == "xml":
            return Moved(feed.moved_to)
        shown = self.window(feed_id, at)
        return self.document(feed_id, kind, shown, self.older(feed_id, shown, at))

    def _archive(self, feed_id: Slug, number: int, at: datetime) -> Document | None:
        feed = self.around.config.feeds.get(feed_id)
        if feed is None or number > self.archive_count(feed_id, self.window(feed_id, at), at):
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
        channel = resolve_channel(feed_id, self.around)
        built_at = max((entry.updated_at for entry in shown), default=None)
        head, tail = rss.render_rss_frame(channel, paging, built_at=built_at)
        items = [rss.render_rss_item(channel, item) for item in self.views(shown)]
        return Document(address, _MEDIA_TYPES["xml"], (compress_segment(b"".join((head, *items, tail))),))

    def corrections(self, at: datetime) -> Document:
        shown = newest(self.catalogue, Wanted(corrected_only=True), at, limit=None)
        stories = self.catalogue.stories([entry.slug for entry in shown])
        notes = corrections.corrections_of(stories.values())
        head, items, tail = corrections.render_corrections(self.around.config.site, notes)
        segment = compress_segment(b"".join((head, *items, tail)))
        return Document(feed_path(corrections.FEED_ID), _MEDIA_TYPES["xml"], (segment,))

    def _opml(self) -> Document:
        config = self.around.config
        channels = [resolve_channel(feed_id, self.around) for feed_id in config.feeds]
        segment = compress_segment(opml.render_opml(config.site.title, channels))
        return Document(OPML, "text/x-opml; charset=utf-8", (segment,))

    def _media(self, address: str, slug: str, at: datetime) -> PublicFile | Document | None:
        story = self.public_story(slug, at)
        if story is None:
            return None
        return next((one for one in self.media_of(story) if one.address == address), None)

    def _brand_files(self) -> dict[str, PublicFile]:
        pictures = self.around.pictures.values()
        return {brand_path(one): _public(brand_path(one), one, None) for one in pictures}

    def _trailers(self, shown: Sequence[Entry]) -> list[Trailer]:
        return [
            Trailer(
                title=Title(item.title),
                url=item.enclosure.url,
                published_at=item.published_at,
                size_bytes=Ordinal(item.enclosure.size_bytes),
                media_type=MediaType(item.enclosure.media_type),
                season=item.episode.season,
            )
            for item in self.views(shown)
            if item.enclosure
        ]

    def _stitched(
        self,
        address: str,
        kind: Format,
        channel: Channel,
        shown: Sequence[Entry],
        frame: tuple[bytes, bytes],
    ) -> Document:
        head, tail = (compress_segment(part) for part in frame)
        items = self._item_segments(kind, channel, shown)
        if kind == "json" and items:
            separated = [piece for item in items for piece in (item, _SEPARATOR)]
            items = separated[:-1]
        return Document(address, _MEDIA_TYPES[kind], (head, *items, tail))

    def _item_segments(self, kind: Format, channel: Channel, shown: Sequence[Entry]) -> list[Segment]:
        kept = self._items.setdefault((channel.feed_id, kind), {})
        missing = [entry for entry in shown if (entry.slug, entry.version) not in kept]
        render = _RENDERERS[kind]
        for start in range(0, len(missing), _CHUNK):
            chunk = missing[start : start + _CHUNK]
            for entry, item in zip(chunk, self.views(chunk), strict=True):
                kept[entry.slug, entry.version] = compress_segment(render(channel, item))
        if len(kept) > 2 * len(shown) + _CHUNK:
            self._items[channel.feed_id, kind] = {
                (entry.slug, entry.version): kept[entry.slug, entry.version] for entry in shown
            }
        return [kept[entry.slug, entry.version] for entry in shown]

    def _articles(self, stories: Sequence[Story]) -> dict[str, Article]:
        """The articles as HTML, kept in the catalogue by their text and address."""
        keys = {story.slug: self._article_key(story) for story in stories}
        kept = self.catalogue.articles(list(keys.values()))
        texts: dict[str, Article] = {slug: Article(*kept[key]) for slug, key in keys.items() if key in kept}
        fresh = [story for story in stories if story.slug not in texts]
        for story in fresh:
            texts[story.slug] = render_article(story.article, self._story_url(story))
        self.catalogue.keep_articles(
            [(keys[one.slug], one.slug, texts[one.slug].html, texts[one.slug].lead) for one in fresh]
        )
        return texts

    def _article_key(self, story: Story) -> str:
        parts = (ARTICLE_RENDERER, self._story_url(story), story.article)
        return sha256("\0".join(parts).encode()).hexdigest()

    def _story_url(self, story: Story) -> str:
        return absolute(self.around.base_url, story_path(story.slug))


def wanted(feed: Feed) -> Wanted:
    return Wanted(select=feed.select, audio_only=feed.audio_only)


def _trailers_of(feed: Feed) -> Wanted:
    return Wanted(select=feed.select, audio_only=True, trailers_only=True)


def _page_size(feed: Feed) -> int:
    """No page is larger than the first document, so that every page is full when it is first needed."""
    return min(ARCHIVE_PAGE_SIZE, feed.limit)


def _public(address: str, file: AudioFile | PictureFile | TranscriptFile, slug: Slug | None) -> PublicFile:
    return PublicFile(address, file.media_type, file.path, file.size_bytes, file.sha256[:32], slug)


_SEPARATOR = compress_segment(jsonfeed.SEPARATOR)
_RENDERERS: dict[Format, Callable[[Channel, Item], bytes]] = {
    "xml": rss.render_rss_item,
    "atom": atom.render_atom_entry,
    "json": jsonfeed.render_json_item,
}
