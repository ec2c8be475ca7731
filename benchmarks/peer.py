"""Plain feedgen, as its manual has it: one generator, an entry for each story, its podcast extension.

What its extensions do not know comes through an extension of its own, so that both documents hold the same elements.
"""

from __future__ import annotations

import gzip
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any

import feedgen.entry
import feedgen.feed
from feedgen.feed import FeedGenerator
from feedgen.util import formatRFC2822

from stationfeed.feeds import extras, itunes, podcast
from stationfeed.feeds.extras import Paging
from stationfeed.feeds.tags import NAMESPACES, append_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lxml import etree

    from stationfeed.feeds.channel import Channel
    from stationfeed.feeds.item import Item
    from stationfeed.feeds.tags import Tag


class _ChannelTags:
    def __init__(self) -> None:
        self.tags: Iterable[Tag] = ()

    def extend_ns(self) -> dict[str, str]:
        return NAMESPACES

    def extend_rss(self, rss: etree._Element) -> None:
        append_tags(rss[0], self.tags)


class _ItemTags:
    def __init__(self) -> None:
        self.tags: Iterable[Tag] = ()

    def extend_rss(self, item: etree._Element) -> None:
        append_tags(item, self.tags)


def feedgen_gzip(channel: Channel, items: Sequence[Item]) -> bytes:
    return gzip.compress(feedgen_rss(channel, items), compresslevel=6)


def feedgen_rss(channel: Channel, items: Sequence[Item]) -> bytes:
    generator = _generator(channel)
    for item in items:
        _fill(generator.add_entry(order="append"), item)
    with _dates_as_feedgen_writes_them():
        document: bytes = generator.rss_str(encoding="UTF-8")
    return document


def _generator(channel: Channel) -> Any:
    generator = FeedGenerator()
    generator.load_extension("podcast", atom=False)
    generator.register_extension("station", _ChannelTags, _ItemTags, atom=False)
    generator.title(channel.title)
    generator.description(channel.description)
    generator.link(href=channel.self_url, rel="self", type="application/rss+xml")
    generator.link(href=channel.link, rel="alternate")
    generator.language(channel.language)
    generator.copyright(channel.copyright)
    tags = (extras.link_tags(channel, Paging(channel.self_url)), itunes.channel_tags(channel))
    generator.station.tags = chain(*tags, podcast.channel_tags(channel, ()))
    return generator


def _fill(entry: Any, item: Item) -> None:
    entry.title(item.title)
    entry.link(href=item.url)
    entry.guid(item.episode.guid, permalink=False)
    entry.description(item.description)
    entry.content(item.html, type="CDATA")
    for topic in item.episode.topics:
        entry.category(term=topic)
    if item.enclosure:
        entry.enclosure(item.enclosure.url, str(item.enclosure.size_bytes), item.enclosure.media_type)
    entry.published(item.published_at)
    _fill_podcast(entry.podcast, item)
    entry.station.tags = chain(extras.author_tags(item), podcast.item_tags(item), extras.media_tags(item))


def _fill_podcast(itunes_of: Any, item: Item) -> None:
    itunes_of.itunes_title(item.title)
    itunes_of.itunes_author(", ".join(item.authors))
    if item.enclosure:
        itunes_of.itunes_duration(str(round(item.enclosure.duration.total_seconds())))
    if item.explicit is not None:
        itunes_of.itunes_explicit("yes" if item.explicit else "no")
    if item.episode.season:
        itunes_of.itunes_season(item.episode.season)
    if item.episode.episode_number:
        itunes_of.itunes_episode(item.episode.episode_number)
    itunes_of.itunes_episode_type(item.episode.episode_type)


@contextmanager
def _dates_as_feedgen_writes_them() -> Iterator[None]:
    """Undoes for a moment what our adapter mended in feedgen."""
    mended = feedgen.feed.formatRFC2822
    feedgen.feed.formatRFC2822 = feedgen.entry.formatRFC2822 = formatRFC2822
    try:
        yield
    finally:
        feedgen.feed.formatRFC2822 = feedgen.entry.formatRFC2822 = mended
