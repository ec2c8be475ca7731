"""RSS 2.0 with the full article, through feedgen.

https://www.rssboard.org/rss-specification, https://www.rssboard.org/rss-profile
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from stationfeed.feeds import extras, itunes, podcast
from stationfeed.feeds.feedgen_adapter import rss_frame, rss_item
from stationfeed.feeds.item import summary_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from stationfeed.feeds.channel import Channel
    from stationfeed.feeds.extras import Paging
    from stationfeed.feeds.item import Item
    from stationfeed.feeds.live import LiveItem
    from stationfeed.model.podcast import Trailer

GENERATOR = "stationfeed"


def render_rss_frame(
    channel: Channel,
    paging: Paging,
    *,
    built_at: datetime | None,
    trailers: Iterable[Trailer] = (),
    live: Iterable[LiveItem] = (),
) -> tuple[bytes, bytes]:
    """What stands before and after the items; `built_at` is the newest change of what it shows, None if none."""
    generator = FeedGenerator()
    generator.title(channel.title)
    generator.description(channel.description)
    generator.link(href=paging.self_url, rel="self", type="application/rss+xml")
    generator.link(href=channel.link, rel="alternate")  # the last link is the channel's own
    generator.language(channel.language)
    generator.copyright(channel.copyright)
    generator.generator(GENERATOR)
    generator.docs("https://www.rssboard.org/rss-specification")
    if built_at:
        generator.lastBuildDate(built_at)
    if channel.feed.owner_email:
        generator.managingEditor(f"{channel.feed.owner_email} ({channel.author})")
    if channel.artwork_url:
        generator.image(url=channel.artwork_url, title=channel.title, link=channel.link)
    tags = chain(
        extras.link_tags(channel, paging),
        itunes.channel_tags(channel),
        podcast.channel_tags(channel, trailers),
    )
    return rss_frame(generator, podcast.live_tags(live), tags, built=built_at is not None)


def render_rss_item(channel: Channel, item: Item) -> bytes:
    entry = FeedEntry()
    entry.title(item.title)
    entry.link(href=item.url)
    entry.guid(item.episode.guid, permalink=False)
    if channel.feed.content == "full":
        entry.description(item.description)
        entry.content(item.html, type="CDATA")
    else:
        entry.description(summary_of(item))
    for topic in item.episode.topics:
        entry.category(term=topic)
    if item.enclosure:
        entry.enclosure(item.enclosure.url, str(item.enclosure.size_bytes), item.enclosure.media_type)
    entry.published(item.published_at)
    if item.episode.origin and item.episode.origin.feed_url:
        entry.source(item.episode.origin.feed_url, item.episode.origin.organization)
    tags = chain(
        extras.author_tags(item), itunes.item_tags(item), podcast.item_tags(item), extras.media_tags(item)
    )
    return rss_item(entry, tags)
