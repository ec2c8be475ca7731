"""What pages say to search engines, as JSON-LD (https://schema.org); no more than what people read there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from stationfeed.feeds.now import title_of
from stationfeed.model.addresses import absolute, brand_path, live_path, show_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stationfeed.feeds.channel import Surroundings
    from stationfeed.feeds.item import Item
    from stationfeed.model.on_air import Slot

Data = dict[str, Any]
TRANSCRIPT_CHARACTERS = 20_000
"""A longer transcript is on the page and in files only: twice on a page it would be most of it."""


def dump_data(*things: Data) -> str | None:
    """JSON-LD that is safe inside a script element; None where there is nothing to say."""
    present = [_present(one) for one in things]
    if not present:
        return None
    whole = {"@context": "https://schema.org", **(present[0] if len(present) == 1 else {"@graph": present})}
    return json.dumps(whole, ensure_ascii=False).replace("<", "\\u003c")


def describe_story(item: Item, around: Surroundings, transcript: str | None) -> Data:
    """https://schema.org/NewsArticle; its sound is a RadioEpisode of the show."""
    episode = item.episode
    return {
        "@type": "NewsArticle",
        "headline": item.title,
        "description": item.description,
        "datePublished": item.published_at.isoformat(),
        "dateModified": item.updated_at.isoformat(),
        "url": item.url,
        "mainEntityOfPage": item.url,
        "author": [
            {"@type": "Organization" if episode.origin else "Person", "name": one} for one in item.authors
        ],
        "publisher": _publisher(around),
        "image": item.thumbnail.url if item.thumbnail else None,
        "isBasedOn": episode.origin.url if episode.origin else None,
        "keywords": list(episode.topics) or None,
        "correction": [
            {"@type": "CorrectionComment", "text": one.note, "datePublished": one.at.isoformat()}
            for one in episode.updates
            if one.kind.value == "correction"
        ]
        or None,
        "audio": _audio(item, transcript),
        "associatedMedia": _radio_episode(item, around),
    }


def describe_stations(around: Surroundings) -> list[Data]:
    """https://schema.org/RadioStation."""
    return [
        {
            "@type": "RadioStation",
            "name": station.name,
            "alternateName": station.call_sign,
            "slogan": station.tagline,
            "url": station.website or absolute(around.base_url, "/"),
            "email": station.email,
            "logo": _picture(around, station.logo),
            "areaServed": sorted({one.area for one in station.services.values() if one.area}) or None,
        }
        for station in around.config.stations.values()
    ]


def describe_broadcasts(service_id: str, slots: Iterable[Slot], around: Surroundings) -> list[Data]:
    """https://schema.org/BroadcastEvent for each programme."""
    _, service = around.config.services[service_id]  # type: ignore[index]  # it is one of them
    outlet = {
        "@type": "BroadcastService",
        "name": service.name,
        "broadcastDisplayName": service.name,
        "broadcastFrequency": service.frequency,
        "areaServed": service.area,
        "url": absolute(around.base_url, live_path(service_id)),
    }
    return [
        {
            "@type": "BroadcastEvent",
            "name": title_of(one.programme, around.config),
            "startDate": one.starts_at.isoformat(),
            "endDate": one.ends_at.isoformat(),
            "isLiveBroadcast": True,
            "publishedOn": _present(outlet),
        }
        for one in slots
    ]


def _publisher(around: Surroundings) -> Data:
    logo = next((one.logo for one in around.config.stations.values() if one.logo), None)
    told = {"@type": "Organization", "name": around.config.organization.name, "logo": _picture(around, logo)}
    return _present(told)


def _picture(around: Surroundings, path: Any) -> str | None:
    found = around.pictures.get(path) if path else None
    return absolute(around.base_url, brand_path(found)) if found else None


def _audio(item: Item, transcript: str | None) -> Data | None:
    sound = item.enclosure
    if sound is None:
        return None
    is_short = transcript is not None and len(transcript) <= TRANSCRIPT_CHARACTERS
    told = {
        "@type": "AudioObject",
        "contentUrl": sound.url,
        "encodingFormat": sound.media_type,
        "duration": f"PT{round(sound.duration.total_seconds())}S",
        "transcript": transcript if is_short else None,
    }
    return _present(told)


def _radio_episode(item: Item, around: Surroundings) -> Data | None:
    """What was heard, unless a partner made it: then its series is none of ours."""
    episode = item.episode
    if item.enclosure is None or episode.origin:
        return None
    show = around.config.shows[episode.show]
    series = {
        "@type": "RadioSeries",
        "name": show.title,
        "url": absolute(around.base_url, show_path(episode.show)),
    }
    told = {
        "@type": "RadioEpisode",
        "name": item.title,
        "url": item.url,
        "episodeNumber": episode.episode_number,
        "datePublished": item.published_at.isoformat(),
        "partOfSeries": series,
    }
    return _present(told)


def _present(told: Data) -> Data:
    return {name: value for name, value in told.items() if value is not None}
