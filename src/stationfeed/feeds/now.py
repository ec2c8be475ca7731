"""What is on air, as JSON for players and developers."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from stationfeed.feeds.channel import Surroundings
    from stationfeed.model.config import Config
    from stationfeed.model.on_air import OnAir, PlayingItem, Programme, Slot
    from stationfeed.model.words import Slug, Url


def title_of(programme: Programme, config: Config) -> str:
    """What a listener calls it."""
    if programme.title or programme.show is None:
        return programme.title or ""
    return config.shows[programme.show].title


def hosts_of(programme: Programme, around: Surroundings) -> list[str]:
    hosts = around.config.shows[programme.show].hosts if programme.show else ()
    profiles = ((host, around.people.get(host)) for host in hosts)
    return [profile.person.name if profile else host for host, profile in profiles]


def now_as_json(
    service_id: Slug, on_air: OnAir, around: Surroundings, story_url: Url | None
) -> dict[str, Any]:
    """Now and next of one service; `story_url` is that of the item's story, where that is public."""
    now = on_air.now_playing
    playing = None
    if now:
        item = _item(on_air.item, story_url) if on_air.item else None
        playing = {**slot_as_json(now, around), "item": item}
    return {
        "service": {**_service(service_id, around.config), "timezone": _timezone(service_id, around.config)},
        "as_of": _instant(on_air.since),
        "expires_at": _instant(on_air.until),
        "now_playing": playing,
        "next_up": [slot_as_json(slot, around) for slot in on_air.next_up],
        "streams": [
            {"url": one.url, "media_type": one.media_type, "bitrate_kbps": one.bitrate_kbps}
            for one in around.config.services[service_id][1].streams
        ],
    }


def schedule_as_json(
    service_id: Slug, start: datetime, end: datetime, slots: Iterable[Slot], around: Surroundings
) -> dict[str, Any]:
    return {
        "service": _service(service_id, around.config),
        "from": _instant(start),
        "to": _instant(end),
        "timezone": _timezone(service_id, around.config),
        "slots": [slot_as_json(slot, around) for slot in slots],
    }


def slot_as_json(slot: Slot, around: Surroundings) -> dict[str, Any]:
    programme = slot.programme
    return {
        "title": title_of(programme, around.config),
        "show": programme.show,
        "producer": programme.producer,
        "hosts": hosts_of(programme, around),
        "starts_at": _instant(slot.starts_at),
        "ends_at": _instant(slot.ends_at),
        "source": slot.source,
    }


def dumps(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _service(service_id: Slug, config: Config) -> dict[str, str]:
    station_id, service = config.services[service_id]
    return {"id": service_id, "name": service.name, "station": station_id}


def _timezone(service_id: Slug, config: Config) -> str:
    return config.stations[config.services[service_id][0]].timezone


def _item(item: PlayingItem, story_url: Url | None) -> dict[str, Any]:
    return {
        "title": item.title,
        "artist": item.artist,
        "story_url": story_url,
        "starts_at": _instant(item.starts_at),
        "ends_at": _instant(item.ends_at),
        "source": item.source,
        "as_of": _instant(item.as_of),
    }


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
