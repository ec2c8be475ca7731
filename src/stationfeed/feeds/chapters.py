"""A story's chapters as the JSON file that podcast:chapters names, version 1.2.

https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/examples/chapters/jsonChapters.md
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stationfeed.model.episode import Story
    from stationfeed.model.podcast import Chapter

MEDIA_TYPE = "application/json+chapters"


def render_chapters(story: Story) -> bytes:
    """The chapters in order; each ends where the next begins, the last with the published audio."""
    chapters = story.episode.audio.chapters if story.episode.audio else ()
    starts = [(chapter.at + story.opening).total_seconds() for chapter in chapters]
    ends = [*starts[1:], story.audio.duration.total_seconds() if story.audio else None]
    document = {
        "version": "1.2.0",
        "title": story.episode.title,
        "chapters": [_chapter(*one) for one in zip(chapters, starts, ends, strict=True)],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _chapter(chapter: Chapter, start: float, end: float | None) -> dict[str, Any]:
    members: dict[str, Any] = {"startTime": start, "title": chapter.title}
    if end is not None:
        members["endTime"] = end
    if chapter.url:
        members["url"] = chapter.url
    if not chapter.toc:
        members["toc"] = False
    return members
