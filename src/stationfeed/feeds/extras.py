"""The small namespaces: the photo (Media RSS), the authors (Dublin Core), the archive's pages (RFC 5005)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stationfeed.feeds.tags import Tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stationfeed.feeds.channel import Channel
    from stationfeed.feeds.item import Item, Thumbnail
    from stationfeed.model.words import Url


@dataclass(frozen=True, slots=True)
class Paging:
    """A document's place among the pages of its feed; `current_url` is set on an archive page only."""

    self_url: Url
    previous_url: Url | None = None
    current_url: Url | None = None


def media_tags(item: Item) -> Iterator[Tag]:
    """No media:content: several readers take it for a second enclosure (MR5).

    What is said of the photo stands in a group: beside the item's own description, readers take it for that one.
    """
    photo = item.thumbnail
    if photo is not None:
        yield Tag("media:group", children=tuple(_photo_tags(photo)))


def _photo_tags(photo: Thumbnail) -> Iterator[Tag]:
    size = {"width": str(photo.picture.width), "height": str(photo.picture.height)}
    yield Tag("media:thumbnail", None, {"url": photo.url, **size})
    if photo.credit:
        yield Tag("media:credit", photo.credit, {"role": "photographer"})
    if photo.caption or photo.alt:
        yield Tag("media:description", photo.caption or photo.alt, {"type": "plain"})


def author_tags(item: Item) -> Iterator[Tag]:
    yield from (Tag("dc:creator", author) for author in item.authors)


def link_tags(channel: Channel, paging: Paging) -> Iterator[Tag]:
    """Hubs come after self: audiobookshelf takes the first atom:link for the feed's address (WS7)."""
    if paging.current_url is None:
        yield from (Tag("atom:link", None, {"rel": "hub", "href": hub}) for hub in channel.hubs)
    else:
        yield Tag("fh:archive")
        yield Tag("atom:link", None, {"rel": "current", "href": paging.current_url})
    if paging.previous_url:
        yield Tag("atom:link", None, {"rel": "prev-archive", "href": paging.previous_url})
