"""Parts of a story's page, made of what is known of the story."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from stationfeed.feeds.item import spoken_date
from stationfeed.feeds.transcripts import short_clock
from stationfeed.model.addresses import audio_path
from stationfeed.pages import values

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from zoneinfo import ZoneInfo

    from stationfeed.feeds.channel import Surroundings
    from stationfeed.feeds.item import Item
    from stationfeed.model.episode import Story

_MEGABYTE = 1_000_000


def sound_of(story: Story) -> values.Sound | None:
    audio = story.audio
    if audio is None:
        return None
    chapters = story.episode.audio.chapters if story.episode.audio else ()
    return values.Sound(
        url=audio_path(story.slug, audio),
        duration=clock(audio.duration),
        size=f"{audio.size_bytes / _MEGABYTE:.1f} MB",
        chapters=tuple((clock(one.at + story.opening), one.title) for one in chapters),
    )


def structured_data(item: Item, around: Surroundings) -> str:
    """JSON-LD of a story (https://schema.org/NewsArticle), safe inside a script element."""
    episode = item.episode
    facts = {
        "@context": "https://schema.org",
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
        "publisher": {"@type": "Organization", "name": around.config.organization.name},
        "image": item.thumbnail.url if item.thumbnail else None,
        "isBasedOn": episode.origin.url if episode.origin else None,
        "keywords": list(episode.topics) or None,
        "correction": [one.note for one in episode.updates if one.kind.value == "correction"] or None,
        "audio": _audio_object(item),
    }
    present = {name: value for name, value in facts.items() if value is not None}
    return json.dumps(present, ensure_ascii=False).replace("<", "\\u003c")


def _audio_object(item: Item) -> dict[str, object] | None:
    sound = item.enclosure
    if sound is None:
        return None
    return {
        "@type": "AudioObject",
        "contentUrl": sound.url,
        "encodingFormat": sound.media_type,
        "duration": f"PT{round(sound.duration.total_seconds())}S",
    }


def moment_of(at: datetime, zone: ZoneInfo) -> values.Moment:
    return values.Moment(spoken_date(at, zone), at.astimezone(zone).isoformat())


def clock(span: timedelta) -> str:
    """To the nearest second."""
    return short_clock(round(span.total_seconds()))
