"""Parts of a story's page, made of what is known of the story."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stationfeed.feeds.item import spoken_date
from stationfeed.feeds.transcripts import short_clock
from stationfeed.model.addresses import audio_path, story_path, waveform_path
from stationfeed.pages import values

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from zoneinfo import ZoneInfo

    from stationfeed.model.episode import Story

_MEGABYTE = 1_000_000


def sound_of(story: Story, *, show: str, artwork: str | None) -> values.Sound | None:
    audio = story.audio
    if audio is None:
        return None
    chapters = story.episode.audio.chapters if story.episode.audio else ()
    return values.Sound(
        key=story.episode.guid,
        url=audio_path(story.slug, audio),
        title=story.episode.title,
        show=show,
        page=story_path(story.slug),
        seconds=round(audio.duration.total_seconds(), 2),
        clock=clock(audio.duration),
        size=f"{audio.size_bytes / _MEGABYTE:.1f} MB",
        peaks=waveform_path(story.slug) if story.peaks else None,
        artwork=artwork,
        chapters=tuple(_chapter(one.at + story.opening, one.title) for one in chapters),
    )


def _chapter(at: timedelta, title: str) -> values.Chapter:
    return values.Chapter(round(at.total_seconds(), 2), clock(at), title)


def moment_of(at: datetime, zone: ZoneInfo) -> values.Moment:
    return values.Moment(spoken_date(at, zone), at.astimezone(zone).isoformat())


def clock(span: timedelta) -> str:
    """To the nearest second."""
    return short_clock(round(span.total_seconds()))
