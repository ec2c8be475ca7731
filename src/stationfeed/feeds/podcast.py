"""The Podcasting 2.0 namespace: one line or two for each tag, in the order of its index.

https://github.com/Podcastindex-org/podcast-namespace/tree/main/docs/tags
"""

from __future__ import annotations

from email.utils import format_datetime
from math import gcd
from typing import TYPE_CHECKING

from stationfeed.feeds.tags import Tag, true_false, yes_no

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import timedelta

    from stationfeed.feeds.channel import Channel, Face
    from stationfeed.feeds.item import Alternative, Item
    from stationfeed.feeds.live import LiveItem
    from stationfeed.model.episode import PictureFile
    from stationfeed.model.podcast import (
        Block,
        Chat,
        License,
        Link,
        Location,
        RemoteItem,
        SocialInteract,
        Trailer,
        Txt,
        UpdateFrequency,
    )
    from stationfeed.model.words import Url


def live_tags(items: Iterable[LiveItem]) -> Iterator[Tag]:
    """podcast:liveItem stands before everything else in a channel: feedparser takes its link for the feed's.

    It has neither transcript nor chapters: AntennaPod loses the whole feed over those.
    """
    for item in items:
        times = {"status": item.status, "start": item.starts_at.isoformat(), "end": item.ends_at.isoformat()}
        yield Tag("podcast:liveItem", attributes=times, children=tuple(_live_children(item)))


def _live_children(item: LiveItem) -> Iterator[Tag]:
    first = item.streams[0]
    yield Tag("title", item.title)
    yield Tag("description", item.description)
    yield Tag("guid", item.guid, {"isPermaLink": "false"})
    # Nobody knows how long a live stream is, and RSS wants a number.
    yield Tag("enclosure", attributes={"url": first.url, "length": "0", "type": first.media_type})
    if item.artwork_url:
        yield Tag("itunes:image", attributes={"href": item.artwork_url})
    yield from (_person(face) for face in item.faces)
    for stream in item.streams:
        bitrate = str(stream.bitrate_kbps * 1000) if stream.bitrate_kbps else None
        yield Tag(
            "podcast:alternateEnclosure",
            attributes={
                "type": stream.media_type,
                "bitrate": bitrate,
                "default": true_false(stream is first),
            },
            children=(Tag("podcast:source", attributes={"uri": stream.url}),),
        )
    yield Tag("podcast:contentLink", item.link_text, {"href": item.link_url})


def channel_tags(channel: Channel, trailers: Iterable[Trailer]) -> Iterator[Tag]:
    said, feed = channel.said, channel.feed
    yield Tag("podcast:guid", feed.guid)
    yield Tag("podcast:locked", yes_no(feed.locked), {"owner": feed.owner_email})
    yield from (_funding(one) for one in said.funding)
    yield from (_person(face) for face in channel.faces)
    yield from (_location(one) for one in said.location)
    yield from (_trailer(one) for one in (*trailers, *said.trailer))
    yield from _license(said.license)
    yield Tag("podcast:medium", said.medium or "podcast")
    yield from (_social(one) for one in said.social_interact)
    yield from _blocks(said.block)
    yield from (_txt(one) for one in said.txt)
    if said.podroll:
        yield Tag("podcast:podroll", children=tuple(_remote(one) for one in said.podroll))
    yield from _frequency(said.update_frequency)
    yield Tag("podcast:podping", attributes={"usesPodping": true_false(feed.podping)})
    if said.publisher:
        yield Tag("podcast:publisher", children=(_remote(said.publisher, medium="publisher"),))
    yield from _chat(said.chat)
    if channel.artwork and channel.artwork_url:
        yield _image(channel.artwork_url, channel.artwork, alt=None, purpose="artwork")


def item_tags(item: Item) -> Iterator[Tag]:
    episode = item.episode
    for url, media_type in item.transcript_urls:
        yield Tag("podcast:transcript", attributes={"url": url, "type": media_type})
    if item.chapters_url:
        yield Tag(
            "podcast:chapters", attributes={"url": item.chapters_url, "type": "application/json+chapters"}
        )
    for bite in episode.soundbites if item.enclosure else ():
        times = {"startTime": _seconds(bite.at + item.opening), "duration": _seconds(bite.duration)}
        yield Tag("podcast:soundbite", bite.title, times)
    yield from (_person(face) for face in item.faces)
    yield from (_location(one) for one in episode.location)
    if episode.season:
        yield Tag("podcast:season", str(episode.season))
    if episode.episode_number:
        yield Tag("podcast:episode", str(episode.episode_number))
    yield from _license(episode.license)
    yield from (_social(one) for one in episode.social_interact)
    yield from (_txt(one) for one in episode.txt)
    yield from (Tag("podcast:contentLink", one.text, {"href": one.url}) for one in episode.links)
    yield from (_alternate(one) for one in item.alternates)
    if item.thumbnail:
        yield _image(item.thumbnail.url, item.thumbnail.picture, alt=item.thumbnail.alt, purpose=None)


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.3f}".rstrip("0").rstrip(".")


def _alternate(one: Alternative) -> Tag:
    file = one.audio.file
    attributes = {
        "type": file.media_type,
        "length": str(file.size_bytes),
        "bitrate": str(one.audio.bitrate_kbps * 1000),
    }
    source = Tag("podcast:source", attributes={"uri": one.url})
    return Tag("podcast:alternateEnclosure", attributes=attributes, children=(source,))


def _funding(link: Link) -> Tag:
    return Tag("podcast:funding", link.text, {"url": link.url})


def _person(face: Face) -> Tag:
    return Tag(
        "podcast:person",
        face.name,
        {"role": face.role, "group": face.group, "img": face.image_url, "href": face.url},
    )


def _location(place: Location) -> Tag:
    return Tag(
        "podcast:location",
        place.name,
        {"rel": place.rel, "geo": place.geo, "osm": place.osm, "country": place.country},
    )


def _trailer(trailer: Trailer) -> Tag:
    return Tag(
        "podcast:trailer",
        trailer.title,
        {
            "pubdate": format_datetime(trailer.published_at),
            "url": trailer.url,
            "length": str(trailer.size_bytes) if trailer.size_bytes else None,
            "type": trailer.media_type,
            "season": str(trailer.season) if trailer.season else None,
        },
    )


def _license(license_: License | None) -> Iterator[Tag]:
    if license_:
        yield Tag("podcast:license", license_.identifier, {"url": license_.url})


def _social(one: SocialInteract) -> Tag:
    return Tag(
        "podcast:socialInteract",
        None,
        {
            "protocol": one.protocol,
            "uri": one.uri,
            "accountId": one.account_id,
            "accountUrl": one.account_url,
            "priority": None if one.priority is None else str(one.priority),
        },
    )


def _blocks(block: Block | None) -> Iterator[Tag]:
    if isinstance(block, bool):
        yield Tag("podcast:block", yes_no(block))
        return
    yield from (Tag("podcast:block", "yes", {"id": service}) for service in block or ())


def _txt(one: Txt) -> Tag:
    return Tag("podcast:txt", one.text, {"purpose": one.purpose})


def _remote(one: RemoteItem, medium: str | None = None) -> Tag:
    return Tag(
        "podcast:remoteItem",
        None,
        {"feedGuid": one.feed_guid, "feedUrl": one.feed_url, "medium": medium, "title": one.title},
    )


def _frequency(one: UpdateFrequency | None) -> Iterator[Tag]:
    if one:
        start = one.dtstart.isoformat().replace("+00:00", "Z") if one.dtstart else None
        complete = "true" if one.complete else None
        yield Tag(
            "podcast:updateFrequency", one.text, {"complete": complete, "dtstart": start, "rrule": one.rrule}
        )


def _chat(chat: Chat | None) -> Iterator[Tag]:
    if chat:
        yield Tag(
            "podcast:chat",
            None,
            {
                "server": chat.server,
                "protocol": chat.protocol,
                "accountId": chat.account_id,
                "space": chat.space,
            },
        )


def _image(url: Url, picture: PictureFile, *, alt: str | None, purpose: str | None) -> Tag:
    return Tag(
        "podcast:image",
        None,
        {
            "href": url,
            "alt": alt,
            "aspect-ratio": _aspect_ratio(picture),
            "width": str(picture.width),
            "height": str(picture.height),
            "type": picture.media_type,
            "purpose": purpose,
        },
    )


def _aspect_ratio(picture: PictureFile) -> str:
    shared = gcd(picture.width, picture.height)
    return f"{picture.width // shared}/{picture.height // shared}"
