"""Every correction and retraction of the station, as a feed of its own."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from stationfeed.feeds.feedgen_adapter import rss_frame, rss_item
from stationfeed.feeds.rss import GENERATOR
from stationfeed.model.addresses import CORRECTIONS, absolute, feed_path, story_path
from stationfeed.model.episode import UpdateKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from stationfeed.model.episode import Story, Update
    from stationfeed.model.station import Site

FEED_ID = "corrections"
LIMIT = 300
_WORDS = {UpdateKind.CORRECTION: "Correction", UpdateKind.RETRACTION: "Retraction"}


@dataclass(frozen=True, slots=True)
class Correction:
    """One note of a story that set it right or took it back."""

    story: Story
    update: Update

    @property
    def guid(self) -> str:
        """Follows from the story's guid and the note's instant, which no other note of it has."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.story.episode.guid}/{self.update.at.isoformat()}"))


def corrections_of(stories: Iterable[Story]) -> list[Correction]:
    """Newest first."""
    found = [
        Correction(story, update)
        for story in stories
        for update in story.episode.updates
        if update.kind in _WORDS
    ]
    return sorted(found, key=lambda one: (one.update.at, one.story.slug), reverse=True)[:LIMIT]


def render_corrections(site: Site, corrections: Sequence[Correction]) -> tuple[bytes, list[bytes], bytes]:
    """What stands before the items, the items, and what stands behind them."""
    built_at = max((one.update.at for one in corrections), default=None)
    head, tail = _frame(site, built_at)
    return head, [_item(one, site) for one in corrections], tail


def _frame(site: Site, built_at: datetime | None) -> tuple[bytes, bytes]:
    generator = FeedGenerator()
    generator.title(f"{site.title}: corrections")
    generator.description(f"What {site.title} has corrected or retracted.")
    generator.link(href=absolute(site.base_url, feed_path(FEED_ID)), rel="self", type="application/rss+xml")
    generator.link(href=absolute(site.base_url, CORRECTIONS), rel="alternate")
    generator.language(site.language)
    generator.generator(GENERATOR)
    generator.docs("https://www.rssboard.org/rss-specification")
    if built_at:
        generator.lastBuildDate(built_at)
    return rss_frame(generator, (), (), built=built_at is not None)


def _item(correction: Correction, site: Site) -> bytes:
    entry = FeedEntry()
    entry.title(f"{_WORDS[correction.update.kind]}: {correction.story.episode.title}")
    entry.link(href=absolute(site.base_url, story_path(correction.story.slug)))
    entry.guid(correction.guid, permalink=False)
    entry.description(correction.update.note)
    entry.published(correction.update.at)
    return rss_item(entry, ())
