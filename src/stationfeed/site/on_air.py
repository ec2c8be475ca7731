"""What is on air and planned, in every form that a public address has."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from stationfeed.catalogue.queries import Wanted, entries_of, holder_of
from stationfeed.feeds.live import live_items
from stationfeed.feeds.now import dumps, now_as_json, schedule_as_json, title_of
from stationfeed.feeds.stitch import compress_segment
from stationfeed.feeds.stream_links import STREAM_LINKS
from stationfeed.model.addresses import (
    NOW,
    absolute,
    calendar_path,
    now_path,
    schedule_path,
    story_path,
    stream_link_path,
)
from stationfeed.model.words import Slug
from stationfeed.schedule.clock import instant_of
from stationfeed.schedule.ical_out import render_calendar
from stationfeed.schedule.on_air import on_air
from stationfeed.site.answers import Document
from stationfeed.site.documents import NOTHING_ON_AIR, OnAirPart

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stationfeed.catalogue.index import Catalogue
    from stationfeed.feeds.channel import Surroundings
    from stationfeed.model.on_air import OnAir, PlayingItem
    from stationfeed.model.words import Url
    from stationfeed.schedule.timeline import Timeline

JSON = "application/json"
CALENDAR = "text/calendar; charset=utf-8"
SCHEDULE_DAYS = 7
"""What is shown of a schedule where nobody asks for more or less."""

_OF_SERVICE = re.compile(
    r"(/api/v1/now|/api/v1/schedule|/live|/schedule)/([a-z0-9-]{1,80})(?:\.([a-z0-9]{2,4}))?"
)


@dataclass(frozen=True, slots=True)
class Live:
    """The programmes of every service, and the last item that was heard of on some."""

    timelines: Mapping[Slug, Timeline] = field(default_factory=dict)
    items: Mapping[Slug, PlayingItem] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Broadcast:
    """Answers about one state of what is live."""

    around: Surroundings
    catalogue: Catalogue
    live: Live

    def answer(self, address: str, at: datetime) -> Document | None:
        """What is public at an address at an instant, or None."""
        if address == NOW:
            return self.now_everywhere(at)
        match = _OF_SERVICE.fullmatch(address)
        if match is None or match[2] not in self.live.timelines:
            return None
        return self._of_service(Slug(match[2]), match[1], match[3], at)

    def addresses(self) -> Iterator[str]:
        if self.live.timelines:
            yield NOW
        for service_id in self.live.timelines:
            yield now_path(service_id)
            yield schedule_path(service_id)
            yield calendar_path(service_id)
            if self.around.config.services[service_id][1].streams:
                yield from (stream_link_path(service_id, form) for form in STREAM_LINKS)

    def on_air(self, service_id: Slug, at: datetime) -> OnAir:
        service = self.around.config.services[service_id][1]
        item = self.live.items.get(service_id)
        return on_air(self.live.timelines[service_id], item, service.shelf_life, at)

    def story_url(self, service_id: Slug, at: datetime) -> Url | None:
        """Where the story is that is heard now, if it is public."""
        heard = self.live.items.get(service_id)
        slug = holder_of(self.catalogue, heard.story_guid) if heard and heard.story_guid else None
        if slug is None or not entries_of(self.catalogue, Wanted(), at, [slug]):
            return None
        return absolute(self.around.base_url, story_path(slug))

    def next_change(self, at: datetime) -> datetime | None:
        """When something is known to change on any service."""
        changes = (self.on_air(service_id, at).until for service_id in self.live.timelines)
        return min((one for one in changes if one), default=None)

    def now_and_next(self, service_id: Slug, at: datetime) -> Document:
        value = now_as_json(
            service_id, self.on_air(service_id, at), self.around, self.story_url(service_id, at)
        )
        return _document(now_path(service_id), JSON, dumps(value))

    def now_everywhere(self, at: datetime) -> Document:
        services = [
            now_as_json(one, self.on_air(one, at), self.around, self.story_url(one, at))
            for one in self.live.timelines
        ]
        return _document(NOW, JSON, dumps({"services": services}))

    def schedule(self, service_id: Slug, start: datetime, end: datetime) -> Document:
        """The slots that are on between two instants."""
        slots = self.live.timelines[service_id].slots(start, end)
        value = schedule_as_json(service_id, start, end, slots, self.around)
        return _document(schedule_path(service_id), JSON, dumps(value))

    def coming_days(self, service_id: Slug, at: datetime) -> tuple[datetime, datetime]:
        """From the last midnight on the station's clock, a week."""
        zone = self.live.timelines[service_id].zone
        today = at.astimezone(zone).date()
        return instant_of(today, 0, zone), instant_of(today + timedelta(days=SCHEDULE_DAYS), 0, zone)

    def part_of(self, feed_id: Slug, at: datetime) -> OnAirPart:
        """What a feed says of what is on air and next."""
        service_id = self.around.config.live_service(feed_id)
        timeline = self.live.timelines.get(service_id) if service_id else None
        if timeline is None:
            return NOTHING_ON_AIR
        found = timeline.at(at)
        since = found.now_playing.starts_at if found.now_playing else found.before
        return OnAirPart(tuple(live_items(feed_id, found.now_playing, found.next_up, self.around)), since)

    def _of_service(self, service_id: Slug, root: str, form: str | None, at: datetime) -> Document | None:
        match root, form:
            case "/api/v1/now", None:
                return self.now_and_next(service_id, at)
            case "/api/v1/schedule", None:
                return self.schedule(service_id, *self.coming_days(service_id, at))
            case "/schedule", "ics":
                return self._calendar(service_id, at)
            case "/live", str() if form in STREAM_LINKS:
                return self._stream_link(service_id, form)
        return None

    def _calendar(self, service_id: Slug, at: datetime) -> Document:
        timeline = self.live.timelines[service_id]
        name = self.around.config.services[service_id][1].name
        calendar = render_calendar(
            timeline.schedule,
            timeline.zone,
            service_id=service_id,
            name=name,
            titles=lambda programme: title_of(programme, self.around.config),
            at=at,
        )
        return _document(calendar_path(service_id), CALENDAR, calendar)

    def _stream_link(self, service_id: Slug, form: str) -> Document | None:
        service = self.around.config.services[service_id][1]
        media_type, render = STREAM_LINKS[form]
        if not service.streams:
            return None
        return _document(
            stream_link_path(service_id, form), media_type, render(service.name, service.streams)
        )


def _document(address: str, media_type: str, text: bytes) -> Document:
    return Document(address, media_type, (compress_segment(text),))
