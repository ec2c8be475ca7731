"""A feed's first document in each format, made anew only where it changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from stationfeed.catalogue.tables import EPOCH
from stationfeed.feeds import atom, jsonfeed, rss
from stationfeed.feeds.channel import resolve_channel
from stationfeed.feeds.extras import Paging
from stationfeed.feeds.stitch import Segment, compress_segment
from stationfeed.model.addresses import absolute, archive_path, feed_path
from stationfeed.model.podcast import Trailer
from stationfeed.model.words import MediaType, Ordinal, Title
from stationfeed.site.answers import Document
from stationfeed.site.blocks import Block, reblock, separated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from stationfeed.catalogue.rows import Entry
    from stationfeed.feeds.channel import Channel, Surroundings
    from stationfeed.feeds.item import Item
    from stationfeed.feeds.live import LiveItem
    from stationfeed.model.words import Slug
    from stationfeed.site.stories import StoryViews

Format = Literal["xml", "atom", "json"]
FORMATS: tuple[Format, ...] = ("xml", "atom", "json")
MEDIA_TYPES: dict[Format, str] = {
    "xml": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Older:
    """How many archive pages a feed has, and its trailers whatever their age."""

    pages: int
    trailers: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class OnAirPart:
    """What a feed says of the programme on air and the next ones, and since when it is so."""

    items: tuple[LiveItem, ...] = ()
    since: datetime | None = None


NOTHING_ON_AIR = OnAirPart()


@dataclass(slots=True)
class FeedDocuments:
    """The documents of one site; blocks and frames are kept from one to the next."""

    around: Surroundings
    stories: StoryViews
    _channels: dict[Slug, Channel] = field(default_factory=dict)
    _blocks: dict[tuple[Slug, Format], tuple[Block, ...]] = field(default_factory=dict)
    _frames: dict[tuple[Slug, Format], tuple[object, tuple[Segment, Segment]]] = field(default_factory=dict)

    def channel(self, feed_id: Slug) -> Channel:
        if feed_id not in self._channels:
            self._channels[feed_id] = resolve_channel(feed_id, self.around)
        return self._channels[feed_id]

    def document(
        self,
        feed_id: Slug,
        kind: Format,
        shown: tuple[Entry, ...],
        older: Older,
        on_air: OnAirPart = NOTHING_ON_AIR,
    ) -> Document:
        """A feed's first document with these stories; only RSS says what is on air."""
        channel = self.channel(feed_id)
        separator = _SEPARATORS[kind]
        blocks = reblock(
            self._blocks.get((feed_id, kind), ()),
            shown,
            lambda missing: self._items(kind, channel, missing),
            separator,
        )
        self._blocks[feed_id, kind] = blocks
        head, tail = self._frame(kind, channel, shown, older, on_air if kind == "xml" else NOTHING_ON_AIR)
        body = separated([block.joined for block in blocks], separator)
        return Document(feed_path(feed_id, kind), MEDIA_TYPES[kind], (head, *body, tail))

    def _items(self, kind: Format, channel: Channel, shown: Sequence[Entry]) -> list[Segment]:
        render = _RENDERERS[kind]
        return [compress_segment(render(channel, item)) for item in self.stories.views(shown)]

    def _frame(
        self, kind: Format, channel: Channel, shown: Sequence[Entry], older: Older, on_air: OnAirPart
    ) -> tuple[Segment, Segment]:
        changes = [entry.updated_at for entry in shown] + [one for one in (on_air.since,) if one]
        built_at = max(changes, default=None)
        made_of = (built_at, older, on_air)
        kept = self._frames.get((channel.feed_id, kind))
        if kept is not None and kept[0] == made_of:
            return kept[1]
        head, tail = self._render_frame(kind, channel, built_at, older, on_air)
        frame = compress_segment(head), compress_segment(tail)
        self._frames[channel.feed_id, kind] = (made_of, frame)
        return frame

    def _render_frame(
        self, kind: Format, channel: Channel, built_at: datetime | None, older: Older, on_air: OnAirPart
    ) -> tuple[bytes, bytes]:
        base = self.around.base_url
        self_url = absolute(base, feed_path(channel.feed_id, kind))
        if kind == "atom":
            return atom.render_atom_frame(channel, self_url, built_at or EPOCH)
        if kind == "json":
            return jsonfeed.render_json_frame(channel, self_url)
        page = absolute(base, archive_path(channel.feed_id, older.pages)) if older.pages else None
        trailers = self._trailers(older.trailers)
        paging = Paging(self_url, page)
        return rss.render_rss_frame(channel, paging, built_at=built_at, trailers=trailers, live=on_air.items)

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
            for item in self.stories.views(shown)
            if item.enclosure
        ]


_SEPARATORS: dict[Format, Segment | None] = {
    "xml": None,
    "atom": None,
    "json": compress_segment(jsonfeed.SEPARATOR),
}
_RENDERERS: dict[Format, Callable[[Channel, Item], bytes]] = {
    "xml": rss.render_rss_item,
    "atom": atom.render_atom_entry,
    "json": jsonfeed.render_json_item,
}
