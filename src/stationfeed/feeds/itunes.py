"""What Apple asks of a feed, beside RSS itself.

https://help.apple.com/itc/podcasts_connect/#/itcb54353390
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stationfeed.feeds.tags import Tag, true_false

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stationfeed.feeds.channel import Channel
    from stationfeed.feeds.item import Item

ARTWORK_PIXELS = range(1400, 3001)


def channel_tags(channel: Channel) -> Iterator[Tag]:
    yield Tag("itunes:author", channel.author)
    if channel.feed.owner_email:
        name = Tag("itunes:name", channel.author)
        yield Tag("itunes:owner", children=(name, Tag("itunes:email", channel.feed.owner_email)))
    if channel.artwork_url:
        yield Tag("itunes:image", attributes={"href": channel.artwork_url})
    for category in channel.said.category:
        top, _, sub = category.partition(" > ")
        children = (Tag("itunes:category", attributes={"text": sub}),) if sub else ()
        yield Tag("itunes:category", attributes={"text": top}, children=children)
    yield Tag("itunes:explicit", true_false(channel.explicit))
    yield Tag("itunes:type", channel.type)
    if channel.said.subtitle:
        yield Tag("itunes:subtitle", channel.said.subtitle)
    if channel.feed.moved_to:
        yield Tag("itunes:new-feed-url", channel.feed.moved_to)
    if channel.said.block is True:
        yield Tag("itunes:block", "Yes")
    if channel.said.update_frequency and channel.said.update_frequency.complete:
        yield Tag("itunes:complete", "Yes")


def item_tags(item: Item) -> Iterator[Tag]:
    episode = item.episode
    yield Tag("itunes:title", item.title)
    yield Tag("itunes:author", ", ".join(item.authors))
    if item.enclosure:
        yield Tag("itunes:duration", str(round(item.enclosure.duration.total_seconds())))
    if item.thumbnail and _is_artwork(item):
        yield Tag("itunes:image", attributes={"href": item.thumbnail.url})
    if item.explicit is not None:
        yield Tag("itunes:explicit", true_false(item.explicit))
    if episode.season:
        yield Tag("itunes:season", str(episode.season))
    if episode.episode_number:
        yield Tag("itunes:episode", str(episode.episode_number))
    yield Tag("itunes:episodeType", episode.episode_type)


def _is_artwork(item: Item) -> bool:
    """Apple takes an episode's picture only if it is square and as large as a show's (A9)."""
    picture = item.thumbnail.picture if item.thumbnail else None
    return bool(picture and picture.width == picture.height and picture.width in ARTWORK_PIXELS)
