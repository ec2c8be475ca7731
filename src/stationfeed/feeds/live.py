"""What is on air and what is next → the live items of a feed.

https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/tags/live-item.md
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from stationfeed.feeds.channel import faces_of
from stationfeed.feeds.now import title_of
from stationfeed.model.addresses import absolute, brand_path, live_path
from stationfeed.model.podcast import Credit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from stationfeed.feeds.channel import Face, Surroundings
    from stationfeed.model.on_air import Slot
    from stationfeed.model.station import Stream
    from stationfeed.model.words import Slug, Url

PLAYABLE = ("audio/mpeg", "audio/aac", "audio/aacp", "audio/mp4")
"""What every podcast app can play as it comes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveItem:
    """One airing, in the zone of its station; the first stream is one that every app can play."""

    status: Literal["live", "pending"]
    starts_at: datetime
    ends_at: datetime
    guid: str
    title: str
    description: str
    link_url: Url
    link_text: str
    artwork_url: Url | None
    faces: tuple[Face, ...]
    streams: tuple[Stream, ...]


def live_items(
    feed_id: Slug, now: Slot | None, next_up: tuple[Slot, ...], around: Surroundings
) -> Iterator[LiveItem]:
    """The programme on air and the next ones, of the service that a feed names; none where no app could play it."""
    service_id = around.config.live_service(feed_id)
    if service_id is None:
        return
    streams = _playable_first(around.config.services[service_id][1].streams)
    if not streams:
        return
    if now:
        yield _live_item(feed_id, service_id, now, "live", streams, around)
    for slot in next_up:
        yield _live_item(feed_id, service_id, slot, "pending", streams, around)


def _playable_first(streams: tuple[Stream, ...]) -> tuple[Stream, ...]:
    """The first that every app can play in front of the others; nothing without one."""
    first = next((one for one in streams if one.media_type in PLAYABLE), None)
    return () if first is None else (first, *(one for one in streams if one is not first))


def _live_item(
    feed_id: Slug,
    service_id: Slug,
    slot: Slot,
    status: Literal["live", "pending"],
    streams: tuple[Stream, ...],
    around: Surroundings,
) -> LiveItem:
    config, programme = around.config, slot.programme
    station_id, service = config.services[service_id]
    show = config.shows[programme.show] if programme.show else None
    artwork = around.pictures.get(show.artwork) if show and show.artwork else None
    zone = around.zones[station_id]
    airing = f"{service_id} {slot.starts_at.isoformat()} {programme.show or ''} {programme.title or ''}"
    return LiveItem(
        status=status,
        starts_at=slot.starts_at.astimezone(zone),
        ends_at=slot.ends_at.astimezone(zone),
        guid=str(uuid.uuid5(uuid.UUID(config.feeds[feed_id].guid), airing)),
        title=title_of(programme, config),
        description=(show.description if show else None) or _credit(programme.producer, service.name),
        link_url=absolute(around.base_url, live_path(service_id)),
        link_text=service.name,
        artwork_url=absolute(around.base_url, brand_path(artwork)) if artwork else None,
        faces=faces_of(tuple(Credit(person=host) for host in show.hosts), around) if show else (),
        streams=streams,
    )


def _credit(producer: str | None, service_name: str) -> str:
    return f"From {producer}, live on {service_name}" if producer else f"Live on {service_name}"
