"""Atom 1.0 through feedgen (RFC 4287)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from stationfeed.feeds.feedgen_adapter import atom_entry, atom_frame
from stationfeed.feeds.item import summary_of

if TYPE_CHECKING:
    from datetime import datetime

    from stationfeed.feeds.channel import Channel
    from stationfeed.feeds.item import Item
    from stationfeed.model.words import Url


def render_atom_frame(channel: Channel, self_url: Url, built_at: datetime) -> tuple[bytes, bytes]:
    """What stands before and after the entries; an Atom feed must have a date."""
    generator = FeedGenerator()
    generator.id(f"urn:uuid:{channel.feed.guid}")
    generator.title(channel.title)
    generator.subtitle(channel.description)
    generator.updated(built_at)
    generator.author(name=channel.author)
    generator.language(channel.language)
    generator.rights(channel.copyright)
    generator.generator("stationfeed")
    generator.link(href=self_url, rel="self", type="application/atom+xml")
    for hub in channel.hubs:
        generator.link(href=hub, rel="hub")
    generator.link(href=channel.link, rel="alternate", type="text/html")
    if channel.artwork_url:
        generator.logo(channel.artwork_url)
    return atom_frame(generator)


def render_atom_entry(channel: Channel, item: Item) -> bytes:
    entry = FeedEntry()
    entry.id(item.atom_id)
    entry.title(item.title)
    entry.updated(item.updated_at)
    entry.published(item.published_at)
    entry.link(href=item.url)
    if channel.feed.content == "full":
        entry.summary(item.description)
        entry.content(item.html, type="html")
    else:
        entry.summary(summary_of(item))
    for author in item.authors:
        entry.author(name=author)
    for topic in item.episode.topics:
        entry.category(term=topic)
    return atom_entry(entry, _links(item))


def _links(item: Item) -> list[dict[str, str]]:
    if item.enclosure is None:
        return []
    enclosure = item.enclosure
    return [
        {
            "rel": "enclosure",
            "href": enclosure.url,
            "type": enclosure.media_type,
            "length": str(enclosure.size_bytes),
        }
    ]
